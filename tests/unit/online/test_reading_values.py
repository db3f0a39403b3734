"""Text to values: what Python reads itself is what Polars reads."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from cleanhold.expressions.regex import WHITE
from cleanhold.online.days import day
from cleanhold.online.moments import moment
from cleanhold.online.numerals import fixed, floating, whole_number
from cleanhold.online.words import lower, upper, without, zero_filled

DICE = random.Random(2)


def numerals() -> list[str]:
    texts = ["", "-", "+", ".", "-0", "+0", "-0.0", "00", "-00", "-1", "256", "-129", "1e5", "inf"]
    for _ in range(3000):
        digits = DICE.choice([1, 2, 3, 5, 10, 17, 18, 19, 20, 32, 33, 38, 40])
        text = "".join(DICE.choice("0123456789") for _ in range(digits))
        if DICE.random() < 0.5:
            text += "." + "".join(DICE.choice("0123456789") for _ in range(DICE.randrange(9)))
        text = DICE.choice(["", "", "+", "-"]) + text + "0" * DICE.choice([0, 0, 5])
        texts.append(text + DICE.choice([""] * 12 + ["e5", " ", "\n", "x", "e-3", "٣"]))
    return texts


PARTS = {
    "Y": ["2024", "2023", "1900", "0001", "9999", "0000", "24", "10000"],
    "y": ["00", "24", "68", "69", "70", "99", "2024", "5"],
    "m": ["01", "02", "12", "2", "00", "13", "٣"],
    "d": ["01", "29", "30", "31", "1", "00", "32"],
    "j": ["001", "060", "365", "366", "000", "367", "1"],
    "b": ["Jan", "feb", "DEC", "Xxx", "Sept"],
    "H": ["00", "09", "23", "7", "24"],
    "M": ["00", "59", "5", "60"],
    "S": ["00", "59", "60", "61", "5"],
    ".f": ["", ".5", ".123", ".123456", ".000", ".", ".1234567"],
    "z": ["+0000", "-0130", "+2359", "Z", "+24:00", "+0060", "+01"],
}


def times(layout: str) -> list[str]:
    """Texts near a format: most parts fit, some do not."""
    tokens = re.findall(r"%(\.f|.)|([^%])", layout)
    texts = []
    for _ in range(1500):
        parts = [
            literal or DICE.choice(PARTS[name][: 3 if DICE.random() < 0.8 else None])
            for name, literal in tokens
        ]
        texts.append("".join(parts) + DICE.choice([""] * 9 + ["\n", " ", "x"]))
    return texts


def alike(read: Callable[[str], Any], expression: pl.Expr, texts: list[str]) -> int:
    """Compare over texts of which Python has an object; how many had a value."""
    series = pl.Series("x", texts).to_frame().select(expression).to_series()
    if series.dtype.is_temporal():
        years = series.dt.year()
        series = series.to_frame().filter(years.is_between(1, 9999) | years.is_null()).to_series()
        texts = [t for t, y in zip(texts, years, strict=True) if y is None or 1 <= y <= 9999]
    expected = series.to_list()
    found = [read(text) for text in texts]
    assert [t for t, f, e in zip(texts, found, expected, strict=True) if repr(f) != repr(e)] == []
    return sum(value is not None for value in expected)


WHOLE = [pl.Int8(), pl.UInt8(), pl.Int64(), pl.UInt64()]
FIXED = [
    pl.Decimal(38, 6),
    pl.Decimal(5, 2),
    pl.Decimal(38, 0),
    pl.Decimal(12, 2),
    pl.Decimal(4, 4),
]


@pytest.mark.parametrize("dtype", [*WHOLE, pl.Float64(), *FIXED], ids=str)
def test_numbers(dtype: Any) -> None:
    make: Any = fixed if isinstance(dtype, pl.Decimal) else whole_number
    make = floating if dtype == pl.Float64 else make
    cast = pl.col("x").cast(dtype, strict=False)
    assert alike(make(dtype), cast, numerals()) > 20


@pytest.mark.parametrize(
    "layout",
    [
        "%Y-%m-%d",
        "%d/%m/%Y",
        "%b %d, %Y",
        "%Y%m%d",
        "%Y%j",
        "%d%m%y",
        "%d-%b-%Y",
        "%y-%m-%d",
        "%Y%d",
    ],
)
def test_days(layout: str) -> None:
    if layout == "%Y%d":
        with pytest.raises(Exception, match="date format"):
            day(layout)
        return
    assert alike(day(layout), pl.col("x").str.to_date(layout, strict=False), times(layout)) > 50


@pytest.mark.parametrize("unit", ["us", "ms"])
@pytest.mark.parametrize(
    "layout",
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%.f%z",
     "%d/%m/%Y %H:%M", "%H:%M %Y%m%d"],
)  # fmt: skip
def test_moments(layout: str, unit: Any) -> None:
    zone = "UTC" if "%z" in layout else None
    parsed = pl.col("x").str.to_datetime(layout, strict=False, time_unit=unit, time_zone=zone)
    read = moment(layout, pl.Datetime(unit, zone))
    assert alike(read, parsed.dt.replace_time_zone(None), times(layout)) > 50


def test_blanks_are_those_that_polars_strips() -> None:
    every = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    stripped = pl.Series(every).str.strip_chars()
    assert {c for c, s in zip(every, stripped, strict=True) if not s} == set(WHITE)


@pytest.mark.parametrize(
    "text", ["", "aB", "É", "İ", "ΑΣ", "ß", "ﬁ", "-5", "+5", "5", "ab", "00", "5555"]
)
def test_words(text: str) -> None:
    series = pl.Series([text])
    assert lower(text) == series.str.to_lowercase()[0]
    assert upper(text) == series.str.to_uppercase()[0]
    assert zero_filled(4)(text) == series.str.zfill(4)[0]
    assert without("a5")(text) == series.str.replace_many(["a", "5"], [""])[0]
