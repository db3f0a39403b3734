"""Which date formats the texts of a column are written in, and whether they can be told apart."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import polars as pl

from cleanhold.builtins import dates, datetimes

_SEPARATORS = ("-", "/", ".", " ")
_TIMES = ("%H:%M:%S%.f", "%H:%M", "%I:%M:%S %p", "%I:%M %p")

#: Dates, those that cannot be mistaken first. Day and month by number have a twin.
_DAYS = (
    *(f"%Y{s}%m{s}%d" for s in _SEPARATORS),
    "%Y%m%d",
    *(f"%d{s}%b{s}%Y" for s in _SEPARATORS),
    *(f"%d{s}%B{s}%Y" for s in _SEPARATORS),
    "%b %d, %Y", "%B %d, %Y", "%d%b%Y",
    *(f"%d{s}%b{s}%y" for s in _SEPARATORS),
    *(f"%d{s}%m{s}%Y" for s in _SEPARATORS),
    *(f"%m{s}%d{s}%Y" for s in _SEPARATORS),
    *(f"%d{s}%m{s}%y" for s in _SEPARATORS),
    *(f"%m{s}%d{s}%y" for s in _SEPARATORS),
)  # fmt: skip

#: Formats of one column, at the most.
_MOST = 3

#: Distinct texts that formats are tried on.
_MOST_TEXTS = 2_000


@dataclass(frozen=True, slots=True)
class Calendar:
    """Date formats that together read a column.

    Attributes:
        formats: as `dates()` and `datetimes()` take them, in this order.
        share: of the values that they read.
        example: a value that the first one reads.
        stray: a value that none reads.
        twin: the first format with day and month exchanged, if that reads the values as well.
        remark: what a person must decide.
    """

    formats: tuple[str, ...]
    share: float
    example: str
    stray: str | None
    twin: str | None = None
    remark: str | None = None

    @property
    def has_time(self) -> bool:
        return any("%H" in f or "%I" in f for f in self.formats)

    @property
    def touches(self) -> bool:
        """Whether the digits touch: then they could as well be a number."""
        return self.formats[0] == "%Y%m%d"

    @property
    def is_day_first(self) -> bool | None:
        """Which of day and month is first, both being numbers; None if it cannot be told."""
        first = re.match(r"%([dm]).%([dm])", self.formats[0])
        return None if first is None or self.twin else first[1] == "d"

    def exchanged(self, because: str) -> Calendar:
        """With day and month the other way round."""
        assert self.twin is not None
        return replace(self, formats=(self.twin,), twin=self.formats[0], remark=because)


def read_calendar(counts: pl.DataFrame) -> Calendar | None:
    """The formats of a column of dates; None if hardly any value is a date.

    Args:
        counts: `text` and `count`, each text once.
    """
    looked = counts.head(_MOST_TEXTS)
    if not looked.height or not bool(looked["text"].head(50).str.contains(r"[0-9].*[0-9]").any()):
        return None
    total = float(looked["count"].sum())
    reads = _reads(looked)
    chosen: list[str] = []
    left = looked
    while len(chosen) < _MOST:
        # Never a format and its twin: which of them a value means would be guessed.
        free = [f for f in reads if f not in chosen and _exchanged(f) not in chosen]
        best = max(free, key=lambda f: _count(left, reads[f]), default=None)  # the first of equals
        gain = _count(left, reads[best]) if best else 0
        if best is None or not gain or (not chosen and gain < total / 2):
            break
        chosen.append(best)
        left = left.filter(~pl.col("text").is_in(reads[best].implode()))
    if not chosen:
        return None
    twin = _exchanged(chosen[0])
    if twin and "." in twin[:3] and chosen[0].startswith("%d"):
        twin = None  # with dots the day is first wherever dates are written so
    other = reads.get(twin or "", pl.Series(dtype=pl.String))
    as_well = _count(looked, other) >= _count(looked, reads[chosen[0]])
    remark = None
    if as_well:
        remark = "each value is a date with the day first and with the month first: ask the sender"
    elif _count(left, other):
        remark = "some values are only dates with day and month exchanged: they are held, ask"
    elif "%y" in chosen[0]:
        remark = "years of two digits: 70 to 99 are 1970 to 1999"
    return Calendar(
        formats=tuple(chosen),
        share=1 - float(left["count"].sum()) / total,
        example=str(reads[chosen[0]][0]),
        stray=left["text"][0] if left.height else None,
        twin=twin if as_well else None,
        remark=remark,
    )


def _reads(counts: pl.DataFrame) -> dict[str, pl.Series]:
    """Format → the texts it reads, for formats that read any of the first."""
    text = pl.col("text")
    timed = bool(counts["text"].head(50).str.contains(":", literal=True).any())
    tries = {day: dates(day).value(text, pl.Date()) for day in _DAYS}
    if timed:
        zoned = ("%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f%z")
        plain = [f"{day}{gap}{time}" for day in _DAYS for gap in "T " for time in _TIMES]
        for layout in (*zoned, *plain):
            tries[layout] = datetimes(layout).value(text, pl.Datetime("us"))
    head = counts.head(60).select([e.is_not_null().any().alias(f) for f, e in tries.items()]).row(0)
    likely = [f for f, reads_any in zip(tries, head, strict=True) if reads_any]
    read = counts.select("text", *(tries[f].is_not_null().alias(f) for f in likely))
    return {f: read.filter(f)["text"] for f in likely}


def _count(counts: pl.DataFrame, texts: pl.Series) -> int:
    return int(counts.filter(pl.col("text").is_in(texts.implode()))["count"].sum())


def _exchanged(layout: str) -> str | None:
    """The format with day and month exchanged, where both are numbers at the start."""
    found = re.match(r"%([dm])(.)%([dm])\2(.*)", layout)
    return f"%{found[3]}{found[2]}%{found[1]}{found[2]}{found[4]}" if found else None
