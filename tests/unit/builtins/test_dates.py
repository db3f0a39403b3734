"""Dates and times: ordered formats, and nothing guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from cleanhold import dates, datetimes, julian
from cleanhold.core.parsing import DataType, ParseRule
from cleanhold.errors import ContractError


def read(rule: ParseRule, text: str, dtype: DataType) -> Any:
    frame = pl.DataFrame({"text": [text]}, schema={"text": pl.String})
    series = frame.select(rule.value(rule.clean(pl.col("text")), dtype).alias("value"))["value"]
    assert series.dtype == dtype
    return series[0]


@pytest.mark.parametrize(
    ("layout", "text", "value"),
    [
        ("%Y-%m-%d", "2026-12-31", date(2026, 12, 31)),
        ("%Y-%m-%d", " 2026-12-31 ", date(2026, 12, 31)),
        ("%Y-%m-%d", "2024-02-29", date(2024, 2, 29)),
        ("%Y-%m-%d", "0001-01-01", date(1, 1, 1)),
        ("%d/%m/%Y", "1/2/2026", date(2026, 2, 1)),
        ("%d/%m/%Y", "01/02/2026", date(2026, 2, 1)),
        ("%m/%d/%y", "1/2/69", date(2069, 1, 2)),
        ("%m/%d/%y", "1/2/70", date(1970, 1, 2)),
        ("%d%m%Y", "01022026", date(2026, 2, 1)),
        ("%b %d, %Y", "Feb 3, 2026", date(2026, 2, 3)),
        ("%B %d, %Y", "February 3, 2026", date(2026, 2, 3)),
        ("%d %b %Y", "03 FEB 2026", date(2026, 2, 3)),
        ("%a %d %b %Y", "Sun 1 Nov 2026", date(2026, 11, 1)),
        ("%F", "2026-12-31", date(2026, 12, 31)),
    ],
)
def test_dates_that_are_read(layout: str, text: str, value: date) -> None:
    assert read(dates(layout), text, pl.Date()) == value


@pytest.mark.parametrize(
    ("layout", "text"),
    [
        ("%Y-%m-%d", "24-01-01"),
        ("%Y-%m-%d", "02024-01-01"),
        ("%Y-%m-%d", "2026-1-1"),
        ("%Y-%m-%d", "2026-02-29"),
        ("%Y-%m-%d", "2026-13-01"),
        ("%Y-%m-%d", "2026-00-10"),
        ("%Y-%m-%d", "0000-01-01"),
        ("%Y-%m-%d", "+026-01-01"),
        ("%Y-%m-%d", "2026-12-31 00:00"),
        ("%Y-%m-%d", "２０２６-12-31"),
        ("%Y-%m-%d", "2026/12/31"),
        ("%Y-%m-%d", ""),
        ("%d/%m/%Y", "31/04/2026"),
        ("%d/%m/%Y", "1/2/26"),
        ("%d/%m/%Y", "1/ 2/2026"),
        ("%d/%m/%Y", "001/02/2026"),
        ("%d/%m/%Y", "12/31/2026"),
        ("%d%m%Y", "1022026"),
        ("%b %d, %Y", "Feb 30, 2026"),
        ("%b %d, %Y", "Sept 1, 2026"),
        ("%a %d %b %Y", "Mon 1 Nov 2026"),
    ],
)
def test_dates_that_are_refused(layout: str, text: str) -> None:
    assert read(dates(layout), text, pl.Date()) is None


def test_the_first_format_that_fits_wins() -> None:
    both = dates("%d/%m/%Y", "%m/%d/%Y")
    assert read(both, "02/03/2026", pl.Date()) == date(2026, 3, 2)
    assert read(both, "12/31/2026", pl.Date()) == date(2026, 12, 31)
    assert both.says == "a date like 31/12/2026 or 12/31/2026"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026001", date(2026, 1, 1)),
        ("2024366", date(2024, 12, 31)),
        ("2026366", None),
        ("2026000", None),
        ("26001", None),
        ("2026-001", None),
    ],
)
def test_julian_dates(text: str, value: date | None) -> None:
    assert read(julian(), text, pl.Date()) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-01-02T03:04:05", datetime(2026, 1, 2, 3, 4, 5)),
        ("2026-01-02 03:04:05.123456", datetime(2026, 1, 2, 3, 4, 5, 123456)),
        ("2026-01-02 03:04:05.123000000", datetime(2026, 1, 2, 3, 4, 5, 123000)),
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5)),
        ("2026-01-02T03:04:05+02:00", datetime(2026, 1, 2, 1, 4, 5)),
        ("2026-01-02T03:04:05.5-0330", datetime(2026, 1, 2, 6, 34, 5, 500000)),
        ("2026-01-02", datetime(2026, 1, 2)),
        ("2026-01-02 03:04:05.1234567", None),
        ("2026-01-02T24:00:00", None),
        ("2026-01-02T23:59:60", None),
        ("2026-01-02T23:60:00", None),
        ("2026-02-30T00:00:00", None),
        ("2026-01-02T03:04:05+25:00", None),
        ("2026-01-02T3:4:5", None),
    ],
)
def test_points_in_time(text: str, value: datetime | None) -> None:
    assert read(datetimes(), text, pl.Datetime("us")) == value


def test_what_the_unit_cannot_hold_is_refused_not_cut_off() -> None:
    assert read(datetimes(), "2026-01-02 03:04:05.123", pl.Datetime("ms")) == datetime(
        2026, 1, 2, 3, 4, 5, 123000
    )
    assert read(datetimes(), "2026-01-02 03:04:05.1234", pl.Datetime("ms")) is None
    nanoseconds = read(datetimes(), "2026-01-02 03:04:05.123456789", pl.Datetime("ns"))
    assert nanoseconds is not None


@pytest.mark.parametrize("zone", [None, "Asia/Tokyo"])
@pytest.mark.parametrize("offset", ["", "+01:00"])
def test_years_that_nanoseconds_cannot_hold_are_refused_not_run_over(
    zone: str | None, offset: str
) -> None:
    fine = pl.Datetime("ns", zone)
    for text in ("1000-01-01", "1600-06-01", "2263-01-01", "9999-12-31"):
        assert read(datetimes(), f"{text} 12:00:00{offset}", fine) is None
        assert read(datetimes(), f"{text} 12:00:00{offset}", pl.Datetime("us", zone)) is not None
    for text in ("1700-01-01", "2261-12-31"):
        assert read(datetimes(), f"{text} 12:00:00.123456789{offset}", fine) is not None


def test_a_zone_is_that_of_the_column_and_its_gaps_are_refused() -> None:
    lisbon = pl.Datetime("us", "Europe/Lisbon")
    read_in_lisbon = read(datetimes(), "2026-07-01T00:00:00Z", lisbon)
    assert read_in_lisbon.astimezone(UTC) == datetime(2026, 7, 1, tzinfo=UTC)
    assert read(datetimes(), "2026-07-01T01:00:00", lisbon) == read_in_lisbon
    assert read(datetimes(), "2026-03-29T01:30:00", lisbon) is None  # was never on a clock
    assert read(datetimes(), "2026-10-25T01:30:00", lisbon) is None  # was twice


def test_twelve_hours() -> None:
    rule = datetimes("%d/%m/%Y %I:%M %p")
    assert read(rule, "1/2/2026 11:30 pm", pl.Datetime("us")) == datetime(2026, 2, 1, 23, 30)
    assert read(rule, "1/2/2026 13:30 PM", pl.Datetime("us")) is None


@pytest.mark.parametrize("layout", ["%Q", "%s", "%-d", "%e", "%Y-%f"])
def test_formats_that_are_not_supported(layout: str) -> None:
    with pytest.raises(ContractError, match="is not supported"):
        dates(layout)
