"""Held rows are grouped by likely cause, told in plain language, and decided on together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.core.case import Case
from cleanhold.core.decision import Act
from cleanhold.errors import UsageError
from cleanhold.pipeline.cases import case, cases
from cleanhold.pipeline.decide import Intent, Selection, apply, preview
from cleanhold.pipeline.recover import recover
from cleanhold.pipeline.replay import replay
from cleanhold.pipeline.suggest import common_values
from cleanhold.pipeline.verify import verify

ORDERS = "shop.orders"


def told(small: Any, dataset: str | None = ORDERS) -> list[Case]:
    with Workspace.find(small.root).open() as stores:
        return cases(stores, dataset)


def by_pattern(small: Any) -> dict[str, int]:
    return {each.pattern: each.rows for each in told(small)}


@pytest.fixture
def dated(small: Any) -> Any:
    """Orders with a date, a state and a name."""
    more = (
        "day: date = field(parse=dates('%Y-%m-%d'))\n"
        "    state: str = field(isin=['open', 'closed'])\n"
        "    who: str = field(nullable=True, isin=['Ann'], pii='direct')"
    )
    small.contract(more=more)
    file = small.root / "contracts" / "shop_orders.py"
    file.write_text(
        "from datetime import date\nfrom cleanhold import dates\n" + file.read_text(),
        encoding="utf-8",
    )
    return small


def deliver(small: Any, day: str, *rows: str) -> None:
    small.deliver(day, *rows, header="id,amount,note,day,state,who")
    small.run()


def test_rows_with_one_cause_are_one_case(dated: Any) -> None:
    deliver(
        dated,
        "02",
        "a,1,,2026-01-01,open,",
        *(f"r{n},1,,{n:02}/02/2024,open," for n in range(30, 32)),
        "b,1,,3/2/24,open,",
        "c,1,,soon,open,",
        "d,1,,2026-01-01,done,",
        "e,1,,2026-01-01,done,",
        "f,-1,,2026-01-01,open,",
        "g,-2222,,2026-01-01,open,",
        "h,-1,,2026-01-01,done,",
    )
    found = {(c.checks, c.pattern): c.rows for c in told(dated)}
    assert found == {
        (("day.parse",), "99/99/9999"): 2,
        (("day.parse",), "9/9/99"): 1,
        (("day.parse",), "soon"): 1,
        (("state.isin",), "done"): 2,
        (("amount.greater_than_or_equal_to",), "-9"): 2,
        (("amount.greater_than_or_equal_to", "state.isin"), "-9"): 1,
    }


def test_a_case_says_what_it_is_in_plain_language(dated: Any) -> None:
    deliver(dated, "02", *(f"r{n},1,,{n}/02/2024,open," for n in range(30, 33)))
    (only,) = told(dated)
    assert only.title == "3 orders have a day like 30/02/2024, which cannot be read"
    assert only.because == "day is like 30/02/2024, which is not a date like 2026-12-31"
    assert (only.owner, only.share, only.age_days) == ("owner@example.org", 1.0, 0)
    assert only.statuses == {"held": 3}
    assert list(only.trend.values()) == [3]
    assert [row.rpartition("-")[2] for row in only.examples] == ["1", "2", "3"]


def test_personal_values_are_patterns_or_masked(dated: Any) -> None:
    deliver(dated, "02", "a,1,,2026-01-01,open,Zoe", "b,1,,2026-01-01,open,Bob 17")
    patterns = {c.pattern for c in told(dated)}
    assert patterns == {"Aaa", "Aaa 99"}
    assert not any("Zoe" in str(c.as_dict()) or "Bob" in str(c.as_dict()) for c in told(dated))


def test_a_column_that_becomes_personal_is_masked_from_then_on(dated: Any) -> None:
    deliver(dated, "02", "a,1,,2026-01-01,done,")
    assert [c.pattern for c in told(dated)] == ["done"]
    file = dated.root / "contracts" / "shop_orders.py"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("'closed'])", "'closed'], pii='direct')"), encoding="utf-8")
    (only,) = told(dated)
    assert only.pattern == "•••"
    assert "done" not in str(only.as_dict())


def test_an_id_is_the_same_in_every_run_and_every_rebuild(dated: Any) -> None:
    deliver(dated, "02", "a,1,,30/02/2024,open,")
    (before,) = told(dated)
    deliver(dated, "03", "b,1,,31/04/2024,open,")
    (after,) = told(dated)
    assert (after.id, after.rows) == (before.id, 2)
    with Workspace.find(dated.root).open() as stores:
        recover(stores, rebuild_quarantine=True)
        assert verify(stores).problems == []
    (again,) = told(dated)
    assert (again.id, again.title) == (after.id, after.title)


def test_a_case_is_decided_and_replayed_as_one(dated: Any) -> None:
    deliver(dated, "02", "a,-1,,2026-01-01,open,", "b,-2,,2026-01-01,open,", "c,1,,soon,open,")
    large, small_one = told(dated)
    with Workspace.find(dated.root).open() as stores:
        which = Selection(ORDERS, case=large.id)
        assert preview(stores, which, Intent(Act.REJECT)).rows == 2
        apply(stores, which, Intent(Act.RELEASE), "they are refunds")
        apply(stores, Selection(ORDERS, case=small_one.id), Intent(Act.RELEASE), "no matter")
        (done,) = replay(stores, case=large.id)
        assert (done.account.records, done.account.clean) == (2, 2)
        assert case(stores, large.id).statuses == {"released": 2}
        assert case(stores, large.id).rows == 0
        assert [c.id for c in cases(stores, ORDERS)] == [small_one.id]
        with pytest.raises(UsageError, match="no rows"):
            preview(stores, which, Intent(Act.REJECT))


def test_a_row_still_held_for_another_reason_is_in_another_case(dated: Any) -> None:
    from cleanhold.core.correction import Correction

    deliver(dated, "02", "a,-1,,soon,open,")
    (before,) = told(dated)
    with Workspace.find(dated.root).open() as stores:
        mend = Intent(Act.CORRECT, Correction({"day": "2026-01-01"}, {}, {}))
        apply(stores, Selection(ORDERS, case=before.id), mend, "known")
        list(replay(stores))
        assert verify(stores).problems == []
    (after,) = told(dated)
    assert before.checks == ("amount.greater_than_or_equal_to", "day.parse")
    assert (after.checks, after.source) == (("amount.greater_than_or_equal_to",), before.source)


def test_an_unknown_case_is_told(dated: Any) -> None:
    with Workspace.find(dated.root).open() as stores, pytest.raises(UsageError, match="no case"):
        case(stores, "0" * 12)


def test_the_commands(dated: Any, cleanhold: Callable[..., Any]) -> None:
    deliver(dated, "02", "a,-1,,2026-01-01,open,", "b,-2,,2026-01-01,open,", "c,1,,soon,open,")
    listed = cleanhold("quarantine", "cases", "-d", ORDERS, "-w", dated.root)
    assert "2 orders have an amount like -1" in listed.out
    (first, _) = cleanhold("quarantine", "cases", "--json", "-w", dated.root).json
    one = cleanhold("quarantine", "case", first["id"], "-w", dated.root)
    assert "2 rows wait (66.7 %" in one.out
    rows = cleanhold("quarantine", "rows", "--case", first["id"], "--json", "-w", dated.root).json
    assert [row["business_key"] for row in rows] == ["a", "b"]
    about = ("-d", ORDERS, "--case", first["id"], "-w", dated.root)
    assert cleanhold("quarantine", "reject", *about, "--reason", "why", "--yes").code == 0
    assert cleanhold("replay", "--case", first["id"], "-w", dated.root).code == 0


@pytest.mark.parametrize(
    ("rows", "moves"),
    [([3], "new"), ([3, 4, 9], "growing"), ([9, 5], "shrinking"), ([2, 2], "steady")],
)
def test_whether_a_case_grows(dated: Any, rows: list[int], moves: str) -> None:
    deliver(dated, "02", "a,1,,2026-01-01,done,")
    (only,) = told(dated)
    trend = {date(2026, 11, day): count for day, count in enumerate(rows, start=1)}
    assert replace(only, trend=trend).moves == moves


def test_amounts_in_brackets_are_one_case_whatever_their_length(dated: Any) -> None:
    deliver(dated, "03", *(f"{k},{v},,2026-01-01,open," for k, v in
            [("a", "(6.8)"), ("b", "(39.01)"), ("d", "31.12.24"), ("e", "1.12.24")]))  # fmt: skip
    assert by_pattern(dated) == {"(9.99)": 2, "99.99.99": 1, "9.99.99": 1}


def test_the_commonest_values_of_a_case(dated: Any) -> None:
    deliver(
        dated, "02", "a,-1,,2026-01-01,open,", "b,-1,,2026-01-01,open,", "c,-2,,2026-01-01,open,"
    )
    deliver(dated, "03", "x,1,,2026-01-01,open,Zoe")
    with Workspace.find(dated.root).open() as stores:
        found = {c.column: common_values(stores, c) for c in cases(stores, ORDERS)}
    assert found == {"amount": [("-1", 2), ("-2", 1)], "who": []}
