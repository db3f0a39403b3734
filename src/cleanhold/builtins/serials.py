"""Dates that are written as one number: ordinal dates, Excel's days, Unix time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from cleanhold.builtins.dates import Dates
from cleanhold.core.parsing import DataType, refuse_type
from cleanhold.errors import ContractError

_JULIAN = {"CCYYDDD": "%Y%j", "CYYDDD": "%C%y%j", "YYDDD": "%y%j"}

#: Serial number that stands for 1 January 1970, and the last one: 31 December 9999.
_EXCEL = {1900: (25_569, 2_958_465), 1904: (24_107, 2_957_003)}
#: 29 February 1900, a day that was not; and one of before it stands for the day after.
_NO_DAY = 60
_DAY_MS = 86_400_000

#: Digits of a second's parts that a unit counts.
_UNITS = {"s": 0, "ms": 3, "us": 6, "ns": 9}
#: Seconds of 1 January 0001 and of the end of 9999.
_FIRST, _LAST = -62_135_596_800, 253_402_300_799


def julian(layout: Literal["CCYYDDD", "CYYDDD", "YYDDD"] = "CCYYDDD", *, pivot: int = 70) -> Dates:
    """An ordinal date, as mainframes write it: `2026001` is 1 January 2026.

    Source: ISO 8601-1:2019, 5.2.3 (ordinal date, basic format).

    Args:
        layout: `CCYYDDD`; `CYYDDD`, C being 0 for the 1900s and 1 for the 2000s (`126001`), a 0
            in front may be missing; or `YYDDD`.
        pivot: for `YYDDD`, the first two-digit year of the 1900s.

    Raises:
        ContractError: the layout is not known.
    """
    if layout not in _JULIAN:
        raise ContractError(
            f"{layout!r} is not a layout of ordinal dates",
            next="use one of " + ", ".join(_JULIAN),
        )
    return Dates((_JULIAN[layout],), pivot=pivot)


@dataclass(frozen=True, slots=True)
class ExcelDates:
    """See `excel_dates`."""

    epoch: Literal[1900, 1904] = 1900

    fallible = True

    def __post_init__(self) -> None:
        if self.epoch not in _EXCEL:
            raise ContractError(
                f"epoch={self.epoch!r} is not one of Excel's",
                next="write 1900 or, for workbooks of old Macintoshes, 1904",
            )

    @property
    def says(self) -> str:
        return f"a day number of Excel like {_EXCEL[self.epoch][0] + 20_818}"

    def clean(self, text: pl.Expr) -> pl.Expr:
        return text.str.strip_chars()

    def value(self, text: pl.Expr, dtype: DataType) -> pl.Expr:
        if dtype not in (pl.Date, pl.Datetime):
            refuse_type("days of Excel", dtype, "date or datetime")
        places = r"\.0*" if dtype == pl.Date else r"\.[0-9]{0,15}0*"
        meant = pl.when(text.str.contains(rf"\A[0-9]{{1,7}}(?:{places})?\z")).then(text)
        days = meant.str.replace(r"\..*\z", "").cast(pl.Int64)
        zero, last = _EXCEL[self.epoch]
        since = days - zero
        if self.epoch == 1900:
            since = since + (days < _NO_DAY).cast(pl.Int64)
            days = pl.when((days != 0) & (days != _NO_DAY)).then(days)
        since = pl.when(days <= last).then(since)
        if dtype == pl.Date:
            return since.cast(pl.Int32).cast(pl.Date)
        part = meant.str.replace(r"\A[0-9]+", "0").cast(pl.Decimal(38, 15))
        clock = (part * pl.lit(_DAY_MS).cast(pl.Decimal(38, 0))).round(0).cast(pl.Int64)
        return _in_zone((since * _DAY_MS + clock).cast(pl.Datetime("ms")), dtype)


def excel_dates(epoch: Literal[1900, 1904] = 1900) -> ExcelDates:
    """A day as Excel counts them: `46387` is 31 December 2026, `46387.5` is noon of it.

    Excel takes 1900 for a leap year: 60, its 29 February 1900, does not parse, and the days before
    it are counted as Excel shows them. A part of a day is a time, to the millisecond; in a column
    of dates it does not parse. A column with a time zone takes it as a clock's time there.

    Source: ECMA-376-1:2016, 18.17.4 (dates and times).

    Args:
        epoch: 1904 for workbooks that count from 1 January 1904, which is their day 0.

    Raises:
        ContractError: there is no such epoch.
    """
    return ExcelDates(epoch)


@dataclass(frozen=True, slots=True)
class UnixTimes:
    """See `unix_times`."""

    unit: Literal["s", "ms", "us", "ns"] = "s"

    fallible = True

    def __post_init__(self) -> None:
        if self.unit not in _UNITS:
            raise ContractError(
                f"unit={self.unit!r} is not known", next="use one of 's', 'ms', 'us', 'ns'"
            )

    @property
    def says(self) -> str:
        return "a number of Unix time like 1798761540" + "0" * _UNITS[self.unit]

    def clean(self, text: pl.Expr) -> pl.Expr:
        return text.str.strip_chars()

    def value(self, text: pl.Expr, dtype: DataType) -> pl.Expr:
        if not isinstance(dtype, pl.Datetime):
            refuse_type("Unix time", dtype, "datetime")
        given, kept = _UNITS[self.unit], _UNITS[dtype.time_unit]
        part = "" if given == _UNITS["ns"] else rf"(?:\.[0-9]{{1,{9 - given}}}0*)?"
        meant = pl.when(text.str.contains(rf"\A-?[0-9]{{1,{12 + given}}}{part}\z")).then(text)
        nanos = meant.cast(pl.Decimal(38, 9 - given)).cast(pl.Decimal(38, 9)) * _power(9 - given)
        seconds = nanos / _power(9)
        nanos = pl.when((seconds >= _FIRST) & (seconds < _LAST + 1)).then(nanos)
        counted = nanos / _power(9 - kept)
        whole = counted.cast(pl.Decimal(38, 0)).cast(pl.Int64, strict=False)
        moment = pl.when(whole == counted).then(whole).cast(pl.Datetime(dtype.time_unit, "UTC"))
        zone = dtype.time_zone
        return moment.dt.convert_time_zone(zone) if zone else moment.dt.replace_time_zone(None)


def unix_times(unit: Literal["s", "ms", "us", "ns"] = "s") -> UnixTimes:
    """A point in time as the seconds since 1 January 1970 in UTC, or thousandths and so on of them.

    Without a time zone the column has UTC. What the column's unit would cut off does not parse, and
    neither does a year before 1 or after 9999.

    Source: IEEE Std 1003.1-2017, 4.16 (seconds since the Epoch).

    Args:
        unit: `s`, `ms`, `us` or `ns`; parts of it may follow a point: `1798761540.25`.

    Raises:
        ContractError: there is no such unit.
    """
    return UnixTimes(unit)


def _power(digits: int) -> pl.Expr:
    return pl.lit(10**digits).cast(pl.Decimal(38, 0))


def _in_zone(moment: pl.Expr, dtype: DataType) -> pl.Expr:
    """A clock's time as one of the column's."""
    zone = dtype.time_zone if isinstance(dtype, pl.Datetime) else None
    if zone:
        moment = moment.dt.replace_time_zone(zone, ambiguous="null", non_existent="null")
    cast = moment.cast(dtype, strict=False)
    return pl.when(cast.dt.year() == moment.dt.year()).then(cast)
