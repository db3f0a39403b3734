"""Dates and times as moments that can be compared: one rule for all of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import polars as pl

#: What every date and time becomes.
MOMENT = pl.Datetime("us", "UTC")

_LAST = time.max  # 23:59:59.999999


def as_moment(column: str, dtype: pl.DataType, *, late: bool) -> pl.Expr:
    """A column of dates or times as moments, `MOMENT`.

    A date is the last moment of its day; what has no zone is in UTC.

    Args:
        late: parts of microseconds count as whole ones; else they do not count.
    """
    values = pl.col(column)
    if isinstance(dtype, pl.Date):
        return values.dt.combine(_LAST, time_unit="us").dt.replace_time_zone("UTC")
    assert isinstance(dtype, pl.Datetime)
    if dtype.time_unit != "ns":
        values = values.dt.cast_time_unit("us")
    elif late:
        values = (-(-values.to_physical() // 1000)).cast(pl.Datetime("us", dtype.time_zone))
    else:
        values = (values.to_physical() // 1000).cast(pl.Datetime("us", dtype.time_zone))
    if dtype.time_zone is None:
        return values.dt.replace_time_zone("UTC")
    return values.dt.convert_time_zone("UTC")


def moment(value: date | datetime) -> datetime:
    """One date or time as a moment in UTC, by the same rule."""
    if not isinstance(value, datetime):
        value = datetime.combine(value, _LAST)
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
