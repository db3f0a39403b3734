"""How the terms of a pact are read: types, spans of time, numbers of snapshots."""

from __future__ import annotations

import datetime
from datetime import timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from cleanhold.core.parsing import DataType
from cleanhold.errors import ContractError
from cleanhold.plan.terms import duration

_WHOLE = (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.Int128,
          pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64)  # fmt: skip

#: Python type → the dtypes of columns that give such values.
_TYPES: dict[object, tuple[DataType, ...]] = {
    str: (pl.String, pl.Categorical, pl.Enum),
    int: _WHOLE,
    float: (pl.Float64, pl.Float32),
    bool: (pl.Boolean,),
    bytes: (pl.Binary,),
    Decimal: (pl.Decimal,),
    datetime.date: (pl.Date,),
    datetime.datetime: (pl.Datetime,),
    datetime.time: (pl.Time,),
    datetime.timedelta: (pl.Duration,),
    list: (pl.List, pl.Array),
    Any: (),
}


def read_type(kind: Any, column: str, where: str) -> tuple[tuple[DataType, ...], str]:
    """The dtypes that a type stands for, and the type in words.

    Raises:
        ContractError: it is no type of a column.
    """
    if isinstance(kind, pl.DataType) or (isinstance(kind, type) and issubclass(kind, pl.DataType)):
        return (kind,), str(kind)
    try:
        return _TYPES[kind], getattr(kind, "__name__", str(kind))
    except (KeyError, TypeError):
        known = ", ".join(str(getattr(one, "__name__", one)) for one in _TYPES)
        raise ContractError(
            f"{column} has the type {getattr(kind, '__name__', kind)!s}, which no column has",
            where=where,
            next=f"use one of {known}, with `| None` where it may be without a value; or a dtype "
            "of Polars: pl.Int64",
        ) from None


def rows_of(value: object, where: str) -> int:
    """The fewest rows."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise ContractError(
        f"rows={value!r} is not a number of rows",
        where=where,
        next="write the fewest that the consumer can work with: rows=1_000",
    )


def spans_of(
    freshness: str | None, never_older: str | None, where: str
) -> tuple[timedelta | None, timedelta | None]:
    """How old it may be, and how old at most."""
    fresh = duration(freshness, where)
    oldest = duration(never_older, where, "never_older")
    if oldest is not None and (fresh is None or oldest < fresh):
        raise ContractError(
            f"never_older={never_older!r} is less than freshness={freshness!r}"
            if fresh
            else "never_older is the end of the time after `freshness`, and there is none",
            where=where,
            next="write both, the longer one as never_older: freshness='26h', never_older='7d'",
        )
    return fresh, oldest


def snapshot_of(value: object, option: str, where: str) -> int | None:
    """A number of a snapshot."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if value is None or (is_number and value >= 1):  # type: ignore[operator]
        return value  # type: ignore[return-value]
    raise ContractError(
        f"{option}={value!r} is not the number of a snapshot",
        where=where,
        next=f"write {option}=12; `cleanhold snapshots` lists them",
    )


def snapshots_of(one: object, between: object, where: str) -> tuple[int | None, int | None]:
    """The first and the last snapshot that is read."""
    if not isinstance(between, tuple | list) or len(between) != 2:
        raise ContractError(
            f"snapshots={between!r} is not the first and the last number",
            where=where,
            next="write snapshots=(12, None), or (12, 20)",
        )
    first, last = (snapshot_of(number, "snapshots", where) for number in between)
    only = snapshot_of(one, "snapshot", where)
    if only is not None and (first, last) != (None, None):
        raise ContractError(
            "the pact has both snapshot and snapshots", where=where, next="keep one of them"
        )
    if first is not None and last is not None and first > last:
        raise ContractError(
            f"snapshots={between!r}: no number is between these",
            where=where,
            next=f"write snapshots=({last}, {first})",
        )
    return (only, only) if only is not None else (first, last)
