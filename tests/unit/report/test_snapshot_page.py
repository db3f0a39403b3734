"""The page of one snapshot: whole, harmless, readable, in every state that a snapshot can have."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.pipeline.dossier import Dossier, dossier
from cleanhold.pipeline.overrule import overrule, stopped
from cleanhold.pipeline.rollback import rollback
from cleanhold.report.snapshot_page import snapshot_page

VOID = {"meta", "br", "hr", "img", "input", "link"}


class Page(HTMLParser):
    """A page taken apart; elements must be closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "title", "desc"} & set(self.open):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, name: str) -> list[str]:
        return [value for _, attribute, value in self.attributes if attribute == name]


def told(root: Path, dataset: str = "shop.orders", number: int | None = None) -> Dossier:
    with Workspace.find(root).open() as stores:
        return dossier(stores, dataset, number)


def page_of(root: Path, dataset: str = "shop.orders", number: int | None = None) -> Page:
    return Page(snapshot_page(told(root, dataset, number)))


def test_a_page_tells_what_stopped_a_snapshot_and_all_there_is_to_it(bent: Any) -> None:
    found = told(bent.root)
    page = Page(snapshot_page(found))
    assert "Stopped before anyone could read it Readers keep snapshot 6." in page.text
    assert "orders@example.org" in page.text
    assert "945 records" in page.text
    assert "Orders of the web shop" in page.text
    for answer in found.audited.answers:
        assert " ".join(answer["what"].split()) in page.text
    for audit in ("loss_bias", "reconciliation", "drift", "volume", "freshness"):
        assert f"audit-{audit}" in page.all("id")
    assert page.text.index("loss_bias") < page.text.index("drift") < page.text.index("tolerance")
    assert "amount is …; it must be 0 or more 62 0" in page.text
    assert "usual_kind the kind … is rare 0 192" in page.text
    assert "refused: too_few_fields" in page.text
    assert found.manifest.files[0].sha256 in page.text
    assert "orders have an amount like" in page.text  # a case that waits
    assert "Ada" not in page.text  # personal


def test_every_kind_of_picture_is_drawn(bent: Any) -> None:
    text = snapshot_page(told(bent.root))
    for title in (
        "<title>945 records</title>",
        "<title>Share of records held or refused, by snapshot</title>",
        "<title>country = BE</title>",
        "<title>Records, beside those before</title>",
        "<title>Events per 6 hours</title>",
        "<title>amount: before and now</title>",
        "<title>kind: before and now</title>",
    ):
        assert title in text
    assert text.count("<title>records</title>") == 1  # of the totals
    assert 'class="gap"' in text
    assert 'class="now stop"' in text


def test_a_page_asks_for_nothing_and_runs_nothing(bent: Any) -> None:
    text = snapshot_page(told(bent.root))
    page = Page(text)
    assert "script" not in page.tags
    assert not {"link", "img", "iframe", "object", "form"} & set(page.tags)
    assert not [name for _, name, _ in page.attributes if name.startswith("on") or name == "style"]
    assert set(re.findall(r"https?://[^\"' <]+", text)) == {"http://www.w3.org/2000/svg"}
    assert "url(" not in text
    assert "@import" not in text
    (policy,) = [v for v in page.all("content") if v.startswith("default-src 'none'")]
    assert "unsafe" not in policy
    assert all(href.startswith("#") for href in page.all("href"))


def test_a_page_can_be_read_by_everyone(bent: Any) -> None:
    text = snapshot_page(told(bent.root))
    page = Page(text)
    assert page.tags["h1"] == page.tags["main"] == 1
    assert page.tags["svg"] > 20
    drawn = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert all(svg.count("<desc>") == 1 and 'role="img"' in svg for svg in drawn)
    assert all("aria-label" in svg for svg in drawn)
    headings = [int(tag[1]) for tag in re.findall(r"<(h[1-6])[ >]", text)]
    assert all(b - a <= 1 for a, b in pairwise(headings))
    heads = re.findall(r"<th(?:| [^>]*)>", text)
    assert heads
    assert all('scope="' in head for head in heads)
    ids = page.all("id")
    assert len(ids) == len(set(ids))
    assert {href[1:] for href in page.all("href")} <= set(ids)
    assert set(page.all("aria-labelledby")) <= set(ids)
    assert ("html", "lang", "en") in page.attributes


NASTY = "</td><script>alert(1)</script>\" onload='x' {{ 7 * 7 }} \u202ekaol\u2066 \x00\x1b[31m"
NASTY += "A" * 5_000


def nasty(value: Any) -> Any:
    """All texts of an answer replaced, but for those that are words of ours."""
    if isinstance(value, dict):
        kept = ("verdict", "kind", "start", "gaps")
        return {key: item if key in kept else nasty(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [nasty(item) for item in value]
    return NASTY if isinstance(value, str) else value


def test_texts_of_others_are_shown_and_do_nothing(bent: Any) -> None:
    found = told(bent.root)
    answers = []
    for n, answer in enumerate(found.audited.answers):
        changed = nasty(answer)
        if answer.get("evidence"):
            changed["evidence"]["columns"] = answer["evidence"]["columns"]
        if answer["audit"] == "reconciliation":  # texts of numbers
            changed["evidence"]["rows"] = [[NASTY, *r[1:]] for r in answer["evidence"]["rows"]]
        answers.append({**changed, "audit": f"{NASTY}{n}"})
    snapshot = replace(
        found.snapshot,
        dataset=NASTY,
        inputs=tuple(replace(i, name=NASTY) for i in found.snapshot.inputs),
    )
    assert found.extract
    hostile = replace(
        found,
        audited=replace(
            found.audited,
            snapshot=snapshot,
            owner=NASTY,
            answers=tuple(answers),
            reasons=(NASTY, *(a["what"] for a in answers)),
            overruled={"who": NASTY, "why": NASTY, "number": 1, "stops": [NASTY]},
        ),
        checks=tuple(replace(c, label=NASTY, says=NASTY) for c in found.checks),
        waiting=tuple(replace(c, title=NASTY) for c in found.waiting),
        extract=replace(found.extract, name=NASTY),
        manifest=replace(
            found.manifest,
            details={**found.manifest.details, "description": NASTY, "key": [NASTY],
                     "notes": [NASTY]},
        ),
    )  # fmt: skip
    text = snapshot_page(hostile)
    page = Page(text)
    assert "script" not in page.tags
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert "<script>alert(1)</script>" in page.text
    assert "{{ 7 * 7 }}" in page.text
    for character in "\u202e\u2066\x00\x1b":
        assert character not in text
    assert r"\u202ekaol\u2066" in page.text
    assert "A" * 1_001 not in text
    assert "more characters" in page.text


@pytest.fixture
def lossy(small: Any) -> Any:
    """A table that lost half of its second delivery, where 10 % are allowed."""
    small.contract(tolerance="10%")
    small.deliver("02", "a,1,", "b,2,")
    small.run()
    small.deliver("03", "a,3,", "b,-4,")
    small.run()
    return small


def test_published(lossy: Any) -> None:
    page = page_of(lossy.root, number=1)
    assert "Published: every audit passed It is what readers have now." in page.text
    assert "Nothing of" not in page.text  # of snapshot 2 a row waits


def test_stopped_where_readers_have_nothing(small: Any) -> None:
    small.contract(tolerance="10%").deliver("02", "a,-1,")
    small.run()
    page = page_of(small.root)
    assert "Readers have nothing of this dataset yet." in page.text
    assert "1 held 100 %" in page.text


def test_stopped_by_a_column_that_is_missing(small: Any) -> None:
    small.contract().deliver("02", "a,1,")
    small.run()
    small.deliver("03", "b,2", header="id,sum")
    small.run()
    found = told(small.root)
    assert found.audited.reasons
    assert all(" ".join(r.split()) in page_of(small.root).text for r in found.audited.reasons)


def test_overruled(lossy: Any) -> None:
    with Workspace.find(lossy.root).open() as stores:
        overrule(stores, stopped(stores, "shop.orders"), [], "a branch was closed", who="ann")
    page = page_of(lossy.root)
    assert "Published, although it was stopped by: tolerance" in page.text
    assert "ann published it (it was snapshot 2), because: a branch was closed" in page.text
    assert "stop, overruled" in page.text
    assert "Snapshot 3 was published since." in page_of(lossy.root, number=2).text


def test_replayed(small: Any, cleanhold: Callable[..., Any]) -> None:
    small.contract().deliver("02", "a,1,", "b,-4,")
    small.run()
    contract = (small.root / "contracts/shop_orders.py").read_text()
    small.write(
        "contracts/shop_orders.py", contract.replace("ge=0", "ge=-9").replace("1.0.0", "1.1.0")
    )
    assert cleanhold("replay", "--dataset", "shop.orders", "-w", small.root).code == 0
    assert "It is a replay: 1 held row judged again." in page_of(small.root).text
    assert "a replay of 1 held rows" in page_of(small.root).text  # the note of its run


def test_rolled_back(small: Any) -> None:
    small.contract()
    for day in ("02", "03"):
        small.deliver(day, f"a,{day},")
        small.run()
    with Workspace.find(small.root).open() as stores:
        rollback(stores, "shop.orders", 1, "the second one is of the wrong shop")
    page = page_of(small.root, number=2)
    assert "Published, and taken back Readers were given snapshot 1 again." in page.text
    assert "It is what readers have now." in page_of(small.root, number=1).text


def test_expired(small: Any, cleanhold: Callable[..., Any]) -> None:
    small.contract()
    settings = "[tool.cleanhold.retention]\ngrace_hours = 0\nsnapshots = 1\n"
    small.write("pyproject.toml", f'[tool.cleanhold]\nname = "small"\n{settings}')
    for day in ("02", "03", "04"):
        small.deliver(day, f"a,{day},", "b,-1,")
        small.run()
    said = cleanhold("expire", "-w", small.root)
    assert "expired: shop.orders 1" in said.out
    page = page_of(small.root, number=1)
    assert "Its rows were removed on" in page.text
    assert "data (removed)" in page.text
    assert "1 held 50 %" in page.text  # the account stays


def test_a_feature_table(reference: Path) -> None:
    page = page_of(reference, "features.customer_churn")
    assert "Published: every audit passed" in page.text
    assert "crm.contacts 2 snapshot" in page.text
    assert "Delivery" not in page.text


def test_what_an_older_version_wrote_is_shown_too(small: Any) -> None:
    """Its manifest has no charts, fewer details, and may have answers of an audit that is gone."""
    small.contract().deliver("02", "a,1,")
    small.run()
    found = told(small.root)
    old = {
        "audit": "gone",
        "verdict": "pass",
        "what": "fine",
        "measured": "",
        "expected": "",
        "evidence": {"columns": ["a"], "rows": [[1]]},
        "chart": {"kind": "unheard of"},
    }
    changed = replace(
        found,
        audited=replace(found.audited, answers=(old,)),
        manifest=replace(found.manifest, details={}),
    )
    page = Page(snapshot_page(changed))
    assert "gone pass" in page.text
    assert "Evidence: 1 line" in page.text
