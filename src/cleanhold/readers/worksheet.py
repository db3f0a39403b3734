"""The cells of one worksheet as they are typed: what is text, and what the program made of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cleanhold.errors import DeliveryError
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


def typed_cells(path: Path, sheet: str) -> list[list[Cell]]:
    """The rows of a worksheet from its first one, each as long as the widest.

    Raises:
        DeliveryError: it is no workbook, is damaged, or has no sheet of that name.
        UsageError: the extra `excel` is not installed.
    """
    require_workbook(path)
    (piece,) = in_a_child("cleanhold.readers.worksheet:pieces", path, {"sheet": sheet})
    assert isinstance(piece, dict)
    return [
        [cell if isinstance(cell, str) else Converted(*cell) for cell in row]
        for row in piece["rows"]
    ]


def pieces(path: Path, options: dict[str, Any]) -> Iterator[Piece]:
    """In the child: one piece, with all cells."""
    calamine = library("python_calamine", "excel")
    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        rows = book.get_sheet_by_name(options["sheet"]).to_python(skip_empty_area=False)
    except calamine.CalamineError as error:
        raise DeliveryError(
            f"the sheet {options['sheet']!r} cannot be read: {error}", where=path.name
        ) from error
    yield {"rows": [[_cell(value) for value in row] for row in rows]}


def _cell(value: Any) -> str | list[str]:
    return value if isinstance(value, str) else [type(value).__name__, text_of(value) or ""]
