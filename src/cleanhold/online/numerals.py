"""Text to numbers. Plainly written ones are read by Python, all others by Polars."""

from __future__ import annotations

import decimal
import re
from collections.abc import Callable
from typing import Any

import polars as pl

from cleanhold.core.parsing import DataType
from cleanhold.expressions.limits import limits
from cleanhold.online.one_value import by_polars

#: Digits that every reader of floats rounds alike; longer texts are left to Polars.
_FLOAT = re.compile(r"[+-]?[0-9]{1,17}(?:\.[0-9]{0,17})?\Z").match
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}\Z").match
_EXACT = decimal.Context(prec=60, Emin=-999, Emax=999, traps=[])


def whole_number(dtype: DataType) -> Callable[[str], int | None]:
    """Text as an integer, as a cast that is not strict has it."""
    slow: Callable[[str], int | None] = by_polars(
        pl.col("x").cast(dtype, strict=False), pl.String()
    )
    low, high = limits(dtype)

    def read(x: str) -> int | None:
        if not _WHOLE(x):
            return slow(x)
        value = int(x)
        return value if low <= value <= high and (low < 0 or x[0] != "-") else slow(x)

    return read


def floating(dtype: DataType) -> Callable[[str], float | None]:
    """Text as a 64-bit float."""
    slow: Callable[[str], float | None] = by_polars(
        pl.col("x").cast(dtype, strict=False), pl.String()
    )
    return lambda x: float(x) if _FLOAT(x) else slow(x)


def fixed(dtype: pl.Decimal) -> Callable[[str], decimal.Decimal | None]:
    """Text as a decimal of the dtype's digits; what would be rounded is left to Polars."""
    slow: Callable[[str], decimal.Decimal | None] = by_polars(
        pl.col("x").cast(dtype, strict=False), pl.String()
    )
    places = dtype.scale
    digits = max((dtype.precision or 38) - places, 0)
    if not digits:
        return slow
    shape = re.compile(rf"-?[0-9]{{1,{digits}}}(?:\.[0-9]{{1,{places or 1}}}0*)?\Z").match
    if not places:
        shape = re.compile(rf"-?[0-9]{{1,{digits}}}\Z").match
    unit = decimal.Decimal(1).scaleb(-places)

    def read(x: str) -> Any:
        if not shape(x):
            return slow(x)
        value = _EXACT.quantize(_EXACT.create_decimal(x), unit)
        return value if value else abs(value)  # there is no negative zero

    return read
