"""`cleanhold gates`, `promote` and `rollback --rehearse`: what they say, and how they exit."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]
SETTINGS = """[tool.cleanhold]
name = "small"
[tool.cleanhold.gates]
datasets = ["shop.orders"]
off = ["columns", "privacy", "baseline", "consumers", "cost"]
runs = 1
"""
READY = {
    "tolerance": "1%",
    "freshness": "26h",
    "responder": "oncall@example.org",
    "goal": ("orders that <arrive> in time", "95 %"),
    "fallback": "stop",
}


@pytest.fixture
def gated(small: Any) -> Any:
    small.write("pyproject.toml", SETTINGS)
    small.contract(**READY)
    for day in ("02", "03"):
        small.deliver(day, f"a,{day},")
        small.run()
    return small


def test_from_closed_gates_to_readers(gated: Any, cleanhold: Command) -> None:
    at = ("-w", gated.root)
    said = cleanhold("gates", "shop.orders", *at)
    assert said.code == 1
    assert said.out.startswith("shop.orders snapshot 2: 6 of 8 gates are open\nreaders have none\n")
    assert "closed rollback: nobody has rehearsed a rollback in 90 days\n" in said.out
    assert "     do: cleanhold rollback shop.orders --rehearse\n" in said.out
    refused = cleanhold("promote", "shop.orders", *at)
    assert refused.code == 1
    assert "closed fallback:" in refused.out
    assert refused.out.endswith(
        "nothing was promoted: readers of shop.orders keep what they have\n"
    )
    rehearsed = cleanhold("rollback", "shop.orders", "--rehearse", *at)
    assert rehearsed.code == 0
    assert "could have snapshot 1: 1 row, whole" in rehearsed.out
    tried = cleanhold("gates", "shop.orders", "--fallback-tested", "--reason", "fire drill", *at)
    assert tried.code == 0
    assert tried.out.endswith("next: cleanhold promote shop.orders\n")
    done = cleanhold("promote", "shop.orders", "--to", "production", *at)
    assert done.code == 0
    assert "readers of shop.orders have snapshot 2 (1 row), the first that they have" in done.out
    again = cleanhold("promote", "shop.orders", *at)
    assert (again.code, again.out) == (0, "readers of shop.orders have snapshot 2 already\n")
    shown = cleanhold("audit", "show", "shop.orders", *at)
    assert re.search(r"promoted by .*\(8 of 8 gates passed\)", shown.out)
    told = cleanhold("audit", "show", "shop.orders", "--json", *at).json["promotion"]
    assert (told["to"], len(told["certificate"]["gates"])) == (2, 8)
    assert cleanhold("verify", *at).code == 0


def test_an_override_takes_two(gated: Any, cleanhold: Command) -> None:
    at = ("-w", gated.root)

    def promote(*options: str) -> Any:
        return cleanhold("promote", "shop.orders", *options, *at)

    for gate in ("rollback", "fallback"):
        asked = promote("--override", gate, "--reason", "later", "--as", "ada")
        assert asked.code == 1
        assert f"cleanhold promote shop.orders --confirm {gate} --reason" in asked.out
    waiting = cleanhold("gates", "shop.orders", *at)
    assert waiting.code == 1
    assert "an override of it waits for a second person" in waiting.out
    alone = promote("--confirm", "rollback", "--reason", "ok", "--as", "ada")
    assert alone.code == 2
    assert "somebody else must confirm" in alone.err
    for gate in ("rollback", "fallback"):
        assert promote("--confirm", gate, "--reason", "ok", "--as", "bo").code == 0
    shown = cleanhold("gates", "shop.orders", *at)
    assert shown.code == 0
    assert "overridden rollback: nobody has rehearsed" in shown.out
    assert "overridden: fallback, rollback" in promote().out
    assert promote("--withdraw", "rollback", "--reason", "done").code == 0
    assert cleanhold("gates", "shop.orders", *at).code == 1


def test_as_json_it_is_the_same(gated: Any, cleanhold: Command) -> None:
    at = ("-w", gated.root)
    told = cleanhold("gates", "shop.orders", "--json", *at).json
    assert (told["snapshot"], told["production"], told["gated"], told["open"]) == (
        2, None, True, False,
    )  # fmt: skip
    closed = {gate["gate"]: gate["do"] for gate in told["gates"] if not gate["open"]}
    assert closed["rollback"] == ["cleanhold rollback shop.orders --rehearse"]
    refused = cleanhold("promote", "shop.orders", "--json", *at)
    assert (refused.code, refused.json["open"]) == (1, False)


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.states: list[str] = []
        self.outside: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "article":
            self.states.append(named["class"] or "")
        self.outside += [v for k, v in attrs if k in ("src", "href") and v]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_needs_nothing_else(gated: Any, cleanhold: Command, tmp_path: Path) -> None:
    file = tmp_path / "gates.html"
    said = cleanhold("gates", "shop.orders", "--html", file, "-w", gated.root)
    assert said.code == 1
    assert said.out.endswith(f"written to {file}\n")
    page = Page()
    page.feed(file.read_text())
    assert page.states == ["closed"] * 2 + ["open"] * 6
    assert page.outside == []
    assert "orders that <arrive> in time" in page.text
    assert "cleanhold rollback shop.orders --rehearse" in page.text


def test_a_dataset_without_gates_can_be_asked_about(reference: Path, cleanhold: Command) -> None:
    said = cleanhold("gates", "features.customer_churn", "-w", reference)
    assert said.code == 1
    assert "no gate holds it: its runs publish at once" in said.out
    assert "readers have it" in said.out
    done = cleanhold("promote", "features.customer_churn", "-w", reference)
    assert (done.code, "already" in done.out) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["gates", "shop.order"], "there is no contract for 'shop.order'"),
        (["gates", "shop.orders", "--snapshot", "9"], "no published snapshot 9"),
        (["gates", "shop.orders", "--reason", "x"], "--reason is for --fallback-tested"),
        (["gates", "shop.orders", "--fallback-tested"], "a test of the fallback needs a reason"),
        (["promote", "shop.orders", "--to", "pilot"], "nothing is promoted to 'pilot'"),
        (["promote", "shop.orders", "--override", "a", "--confirm", "b"], "one thing at a time"),
        (["promote", "shop.orders", "--until", "2026-12-01"], "one thing at a time"),
        (["promote", "shop.orders", "--override", "goal"], "an override needs a reason"),
        (["rollback", "shop.orders"], "a rollback needs a snapshot"),
        (["rollback", "shop.orders", "--to", "1", "--channel", "candidate"], "nobody is rolled"),
        (["rollback", "shop.orders", "--to", "1", "--channel", "pilot"], "needs a reason"),
    ],
)
def test_what_is_refused(gated: Any, cleanhold: Command, arguments: list[str], why: str) -> None:
    said = cleanhold(*arguments, "-w", gated.root)
    assert said.code == 2
    assert why in said.err
