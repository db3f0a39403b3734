"""Which raw column feeds which, what its type may be, and the order they come in."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from cleanhold.errors import ContractError

from .conftest import Judge


def test_headers_are_found_whatever_their_dress(judge: Judge) -> None:
    found = judge(
        "contact_id: str\nemail: str = field(source=('E-mail', 'Mail'))\nzip: str",
        "Contact ID,Mail,ZIP\n1,a@b,28001\n",
    )
    assert found.clean.row(0) == (1, "1", "a@b", "28001")


def test_a_name_to_the_letter_is_not_guessed_for_another(judge: Judge) -> None:
    found = judge("a: str = field(source='E-mail')\nemail: str", "E-mail,Email\nx,y\n")
    assert found.clean.row(0) == (1, "x", "y")


def test_headers_that_fit_twice_are_refused(judge: Judge) -> None:
    with pytest.raises(ContractError, match="several columns that could be 'email'"):
        judge("email: str", "E-mail,e mail\nx,y\n")
    with pytest.raises(ContractError, match="could be 'e_mail' or 'email'"):
        judge("e_mail: str\nemail: str", "E-Mail\nx\n")


def test_unused_columns_are_noted(judge: Judge) -> None:
    found = judge("a: str", "a,b,c\n1,2,3\n")
    assert found.notes == ("columns the contract does not use: b, c",)
    assert found.records == ([1], [])


@pytest.mark.parametrize(("strict", "held"), [("True", [1, 2]), ("False", []), ("'filter'", [])])
def test_strict(judge: Judge, strict: str, held: list[int]) -> None:
    found = judge(f"a: str\nclass Config:\n    strict = {strict}", "a,{b}\n1,2\n3,4\n")
    assert found.records[1] == held
    assert set(found.messages) == ({"the extract has unknown columns: {b}"} if held else set())
    assert found.clean.columns == ["record", "a"]


@pytest.mark.parametrize(("header", "held"), [("a,z,b", []), ("b,z,a", [1])])
def test_ordered(judge: Judge, header: str, held: list[int]) -> None:
    found = judge("a: str\nb: str\nclass Config:\n    ordered = True", f"{header}\n1,2,3\n")
    assert found.records[1] == held
    assert [v[1] for v in found.verdicts] == (["ordered_columns"] if held else [])


@pytest.mark.parametrize("unit", ["ms", "us"])
def test_moments_beyond_the_calendar_are_held(judge: Judge, unit: str) -> None:
    """As PostgreSQL's infinity is exported; Polars panics when it is to write one as text."""
    numbers = [0, 2**63 - 1, -(2**63), None]
    days = [0, 2**31 - 1, -(2**31), None]
    rows = pl.DataFrame(
        {
            "at": pl.Series(numbers, dtype=pl.Int64).cast(pl.Datetime(unit)),
            "on": pl.Series(days, dtype=pl.Int32).cast(pl.Date),
        }
    )
    found = judge("at: datetime = field(nullable=True)\non: date = field(nullable=True)", rows)
    assert found.records == ([1, 4], [2, 3])
    assert found.verdicts == [(r, "parse", c) for r in (2, 3) for c in ("at", "on")]
    assert found.findings["value"].to_list() == [
        str(n) for r in (1, 2) for n in (numbers[r], days[r])
    ]
    text = judge("at: str = field(nullable=True)\non: str = field(nullable=True)", rows)
    assert text.records == ([1, 2, 3, 4], [])
    assert text.clean["on"].to_list() == ["1970-01-01", str(days[1]), str(days[2]), None]


MONTHS = "month: int = field(alias='month_[0-9]+', regex=True, ge=0, pii='direct')\nid: str"


def test_a_pattern_is_a_column_for_each_header_it_matches_whole(judge: Judge) -> None:
    found = judge(MONTHS, "id,month_1,month_22,month_3_note,amonth_4\nr,1,-2,x,y\ns,,z,x,y\n")
    assert found.verdicts == [
        (1, "greater_than_or_equal_to", "month_22"),
        (2, "not_null", "month_1"),
        (2, "parse", "month_22"),
    ]
    assert found.clean.columns == ["record", "id", "month_1", "month_22"]
    assert found.messages == [
        "month_22 is •••; it must be 0 or more",
        "month_1 is missing",
        "month_22 is •••, which is not a number like 1234",
    ]


def test_a_pattern_that_matches_nothing_is_a_missing_column(judge: Judge) -> None:
    found = judge(MONTHS, "id\nr\ns\n")
    assert found.verdicts == [(n, "present", "month_[0-9]+") for n in (1, 2)]
    assert found.clean.columns == ["record", "id"]
    optional = judge(MONTHS.replace("int", "Optional[int]"), "id\nr\n")
    assert optional.records == ([1], [])


def test_a_pattern_leaves_alone_what_is_declared_by_name(judge: Judge) -> None:
    body = "m_1: str\nrest: int = field(alias='m_[0-9]', regex=True, ge=5)"
    found = judge(body, "m_1,m_2\nx,3\n")
    assert found.verdicts == [(1, "greater_than_or_equal_to", "m_2")]
    assert judge(body, "m_1\nx\n").verdicts == [(1, "present", "m_[0-9]")]


def test_a_column_that_two_patterns_match_is_checked_by_both(judge: Judge) -> None:
    found = judge(
        "a: int = field(alias='m_[0-9]', regex=True, ge=0, nullable=True)\n"
        "b: int = field(alias='m_[1-9]', regex=True, ge=5, le=9)",
        "m_0,m_1\n3,3\n-1,\n12,12\n",
    )
    assert found.verdicts == [
        (1, "greater_than_or_equal_to_2", "m_1"),
        (2, "greater_than_or_equal_to", "m_0"),
        (2, "not_null", "m_1"),
        (3, "less_than_or_equal_to", "m_1"),
    ]
    assert found.clean.columns == ["record", "m_0", "m_1"]


def test_a_type_for_the_whole_schema(judge: Judge) -> None:
    found = judge(
        "s = pa.DataFrameSchema({'a': pa.Column(), 'b': pa.Column(str)}, dtype=int)", "a,b\n1,x\n"
    )
    assert found.verdicts == [(1, "parse", "b")]


def test_text_cannot_become_a_list_by_itself(judge: Judge) -> None:
    lists = "a: pl.List(pl.Int64) = field(nullable=True)"
    with pytest.raises(ContractError, match=r"no default way to read text as List\(Int64\)"):
        judge(lists, "a\n1\n")
    assert judge(lists, pl.DataFrame({"a": [[1, 2], None]})).records == ([1, 2], [])


HALF, WHOLE = datetime(2026, 1, 2, 12), datetime(2026, 1, 2)


@pytest.mark.parametrize(
    ("kind", "given", "kept", "failed"),
    [
        ("int", [1.0, 1.5, None, float("nan"), 1e300], [1, None, None], [2, 5]),
        ("int", [True, False], [1, 0], []),
        ("bool", [0, 1, 2], [False, True], [3]),
        ("float", [1, 2**53, 2**53 + 1], [1.0, 2.0**53], [3]),
        ("date", [WHOLE, HALF, None], [date(2026, 1, 2), None], [2]),
        ("Decimal", [1.5, 0.1, None], [Decimal("1.500000"), Decimal("0.100000"), None], []),
        ("str", [1, None], ["1", None], []),
        ("str", [True], ["true"], []),
        ("str", [date(2026, 1, 2)], ["2026-01-02"], []),
        ("str", [HALF], ["2026-01-02 12:00:00.000000"], []),
        ("pl.Int8", [127, 128], [127], [2]),
        ("pl.Float32", [0.1, float("nan")], [0.10000000149011612, float("nan")], []),
    ],
)
def test_typed_values_are_converted_if_nothing_is_lost(
    judge: Judge, kind: str, given: list[Any], kept: list[Any], failed: list[int]
) -> None:
    frame = pl.DataFrame({"a": pl.Series(given, strict=False)})
    found = judge(f"a: {kind} = field(nullable=True)", frame)
    assert [str(v) for v in found.clean["a"]] == [str(v) for v in kept]
    assert found.verdicts == [(record, "parse", "a") for record in failed]


@pytest.mark.parametrize(
    ("kind", "given"),
    [("str", timedelta(1)), ("str", [1]), ("int", [1]), ("str", {"x": 1}), ("bool", WHOLE),
     ("date", time(1)), ("pl.Struct({'x': pl.Int64})", [1]), ("int", b"1"), ("str", b"1"),
     ("pl.List(pl.Int64)", [b"1"]), ("pl.Enum(['a'])", 1)],
    ids=str,
)  # fmt: skip
def test_types_that_have_nothing_in_common_are_refused(judge: Judge, kind: str, given: Any) -> None:
    with pytest.raises(ContractError, match=r"'a' arrives as .*, which cannot become"):
        judge(f"a: {kind}", pl.DataFrame({"a": [given]}))


def test_nan_is_no_whole_number_but_no_value_either(judge: Judge) -> None:
    found = judge("a: int", pl.DataFrame({"a": [1.0, float("nan")]}))
    assert found.verdicts == [(2, "not_null", "a")]


def test_reserved_looking_headers_do_no_harm(judge: Judge) -> None:
    found = judge("a: str", "a,record,row_id,findings,fail:0,__bad,^x$,raw:a\n1,2,3,4,5,6,7,8\n")
    assert found.records == ([1], [])
    assert found.clean.row(0) == (1, "1")
