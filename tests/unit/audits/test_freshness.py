"""Freshness of what the rows tell of: its age, the future, and gaps."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from cleanhold.audits import freshness
from cleanhold.core.account import Account
from cleanhold.core.audit import AuditResult, Candidate, Past, Verdict
from cleanhold.core.contract import Column, Contract
from cleanhold.core.promise import Alarm, Events

NOON = datetime(2026, 6, 20, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NAIVE = pl.Datetime("us")


def audited(
    folder: Path,
    events: list[datetime] | list[date] | pl.Series,
    *,
    dtype: pl.DataType | type[pl.DataType] = NAIVE,
    limit: timedelta | None = 26 * HOUR,
    stale: Alarm = Alarm.WARN,
    dated: date | None = None,
    before: date | None = None,
) -> AuditResult:
    """The audit of an extract with these events, at noon of 20 June 2026."""
    pl.DataFrame({"at": pl.Series(events, dtype=dtype)}).write_parquet(folder / "clean.parquet")
    columns = (Column("at", dtype, nullable=True),)
    contract = Contract("d", columns, (), freshness=limit, events=Events("at", stale))
    account = Account(len(events), len(events), 0, 0)
    history = (Past(1, NOON, before, account, 1),) if before else ()
    return freshness(
        Candidate(
            contract,
            account,
            (),
            clean=folder / "clean.parquet",
            history=history,
            business_date=dated,
            now=NOON,
        )
    )


def at(day: int, hour: int = 0, month: int = 6) -> datetime:
    return datetime(2026, month, day, hour)


def test_a_stale_extract_is_told_or_stopped(tmp_path: Path) -> None:
    fresh = audited(tmp_path, [at(1), at(19, 11)])
    assert (fresh.verdict, fresh.measured) == (Verdict.PASS, "25 h old")
    stale = audited(tmp_path, [at(1), at(17, 12)])
    assert stale.verdict is Verdict.WARN
    assert stale.what == "the newest at is 2026-06-17 12:00, 3 days old"
    assert stale.expected == "at most 26 h old"
    assert audited(tmp_path, [at(17)], stale=Alarm.STOP).verdict is Verdict.STOP
    assert audited(tmp_path, [at(17)], stale=Alarm.OFF).verdict is Verdict.PASS
    assert audited(tmp_path, [at(17)], limit=None).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("newest", "dated", "verdict"),
    [
        (at(9, 23), date(2026, 6, 10), Verdict.PASS),  # a backlog: the evening before its date
        (at(8, 23), date(2026, 6, 10), Verdict.WARN),  # what came the day before as well
        (at(10, 23), date(2026, 6, 10), Verdict.PASS),
        (at(30, 23), date(2026, 6, 1), Verdict.WARN),  # in the future, whatever its date
        (at(18, 23), date(2026, 6, 1), Verdict.PASS),  # dated by the first day of its month
        (at(19, 11), date(2026, 6, 20), Verdict.PASS),  # today is not over
        (at(19, 9), date(2026, 6, 20), Verdict.WARN),
    ],
)
def test_the_age_is_that_of_the_business_date(
    tmp_path: Path, newest: datetime, dated: date, verdict: Verdict
) -> None:
    assert audited(tmp_path, [newest], dated=dated).verdict is verdict


def test_a_date_counts_as_its_last_moment(tmp_path: Path) -> None:
    day = date(2026, 6, 19)
    assert audited(tmp_path, [day], dtype=pl.Date).measured == "12 h old"
    assert audited(tmp_path, [day - DAY], dtype=pl.Date).verdict is Verdict.WARN
    assert audited(tmp_path, [day + DAY], dtype=pl.Date).verdict is Verdict.PASS


def test_times_in_the_future_are_told(tmp_path: Path) -> None:
    told = audited(tmp_path, [at(20, 11), at(21, 3), at(9, month=8)], stale=Alarm.STOP)
    assert told.verdict is Verdict.WARN
    assert told.what == "2 rows have their at in the future"
    # Without a zone it may be local time; with one it is not.
    assert audited(tmp_path, [at(21, 1)]).verdict is Verdict.PASS
    zone = pl.Datetime("us", "America/New_York")
    one = [datetime(2026, 6, 20, 15, tzinfo=UTC), datetime(2026, 6, 20, 11, tzinfo=UTC)]
    ahead = audited(tmp_path, pl.Series(one).dt.convert_time_zone("America/New_York"), dtype=zone)
    assert ahead.what == "1 row has its at in the future"
    assert ahead.measured == "1 h old"
    only = audited(tmp_path, [at(9, month=8)], stale=Alarm.STOP)
    assert only.verdict is Verdict.STOP
    assert only.what == "no at is in the past; 1 row has its at in the future"


def hourly(weeks: int, per_hour: float, seed: int = 1) -> pl.Series:
    """Events of the weeks before 20 June 2026, few at night and none on Sundays."""
    hours = np.arange(weeks * 168)
    begin = datetime(2026, 6, 20) - timedelta(weeks=weeks)
    by_day = np.where((hours % 24 > 7) & (hours % 24 < 20), 1.0, 0.05)
    is_sunday = (begin.weekday() * 24 + hours) // 24 % 7 == 6
    draw = np.random.default_rng(seed)
    counts = draw.poisson(per_hour * by_day * ~is_sunday * np.exp(draw.normal(0, 0.5, hours.size)))
    start = pl.Series([begin]).cast(NAIVE)
    return start + pl.Series(np.repeat(hours, counts)).cast(pl.Int64) * HOUR


def test_an_outage_is_a_gap_and_nights_are_not(tmp_path: Path) -> None:
    for seed in range(20):
        events = hourly(3 + seed, (0.5, 5, 50)[seed % 3], seed)
        assert audited(tmp_path, events).verdict is Verdict.PASS
    events = hourly(6, 30)
    out = events.filter((events < at(3, 9)) | (events >= at(3, 14)))
    told = audited(tmp_path, out)
    assert told.verdict is Verdict.WARN
    assert "nothing happened from 2026-06-03 09:00 to 2026-06-03 14:00" in told.what
    assert told.evidence
    start, end, usual = told.evidence.rows[0]
    assert (start, end) == ("2026-06-03 09:00", "2026-06-03 14:00")
    assert 100 < usual < 300
    assert audited(tmp_path, out, before=date(2026, 6, 3)).verdict is Verdict.WARN
    assert audited(tmp_path, out, before=date(2026, 6, 4)).verdict is Verdict.PASS  # told then


def test_a_missing_day_is_a_gap(tmp_path: Path) -> None:
    days = hourly(6, 30).dt.date()
    assert audited(tmp_path, days, dtype=pl.Date).verdict is Verdict.PASS
    without = days.filter(~days.is_in([date(2026, 6, 3), date(2026, 6, 4)]))
    told = audited(tmp_path, without, dtype=pl.Date)
    assert "nothing happened from 2026-06-03 to 2026-06-05" in told.what
    several = without.filter(without != date(2026, 6, 9))
    assert "more gap" not in audited(tmp_path, without, dtype=pl.Date).what
    assert audited(tmp_path, several, dtype=pl.Date).what.endswith("; 1 more gap")


def test_strays_make_no_gap(tmp_path: Path) -> None:
    events = hourly(6, 30)
    first: datetime = events.min()  # type: ignore[assignment]
    stray = first.replace(hour=9) - DAY  # in the weeks to come, these hours are busy
    for strays in ([stray], [stray, at(1, 11, month=2)]):
        late = pl.Series(strays, dtype=NAIVE)
        assert audited(tmp_path, pl.concat([late, events])).verdict is Verdict.PASS


def test_every_other_week_is_no_gap(tmp_path: Path) -> None:
    events = hourly(12, 30)
    fortnightly = events.filter(events.dt.week() % 2 == 1)
    assert audited(tmp_path, fortnightly, limit=None).verdict is Verdict.PASS


def test_without_events_there_is_nothing_to_say(tmp_path: Path) -> None:
    assert audited(tmp_path, []).what == "no row has a at"
    nothing = Candidate(Contract("d", (), ()), Account(0, 0, 0, 0), ())
    assert freshness(nothing).what == "the contract names no time of events"
