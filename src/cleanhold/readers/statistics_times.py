"""Numbers that SPSS, Stata and SAS mean as dates and times → ISO 8601 text.

SPSS counts seconds from 1582-10-14, SAS days or seconds from 1960-01-01, Stata days or milliseconds
from 1960-01-01 (their manuals: "Date and Time Variables", "SAS Date, Time, and Datetime Values",
"Datetime display formats"). A variable's format says what its numbers mean.
"""

from __future__ import annotations

import re
from datetime import date

import polars as pl

#: Microseconds from 1970-01-01 to the first day that each counts from.
_SPSS = (date(1582, 10, 14) - date(1970, 1, 1)).days * 86_400_000_000
_SAS = (date(1960, 1, 1) - date(1970, 1, 1)).days * 86_400_000_000

_DAY, _SECOND, _MILLI = 86_400_000_000, 1_000_000, 1_000

#: What can be written with a year of four digits, in microseconds from 1970-01-01.
_FIRST = (date(1, 1, 1) - date(1970, 1, 1)).days * _DAY
_LAST = (date(9999, 12, 31) - date(1970, 1, 1)).days * _DAY + _DAY - 1

_SPSS_DATES = {"DATE", "ADATE", "EDATE", "JDATE", "SDATE", "QYR", "MOYR", "WKYR"}
_SPSS_MOMENTS = {"DATETIME", "YMDHMS"}
_SPSS_TIMES = {"TIME", "DTIME", "MTIME"}

_SAS_MOMENTS = re.compile(
    r"(DATETIME|DATEAMPM|DT(DATE|MONYY|WKDATX|YEAR|YYQC)|MDYAMPM|NLDATM|.8601D[TZN])"
)
_SAS_TIMES = re.compile(r"(TIME|TOD|HHMM|HOUR|MMSS|NLTIM|.8601(T|L))")
_SAS_DATES = re.compile(
    r"(DATE|(YY|YYYY)?MM?DD|MMDDYY|DDMMYY|YYMM|MMYY|YYMON|MONYY|YYQ|WEEKDAT|WORDDAT|JULIAN|JULDAY|"
    r"DAY|DOWNAME|MONNAME|MONTH|QTR|YEAR|NLDATE|EURDF|NENGO|MINGUO|.8601DA)"
)


def meaning(kind: str, format: str) -> tuple[str, int, int] | None:
    """What the numbers of a variable mean: `date`, `moment` or `time`, the unit in microseconds,
    and where they count from (microseconds from 1970-01-01). None: they are plain numbers.

    Args:
        kind: `spss`, `stata` or `sas`.
        format: the variable's, such as `EDATE10`, `%tc` or `YYMMDD10`.
    """
    name = re.sub(r"[0-9.]*\Z", "", format.upper())
    if kind == "spss":
        if name in _SPSS_DATES:
            return "date", _SECOND, _SPSS
        if name in _SPSS_MOMENTS:
            return "moment", _SECOND, _SPSS
        return ("time", _SECOND, 0) if name in _SPSS_TIMES else None
    if kind == "stata":
        if re.match(r"%-?(td|d)", format):
            return "date", _DAY, _SAS
        if re.match(r"%-?tc[Hh]{2}:MM(:SS)?\Z", format):
            return "time", _MILLI, 0
        return ("moment", _MILLI, _SAS) if re.match(r"%-?tc", format) else None
    if _SAS_MOMENTS.match(name):
        return "moment", _SECOND, _SAS
    if _SAS_TIMES.match(name):
        return "time", _SECOND, 0
    return ("date", _DAY, _SAS) if _SAS_DATES.match(name) else None


def time_texts(numbers: pl.Series, meant: tuple[str, int, int]) -> pl.Series:
    """The numbers (Float64) as ISO 8601 text.

    A date is `2026-11-21`, and has a time too if its number is not whole; a moment is
    `2026-11-21T10:20:30`; a time is `10:20:30`, and `PT26H20M30S` if it is below 0 or a day or
    more. Fractions of a second are there if they are not 0. A number that is no such day is null.
    """
    kind, unit, origin = meant
    # Whole units and the rest apart: their product would not fit exactly into a float.
    whole = numbers.floor()
    sane = whole.abs() < 1e17 / unit
    parts = whole.set(~sane.fill_null(False), None).cast(pl.Int64) * unit
    micros = parts + ((numbers - whole) * unit).round().cast(pl.Int64, strict=False) + origin
    frame = micros.alias("us").to_frame()
    us = pl.col("us")
    if kind == "time":
        return frame.select(_clock(us)).to_series()
    moment = us.cast(pl.Datetime("us"))
    text = moment.dt.strftime("%Y-%m-%dT%H:%M:%S%.6f").str.replace(r"\.?0+\z", "")
    text = pl.when(us % _SECOND == 0).then(moment.dt.strftime("%Y-%m-%dT%H:%M:%S")).otherwise(text)
    if kind == "date":
        text = pl.when(us % _DAY == 0).then(moment.dt.strftime("%Y-%m-%d")).otherwise(text)
    known = us.is_between(_FIRST, _LAST)
    inside = frame.with_columns(pl.when(known).then(us).alias("us"))
    return inside.select(pl.when(us.is_not_null()).then(text).alias("us")).to_series()


def _clock(us: pl.Expr) -> pl.Expr:
    size = us.abs()
    seconds, rest = size // _SECOND, size % _SECOND
    fraction = (
        pl.when(rest == 0)
        .then(pl.lit(""))
        .otherwise("." + rest.cast(pl.String).str.zfill(6).str.strip_chars_end("0"))
    )
    hours, minutes, left = seconds // 3600, seconds // 60 % 60, seconds % 60

    def two(number: pl.Expr) -> pl.Expr:
        return number.cast(pl.String).str.zfill(2)

    clock = two(hours) + ":" + two(minutes) + ":" + two(left) + fraction
    sign = pl.when(us < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    length = pl.concat_str(
        sign, pl.lit("PT"), hours, pl.lit("H"), minutes, pl.lit("M"), left, fraction, pl.lit("S")
    )
    return pl.when((us >= 0) & (us < _DAY)).then(clock).otherwise(length)
