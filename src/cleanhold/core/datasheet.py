"""Datasheets: what is known of a dataset, for those who answer for a model that uses it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

#: What a cell of a table can be.
Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of a datasheet.

    Attributes:
        caption: what its rows are.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def numeric(self) -> list[bool]:
        """Which columns hold numbers."""
        columns = zip(*self.rows, strict=True)
        return [all(isinstance(cell, int | float) for cell in column) for column in columns]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a datasheet.

    Attributes:
        name: by which standards refer to it.
        facts: what is known, each with its heading.
        sheets: tables; those without rows are left out.
        missing: what nobody has stated, each with how to say it.
    """

    name: str
    title: str
    facts: tuple[tuple[str, str], ...] = ()
    sheets: tuple[Sheet, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a standard.

    Attributes:
        cite: where it stands: `Article 10(2)(b)`.
        asks: what for, in a few words.
        sections: names of the sections that tell of it; none if a datasheet cannot.
        remark: what they do not tell, or why none does.
    """

    cite: str
    asks: str
    sections: tuple[str, ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Standard:
    """A law or a standard, point by point."""

    name: str
    title: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Datasheet:
    """All that is known of one snapshot of a dataset.

    Attributes:
        standing: what the snapshot is to readers.
        at: when this was found out (UTC).
    """

    dataset: str
    snapshot: int
    standing: str
    at: datetime
    sections: tuple[Section, ...]
    standards: tuple[Standard, ...]

    @property
    def missing(self) -> int:
        """How much nobody has stated."""
        return sum(len(section.missing) for section in self.sections)

    def title_of(self, name: str) -> str:
        """The title of a section."""
        return next(section.title for section in self.sections if section.name == name)

    def as_dict(self) -> dict[str, Any]:
        """As in the JSON of `cleanhold datasheet`."""
        return {**asdict(self), "at": self.at.isoformat(), "missing": self.missing}
