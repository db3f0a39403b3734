"""The page of the lineage graph: one file that asks for nothing, and what it does in a browser."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cleanhold.core.column_lineage import Column, Origin, Way
from cleanhold.core.graph import Edge, Graph, Kind, Link, Node, Step
from cleanhold.report.graph.page import lineage_page

HOSTILE = "</script><script>alert(1)</script><!--\u202e"


def table(name: str, *columns: str, kind: Kind = Kind.DATASET, **details: Any) -> Node:
    told = {
        "run": {"state": "published", "started_at": "2026-11-02T03:00:00+00:00", "reasons": [],
                "account": {"records": 9, "clean": 8, "held": 1, "refused": 0, "superseded": 0}},
        "snapshot": {"number": 4, "rows": 8, "created_at": "2026-11-02T03:01:00+00:00"},
        "audits": {"worst": "warn", "verdicts": {"volume": "warn", "freshness": "pass"}},
        "promised_seconds": 93_600.0, "production": 4, "pilot": None, "contract": "1.2.0",
        "checks": 3, "key": ["id"], "load": "upsert", "columns_from": "snapshot 4",
        "personal": {"born": "indirect"}, **details,
    }  # fmt: skip
    return Node(name, kind, name, "", "crm@example.org", f"About {name}.", columns, told)


@pytest.fixture(scope="module")
def graph() -> Graph:
    """people and sales → scores → a model, and a table that nothing is made of."""
    nodes = [
        Node("source:people", Kind.SOURCE, "people", "people", "", "", ("ID", "Birth"),
             {"system": "crm", "pattern": "*.csv"}),
        table("people", "id", "born"),
        table("sales", "person", "kind", "amount"),
        table("scores", "id", "age", "kind", kind=Kind.FEATURE),
        table("lonely", "x", HOSTILE, "constructor"),
        Node("people@quarantine", Kind.QUARANTINE, "quarantine", "people", details={"held": 1}),
        Node("people@production", Kind.CHANNEL, "production", "people", details={"snapshot": 4}),
        Node("scores@production", Kind.CHANNEL, "production", "scores", details={"snapshot": 4}),
        Node("pact:m:scores", Kind.PACT, "model", "scores", "ml@example.org", "", ("age",),
             {"unmet": "refuse"}),
        Node("flow:nightly", Kind.FLOW, "nightly"),
    ]  # fmt: skip
    edges = [
        ("source:people", "people", Step.DELIVERS), ("people", "scores", Step.FEEDS),
        ("sales", "scores", Step.FEEDS), ("people", "people@quarantine", Step.HOLDS),
        ("people", "people@production", Step.PUBLISHES),
        ("scores", "scores@production", Step.PUBLISHES),
        ("scores@production", "pact:m:scores", Step.READS), ("flow:nightly", "people", Step.RUNS),
    ]  # fmt: skip
    links = [
        ("source:people", "ID", "people", "id", Way.IDENTITY),
        ("source:people", "Birth", "people", "born", Way.TRANSFORMATION),
        ("people", "id", "scores", "id", Way.IDENTITY),
        ("people", "born", "scores", "age", Way.TRANSFORMATION),
        ("sales", "kind", "scores", "kind", Way.AGGREGATION),
        ("sales", "person", "scores", "", Way.JOIN),
        ("scores", "age", "pact:m:scores", "age", Way.IDENTITY),
    ]
    return Graph(
        {node.id: node for node in nodes},
        tuple(Edge(*edge) for edge in edges),
        tuple(
            Link(Origin(Column(b, c), way, "told"), Column(a, d)) for b, c, a, d, way in links
        ),
    )  # fmt: skip


def test_nothing_is_asked_for_and_only_our_script_may_run(graph: Graph) -> None:
    page = lineage_page(graph, "insurer")
    policy = re.findall(r'Content-Security-Policy" content="([^"]+)"', page)[0]
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    for kind, text in (("script", script), ("style", style)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert set(re.findall(r"https?://[^'\"\s)]+", page)) == {"http://www.w3.org/2000/svg"}
    assert not re.findall(r'\s(?:style|on\w+)="', page)


def test_names_of_others_are_only_data(graph: Graph) -> None:
    page = lineage_page(graph, HOSTILE)
    assert page.count("<script") == 2
    assert "alert(1)</script>" not in page
    (text,) = re.findall(r'id="data">(.*?)</script>', page, re.DOTALL)
    lonely = next(node for node in json.loads(text)["nodes"] if node["id"] == "lonely")
    assert lonely["columns"][1] == HOSTILE.replace("\u202e", "\\u202e")


def test_the_same_graph_gives_the_same_page(graph: Graph) -> None:
    assert lineage_page(graph, "a") == lineage_page(graph, "a")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="needs Playwright for Python")
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("needs a browser: the program `chromium`")
    with api.sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        opened = playwright.chromium.launch(executable_path=program, args=flags)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any, graph: Graph, tmp_path: Path) -> Iterator[Any]:
    """The page, opened; nothing may go wrong in it, nor be asked for."""
    file = tmp_path / "lineage.html"
    file.write_text(lineage_page(graph, "insurer"), encoding="utf-8")
    tab = browser.new_page(viewport={"width": 1280, "height": 800})
    wrong: list[str] = []
    asked_for: list[str] = []
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("console", lambda said: wrong.append(said.text))
    tab.on("request", lambda asked: asked_for.append(asked.url.partition("#")[0]))
    tab.goto(file.as_uri())
    tab.wait_for_selector("body.drawn")
    yield tab
    tab.close()
    assert wrong == []
    assert set(asked_for) == {file.as_uri()}


def marked(page: Any) -> dict[str, str]:
    """Columns on the way of what is chosen → how: `it`, `values`, `decides`, `decided`."""
    found = page.evaluate(
        """() => [...document.querySelectorAll('.card:not(.off) .columns button[class]')].map(
             (row) => [row.closest('.card').getAttribute('aria-label') + '.' + row.firstChild.data,
                       row.className])"""
    )
    return dict(found)


def test_a_column_shows_its_whole_way(page: Any) -> None:
    page.get_by_role("button", name="born").click()
    assert marked(page) == {
        "source people.Birth": "values",
        "clean table people.born": "it",
        "feature table scores.age": "values",
        "consumer model.age": "values",
    }
    assert page.locator("path.link").count() == 3
    assert page.locator(".card.off").count() == 2
    panel = page.get_by_role("complementary", name="Details")
    assert panel.get_by_role("heading", name="born").is_visible()
    assert "Personal (indirect)" in panel.inner_text()
    panel.get_by_role("button", name="scores.age").click()
    assert marked(page)["feature table scores.age"] == "it"
    assert page.url.endswith("#scores/age")
    page.keyboard.press("Escape")
    assert marked(page) == {}
    assert panel.is_hidden()


def test_a_column_may_be_called_as_what_every_object_has(page: Any) -> None:
    page.get_by_role("button", name="clean table lonely").click()
    panel = page.get_by_role("complementary", name="Details")
    panel.get_by_role("button", name="constructor").click()
    assert "Personal" not in panel.inner_text()
    row = page.get_by_label("clean table lonely").get_by_role("button", name="constructor")
    assert row.get_attribute("title") == "constructor"
    assert "personal" not in row.inner_text()


def test_what_only_decides_is_told_apart(page: Any) -> None:
    page.get_by_role("button", name="person", exact=True).click()
    assert page.locator("path.link.decides").count() >= 1
    scores = page.get_by_label("feature table scores")
    assert "decides about all columns" in scores.inner_text()
    scores.get_by_role("button", name="decides about").click()
    assert marked(page)["feature table scores.kind"] == "decided"


def test_search_finds_columns_by_keyboard_alone(page: Any) -> None:
    page.keyboard.press("/")
    page.keyboard.type("sales ki")
    options = page.get_by_role("option")
    assert options.all_inner_texts() == ["sales.kind\ncolumn"]
    page.keyboard.press("Enter")
    assert marked(page) == {"clean table sales.kind": "it", "feature table scores.kind": "values"}
    page.keyboard.press("/")
    page.keyboard.type("nowhere")
    assert page.locator("#found").inner_text() == "Nothing is called so"


def test_zoom_by_wheel_key_and_button(page: Any) -> None:
    def width() -> float:
        return float(page.locator(".card").first.bounding_box()["width"])

    first = width()
    page.locator("#view").hover()
    page.mouse.wheel(0, -300)
    assert width() > first
    page.get_by_role("button", name="Zoom out").click()
    page.keyboard.press("-")
    assert width() < first * 1.3
    page.keyboard.press("0")
    assert width() == pytest.approx(first, rel=0.01)
    before = page.locator(".card").first.bounding_box()["x"]
    page.locator("#view").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(".card").first.bounding_box()["x"] == pytest.approx(before - 80, abs=1)


def test_a_table_tells_how_it_stands(page: Any) -> None:
    page.get_by_role("button", name="clean table people").click()
    said = page.get_by_role("complementary", name="Details").inner_text()
    for told in (
        "About people.",
        "crm@example.org",
        "published, 2026-11-02 03:00 UTC",
        "volume: warn",
        "at most 26 h",
        "nightly",
        "9 records = 8 clean + 1 held",
    ):
        assert told in said
    assert "1 held" in page.get_by_label("clean table people").inner_text()


def test_the_tab_key_reaches_every_card_and_brings_it_into_sight(page: Any) -> None:
    for _ in range(6):
        page.keyboard.press("+")
    seen = set()
    page.locator("#view").focus()
    for _ in range(40):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => { const at = document.activeElement, card = at.closest('.card');
                 const box = at.getBoundingClientRect();
                 return card && [card.getAttribute('aria-label'),
                   box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight]; }"""
        )
        if found:
            seen.add(found[0])
            assert found[1], found
    assert len(seen) == 6


def test_an_address_names_what_is_chosen(page: Any) -> None:
    page.goto(page.url.partition("#")[0] + "#scores/age")
    page.wait_for_selector(".it")
    assert marked(page)["feature table scores.age"] == "it"


def test_a_telephone_shows_a_part_that_can_be_read(page: Any) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.get_by_role("button", name="clean table people").click()
    panel, card = page.locator("#panel"), page.get_by_label("clean table people")
    assert panel.bounding_box()["width"] == 390
    assert card.bounding_box()["width"] > 160
    assert page.evaluate("document.documentElement.scrollWidth") == 390
