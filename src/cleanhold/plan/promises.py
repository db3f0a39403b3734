"""What a contract says of an extract as a whole, and which columns it names for that."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cleanhold.core.contract import Column, Privacy
from cleanhold.core.promise import Alarm, Events, Volume
from cleanhold.errors import ContractError
from cleanhold.plan.terms import one_of, one_text, row_limit, unknown_column


def volume_of(unusual: str, rows: object, where: str) -> Volume:
    """What `volume` and `rows` say.

    Raises:
        ContractError: one of them is mistaken.
    """
    alarm = one_of(Alarm, unusual, "volume", where)
    if rows is None:
        return Volume(alarm)
    if not isinstance(rows, list | tuple) or len(rows) != 2 or all(n is None for n in rows):
        raise ContractError(
            f"rows={rows!r} is not a pair of limits",
            where=where,
            next="write rows=(1000, 50000), or rows=(1000, None) for no upper limit",
        )
    least, most = (row_limit(number, "rows", where) for number in rows)
    if least is not None and most is not None and least > most:
        raise ContractError(
            f"rows={rows!r} allows nothing", where=where, next="write the lower limit first"
        )
    return Volume(alarm, least, most)


def events_of(
    column: str | None, stale: str | None, freshness: str | None, where: str
) -> Events | None:
    """What `event_time` and `stale` say.

    Raises:
        ContractError: one of them is mistaken.
    """
    if column is None:
        if stale is not None:
            raise ContractError(
                f"stale={stale!r} does not say which column tells when things happened",
                where=where,
                next="name it: event_time='created_at'",
            )
        return None
    if stale is not None and freshness is None:
        raise ContractError(
            f"stale={stale!r} does not say how old is too old",
            where=where,
            next="say it: freshness='26h'",
        )
    alarm = Alarm.WARN if stale is None else one_of(Alarm, stale, "stale", where)
    return Events(one_text(column, "event_time", where), alarm)


def require_event_time(events: Events | None, columns: Sequence[Column], where: str) -> None:
    """Raise `ContractError` unless the column is one of dates or times."""
    if events is None:
        return
    known = {column.name: column for column in columns if not column.regex}
    if events.column not in known:
        unknown_column("event_time names", events.column, known, where)
    column = known[events.column]
    if column.privacy is not Privacy.NONE:
        raise ContractError(
            f"event_time names {events.column!r}, which is personal: the newest of it is told",
            where=where,
            next="name a column that is about the event, not the person",
        )
    if column.dtype not in (pl.Date, pl.Datetime):
        raise ContractError(
            f"event_time names {events.column!r}, which is of type {column.dtype}",
            where=where,
            next="name a column of dates, or of dates and times",
        )
