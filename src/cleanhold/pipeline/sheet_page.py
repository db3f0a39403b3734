"""Pages of a workbook: what a column is for, and the lines; nothing of how they are drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import islice

from cleanhold.pipeline.export import SHEET_ROWS


class Use(Enum):
    """What people do with the cells of a column."""

    READ = auto()  # locked
    DECIDE = auto()  # one of the decisions
    DAY = auto()
    WRITE = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a page; its width in characters."""

    heading: str
    width: int
    use: Use = Use.READ


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that is drawn otherwise than its column says.

    Attributes:
        use: `Use.WRITE` with `wanted` where a value is missing; `Use.READ` where none can be given.
    """

    text: str
    use: Use
    wanted: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet with a heading and lines.

    Attributes:
        name: of the sheet.
        lines: as many cells as columns.
        count: of the lines.
        printed: how many of the columns are printed.
    """

    name: str
    columns: Sequence[Column]
    lines: Iterable[Sequence[str | Cell]]
    count: int
    printed: int


def split(
    name: str,
    columns: Sequence[Column],
    lines: Iterator[Sequence[str | Cell]],
    count: int,
    printed: int,
    taken: set[str],
) -> Iterator[Page]:
    """The pages that hold all lines: one, or as many as it takes.

    Args:
        name: for the sheets, as far as programs allow it.
        columns, lines, count, printed: see `Page`.
        taken: names of sheets that are there already, in small letters; those of these are added.
    """
    most = SHEET_ROWS - 1
    for start in range(0, max(count, 1), most):
        here = min(most, count - start)
        yield Page(_free(name, taken), columns, islice(lines, here), here, printed)


def _free(name: str, taken: set[str]) -> str:
    """A name for a sheet: at most 31 characters, none of which a program forbids."""
    plain = "".join("_" if letter in "[]:*?/\\'" else letter for letter in name)
    found, number = plain[:31], 1
    while found.casefold() in taken:
        number += 1
        found = f"{plain[:25]} ({number})"
    taken.add(found.casefold())
    return found
