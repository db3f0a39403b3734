"""Any text: a rule gives a value or null, never an error; and what it writes, it reads."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cleanhold import (
    booleans,
    codes,
    dates,
    datetimes,
    decimal,
    emails,
    excel_dates,
    integer,
    json,
    julian,
    number,
    phones,
    quantity,
    split,
    text,
    unix_times,
)
from cleanhold.builtins.vocabulary import EXAMPLES
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
    (quantity("kg", compound=True, rounded=True), pl.Decimal(38, 20)),
    (quantity("B", assume="TB"), pl.Int64()),
    (unix_times("ns"), pl.Datetime("ns", "Asia/Tokyo")),
    (excel_dates(), pl.Datetime("ns", "America/Los_Angeles")),
    (dates("%d %B %y", "%C%y%j", pivot=5, months="pl", ambiguous="refuse"), pl.Date()),
    *((example.rule, example.dtype) for example in EXAMPLES),
]
#: Text near what the rules read: the interesting mistakes are there.
NEAR = st.text(alphabet="0123456789+-.,$€%()eE:/TZ \u00a0JanFebAyn\n", max_size=24)
#: Texts that the examples read, put together: units, months, brackets and all.
PIECES = st.lists(
    st.sampled_from(sorted({t for e in EXAMPLES for t in (*e.texts, *e.texts[0].split())})),
    max_size=3,
).map(" ".join)


def read(rule: ParseRule, texts: list[str], dtype: DataType) -> list[Any]:
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    value = rule.value(rule.clean(pl.col("text")), dtype)
    series = frame.lazy().select(value.alias("value")).collect(engine="streaming")["value"]
    assert series.dtype == dtype
    return series.to_list()


@pytest.mark.parametrize(("rule", "dtype"), RULES, ids=repr)
@settings(deadline=None)
@given(texts=st.lists(st.text(max_size=30) | NEAR | PIECES, max_size=8))
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


@settings(deadline=None)
@given(st.decimals(-(10**12), 10**12, places=2))
def test_other_ways_to_write_money_come_back(value: Decimal) -> None:
    bare, sign = f"{abs(value):,.2f}", "-" * (value < 0)
    credit = decimal(thousands=",", credit="negative", symbols=["EUR"])
    mark = "CR" if value < 0 else "DR"
    assert read(credit, [f"{bare} {mark}", f"{sign}EUR {bare}"], MONEY) == [value] * 2
    swiss = decimal(thousands="’'")
    assert read(swiss, [f"{sign}{bare}".replace(",", m) for m in "’'"], MONEY) == [value] * 2
    percent = decimal(percent="fraction")
    assert read(percent, [f"{value}%"], MONEY) == [value / 100]
    digits, _, cents = f"{abs(value):.2f}".partition(".")
    front, last = digits[:-3], digits[-3:]
    pairs = [front[max(0, end - 2) : end] for end in range(len(front), 0, -2)]
    indian = decimal(thousands=",", grouping="indian")
    written = ",".join([*reversed(pairs), last])
    assert read(indian, [f"{sign}{written}.{cents}"], MONEY) == [value]


@settings(deadline=None)
@given(st.dates(date(1900, 3, 1), date(9999, 12, 31)))
def test_days_as_numbers_come_back(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    assert read(excel_dates(), [str(serial), f"{serial}.0"], pl.Date()) == [day] * 2
    if day >= date(1904, 1, 1):
        assert read(excel_dates(1904), [str(serial - 1462)], pl.Date()) == [day]
    if day.year < 2100:
        number_of = day.timetuple().tm_yday
        mark, year = day.year // 100 - 19, day.year % 100
        assert read(julian("CYYDDD"), [f"{mark}{year:02}{number_of:03}"], pl.Date()) == [day]
        pivot = 0 if mark == 0 else 100
        short = julian("YYDDD", pivot=pivot)
        assert read(short, [f"{year:02}{number_of:03}"], pl.Date()) == [day]
    letters = dates("%d. %B %Y", months=[*"abcdefghijkl"])
    month = "abcdefghijkl"[day.month - 1]
    assert read(letters, [f"{day.day}. {month} {day.year:04}"], pl.Date()) == [day]


@given(st.datetimes())
def test_unix_times_come_back(moment: datetime) -> None:
    since = moment - datetime(1970, 1, 1)
    micros = since // timedelta(microseconds=1)
    sign, whole, part = "-" * (micros < 0), abs(micros) // 10**6, abs(micros) % 10**6
    written = f"{sign}{whole}.{part:06}"
    assert read(unix_times(), [written], pl.Datetime("us")) == [moment]
    assert read(unix_times("us"), [str(micros)], pl.Datetime("us")) == [moment]


@settings(deadline=None)
@given(st.decimals(-(10**6), 10**6, places=3), st.sampled_from(["g", "t", "lb", "oz", "mg"]))
def test_quantities_come_back(value: Decimal, unit: str) -> None:
    exact = pl.Decimal(38, 15)
    (made,) = read(quantity("kg", rounded=True), [f"{value} {unit}"], exact)
    (back,) = read(quantity(unit, rounded=True), [f"{made:f} kg"], pl.Decimal(38, 3))
    assert back == value
    assert read(quantity(unit), [f"{value}{unit.upper()}"], pl.Decimal(38, 3)) == [value]


@settings(deadline=None)
@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_lists_and_json_come_back(values: list[int]) -> None:
    kind = pl.List(pl.Int64)
    (found,) = read(split(";", integer()), [" ; ".join(map(str, values))], kind)
    assert list(found) == values
    (found,) = read(json(), [str(values)], kind)
    assert list(found) == values


@settings(deadline=None)
@given(st.from_regex(r"[a-z0-9.+_-]{1,20}", fullmatch=True))
def test_addresses_and_numbers_come_back(local: str) -> None:
    assert read(emails(), [f"{local}@EXAMPLE.org"], pl.String()) == [f"{local}@example.org"]
    number_of = f"+3461{sum(map(ord, local)) % 10**7:07}"
    spaced = f"{number_of[:3]} {number_of[3:6]} {number_of[6:]}"
    assert read(phones(), [spaced, number_of], pl.String()) == [number_of] * 2
