"""Dates: past and future, days of the week and of the month, ages.

"Today" is the day on which the rows are checked, in UTC: such a check may judge a row otherwise on
another day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime

import polars as pl

from cleanhold.builtins.checks.listing import listed
from cleanhold.core.rule import ColumnRule, Takes
from cleanhold.errors import ContractError

_LONG_AGO, _FAR = date(1970, 1, 1), date(2999, 12, 31)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _today(_: pl.Series) -> pl.Series:
    return pl.Series([datetime.now(UTC).date()])


def today() -> pl.Expr:
    """The day on which it is evaluated, in UTC: an expression, so that a contract's fingerprint
    does not change from day to day.
    """
    return pl.lit(None, dtype=pl.Date).map_batches(
        _today, return_dtype=pl.Date, returns_scalar=True, is_elementwise=True
    )


def _is_month_end(day: pl.Expr) -> pl.Expr:
    return day.dt.offset_by("1d").dt.day() == 1


def _date_rule(
    name: str, says: str, judge: Callable[[pl.Expr], pl.Expr], *, today_and: object = None
) -> ColumnRule:
    """A rule about dates; `today_and` are the options of one that looks at `today()`."""
    return ColumnRule(
        name=name,
        says=f"{{column}} is {{value}}{says}",
        judge=lambda value: judge(value.cast(pl.Date)),
        takes=Takes.DATE,
        code="" if today_and is None else f"{name} {today_and}",
    )


@listed(passes=[_LONG_AGO], fails=[_FAR])
def not_in_future(days: int = 0) -> ColumnRule:
    """Today or before.

    Args:
        days: how far in the future is still taken, for clocks and time zones that differ.
    """
    says = ", which is in the future"
    return _date_rule(
        "not_in_future",
        says,
        lambda d: d <= today().dt.offset_by(f"{days}d"),
        today_and=days,
    )


@listed(passes=[_FAR], fails=[_LONG_AGO])
def not_in_past() -> ColumnRule:
    """Today or later."""
    says = ", which is in the past"
    return _date_rule("not_in_past", says, lambda d: d >= today(), today_and=())


@listed(100_000, passes=[_LONG_AGO], fails=[date(1700, 1, 1), _FAR])
def within_last(days: int) -> ColumnRule:
    """Not older than so many days, and not in the future."""

    def judge(day: pl.Expr) -> pl.Expr:
        return (day <= today()) & (day >= today().dt.offset_by(f"-{days}d"))

    says = f", which is not within the last {days} days"
    return _date_rule("within_last", says, judge, today_and=days)


@listed(18, 900, passes=[_LONG_AGO], fails=[_FAR, date(1000, 1, 1)])
def age_between(least: int, most: int) -> ColumnRule:
    """A birth date of somebody whose age today, in whole years, is in a range."""

    def judge(born: pl.Expr) -> pl.Expr:
        age = years_between(born, today())
        return age.is_between(least, most)

    says = f", which is not an age of {least} to {most} years"
    return _date_rule("age_between", says, judge, today_and=(least, most))


def years_between(earlier: pl.Expr, later: pl.Expr) -> pl.Expr:
    """Whole years from one date to another; somebody born on 29 February is older on 1 March."""
    had = _day_of_year(later) >= _day_of_year(earlier)
    return later.dt.year() - earlier.dt.year() - (~had).cast(pl.Int32)


def _day_of_year(day: pl.Expr) -> pl.Expr:
    return day.dt.month().cast(pl.Int32) * 100 + day.dt.day()


@listed(passes=[date(2026, 11, 20)], fails=[date(2026, 11, 21), date(2026, 11, 22)])
def weekday() -> ColumnRule:
    """Monday to Friday."""
    return _date_rule("weekday", ", which is a weekend", lambda day: day.dt.weekday() <= 5)


@listed("Sunday", passes=[date(2026, 11, 22)], fails=[date(2026, 11, 21)])
def on_day(*days: str) -> ColumnRule:
    """One of some days of the week, as reports that come every Sunday.

    Raises:
        ContractError: a name is no day of the week.
    """
    for day in days:
        if day not in _WEEKDAYS:
            raise ContractError(f"{day!r} is no day", next="use one of " + ", ".join(_WEEKDAYS))
    numbers = [_WEEKDAYS.index(day) + 1 for day in days]
    says = f", which is not a {' or '.join(days)}"
    return _date_rule("on_day", says, lambda day: day.dt.weekday().cast(pl.Int32).is_in(numbers))


@listed(
    [date(2026, 12, 25)],
    passes=[date(2026, 12, 24)],
    fails=[date(2026, 12, 25), date(2026, 12, 26)],
)
def business_day(holidays: Sequence[date] = ()) -> ColumnRule:
    """Monday to Friday, and no holiday.

    Args:
        holidays: days that are none, as far as they are known.
    """
    days = sorted(holidays)
    return _date_rule(
        "business_day",
        ", which is not a business day",
        lambda day: day.dt.is_business_day(holidays=days),
    )


@listed(passes=[date(2026, 2, 28), date(2024, 2, 29)], fails=[date(2024, 2, 28)])
def month_end() -> ColumnRule:
    """The last day of a month."""
    says = ", which is not the last day of a month"
    return _date_rule("month_end", says, _is_month_end)


@listed(passes=[date(2026, 2, 1)], fails=[date(2026, 2, 2)])
def month_start() -> ColumnRule:
    """The first day of a month."""
    says = ", which is not the first day of a month"
    return _date_rule("month_start", says, lambda day: day.dt.day() == 1)


@listed(passes=[date(2026, 3, 31)], fails=[date(2026, 3, 30), date(2026, 4, 30)])
def quarter_end() -> ColumnRule:
    """The last day of a quarter."""
    says = ", which is not the last day of a quarter"
    return _date_rule(
        "quarter_end", says, lambda day: _is_month_end(day) & (day.dt.month() % 3 == 0)
    )


@listed(passes=[date(1987, 6, 5)], fails=[date(1900, 1, 1), date(1970, 1, 1), date(9999, 12, 31)])
def not_default_date() -> ColumnRule:
    """None of the dates that systems write for "no date": the first days of 0001, 1753, 1800, 1899,
    1900, 1970 and 1980, and the last of 9999.
    """
    firsts = [date(year, 1, 1) for year in (1, 1753, 1800, 1900, 1970, 1980)]
    dates = [*firsts, date(1899, 12, 30), date(1899, 12, 31), date(9999, 12, 31)]
    says = ", which systems write for a date that is missing"
    return _date_rule("not_default_date", says, lambda day: ~day.is_in(dates))


@listed(passes=[datetime(2026, 1, 1)], fails=[datetime(2026, 1, 1, 0, 0, 1)])
def at_midnight() -> ColumnRule:
    """A moment that is a plain day: its time of day is 00:00."""
    return ColumnRule(
        name="at_midnight",
        says="{column} is {value}, which has a time of day",
        judge=lambda value: value.dt.truncate("1d") == value,
        takes=Takes.DATE,
    )
