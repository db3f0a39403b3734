"""Zoned decimals in text: the sign in a digit, or beside it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from cleanhold import zoned
from cleanhold.core.parsing import DataType, ParseRule
from cleanhold.errors import ContractError

MONEY = pl.Decimal(38, 6)


def read(rule: ParseRule, text: str, dtype: DataType = MONEY) -> Any:
    frame = pl.DataFrame({"text": [text]}, schema={"text": pl.String})
    return frame.select(value=rule.value(rule.clean(pl.col("text")), dtype))["value"][0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("00123D", "12.34"), ("00123M", "-12.34"), ("00123{", "12.30"), ("00123}", "-12.30"),
        ("001234", "12.34"), ("00123t", "-12.34"), ("I", "0.09"), ("R", "-0.09"),
        (" 12L ", "-1.23"),
    ],
)  # fmt: skip
def test_the_last_digit_has_the_sign(text: str, value: str) -> None:
    assert read(zoned(implied=2), text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "-123", "123-", "12.3D", "D123", "12DD", "12S", "1,23D", "é"])
def test_what_is_no_such_number(text: str) -> None:
    assert read(zoned(implied=2), text) is None


def test_other_places_of_the_sign() -> None:
    assert read(zoned(sign="leading"), "M123") == Decimal(-4123)
    assert read(zoned(sign="leading"), "123M") is None
    assert read(zoned(separate=True, implied=1), "0123-") == Decimal("-12.3")
    assert read(zoned(separate=True), "0123") is None
    assert read(zoned(sign="leading", separate=True), "+0123") == Decimal(123)
    assert read(zoned(sign="leading", separate=True), "-") is None


def test_other_types() -> None:
    assert read(zoned(), "0012M", pl.Int64) == -124
    assert read(zoned(implied=1), "0012M", pl.Float64) == -12.4
    assert read(zoned(), "9" * 30, pl.Int64) is None
    with pytest.raises(ContractError, match="zoned decimals"):
        read(zoned(), "1", pl.Date)


def test_mistaken_options() -> None:
    with pytest.raises(ContractError, match="sign"):
        zoned(sign="middle")
    with pytest.raises(ContractError, match="implied"):
        zoned(implied=-1)
    assert zoned(implied=2).says == "a number like 00123D, the last 2 digits being decimals"
