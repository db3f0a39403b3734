"""`cleanhold baseline`: shown, named and cleared, with a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Command = Callable[..., Any]
WHY = "churn model 7 was trained on it"


@pytest.fixture
def two_days(small: Any) -> Any:
    small.contract()
    for day in (2, 3):
        small.deliver(f"{day:02}", f"a,{day},")
        small.run()
    return small


def test_a_baseline_is_named_shown_and_cleared(two_days: Any, cleanhold: Command) -> None:
    at = ("-w", two_days.root)
    said = cleanhold("baseline", "shop.orders", *at)
    assert (said.code, said.out) == (0, "shop.orders has no baseline: no drift is looked for\n")
    named = cleanhold("baseline", "shop.orders", "--to", "1", "--reason", WHY, *at)
    assert named.code == 0
    shown = cleanhold("baseline", "shop.orders", *at)
    assert shown.out == named.out
    assert "the baseline of shop.orders is snapshot 1 (1 row, made " in shown.out
    assert WHY in " ".join(shown.out.split())
    told = cleanhold("baseline", "shop.orders", "--json", *at).json
    assert (told["baseline"], told["why"]) == (1, WHY)
    assert two_days.ids(channel="baseline") == {"a": 2}
    assert cleanhold("verify", *at).code == 0
    cleared = cleanhold("baseline", "shop.orders", "--clear", "--reason", "retired", *at)
    assert (cleared.code, cleared.out) == (0, said.out)
    assert cleanhold("baseline", "shop.orders", "--json", *at).json["baseline"] is None


def test_a_damaged_snapshot_becomes_none(two_days: Any, cleanhold: Command) -> None:
    for file in two_days.root.glob(".cleanhold/**/data-*.parquet"):
        file.chmod(0o644)
        file.write_bytes(b"damaged")
    said = cleanhold("baseline", "shop.orders", "--to", "1", "--reason", WHY, "-w", two_days.root)
    assert said.code == 3


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["shop.order"], "there is no dataset 'shop.order'"),
        (["shop.orders", "--to", "9", "--reason", WHY], "no published snapshot 9"),
        (["shop.orders", "--to", "1"], "a baseline needs a reason"),
        (["shop.orders", "--clear", "--reason", " "], "a baseline needs a reason"),
        (["shop.orders", "--clear", "--reason", WHY], "shop.orders has no baseline"),
        (["shop.orders", "--clear", "--to", "1", "--reason", WHY], "contradict each other"),
        (["shop.orders", "--reason", WHY], "--reason is for --to and --clear"),
    ],
)
def test_what_is_refused(two_days: Any, cleanhold: Command, arguments: list[str], why: str) -> None:
    said = cleanhold("baseline", *arguments, "-w", two_days.root)
    assert said.code == 2
    assert why in said.err
    assert "next:" in said.err
