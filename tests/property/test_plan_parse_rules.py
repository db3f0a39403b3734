"""Any text: a rule gives a value or null, never an error; and what it writes, it reads."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cleanhold import booleans, codes, dates, datetimes, decimal, integer, julian, number, text
from cleanhold.core.parsing import DataType, ParseRule
from cleanhold.expressions.regex import WHITE

MONEY = pl.Decimal(38, 6)
DAY = dates("%Y-%m-%d", "%d/%m/%Y", "%b %d, %Y", "%Y%m%d")
RULES: list[tuple[ParseRule, DataType]] = [
    (text(collapse=True, lower=True), pl.String()),
    (text(), pl.Enum(["a", "b"])),
    (integer(thousands=","), pl.Int64()),
    (integer(), pl.UInt8()),
    (number(thousands=".", mark=",", symbols="€"), pl.Float64()),
    (number(), pl.Float32()),
    (decimal(thousands=",", symbols="$", negatives=True), MONEY),
    (decimal(percent=True, negatives=True), pl.Decimal(5, 2)),
    (decimal(implied=2), MONEY),
    (booleans(), pl.Boolean()),
    (codes({"A": "active"}), pl.String()),
    (DAY, pl.Date()),
    (dates("%d%m%y"), pl.Date()),
    (datetimes(), pl.Datetime("us")),
    (datetimes(), pl.Datetime("ms", "Europe/Madrid")),
    (julian(), pl.Date()),
]
#: Text near what the rules read: the interesting mistakes are there.
NEAR = st.text(alphabet="0123456789+-.,$€%()eE:/TZ \u00a0JanFebAyn\n", max_size=24)


def read(rule: ParseRule, texts: list[str], dtype: DataType) -> list[Any]:
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    value = rule.value(rule.clean(pl.col("text")), dtype)
    series = frame.lazy().select(value.alias("value")).collect(engine="streaming")["value"]
    assert series.dtype == dtype
    return series.to_list()


@pytest.mark.parametrize(("rule", "dtype"), RULES, ids=repr)
@given(texts=st.lists(st.text(max_size=30) | NEAR, max_size=8))
@example(texts=["9" * 5000, "\x00", "١٢٣", "0000-00-00", "1e" + "9" * 30, "\ufeff1"])
def test_any_text_is_a_value_or_null(rule: ParseRule, dtype: DataType, texts: list[str]) -> None:
    values = read(rule, texts, dtype)
    assert len(values) == len(texts)
    if dtype.is_float():
        assert all(v is None or abs(v) < float("inf") for v in values)


@given(st.integers(-(2**63), 2**63 - 1))
def test_whole_numbers_come_back(value: int) -> None:
    assert read(integer(thousands=","), [str(value), f"{value:,}"], pl.Int64()) == [value, value]


@given(st.decimals(-(10**20), 10**20, places=2))
def test_money_comes_back(value: Decimal) -> None:
    written = [f"{value:.2f}", f"{value:,.2f}", f"${value:,.2f}", f"{value:,.2f} $"]
    assert read(decimal(thousands=",", symbols="$"), written, MONEY) == [value] * 4
    continental = f"{value:,.2f}".translate(str.maketrans(",.", ".,"))
    assert read(decimal(thousands=".", mark=","), [continental], MONEY) == [value]
    bare = f"{abs(value):,.2f}"
    brackets = read(decimal(thousands=",", negatives=True), [f"({bare})", f"{bare}-"], MONEY)
    assert brackets == [-abs(value)] * 2


@given(st.integers(-(10**15), 10**15))
def test_implied_decimals_come_back(cents: int) -> None:
    value = Decimal(cents) / 100
    assert read(decimal(implied=2), [str(cents), f"{cents:018}"], MONEY) == [value, value]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_come_back(value: float) -> None:
    assert read(number(), [repr(value)], pl.Float64()) == [value]


@given(st.dates())
def test_dates_come_back(day: date) -> None:
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    year = f"{day.year:04}"
    written = [
        day.isoformat(),
        f"{day.day}/{day.month}/{year}",
        f"{months[day.month - 1]} {day.day:02}, {year}",
        f"{year}{day.month:02}{day.day:02}",
    ]
    assert read(DAY, written, pl.Date()) == [day] * 4
    assert read(julian(), [f"{year}{day.timetuple().tm_yday:03}"], pl.Date()) == [day]


@given(st.datetimes())
def test_times_come_back(moment: datetime) -> None:
    written = [moment.isoformat(), moment.isoformat(" ") + "Z", moment.isoformat() + "+00:00"]
    assert read(datetimes(), written, pl.Datetime("us")) == [moment] * 3


@given(st.text(max_size=8), st.text(max_size=8))
def test_a_date_has_its_shape_or_is_null(before: str, after: str) -> None:
    """Nothing around a date is overlooked."""
    given = f"{before}2026-12-31{after}"
    expected = date(2026, 12, 31) if given.strip(WHITE) == "2026-12-31" else None
    assert read(dates(), [given], pl.Date())[0] == expected
