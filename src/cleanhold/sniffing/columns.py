"""What each column of a sample seems to hold, and which one names the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from cleanhold.builtins import EMAIL
from cleanhold.core.parsing import DataType
from cleanhold.plan.conversion import can_convert
from cleanhold.sniffing.code import literal
from cleanhold.sniffing.names import common_shape, field_names, names_things, privacy_of
from cleanhold.sniffing.values import Reading, reading_of

#: Fewest rows that make a column that repeats nothing a candidate for the key.
_FEWEST_ROWS = 2

#: Characters of a key's values, on average, at the most.
_LONGEST_KEY = 40

#: Annotation → dtype, in the order that typed columns are fitted to.
_TYPES: dict[str, DataType] = {
    "bool": pl.Boolean(),
    "int": pl.Int64(),
    "float": pl.Float64(),
    "date": pl.Date(),
    "datetime": pl.Datetime("us"),
    "Decimal": pl.Decimal(38, 6),
    "str": pl.String(),
}


@dataclass(frozen=True, slots=True)
class SniffedColumn:
    """One column, and the field proposed for it.

    Attributes:
        header: as delivered.
        name: of the field.
        reading: its type and parse rule; None if no field can hold it.
        rows: rows of the sample.
        values: rows that have a value.
        distinct: different values.
        matches: pattern of all values, as code.
        privacy: `direct`, …; None if nothing speaks for it.
        remarks: what a person must decide or know.
        is_key: the only, or likeliest, column that names a row.
    """

    header: str
    name: str
    reading: Reading | None
    rows: int
    values: int
    distinct: int
    matches: str | None = None
    privacy: str | None = None
    remarks: tuple[str, ...] = field(default=())
    is_key: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.values

    @property
    def nullable(self) -> bool:
        return self.values < self.rows

    @property
    def says(self) -> str:
        """What its values are, in words; without an example where they may be personal."""
        if self.reading is None:
            return ""
        return self.reading.says.split(" like ")[0] if self.privacy else self.reading.says

    def as_dict(self) -> dict[str, Any]:
        """As JSON values: none of its own values is among them."""
        reading = self.reading
        return {
            "header": self.header,
            "field": self.name,
            "type": reading.annotation if reading else None,
            "parse": reading.parse if reading else None,
            "says": self.says,
            "nulls": list(reading.nulls) if reading else [],
            "nullable": self.nullable,
            "rows": self.rows,
            "values": self.values,
            "distinct": self.distinct,
            "matches": self.matches,
            "privacy": self.privacy,
            "remarks": list(self.remarks),
            "key": self.is_key,
        }


def sniff_columns(rows: pl.DataFrame, headers: Sequence[str]) -> list[SniffedColumn]:
    """Look at each raw column of a sample.

    Args:
        rows: the sample; text, or the format's own types.
        headers: its raw columns, in order.
    """
    columns = zip((rows[header] for header in headers), field_names(headers), strict=True)
    found = [
        _text(column, name) if column.dtype == pl.String else _typed(column, name)
        for column, name in columns
    ]
    found = _told_apart(found)
    key = _key(found)
    return [_as_key(c, rows[c.header]) if c is key else c for c in found]


def _typed(column: pl.Series, name: str) -> SniffedColumn:
    dtype = column.dtype
    missing = column.null_count()
    fits = [a for a, wanted in _TYPES.items() if can_convert(dtype, wanted)]
    own = next((a for a, wanted in _TYPES.items() if wanted == dtype), None)
    annotation = own or _nearest(dtype) or (fits[-1] if fits else None)
    reading = None
    if annotation is not None and annotation in fits:
        reading = Reading(annotation, None, f"arrives as {dtype}", 1.0)
    distinct = column.n_unique() if not dtype.is_nested() else 0
    remarks = () if reading else (f"arrives as {dtype}, which no field can hold",)
    privacy = privacy_of(column.name)
    return SniffedColumn(column.name, name, reading, len(column), len(column) - missing, distinct,
                         privacy=privacy, remarks=remarks)  # fmt: skip


def _nearest(dtype: pl.DataType) -> str | None:
    if dtype.is_integer():
        return "int"
    if dtype.is_float():
        return "float"
    if isinstance(dtype, pl.Datetime):
        return "datetime"
    return "Decimal" if isinstance(dtype, pl.Decimal) else None


def _text(column: pl.Series, name: str) -> SniffedColumn:
    header = column.name
    stripped = column.str.strip_chars().alias("text")
    stripped = stripped.filter(stripped.is_not_null() & (stripped != ""))
    counts = stripped.value_counts(sort=True) if len(stripped) else pl.DataFrame()
    if not counts.height:
        empty = Reading("str", None, "empty", 1.0)
        return SniffedColumn(header, name, empty, len(column), 0, 0, privacy=privacy_of(header))
    reading = reading_of(header, counts)
    values = counts.filter(~pl.col("text").is_in(list(reading.nulls)))
    found = SniffedColumn(
        header=header,
        name=name,
        reading=reading,
        rows=len(column),
        values=int(values["count"].sum()),
        distinct=values.height,
        privacy=None if reading.annotation == "bool" else privacy_of(header),
        remarks=tuple(filter(None, (reading.remark, _stray(reading)))),
    )
    return _with_addresses(found, values) if reading.annotation == "str" else found


def _stray(reading: Reading) -> str | None:
    if reading.stray is None:
        return None
    left = 100 * (1 - reading.share)
    shown = f"{left:.1f}" if left >= 0.1 else "less than 0.1"
    return f"{shown} % of the values are held: they are no {reading.says.split(' like ')[0]}"


def _with_addresses(column: SniffedColumn, values: pl.DataFrame) -> SniffedColumn:
    """E-mail addresses are told by their form."""
    addresses = values.filter(pl.col("text").str.contains(rf"\A(?:{EMAIL})\z"))
    total, are = int(values["count"].sum()), int(addresses["count"].sum())
    if not total or are < 0.5 * total:
        return column
    if are >= 0.98 * total:
        remarks = () if are == total else (f"{total - are} values are no addresses, and are held",)
        return replace(column, matches="EMAIL", privacy="direct", remarks=remarks)
    remark = f"{100 * are / total:.0f} % of the values are e-mail addresses"
    return replace(column, privacy="direct", remarks=(*column.remarks, remark))


def _told_apart(columns: list[SniffedColumn]) -> list[SniffedColumn]:
    """Day and month that one column leaves open, told by the other columns of dates."""
    sure = {
        c.reading.calendar.is_day_first
        for c in columns
        if c.reading and c.reading.calendar and c.reading.calendar.is_day_first is not None
    }
    if len(sure) != 1:
        return columns
    day_first = sure.pop()
    return [_following(c, bool(day_first)) for c in columns]


def _following(column: SniffedColumn, day_first: bool) -> SniffedColumn:
    reading = column.reading
    if reading is None or reading.calendar is None or reading.calendar.twin is None:
        return column
    because = f"the {'day' if day_first else 'month'} is first, as in the other columns"
    first = reading.calendar.formats[0]
    formats = reading.calendar.formats
    if first.startswith("%d") != day_first:
        formats = (reading.calendar.twin, *formats[1:])
    function = "datetimes" if reading.calendar.has_time else "dates"
    code = f"{function}({', '.join(map(literal, formats))})"
    calendar = replace(reading.calendar, formats=formats, twin=None, remark=because)
    changed = replace(reading, parse=code, calendar=calendar, remark=because)
    others = tuple(r for r in column.remarks if r != reading.remark)
    return replace(column, reading=changed, remarks=(because, *others))


def _key(columns: Sequence[SniffedColumn]) -> SniffedColumn | None:
    """The likeliest column to name a row: whole, without repeats, and named like it."""
    fit = [
        column
        for column in columns
        if column.reading is not None
        and column.reading.annotation in ("str", "int")
        and column.rows >= _FEWEST_ROWS
        and column.values == column.rows == column.distinct
        and not column.matches
    ]
    named = [column for column in fit if names_things(column.header)]
    if named:
        return named[0]
    return fit[0] if fit and fit[0] is columns[0] else None


def _as_key(column: SniffedColumn, values: pl.Series) -> SniffedColumn:
    if values.dtype != pl.String:
        return replace(column, is_key=True)
    texts = values.str.strip_chars()
    if texts.str.len_chars().sum() > _LONGEST_KEY * len(texts):
        return column
    shape = common_shape(texts) if column.reading and column.reading.annotation == "str" else None
    return replace(column, is_key=True, matches=shape)
