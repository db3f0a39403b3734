"""Text in a technical format."""

from __future__ import annotations

import re

import polars as pl

from cleanhold.builtins.checks.conditions import literal
from cleanhold.builtins.checks.listing import listed
from cleanhold.builtins.checks.shapes import shaped, text_rule, whole
from cleanhold.builtins.dates import dates
from cleanhold.core.rule import ColumnRule
from cleanhold.errors import ContractError

_NAMES = ["january", "february", "march", "april", "may", "june", "july", "august", "september",
          "october", "november", "december"]  # fmt: skip
#: Names of months → their numbers, marked, so that they cannot be taken for days.
_MONTHS = {name: f"#{n}" for n, name in enumerate(_NAMES, 1)}
_MONTHS |= {"sept": "#9"} | {name[:3]: number for name, number in _MONTHS.items()}
_WEEKDAY = r"\A(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?[., ]+"
_CLOCK = (
    r"(?:t| +|, *)(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]{1,9})?)?"
    r" *(?:[ap]\.?m\.?)? *(?:z|utc|gmt|[+-][0-9]{2}:?[0-9]{2})?\z"
)
_YEAR, _NUMBER, _MONTH = "([0-9]{4}|[0-9]{2})", "([0-9]{1,2})", "#?([0-9]{1,2})"
#: How the parts of a date may be ordered → year, month, day.
_ORDERS = [
    (rf"\A([0-9]{{4}}) {_MONTH} {_NUMBER}\z", "$1 $2 $3"),
    (rf"\A{_NUMBER} {_MONTH} {_YEAR}\z", "$3 $2 $1"),
    (rf"\A{_MONTH} {_NUMBER} {_YEAR}\z", "$3 $1 $2"),
    (r"\A([0-9]{4})([0-9]{2})([0-9]{2})\z", "$1 $2 $3"),
]
_ORDERED = "(?:[0-9]{4}|[0-9]{2}) [0-9]{1,2} [0-9]{1,2}"
_DATE = "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"


@listed(passes=["#1e90ff", "#FFF"], fails=["1e90ff", "#12345", "#ggg", "blue"])
def hex_colour() -> ColumnRule:
    """A colour of 3, 4, 6 or 8 hexadecimal digits after `#`. Source: CSS Color Module Level 4."""
    pattern = "#(?:[0-9A-Fa-f]{3,4}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})"
    return shaped("hex_colour", "is not a colour like #1e90ff", pattern)


@listed(passes=["1.0.0", "2.1.0-rc.1+build.5"], fails=["1.0", "v1.0.0", "01.0.0", "1.0.0-01"])
def semantic_version() -> ColumnRule:
    """A version number. Source: Semantic Versioning 2.0.0."""
    part, label = "(?:0|[1-9][0-9]*)", "(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
    before, after = rf"(?:-{label}(?:\.{label})*)?", r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
    pattern = rf"{part}\.{part}\.{part}{before}{after}"
    return shaped("semantic_version", "is not a version like 1.2.3", pattern)


@listed(passes=["YWJj", "YQ==", ""], fails=["YWJ", "YW=j", "YWJj\n", "Y-_j"])
def base64() -> ColumnRule:
    """Bytes in base 64, with padding. Source: RFC 4648, 4."""
    pattern = "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
    return shaped("base64", "is not base 64 text", pattern)


@listed(passes=["0123", "7"], fails=["-1", "1.0", "٣", "1 ", ""])
def digits_only() -> ColumnRule:
    """Digits 0 to 9 and nothing else."""
    return shaped("digits_only", "has other characters than the digits 0 to 9", "[0-9]+")


@listed(passes=["-12.50", "7", "1e-3"], fails=["1,000", "12.", "abc", "", "0x1F", "٣"])
def number_text() -> ColumnRule:
    """Text that is a number, for columns that have to stay text."""
    pattern = r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
    return shaped("number_text", "is not a number", pattern)


@listed(
    "kg",
    "m²",
    passes=["12.5 kg", "3kg", "-1 m²"],
    fails=["12.5", "kg", "12.5 KG", "1,5 kg", "12  kg", "1 kg m²", ""],
)
def number_with_unit(*units: str) -> ColumnRule:
    """Text that is a number and one of some units, for columns in which units vary. Where they all
    mean the same, `decimal(units=…)` reads the number.

    Raises:
        ContractError: no unit is given.
    """
    if not units:
        raise ContractError("number_with_unit needs units", next="write number_with_unit('kg')")
    several = "|".join(map(re.escape, units))
    meant = "is not a number with a unit, like " + " or ".join(f"5 {unit}" for unit in units)
    pattern = rf"[+-]?[0-9]+(?:\.[0-9]+)? ?(?:{several})"
    return shaped("number_with_unit", literal(meant), pattern)


@listed(
    passes=["2026-11-21", "2024-02-29"],
    fails=["2026-02-29", "21/11/2026", "2026-1-1", "2026-13-01", "2026-11-21T00:00:00"],
)
def iso_date_text() -> ColumnRule:
    """Text that is a date which exists, YYYY-MM-DD, for columns that have to stay text.

    Source: ISO 8601-1:2019, 5.2.2.1.
    """

    def judge(text: pl.Expr) -> pl.Expr:
        exists = text.str.to_date("%Y-%m-%d", strict=False).is_not_null()
        return whole(text, _DATE) & exists

    return text_rule("iso_date_text", "is not a date like 2026-12-31", judge)


@listed(
    "%d.%m.%Y",
    "%Y-%m-%dT%H:%M:%S%.f",
    passes=["29.02.2024", "1.2.2026", "01.01.0800", "2026-11-21T10:00:00",
            "9999-12-31T23:59:59.123456789"],
    fails=["2026-11-21", "29.02.2026", "21.11.26", "21.11.2026 ", "2026-11-21T24:00:00",
           "2026-11-21T10:00:00.1234567890", ""],
)  # fmt: skip
def date_text(*formats: str) -> ColumnRule:
    """Text that is a date or time in one of some formats (strftime), for columns that have to stay
    text.

    Raises:
        ContractError: there is no format, or one with a directive that is not supported.
    """
    if not formats:
        raise ContractError(
            "date_text needs a format", next="write date_text('%d.%m.%Y'), or any_date_text()"
        )
    rule = dates(*formats)

    def judge(text: pl.Expr) -> pl.Expr:
        if any("%.f" in layout for layout in formats):  # the type has six decimals of a second
            text = text.str.replace(r"(\.[0-9]{6})[0-9]{1,3}([^0-9]|\z)", "$1$2")
        return rule.value(text, pl.Datetime("us")).is_not_null()

    return text_rule("date_text", f"is not {rule.says}", judge)


@listed(
    passes=["2026-11-21", "1/2/26", "21. November 2026", "Sat, Nov 21st, 2026 10:00 PM", "20261121",
            "2026-11-21T10:00:00.5+01:00", "29/02/2024", "13/1/2026", "1/13/2026"],
    fails=["30/02/2026", "13/13/2026", "abc", "May", "2026", "10:00", "12 cats 2026", "",
           "2026-11-21 25:00", "Market 1 2026", "123-1-1"],
)  # fmt: skip
def any_date_text() -> ColumnRule:
    """Text that is a date which exists, with or without a time, in any notation that is common:
    year, month and day, or day or month first, in figures or with an English name of the month.

    It does not say which date it is: 1/2/2026 may be of January or February. To compare dates, give
    the column a format: `parse=dates("%d/%m/%Y")`.
    """

    def judge(text: pl.Expr) -> pl.Expr:
        words = text.str.to_lowercase().str.replace(_CLOCK, "").str.replace(_WEEKDAY, "")
        plain = words.str.replace_many(_MONTHS, leftmost=True).str.replace(
            r"([0-9])(?:st|nd|rd|th)", "$1"
        )
        parts = plain.str.replace_all(r"[-/., ]+", " ")
        ordered = [parts.str.replace(shape, order) for shape, order in _ORDERS]
        days = [
            pl.when(whole(o, _ORDERED)).then(o).str.to_date("%Y %m %d", strict=False)
            for o in ordered
        ]
        return pl.any_horizontal([day.is_not_null() for day in days])

    return text_rule("any_date_text", "is not a date", judge)


@listed(
    passes=["2026-11-21T10:00:00Z", "2026-11-21T10:00:00.5+01:00"],
    fails=["2026-11-21T10:00:00", "2026-11-21 10:00:00Z", "2026-02-30T10:00:00Z", "2026-11-21"],
)
def timestamp_text() -> ColumnRule:
    """Text that is a moment with its offset from UTC. Source: RFC 3339, 5.6 (capital T and Z)."""
    clock = r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
    offset = "(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"

    def judge(text: pl.Expr) -> pl.Expr:
        day = text.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
        return whole(text, _DATE + clock + offset) & day.is_not_null()

    return text_rule("timestamp_text", "is not a moment like 2026-12-31T23:59:00Z", judge)


@listed(passes=["P3Y6M4DT12H30M5S", "PT0.5S", "P2W"], fails=["P", "PT", "3 days", "P1H", "P1Y2W"])
def duration_text() -> ColumnRule:
    """Text that is a length of time. Source: ISO 8601-1:2019, 5.5.2.2."""
    n, clock = "[0-9]+", r"T(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?"

    def judge(text: pl.Expr) -> pl.Expr:
        pattern = rf"P(?:{n}W|(?:{n}Y)?(?:{n}M)?(?:{n}D)?(?:{clock})?)"
        return whole(text, pattern) & text.str.contains(r"[0-9][A-Z]\z")

    return text_rule("duration_text", "is not a length of time like P3DT12H", judge)


@listed(passes=["image/png", "application/vnd.api+json"], fails=["png", "image/", "a b/c"])
def media_type() -> ColumnRule:
    """A media (MIME) type, without parameters. Source: RFC 6838, 4.2."""
    name = "[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"
    return shaped("media_type", "is not a media type like image/png", f"{name}/{name}")
