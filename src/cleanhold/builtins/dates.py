"""Dates and times: ordered formats, and no guessing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import polars as pl

from cleanhold.core.parsing import DataType, refuse_type
from cleanhold.errors import ContractError

#: strftime directive → what its text may look like (ASCII). The parser underneath takes more
#: than it should: `24-01-01` for %Y-%m-%d, blanks and signs before numbers.
_YEAR = "(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"  # there is no year 0
_DIRECTIVES = {
    "Y": _YEAR,
    "y": "[0-9]{2}",
    "m": "[0-9]{2}",
    "d": "[0-9]{2}",
    "j": "[0-9]{3}",
    "H": "[0-9]{2}",
    "I": "[0-9]{2}",
    "M": "[0-5][0-9]",
    "S": "[0-5][0-9]",
    "p": "(?i:[ap]m)",
    "b": "[A-Za-z]{3}",
    "B": "[A-Za-z]+",
    "a": "[A-Za-z]{3}",
    "A": "[A-Za-z]+",
    "T": "[0-9]{2}:[0-5][0-9]:[0-5][0-9]",
    "F": f"{_YEAR}-[0-9]{{2}}-[0-9]{{2}}",
    "z": "(?:Z|[+-][0-9]{2}:?[0-9]{2})",
    ".f": r"(?:\.[0-9]{1,9})?",
    "%": "%",
}
_PLACES = {"ms": 3, "us": 6, "ns": 9}
_OFFSET_COLON = r"([+-][0-9]{2}):([0-9]{2})\z"
_NAMES_A_DAY = re.compile(r"%F|(?=.*%[Yy])(?:.*%j|(?=.*%[mbB]).*%d)", re.DOTALL)
_TOKEN = re.compile(r"%(\.f|.)|([^%])")
_ISO_TIMES = (
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f%z",
    "%Y-%m-%d %H:%M:%S%.f%z",
)


def _shape(layout: str, places: int = 6) -> str:
    """The regular expression of texts that a format is meant for.

    Day and month may lack their leading zero (`1/2/2026`), except after the year and where
    digits touch, as in %Y-%m-%d and %d%m%Y. Seconds have no more than `places` decimals that
    count: the dtype would cut the others off.
    """
    padded = layout.startswith("%Y") or re.search(r"%[Yymdj]%[Yymdj]", layout)
    parts = []
    for directive, literal in _TOKEN.findall(layout):
        if not directive:
            parts.append(re.escape(literal))
        elif directive in "dm" and not padded:
            parts.append("[0-9]{1,2}")
        elif directive == ".f":
            parts.append(rf"(?:\.[0-9]{{1,{places}}}0{{0,{9 - places}}})?")
        elif directive in _DIRECTIVES:
            parts.append(_DIRECTIVES[directive])
        else:
            raise ContractError(
                f"the date format {layout!r} uses %{directive}, which is not supported",
                next="use " + " ".join(f"%{d}" for d in _DIRECTIVES),
            )
    return rf"\A{''.join(parts)}\z"


@dataclass(frozen=True, slots=True)
class Dates:
    """See `dates`, `datetimes` and `julian`."""

    formats: tuple[str, ...]

    fallible = True

    def __post_init__(self) -> None:
        for layout in self.formats:
            if isinstance(layout, str):
                _shape(layout)
            if not isinstance(layout, str) or not _NAMES_A_DAY.search(layout):
                raise ContractError(
                    f"the date format {layout!r} does not name year, month and day",
                    next="write it with % before each part, like '%d/%m/%Y'",
                )

    @property
    def says(self) -> str:
        example = datetime(2026, 12, 31, 23, 59)
        written = [example.strftime(f.replace("%.f", "").replace("%z", "Z")) for f in self.formats]
        kind = "time" if any("%H" in f for f in self.formats) else "date"
        return f"a {kind} like " + " or ".join(dict.fromkeys(written))

    def clean(self, text: pl.Expr) -> pl.Expr:
        return text.str.strip_chars()

    def value(self, text: pl.Expr, dtype: DataType) -> pl.Expr:
        if dtype not in (pl.Date, pl.Datetime):
            refuse_type("dates", dtype, "date or datetime")
        tries = [self._parse(text, layout, dtype) for layout in self.formats]
        return tries[0] if len(tries) == 1 else pl.coalesce(tries)

    @staticmethod
    def _parse(text: pl.Expr, layout: str, dtype: DataType) -> pl.Expr:
        unit = dtype.time_unit if isinstance(dtype, pl.Datetime) else "us"
        meant = pl.when(text.str.contains(_shape(layout, _PLACES[unit]))).then(text)
        if dtype == pl.Date and not re.search(r"%[HITz]", layout):
            return meant.str.to_date(layout, strict=False)
        zone = dtype.time_zone if isinstance(dtype, pl.Datetime) else None
        moment = _moment(meant, layout, unit, zone)
        if unit == "ns":  # ends in 2262, and Polars lets later years run over
            years = _moment(meant, layout, "ms", zone).dt.year()
            moment = pl.when(moment.dt.year() == years).then(moment)
        return moment.cast(dtype)


def _moment(
    text: pl.Expr, layout: str, unit: Literal["ns", "us", "ms"], zone: str | None
) -> pl.Expr:
    if "%z" in layout:
        plain = text.str.replace(r"Z\z", "+0000").str.replace(_OFFSET_COLON, "$1$2")
        utc = plain.str.to_datetime(layout, strict=False, time_unit=unit, time_zone="UTC")
        return utc.dt.convert_time_zone(zone) if zone else utc.dt.replace_time_zone(None)
    moment = text.str.to_datetime(layout, strict=False, time_unit=unit)
    if zone:
        moment = moment.dt.replace_time_zone(zone, ambiguous="null", non_existent="null")
    return moment


def dates(*formats: str) -> Dates:
    """A date, in the first of the formats (strftime) that fits.

    A day that does not exist, a two-digit year where four are meant, or any other text does
    not parse: nothing is guessed. Formats with separators also take `1/2/2026`. With %y, 70
    to 99 are of the 1900s, 00 to 69 of the 2000s.
    """
    return Dates(formats or ("%Y-%m-%d",))


def datetimes(*formats: str) -> Dates:
    """A point in time; ISO 8601 if no format is given. Offsets are converted to UTC.

    Source: ISO 8601-1:2019, 5.4.2 (calendar date and time of day, extended format).
    """
    return Dates(formats or (*_ISO_TIMES, "%Y-%m-%d"))


def julian() -> Dates:
    """An ordinal date CCYYDDD, as mainframes write it: `2026001` is 1 January 2026.

    Source: ISO 8601-1:2019, 5.2.3 (ordinal date, basic format).
    """
    return Dates(("%Y%j",))
