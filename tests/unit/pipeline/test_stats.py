"""What checks caught, and what people made of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_what_each_check_caught_and_what_became_of_it(
    small: Any, cleanhold: Callable[..., Any]
) -> None:
    small.contract().deliver("02", "a,1,", "b,-2,", "c,-3,", "D,-4,", "e,-5,", "f,-6,", "g,x,")
    small.run()
    where = ("-d", "shop.orders", "-w", small.root)
    rows = {row["business_key"]: row["row_id"] for row in
            cleanhold("quarantine", "rows", *where, "--json").json}  # fmt: skip
    said = ("--reason", "r", "-y")
    cleanhold("quarantine", "correct", rows["b"], *where, *said, "--set", "amount=2")
    cleanhold("quarantine", "release", rows["c"], *where, *said)
    cleanhold("quarantine", "reject", rows["D"], *where, *said)
    cleanhold("replay", "-w", small.root)
    small.deliver("03", "e,5,")
    small.run()
    told = cleanhold("quarantine", "stats", *where, "--json").json
    found = {row["check"]: row for row in told if row["column"] != "note"}
    hours = found["greater_than_or_equal_to"].pop("hours_until_decided")
    assert 0 <= hours < 1
    assert found["greater_than_or_equal_to"] == {
        "dataset": "shop.orders",
        "check": "greater_than_or_equal_to",
        "column": "amount",
        "caught": 5,
        "only_by_it": 4,
        "confirmed": 2,
        "unchanged": 1,
        "waiting": 1,
        "superseded": 1,
    }
    assert (found["str_matches"]["caught"], found["str_matches"]["only_by_it"]) == (1, 0)
    assert (found["unique"]["caught"], found["unique"]["hours_until_decided"]) == (0, None)
    told = cleanhold("quarantine", "stats", *where).out
    assert "never held a row: shop.orders: id.unique" in told
