"""Freshness: is what the rows tell of recent, not in the future, and without gaps?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

import polars as pl

from cleanhold.audits.event_counts import event_counts
from cleanhold.audits.event_gaps import event_gaps
from cleanhold.core.audit import AuditResult, Candidate, Evidence, Verdict
from cleanhold.core.contract import Column
from cleanhold.core.promise import Alarm
from cleanhold.core.span import in_days

#: Clocks differ; and where a time has no zone, it may be local, up to so far ahead of UTC.
_CLOCKS, _AHEAD = timedelta(hours=1), timedelta(hours=14)

#: Before it, a time is no time of an event, and Python has none.
_FIRST = datetime(1, 1, 2)

_DAY = timedelta(days=1)

#: Gaps that the evidence lists, the worst first.
_MOST_GAPS = 20


def freshness(candidate: Candidate) -> AuditResult:
    """Warn of, or stop, a candidate whose newest event is older than the contract's `freshness`.

    The age is taken when the extract was due: now, or at the end (in UTC) of its business date if
    that is past. Events in the future, and gaps (see `audits.event_gaps`), are warned of. Times
    without a zone count as UTC; a date, as its last moment.
    """
    promised, clean = candidate.contract.events, candidate.clean
    if promised is None or clean is None or candidate.now is None:
        return AuditResult("freshness", Verdict.PASS, "the contract names no time of events")
    column = candidate.contract.column(promised.column)
    rows = pl.scan_parquet(clean, glob=False)
    if column is None or column.name not in rows.collect_schema():
        return AuditResult("freshness", Verdict.PASS, f"the extract has no {promised.column}")
    now = candidate.now.astimezone(UTC).replace(tzinfo=None)
    moments = rows.select(moment=_in_utc(column)).filter(pl.col("moment") >= _FIRST)
    latest = now + (_CLOCKS if _has_zone(column) else _AHEAD)
    past = pl.col("moment") <= latest
    newest, future = (
        moments.select(pl.col("moment").filter(past).max(), future=(~past).sum())
        .collect(engine="streaming")
        .row(0)
    )
    limit = candidate.contract.freshness
    expected = f"at most {in_days(limit)} old" if limit else ""
    if newest is None and not future:
        return AuditResult("freshness", Verdict.PASS, f"no row has a {column.name}", "", expected)
    gaps = event_gaps(
        moments.filter(past), has_hours=column.dtype != pl.Date, since=_since(candidate)
    )
    due = _due(candidate, now)
    age = None if newest is None else max(due - _end_of(newest, column), timedelta(0))
    is_stale = limit is not None and (age is None or age > limit)
    told = []
    if is_stale and promised.stale is not Alarm.OFF:
        told.append(_stale(newest, column, age))
    if future:
        told.append(f"{_rows_have(future)} {column.name} in the future")
    told += [_missed(gap) for gap in gaps.head(1).iter_rows(named=True)]
    if more := gaps.height - 1 if gaps.height else 0:
        told.append("1 more gap" if more == 1 else f"{more:,} more gaps")
    return AuditResult(
        "freshness",
        _verdict(told, stops=is_stale and promised.stale is Alarm.STOP),
        "; ".join(told) or f"the newest {column.name} is {_shown(newest, column)}",
        "" if age is None else f"{in_days(age)} old",
        expected,
        _evidence(gaps) if gaps.height else None,
        chart=event_counts(moments.filter(past), gaps.head(_MOST_GAPS)),
    )


def _in_utc(column: Column) -> pl.Expr:
    """Its values as Datetime in UTC, without saying so."""
    value = pl.col(column.name)
    if _has_zone(column):
        value = value.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return value.cast(pl.Datetime("us"))


def _has_zone(column: Column) -> bool:
    return isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone is not None


def _end_of(newest: datetime, column: Column) -> datetime:
    return newest + _DAY if column.dtype == pl.Date else newest


def _due(candidate: Candidate, now: datetime) -> datetime:
    """When the extract was to have everything that happened until then."""
    if candidate.business_date is None:
        return now
    return min(now, datetime.combine(candidate.business_date, time()) + _DAY)


def _since(candidate: Candidate) -> datetime | None:
    """When the extract before was due: gaps that had ended were told then."""
    if not candidate.history:
        return None
    return datetime.combine(candidate.history[-1].day, time())


def _verdict(told: list[str], *, stops: bool) -> Verdict:
    if stops:
        return Verdict.STOP
    return Verdict.WARN if told else Verdict.PASS


def _stale(newest: datetime | None, column: Column, age: timedelta | None) -> str:
    if newest is None or age is None:
        return f"no {column.name} is in the past"
    return f"the newest {column.name} is {_shown(newest, column)}, {in_days(age)} old"


def _shown(newest: datetime | None, column: Column) -> str:
    if newest is None:
        return "unknown"
    return f"{newest:%F}" if column.dtype == pl.Date else f"{newest:%F %H:%M}"


def _rows_have(count: int) -> str:
    return "1 row has its" if count == 1 else f"{count:,} rows have their"


def _missed(gap: Mapping[str, Any]) -> str:
    return (
        f"nothing happened from {_told(gap['start'])} to {_told(gap['end'])}, where about "
        f"{gap['missing']:,.0f} events are usual"
    )


def _told(moment: datetime) -> str:
    return f"{moment:%F %H:%M}".removesuffix(" 00:00")


def _evidence(gaps: pl.DataFrame) -> Evidence:
    rows = tuple(
        (_told(start), _told(end), round(missing))
        for start, end, missing in gaps.head(_MOST_GAPS).iter_rows()
    )
    return Evidence(("nothing from", "to", "usual"), rows)
