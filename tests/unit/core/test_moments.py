"""Dates and times as moments: never earlier than what happened, never later than what was asked."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import polars as pl
import pytest

from cleanhold.core.moments import MOMENT, as_moment, moment

LAST = timedelta(microseconds=1)
NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)


def of(value: object, dtype: pl.DataType, *, late: bool = False) -> datetime | None:
    frame = pl.DataFrame({"at": pl.Series([value], dtype=dtype)})
    found = frame.select(as_moment("at", dtype, late=late)).to_series()
    assert found.dtype == MOMENT
    first: datetime | None = found[0]
    return first


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_times_are_in_utc(unit: str) -> None:
    for late in (True, False):
        assert of(NOON.replace(tzinfo=None), pl.Datetime(unit), late=late) == NOON
        assert of(NOON, pl.Datetime(unit, "Asia/Tokyo"), late=late) == NOON
        assert of(None, pl.Datetime(unit), late=late) is None


def test_a_date_is_the_last_moment_of_its_day() -> None:
    end = datetime(2026, 11, 4, tzinfo=UTC) - LAST
    assert of(date(2026, 11, 3), pl.Date()) == end
    assert of(None, pl.Date()) is None
    assert moment(date(2026, 11, 3)) == end
    assert moment(datetime(2026, 11, 3, 12)) == NOON
    paris = timezone(timedelta(hours=1))
    assert moment(datetime(2026, 11, 3, 13, tzinfo=paris)) == NOON


@pytest.mark.parametrize(("part", "floor", "ceiling"), [(0, 0, 0), (1, 0, 1), (999, 0, 1)])
@pytest.mark.parametrize("second", [-1, 0, 1_700_000_000])
def test_parts_of_microseconds_make_what_happened_later_and_what_is_asked_earlier(
    second: int, part: int, floor: int, ceiling: int
) -> None:
    began = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    for late, micros in ((False, floor), (True, ceiling)):
        for zone in (None, "UTC"):
            dtype = pl.Datetime("ns", zone)
            found = of(second * 10**9 + part, dtype, late=late)
            assert found == began + timedelta(microseconds=micros)
