"""cleanhold explain, as people read it: what docs/explain.md asks, and lists that stay short."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.pipeline.rollback import rollback

Command = Callable[..., Any]
POLICIES = "data/samples/legacy/policies_2026-11-{}.txt"


def test_why_a_premium_is_zero(ran: Path, cleanhold: Command) -> None:
    """Played as docs/explain.md tells it."""
    lines = (ran / POLICIES.format("03")).read_bytes().split(b"\n")
    (place,) = [n for n, line in enumerate(lines) if line.startswith(b"P0000738")]
    lines[place] = lines[place].replace(b"000077050", b"00O077050")
    (ran / POLICIES.format("04")).write_bytes(b"\n".join(lines))
    for _ in Workspace.find(ran).run():
        pass
    asked = ("explain", "C-000015", "-d", "features.customer_churn", "--column", "yearly_premium")
    said = cleanhold(*asked, "-w", ran)
    assert said.code == 0
    assert "legacy.policies snapshot 3: no row, by legacy.policies.holder_id" in said.out
    assert "held\n       premium is 00O077050, which is not a number" in said.out
    assert "yearly_premium = 0.0, made of" in said.out
    assert "legacy.policies.premium  aggregation: " in said.out
    assert "is read by churn-model" in said.out
    (told,) = cleanhold(*asked, "-w", ran, "--json").json
    (policies,) = told["made_from"]["inputs"]
    (lost,) = policies["absent"]
    assert (policies["count"], lost["stands"]) == (0, "held")
    assert lost["case"] in cleanhold("quarantine", "case", lost["case"], "-w", ran).out
    mend = ("--set", "premium=000077050", "--reason", "the letter O", "--yes")
    row = ("quarantine", "correct", lost["row_id"], "-d", "legacy.policies")
    assert cleanhold(*row, *mend, "-w", ran).code == 0
    assert cleanhold("replay", "-w", ran).code == 0
    for _ in Workspace.find(ran).run():
        pass
    said = cleanhold(*asked, "-w", ran)
    assert "1 row, by legacy.policies.holder_id" in said.out
    assert "premium 770.500000  status active" in said.out
    assert "not there" not in said.out
    said = cleanhold("explain", lost["row_id"], "-w", ran)
    assert "corrected premium: '00O077050' → '000077050'" in said.out
    assert "features.customer_churn snapshot 3: 1 row, by crm.contacts" in said.out
    assert "took its place" in said.out


def test_of_many_rows_of_a_key_some_are_told(small: Any, cleanhold: Command) -> None:
    small.contract()
    for day in range(2, 16):
        small.deliver(f"{day:02}", f"a,{day},")
    for day in range(16, 24):
        small.deliver(f"{day:02}", f"a,-{day},")
    small.run()
    said = cleanhold("explain", "a", "-w", small.root)
    assert "and 4 rows more of this key; --json tells them all:" in said.out
    assert said.out.count("deliveries of this key, newest first") == 5
    assert "   and 10 more" in said.out
    assert len(cleanhold("explain", "a", "-w", small.root, "--json").json) == 9


def test_a_rollback_is_told_with_who_and_why(small: Any, cleanhold: Command) -> None:
    small.contract().deliver("02", "a,1,")
    small.run()
    small.deliver("03", "b,2,")
    small.run()
    with Workspace.find(small.root).open() as stores:
        rollback(stores, "shop.orders", 1, "b was never ordered")
    said = cleanhold("explain", "b", "-w", small.root)
    assert "taken back in snapshot 2 of shop.orders (not in the newest, 1)" in said.out
    assert "snapshot 2 was taken back from readers on " in said.out
    assert ": b was never ordered; they were given 1" in said.out


def test_a_long_stay_is_told_as_a_span(small: Any, cleanhold: Command) -> None:
    small.contract()
    for day in range(2, 6):
        small.deliver(f"{day:02}", "a,1," if day == 2 else f"b,{day},")
        small.run()
    assert "published in snapshot 1 to 4 of" in cleanhold("explain", "a", "-w", small.root).out


@pytest.mark.parametrize(
    "asked", [("a", "--snapshot", "1"), ("a", "-d", "shop.order"), ("a", "--column", "size")]
)
def test_what_cannot_be_answered_says_what_to_do(
    small: Any, cleanhold: Command, asked: tuple[str, ...]
) -> None:
    small.contract().deliver("02", "a,1,")
    small.run()
    assert cleanhold("explain", *asked, "-w", small.root).code == 2
    assert cleanhold("explain", *asked, "-w", small.root, "--json").json["error"]["next"]
