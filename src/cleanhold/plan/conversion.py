"""Typed raw values as the contract's types, if nothing is lost on the way."""

from __future__ import annotations

from typing import Any

import polars as pl

from cleanhold.core.parsing import DataType


def converted(value: pl.Expr, raw: DataType | None, dtype: DataType) -> pl.Expr:
    """A value of a typed raw column as the contract's dtype; null where that would change it.

    Casts cut off: 1.5 becomes 1, a time of day vanishes. What does not come back as it went is
    no such value. Between floats, though, precision is the contract's choice, and text says all
    there is to say. A day that is not `in_calendar` becomes nothing.
    """
    if raw is not None and raw in (pl.Date, pl.Datetime):
        if dtype == pl.String:
            return moment_as_text(value)
        value = pl.when(in_calendar(value)).then(value)
    if raw is None or raw == dtype:
        return value
    cast = value.cast(dtype, strict=False)
    if dtype == pl.String or raw.is_nested() or dtype.is_nested():
        return cast
    if raw.is_float() and dtype.is_float():
        return cast
    return pl.when(cast.cast(raw, strict=False) == value).then(cast)


def in_calendar(moment: pl.Expr) -> pl.Expr:
    """Whether a date or time is one that Polars has a name for: of the years -262143 to 262142.

    Files may hold others, "infinity" among them; Polars panics when it is to write one.
    """
    return moment.dt.year().is_not_null()


def moment_as_text(moment: pl.Expr) -> pl.Expr:
    """Dates and times as text; those that are not `in_calendar` as the number that stands for them:
    days, or units of the dtype, since 1970.
    """
    named = pl.when(in_calendar(moment)).then(moment).cast(pl.String)
    return pl.coalesce(named, moment.to_physical().cast(pl.String))


def can_convert(raw: DataType, dtype: DataType) -> bool:
    """Whether values of one type can become another at all."""
    if raw in (pl.Null, dtype):
        return True
    if raw.is_nested() or dtype.is_nested():
        if isinstance(raw, pl.List | pl.Array) and isinstance(dtype, pl.List | pl.Array):
            return can_convert(_type(raw.inner), _type(dtype.inner))
        return isinstance(raw, pl.Struct) and isinstance(dtype, pl.Struct)
    if raw == pl.Binary:
        return False  # Polars stops at the first bytes that are no text
    # Tried on a value: Polars converts nulls of any type to any other.
    rows = pl.DataFrame([_some_value(raw).alias("value")])
    try:
        rows.select(converted(pl.col("value"), raw, dtype))
    except pl.exceptions.PolarsError:
        return False
    return True


def _type(dtype: Any) -> DataType:
    return pl.Series(dtype=dtype).dtype


def _some_value(dtype: DataType) -> pl.Series:
    if isinstance(dtype, pl.Enum):
        return dtype.categories.head(1).cast(dtype)
    return pl.Series(["0"] if dtype in (pl.String, pl.Categorical) else [0]).cast(dtype)
