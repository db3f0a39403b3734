"""Numbers: what is read, and what is refused rather than guessed."""
# ruff: noqa: E501 - a table reads better unwrapped

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from cleanhold import decimal, integer, number
from cleanhold.core.parsing import DataType, ParseRule
from cleanhold.errors import ContractError

MONEY = pl.Decimal(38, 6)


def read(rule: ParseRule, text: str, dtype: DataType) -> Any:
    frame = pl.DataFrame({"text": [text]}, schema={"text": pl.String})
    value = rule.value(rule.clean(pl.col("text")), dtype)
    series = frame.select(value.alias("value"))["value"]
    assert series.dtype == dtype
    return series[0]


DOLLARS = decimal(thousands=",", symbols="$€", negatives=True)
EUROS = decimal(thousands=".", mark=",", symbols="€")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234.50", "1234.50"), ("1234.50", "1234.50"), ("12,345,678", "12345678"), ("0.10", "0.10"),
        ("-$1,045.10", "-1045.10"), ("$-5", "-5"), ("$ 5", "5"), ("5 €", "5"), ("5\u00a0€", "5"),
        ("+3", "3"), (".5", "0.5"), ("5.", "5"), ("  7  ", "7"), ("007", "7"), ("-0", "0"),
        ("(5.00)", "-5"), ("($1,000.50)", "-1000.50"), ("5.00-", "-5"), ("$5-", "-5"),
        ("1.123456", "1.123456"), ("1.1234560000", "1.123456"),
    ],
)  # fmt: skip
def test_money_that_is_read(text: str, value: str) -> None:
    assert read(DOLLARS, text, MONEY) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "87,50", "1,2", "1,23,456", "1234,567", ",123", "1,234,", "12,3456", "1,,234",
        "1$2", "$5$", "-$-5", "--5", "+-5", "- 5", "$", "-", ".", "()", "", "€$5",
        "(5", "5)", "(-5)", "-(5)", "-5-", "((5))", "1.2.3", "1 234", "1e5", "1_000", "0x1F",
        "inf", "NaN", "１２", "٣", "five", "5 dollars", "1.1234567", "5%", "9" * 40,
    ],
)  # fmt: skip
def test_money_that_is_refused(text: str) -> None:
    assert read(DOLLARS, text, MONEY) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.234,50", "1234.50"), ("1,5", "1.5"), ("1.234", "1234"), ("1234,5", "1234.5"), ("5 €", "5"),
     ("1.5", None), ("1.50", None), ("1,234.50", None), ("1,2,3", None)],
)  # fmt: skip
def test_the_marks_of_the_continent(text: str, value: str | None) -> None:
    assert read(EUROS, text, MONEY) == (None if value is None else Decimal(value))


def test_without_options_nothing_is_undressed() -> None:
    for text in ("1,234", "$5", "5%", "(5)", "5-"):
        assert read(decimal(), text, MONEY) is None, text


@pytest.mark.parametrize(
    ("text", "value"),
    [("40%", 40.0), ("40 %", 40.0), ("40", 40.0), ("-1.5%", -1.5), ("%", None), ("4%0", None), ("40%%", None)],
)  # fmt: skip
def test_percent_is_kept_as_written(text: str, value: float | None) -> None:
    assert read(decimal(percent=True), text, pl.Float64()) == value


def test_percent_with_accountants_negatives() -> None:
    assert read(decimal(percent=True, negatives=True), "(5%)", pl.Float64()) == -5.0


@pytest.mark.parametrize(
    ("text", "value"),
    [("000123450", "1234.50"), ("5", "0.05"), ("-5", "-0.05"), ("-000050", "-0.50"), ("+50", "0.50"),
     ("00", "0"), ("12.5", None), ("1,234", None), ("", None), ("12A", None)],
)  # fmt: skip
def test_implied_decimals(text: str, value: str | None) -> None:
    assert read(decimal(implied=2), text, MONEY) == (None if value is None else Decimal(value))


def test_decimals_beyond_the_column_are_refused_not_rounded() -> None:
    cents = pl.Decimal(12, 2)
    assert read(decimal(), "1.25", cents) == Decimal("1.25")
    assert read(decimal(), "1.2500", cents) == Decimal("1.25")
    assert read(decimal(), "1.255", cents) is None
    assert read(decimal(), "1.5", pl.Decimal(12, 0)) is None
    assert read(decimal(), "12345678901.00", cents) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e5", 1e5), ("1E-3", 1e-3), ("-.5", -0.5), ("1e308", 1e308), ("1e999", None), ("-1e999", None),
     ("9" * 400, None), ("inf", None), ("nan", None), ("e5", None), ("1e", None)],
)  # fmt: skip
def test_floats_have_exponents_and_are_finite(text: str, value: float | None) -> None:
    assert read(number(), text, pl.Float64()) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("5", 5), ("+5", 5), ("-0", 0), ("007", 7), (" 12 ", 12), ("1.0", None), ("5.", None), ("", None),
     ("1,234", None), ("9223372036854775807", 2**63 - 1), ("9223372036854775808", None)],
)  # fmt: skip
def test_whole_numbers(text: str, value: int | None) -> None:
    assert read(integer(), text, pl.Int64()) == value


def test_whole_numbers_fit_their_column() -> None:
    assert read(integer(), "127", pl.Int8()) == 127
    assert read(integer(), "128", pl.Int8()) is None
    assert read(integer(), "-1", pl.UInt8()) is None
    assert read(integer(thousands="."), "1.234", pl.Int64()) == 1234
    assert read(integer(thousands=","), "12,34", pl.Int64()) is None


OUNCES = decimal(units=["oz", "oz.", "fl. oz"], percent=True, negatives=True)


@pytest.mark.parametrize(
    ("text", "value"),
    [("12.0 oz", "12"), ("12oz.", "12"), ("12\u00a0oz", "12"), ("12 fl. oz", "12"), ("12", "12"), ("5 %", "5"),
     ("(3 oz)", "-3"), ("-3 oz", "-3"), ("12 OZ", None), ("12  oz", None), ("12 ozz", None), ("oz", None),
     ("12 oz oz", None), ("12 flX oz", None), ("12 oz%", None), ("12 oz\n", "12")],
)  # fmt: skip
def test_units_are_taken_away_to_the_letter(text: str, value: str | None) -> None:
    assert read(OUNCES, text, MONEY) == (None if value is None else Decimal(value))
    whole = integer(thousands=",", units=["m²"])
    assert read(whole, "1,200 m²", pl.Int64()) == 1200
    assert read(number(units="kg"), "1e3 kg", pl.Float64()) == 1000.0


def test_units_may_have_blanks_and_symbols_in_them() -> None:
    prices = decimal(units=["US$", "fl oz", "$"], symbols="$", thousands=" ")
    texts = ["1 000 US$", "$2 fl oz", "3 fl oz", "4 $", "$5", "6 floz", "7 US"]
    read_as = [None if (v := read(prices, t, MONEY)) is None else int(v) for t in texts]
    assert read_as == [1000, 2, 3, 4, 5, None, None]


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.057999999999999996", "0.058"), ("0.0565", "0.056"), ("0.0575", "0.058"), ("-0.0005", "0"),
     ("0.05", "0.05"), ("9.9995", None), ("9.99949", "9.999"), ("1.2.3", None)],
)  # fmt: skip
def test_rounding_is_asked_for(text: str, value: str | None) -> None:
    expected = None if value is None else Decimal(value)
    assert read(decimal(rounded=True), text, pl.Decimal(4, 3)) == expected


@pytest.mark.parametrize("unit", ["", 5, " oz", "5", ".oz", "-", "oz "])
def test_units_that_could_be_part_of_a_number(unit: str) -> None:
    with pytest.raises(ContractError, match="cannot be a unit after a number"):
        decimal(units=[unit])


@pytest.mark.parametrize(
    "options",
    [{"thousands": "."}, {"mark": ""}, {"mark": "5"}, {"thousands": "ab"}, {"symbols": "$-"},
     {"symbols": "1"}, {"implied": 0}, {"thousands": ",", "symbols": ","}],
)  # fmt: skip
def test_marks_that_cannot_be_told_apart(options: dict[str, Any]) -> None:
    with pytest.raises(ContractError):
        decimal(**options)


def test_what_a_number_looks_like_is_told_in_its_own_marks() -> None:
    assert EUROS.says == "a number like 1.234,50"
    assert OUNCES.says == "a number like 1234.50 oz"
    assert integer().says == "a number like 1234"
    assert decimal(implied=3).says.endswith("the last 3 digits being decimals")
