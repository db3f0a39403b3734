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
        "automatic": 0,
        "unchanged": 1,
        "waiting": 1,
        "superseded": 1,
    }
    assert (found["str_matches"]["caught"], found["str_matches"]["only_by_it"]) == (1, 0)
    assert (found["unique"]["caught"], found["unique"]["hours_until_decided"]) == (0, None)
    told = cleanhold("quarantine", "stats", *where).out
    assert "never held a row: shop.orders: id.unique" in told


def test_what_the_contract_corrected_nobody_has_confirmed(
    small: Any, cleanhold: Callable[..., Any]
) -> None:
    small.contract(more="state: str = field(isin=['open'], automatic='writing')")
    rows = ("a,1,,open", "b,1,,OPEN", "c,1,,Open", "d,1,,OPEN ", "e,1,,oPEN", "f,1,,gone")
    small.deliver("02", *rows, header="id,amount,note,state")
    small.run()
    where = ("-d", "shop.orders", "-w", small.root)

    def counted() -> tuple[Any, ...]:
        told = cleanhold("quarantine", "stats", *where, "--json").json
        (found,) = (row for row in told if row["check"] == "isin")
        names = ("caught", "automatic", "confirmed", "unchanged", "waiting")
        return *(found[name] for name in names), found["hours_until_decided"] is not None

    assert counted() == (5, 4, 0, 0, 1, False)
    shown = cleanhold("explain", "c", *where[2:], "--json").json
    row = (shown[0] if isinstance(shown, list) else shown)["row_id"]
    cleanhold("quarantine", "reopen", row, *where, "--reason", "r", "-y")
    assert counted() == (5, 3, 0, 0, 2, True)
    small.run()
    assert counted() == (5, 3, 0, 0, 2, True)
    cleanhold("quarantine", "reject", row, *where, "--reason", "r", "-y")
    assert counted() == (5, 3, 1, 0, 1, True)
