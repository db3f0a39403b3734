"""Which sheets of a workbook are read, and where the table in a sheet begins.

Works on what the library gives (`CalamineSheet`); runs in the child process of `excel_cells`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from cleanhold.errors import DeliveryError
from cleanhold.readers.excel_values import text_of

#: How many rows are looked at for a header.
_LOOK = 10_000

#: How the library names the kind of sheets that have cells; its enumerations have no `name`.
WORKSHEET = "SheetTypeEnum.WorkSheet"

Row = list[Any]


@dataclass(frozen=True, slots=True)
class Extent:
    """Where a sheet's table lies. Rows count from 0; columns too, from the sheet's first in use.

    Attributes:
        first: row of the first record.
        low: first column, and `high` the one after the last.
        names: as delivered.
    """

    first: int
    low: int
    high: int
    names: tuple[str, ...]


def chosen(workbook: Any, sheet: str | None, pattern: str | None) -> list[int]:
    """The positions (from 0) of the sheets to read.

    Raises:
        DeliveryError: no such sheet, or several have cells and the source does not choose.
    """
    sheets = [
        (at, one.name, str(one.visible) == "SheetVisibleEnum.Visible")
        for at, one in enumerate(workbook.sheets_metadata)
        if str(one.typ) == WORKSHEET
    ]
    named = ", ".join(repr(name) for _, name, _ in sheets[:20]) or "none"
    if sheet is not None:
        found = [at for at, name, _ in sheets if name == sheet]
        if not found and sheet.isdigit() and 0 < int(sheet) <= len(sheets):
            found = [sheets[int(sheet) - 1][0]]
        if not found:
            raise DeliveryError(f"there is no sheet {sheet!r}", next=f"its sheets: {named}")
        return found[:1]
    seen = [(at, name) for at, name, visible in sheets if visible]
    if pattern is not None:
        found = [at for at, name in seen if re.fullmatch(pattern, name)]
        if not found:
            raise DeliveryError(
                f"no visible sheet is named like {pattern!r}", next=f"its sheets: {named}"
            )
        return found
    if len(seen) > 1:
        seen = [(at, n) for at, n in seen if workbook.get_sheet_by_index(at).start is not None]
    if not seen:
        raise DeliveryError("no visible sheet has cells", next=f"its sheets: {named}")
    if len(seen) > 1:
        raise DeliveryError(
            f"{len(seen)} sheets have cells: {', '.join(repr(n) for _, n in seen[:20])}",
            next="say which with sheet=NAME, or read several as one table with pattern=…",
        )
    return [seen[0][0]]


def table_extent(
    sheet: Any, *, header: bool | int | Sequence[str], skip_rows: int, columns: Sequence[int] | None
) -> Extent:
    """Where the table of a sheet begins.

    Args:
        sheet: of the library.
        header: as `Excel.header`.
        skip_rows: rows of the sheet to pass over first.
        columns: first and last column of the sheet, from 0; None: all in use.

    Raises:
        DeliveryError: the sheet has no cells, or no such header.
    """
    if sheet.start is None:
        raise DeliveryError(f"sheet {sheet.name!r} has no cells", next="name another sheet")
    origin, end = sheet.start[1], sheet.end[1]
    first, last = columns or (origin, end)
    low, high = max(first - origin, 0), min(last, end) - origin + 1
    if high <= low:
        raise DeliveryError(
            f"sheet {sheet.name!r} has no cells in these columns",
            next=f"it has cells in columns {letters(origin)} to {letters(end)}",
        )
    if header is False:
        names = tuple(letters(origin + at) for at in range(low, high))
        return Extent(skip_rows, low, high, names)
    for at, row in islice(enumerate(sheet.iter_rows()), skip_rows, _LOOK + skip_rows):
        names = tuple((text_of(cell) or "").strip() for cell in row[low:high])
        if _is_header(at, names, header):
            return Extent(at + 1, low, high, names)
    raise DeliveryError(
        f"sheet {sheet.name!r} has no header row"
        + ("" if header is True else f" that is or holds {header!r}"),
        next="say where it is: header=NUMBER, header=NAME,NAME, or header=false",
    )


def _is_header(at: int, names: Sequence[str], header: bool | int | Sequence[str]) -> bool:
    if isinstance(header, bool):
        return any(names)
    if isinstance(header, int):
        return at + 1 == header and any(names)
    return set(header) <= set(names)


def filled(
    rows: Iterator[tuple[int, Row]],
    ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]],
    origin: int,
) -> Iterator[tuple[int, Row]]:
    """The rows, with the value of each merged range in all its cells.

    Args:
        rows: (row of the sheet, cells); these are changed.
        ranges: corners (row, column), as the library gives them.
        origin: column of a row's first cell.
    """
    waiting = sorted(ranges, reverse=True)
    active: list[tuple[int, slice, Any]] = []
    for at, row in rows:
        active = [one for one in active if one[0] >= at]
        while waiting and waiting[-1][0][0] <= at:
            (top, left), (bottom, right) = waiting.pop()
            where = slice(max(left - origin, 0), right - origin + 1)
            if top == at and left >= origin and where.start < len(row):
                active.append((bottom, where, row[left - origin]))
        for _, where, value in active:
            width = len(row[where])
            row[where] = [value] * width
        yield at, row


def letters(column: int) -> str:
    """The name of a column, from 0: A … Z, AA …"""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def column_number(name: str) -> int:
    """The column of a name, from 0."""
    number = 0
    for letter in name.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
