"""Values that a column is compared with, as values of its type: 1 among floats is 1.0."""

from __future__ import annotations

import copy
import sys
from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite
from typing import Any

import pandera.polars as pa
import polars as pl

from cleanhold.core.parsing import DataType
from cleanhold.plan.functions import ordered_options

#: pandera's checks of membership → the option with the values.
_OPTIONS = {"isin": "allowed_values", "notin": "forbidden_values"}


def with_values_of(check: pa.Check, dtype: DataType) -> pa.Check:
    """One of pandera's checks of membership with values of the column's type; others as they are.

    Polars looks for values of one type only, though it compares any number with any other.
    """
    option = _OPTIONS.get(str(check.name), "")
    values = ordered_options(check).get(option)
    if not isinstance(values, list | tuple):
        return check
    typed = copy.copy(check)
    possible = [_as(dtype, v) for v in values if not _is_never(dtype, v)]
    typed._check_kwargs = {**check._check_kwargs, option: possible}
    return typed


def _is_never(dtype: DataType, value: Any) -> bool:
    """Whether no value of the type is equal to this one: a fraction among whole numbers."""
    if dtype.is_integer():
        return isinstance(value, float) and not value.is_integer()
    if dtype.is_decimal():
        return isinstance(value, float) and not isfinite(value)
    return dtype.is_float() and isinstance(value, int) and abs(value) > sys.float_info.max


def _as(dtype: DataType, value: Any) -> Any:
    """The value of a type that is equal to this one; this one if that is not plain."""
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    made: Any = value
    if is_number and dtype.is_float():
        made = pl.Series([float(value)], dtype=dtype).item()  # 0.1 of 32 bits is another 0.1
    elif isinstance(value, float) and dtype.is_integer():
        made = int(value)
    elif is_number and dtype.is_decimal():
        made = Decimal(str(value))  # whole numbers too: Polars takes no list of both
    elif isinstance(value, datetime) and dtype == pl.Date:
        made = value.date() if value.time() == time() and value.tzinfo is None else value
    elif isinstance(value, date) and not isinstance(value, datetime) and dtype == pl.Datetime:
        made = datetime(value.year, value.month, value.day)
    return made
