"""The cells of a workbook as they are typed: what is text, and what the program made of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cleanhold.readers.excel_cells import as_workbook
from cleanhold.readers.excel_sheets import WORKSHEET
from cleanhold.readers.excel_values import text_of
from cleanhold.readers.excel_workbook import require_workbook
from cleanhold.readers.isolated import Piece, in_a_child, library


@dataclass(frozen=True, slots=True)
class Converted:
    """A cell that is no text.

    Attributes:
        kind: what it is: `float`, `bool`, `date`, `datetime`, `time` or `timedelta`.
        text: it, written as `excel_values.text_of` does.
    """

    kind: str
    text: str


#: A cell; one that is empty is "".
Cell = str | Converted


@dataclass(frozen=True, slots=True)
class Worksheet:
    """A sheet with cells.

    Attributes:
        lines: number of the row in the sheet, from 1 → its cells; blank rows are left out.
        merged: rows of which a cell is merged with one of another row.
    """

    name: str
    lines: Mapping[int, list[Cell]]
    merged: frozenset[int] = frozenset()


def worksheets(path: Path) -> list[Worksheet]:
    """The sheets of a workbook, hidden ones too.

    Raises:
        DeliveryError: it is no workbook, is damaged, or protected by a password.
        UsageError: the extra `excel` is not installed.
    """
    require_workbook(path)
    found = []
    for piece in in_a_child("cleanhold.readers.worksheet:pieces", path, {}):
        assert isinstance(piece, dict)
        lines = {
            number: [cell if isinstance(cell, str) else Converted(*cell) for cell in cells]
            for number, cells in piece["lines"]
        }
        found.append(Worksheet(piece["name"], lines, frozenset(piece["merged"])))
    return found


def pieces(path: Path, options: dict[str, Any]) -> Iterator[Piece]:
    """In the child: a piece for each sheet."""
    calamine = library("python_calamine", "excel")
    with as_workbook(path) as named:
        book = calamine.CalamineWorkbook.from_path(str(named))
        for at, told in enumerate(book.sheets_metadata):
            if str(told.typ) != WORKSHEET:
                continue
            sheet = book.get_sheet_by_index(at)
            rows = enumerate(sheet.to_python(skip_empty_area=False), start=1)
            lines = [(n, [_cell(c) for c in row]) for n, row in rows if any(c != "" for c in row)]
            yield {"name": told.name, "lines": lines, "merged": _merged(sheet)}


def _merged(sheet: Any) -> list[int]:
    ranges = sheet.merged_cell_ranges or ()
    return [row + 1 for (top, _), (bottom, _) in ranges if bottom > top
            for row in range(top, bottom + 1)]  # fmt: skip


def _cell(value: Any) -> str | list[str]:
    return value if isinstance(value, str) else [type(value).__name__, text_of(value) or ""]
