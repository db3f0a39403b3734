"""Options that contradict themselves are refused when the contract is loaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from cleanhold import (
    dates,
    datetimes,
    decimal,
    excel_dates,
    json,
    julian,
    phones,
    quantity,
    split,
    text,
    unix_times,
)
from cleanhold.core.parsing import ParseRule
from cleanhold.errors import ContractError

MISTAKES: list[tuple[Callable[[], Any], str]] = [
    (lambda: text(lower=True, title=True), "more than one case"),
    (lambda: text(unicode="NFX"), "not a normal form"),  # type: ignore[arg-type]
    (lambda: text(replace={"": "x"}), "is no text"),
    (lambda: decimal(percent="half"), "percent='half'"),  # type: ignore[arg-type]
    (lambda: decimal(credit="CR"), "which sign CR"),  # type: ignore[arg-type]
    (lambda: decimal(grouping="roman"), "grouping='roman'"),  # type: ignore[arg-type]
    (lambda: decimal(thousands="'.", mark="."), r"both '\.'"),
    (lambda: dates("%Y-%m"), "does not name year, month and day"),
    (lambda: dates("%d/%m/%y", pivot=1930), "not a year of two digits"),
    (lambda: dates("%d/%m/%Y", ambiguous="ask"), "ambiguous='ask'"),  # type: ignore[arg-type]
    (lambda: dates("%d %B %Y", months="xx"), "months in 'xx'"),
    (lambda: dates("%d %B %Y", months=["a"]), "twelve months"),
    (lambda: dates("%a %d %b %Y", months="es"), "name of a weekday"),
    (lambda: dates("%C-%m-%d%y"), "%C without %y"),
    (lambda: datetimes(zone="Mars/Olympus"), "not a time zone"),
    (lambda: datetimes("%Y-%m-%d %Z", zones={"X": "Nowhere"}), "not a time zone"),
    (lambda: julian("DDDYY"), "not a layout"),  # type: ignore[arg-type]
    (lambda: excel_dates(1970), "not one of Excel's"),  # type: ignore[arg-type]
    (lambda: unix_times("h"), "unit='h'"),  # type: ignore[arg-type]
    (lambda: quantity("parsec"), "not a unit"),
    (lambda: quantity("kg", assume="mi"), "can become kg"),
    (lambda: quantity("K", compound=True), "two temperatures"),
    (lambda: split(""), "needs a separator"),
    (lambda: split(",", text), "not a parse rule"),  # type: ignore[arg-type]
    (lambda: phones("UK"), "not a country"),
]


@pytest.mark.parametrize(("make", "says"), MISTAKES, ids=[says for _, says in MISTAKES])
def test_mistakes(make: Callable[[], Any], says: str) -> None:
    with pytest.raises(ContractError, match=says) as told:
        make()
    assert told.value.next


@pytest.mark.parametrize(
    ("rule", "dtype"),
    [(decimal(percent="fraction"), pl.Int64()), (decimal(percent="fraction"), pl.Decimal(5, 1)),
     (datetimes(zone="UTC"), pl.Date()), (excel_dates(), pl.Int64()), (unix_times(), pl.Date()),
     (quantity("kg"), pl.String()), (json(), pl.Int64()), (split(), pl.String()),
     (phones(), pl.Int64())],
    ids=str,
)  # fmt: skip
def test_types_that_a_rule_cannot_make(rule: ParseRule, dtype: pl.DataType) -> None:
    with pytest.raises(ContractError, match=r"cannot (make|be)"):
        rule.value(pl.col("text"), dtype)
