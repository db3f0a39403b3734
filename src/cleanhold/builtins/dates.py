"""Dates and times: ordered formats, and no guessing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import polars as pl

from cleanhold.builtins.date_formats import Format, formats_of, shape
from cleanhold.builtins.month_names import Months, month_names
from cleanhold.core.parsing import DataType, refuse_type
from cleanhold.errors import ContractError

_PLACES = {"ms": 3, "us": 6, "ns": 9}
_OFFSET_COLON = r"([+-][0-9]{2}):([0-9]{2})\z"
_NAMES_A_DAY = re.compile(r"%F|(?=.*%[Yy])(?:.*%j|(?=.*%[mbB]).*%d)", re.DOTALL)
_NAMES_A_PERIOD = re.compile(r"(?!.*%[djHISTzZpaA])(?=.*%[Yy])", re.DOTALL)
_ISO_TIMES = (
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f%z",
    "%Y-%m-%d %H:%M:%S%.f%z",
)
#: Two-digit years from here on are of the 1900s, if nothing else is said; POSIX has 69.
_PIVOT = 70


@dataclass(frozen=True, slots=True)
class Dates:
    """See `dates`, `datetimes` and `julian`."""

    formats: tuple[str, ...]
    ambiguous: Literal["first", "refuse"] = "first"
    pivot: int = _PIVOT
    partial: Literal["first", "last"] | None = None
    months: Months = ()
    zone: str = ""
    zones: tuple[tuple[str, str], ...] = ()

    fallible = True

    def __post_init__(self) -> None:
        for layout in self.formats:
            if isinstance(layout, str):
                shape(layout)
            names = [_NAMES_A_DAY] + [_NAMES_A_PERIOD] * (self.partial is not None)
            if not isinstance(layout, str) or not any(n.search(layout) for n in names):
                raise ContractError(
                    f"the date format {layout!r} does not name year, month and day",
                    next="write it with % before each part, like '%d/%m/%Y'; a month or a year "
                    "alone needs partial='first' or partial='last'",
                )
            if self.months and re.search("%[aA]", layout):
                raise ContractError(
                    f"the date format {layout!r} has the name of a weekday, which is only known "
                    "in English",
                    next="leave months= out, or the weekday",
                )
            if re.search("%C(?!%y)", layout):
                raise ContractError(
                    f"the date format {layout!r} has %C without %y after it",
                    next="write %C%y for a year of three digits, 0 being the 1900s",
                )
        self._require_options()

    def _require_options(self) -> None:
        for option, given, known in (
            ("ambiguous", self.ambiguous, ("first", "refuse")),
            ("partial", self.partial, (None, "first", "last")),
        ):
            if given not in known:
                raise ContractError(
                    f"{option}={given!r} is not known",
                    next="use one of " + ", ".join(map(repr, filter(None, known))),
                )
        if not isinstance(self.pivot, int) or not 0 <= self.pivot <= 100:
            raise ContractError(
                f"pivot={self.pivot!r} is not a year of two digits",
                next="say which year is the first of the 1900s: pivot=30",
            )
        for name, meant in self.zones:
            if not re.fullmatch(r"[A-Za-z][A-Za-z0-9/_+-]*", name):
                raise ContractError(
                    f"{name!r} is not the name of a zone", next="write zones={'CET': '+01:00'}"
                )
            if not re.match(r"[+-][0-9]", meant):
                _require_zone(meant)
        if self.zone:
            _require_zone(self.zone)

    @property
    def says(self) -> str:
        example = datetime(2026, 12, 31, 23, 59)
        written = []
        for layout in self.formats:
            shown = layout.replace("%.f", "").replace("%z", "Z").replace("%Z", "UTC")
            if self.months:
                shown = re.sub("%[bB]", self.months[11][0], shown)
            written.append(example.strftime(shown.replace("%C", "1")))
        kind = "time" if any("%H" in f for f in self.formats) else "date"
        one = ", in one way only" if self.ambiguous == "refuse" else ""
        return f"a {kind} like " + " or ".join(dict.fromkeys(written)) + one

    def clean(self, text: pl.Expr) -> pl.Expr:
        return text.str.strip_chars()

    def value(self, text: pl.Expr, dtype: DataType) -> pl.Expr:
        if dtype not in (pl.Date, pl.Datetime):
            refuse_type("dates", dtype, "date or datetime")
        if dtype == pl.Date and (self.zone or any("%Z" in f for f in self.formats)):
            refuse_type("times of a zone", dtype, "datetime")
        unit = dtype.time_unit if isinstance(dtype, pl.Datetime) else "us"
        tries = [
            self._parse(form, dtype)
            for layout in self.formats
            for form in formats_of(text, layout, _PLACES[unit], self.months, dict(self.zones))
        ]
        if len(tries) == 1:
            return tries[0]
        first = pl.coalesce(tries)
        if self.ambiguous == "first":
            return first
        return pl.when(pl.all_horizontal([t.is_null() | (t == first) for t in tries])).then(first)

    def _parse(self, form: Format, dtype: DataType) -> pl.Expr:
        layout = form.layout
        if self.months and re.search("%[bB]", layout):
            form = form.numbered(self.months)
        if "%C" in layout:
            form = form.with_century_mark()
        elif "%y" in layout and self.pivot != _PIVOT:
            form = form.with_century(self.pivot)
        is_period = self.partial is not None and not _NAMES_A_DAY.search(layout)
        if is_period:
            form = form.completed(last=self.partial == "last")
        value = self._read(form, dtype)
        return value.dt.month_end() if is_period and self.partial == "last" else value

    def _read(self, form: Format, dtype: DataType) -> pl.Expr:
        text, layout = form.text, form.layout
        unit = dtype.time_unit if isinstance(dtype, pl.Datetime) else "us"
        if dtype == pl.Date and not re.search(r"%[HITz]", layout):
            return text.str.to_date(layout, strict=False)
        zone = dtype.time_zone if isinstance(dtype, pl.Datetime) else None
        said = form.zone or self.zone
        moment = _moment(text, layout, unit, zone, said)
        if unit == "ns":  # ends in 2262, and Polars lets later years run over
            years = _moment(text, layout, "ms", zone, said).dt.year()
            moment = pl.when(moment.dt.year() == years).then(moment)
        return moment.cast(dtype)


def _moment(
    text: pl.Expr, layout: str, unit: Literal["ns", "us", "ms"], zone: str | None, said: str
) -> pl.Expr:
    """The moment in the zone of its column, or in UTC if that has none.

    Args:
        zone: of the column; `said`: of texts that do not say theirs, the column's if empty.
    """
    if "%z" in layout:
        plain = text.str.replace(r"Z\z", "+0000").str.replace(_OFFSET_COLON, "$1$2")
        utc = plain.str.to_datetime(layout, strict=False, time_unit=unit, time_zone="UTC")
        return utc.dt.convert_time_zone(zone) if zone else utc.dt.replace_time_zone(None)
    moment = text.str.to_datetime(layout, strict=False, time_unit=unit)
    if said or zone:
        moment = moment.dt.replace_time_zone(said or zone, ambiguous="null", non_existent="null")
    if said:
        moment = moment.dt.convert_time_zone(zone or "UTC")
    return moment if zone or not said else moment.dt.replace_time_zone(None)


def _require_zone(name: str) -> None:
    try:
        pl.Series([datetime(2026, 1, 1)]).dt.replace_time_zone(name)
    except pl.exceptions.PolarsError:
        raise ContractError(
            f"{name!r} is not a time zone",
            next="write a name of the IANA time zone database, Europe/Madrid, or an offset, +01:00",
        ) from None


def dates(
    *formats: str,
    ambiguous: Literal["first", "refuse"] = "first",
    pivot: int = _PIVOT,
    partial: Literal["first", "last"] | None = None,
    months: str | Sequence[str | Sequence[str]] = (),
) -> Dates:
    """A date, in the first of the formats (strftime) that fits.

    A day that does not exist, a two-digit year where four are meant, or any other text does
    not parse: nothing is guessed. Formats with separators also take `1/2/2026`. With a format that
    has a time of day, a column of dates keeps the day.

    Args:
        formats: `%Y-%m-%d` if none is given. `%C%y` is a year of three digits, as IBM's systems
            have it: `126` is 2026, and `099` or a leading `99` is 1999.
        ambiguous: a text that several formats read, as different days: `"first"` takes that of
            the first format, `"refuse"` makes a finding of `03/04/2026`.
        pivot: the first two-digit year of the 1900s; with 70, `%y` reads 70 as 1970 and 69 as 2069.
        partial: also take formats of a month or a year alone, `%Y-%m`, as its `"first"` or
            `"last"` day.
        months: the names that %b and %B read, in the place of English: a language (`es`; `da`
            `de` `es` `fr` `it` `nb` `nl` `pl` `pt` `sv`) or twelve names, or several for each.

    Raises:
        ContractError: a format does not name a day, or an option has no such value.
    """
    return Dates(
        formats or ("%Y-%m-%d",), ambiguous, pivot, partial, month_names(months) if months else ()
    )


def datetimes(
    *formats: str,
    zone: str = "",
    zones: Mapping[str, str] | None = None,
    ambiguous: Literal["first", "refuse"] = "first",
    pivot: int = _PIVOT,
    months: str | Sequence[str | Sequence[str]] = (),
) -> Dates:
    """A point in time; ISO 8601 if no format is given. Offsets are converted to UTC.

    A column with a time zone, `Annotated[pl.Datetime, "us", "Europe/Madrid"]`, shows all of them
    there instead. A clock's time that a zone never had, or had twice, does not parse.

    Source: ISO 8601-1:2019, 5.4.2 (calendar date and time of day, extended format).

    Args:
        formats: strftime formats; `%z` is an offset, `%Z` a zone's name.
        zone: where the clock stood, for texts that do not say: `Europe/Madrid`. Without it they
            are taken as the column's time.
        zones: what names %Z may be, and what they stand for: `{"CET": "+01:00", "PT":
            "America/Los_Angeles"}`. UTC and GMT are known.
        ambiguous: as for `dates`, and so `pivot` and `months`.

    Raises:
        ContractError: a format does not name a day, or a zone does not exist.
    """
    return Dates(
        formats or (*_ISO_TIMES, "%Y-%m-%d"),
        ambiguous,
        pivot,
        None,
        month_names(months) if months else (),
        zone,
        tuple((zones or {}).items()),
    )
