"""sheet_read: a worksheet of held rows, as people filled it in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cleanhold.errors import UsageError
from cleanhold.pipeline import sheet
from cleanhold.readers.worksheet import Cell, Converted, typed_cells


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet as it came back.

    Attributes:
        lines: line number → heading → cell, of lines with anything in them.
    """

    dataset: str
    lines: Mapping[int, Mapping[str, Cell]]

    @property
    def rows(self) -> list[str]:
        """The ids of the held rows it is about."""
        return [row_id_of(line, self.dataset) for line in self.lines.values()]


def read_sheet(file: Path) -> Sheet:
    """Read a workbook of `sheet_write` back.

    Raises:
        DeliveryError: it is no workbook, or has no such sheet.
        UsageError: its headings are not those that were written.
    """
    if not file.is_file():
        raise UsageError(f"there is no file {file}", next="name the workbook that was filled in")
    cells = typed_cells(file, sheet.SHEET)
    headings = [cell if isinstance(cell, str) else "" for cell in cells[0]] if cells else [""]
    dataset = headings[0].removeprefix(sheet.first_heading(""))
    needed = {sheet.DECISION, sheet.UNTIL, sheet.REASON}
    if headings[0] != sheet.first_heading(dataset) or not needed <= set(headings):
        raise UsageError(
            f"{file.name} is not a sheet of held rows, or its headings were changed",
            next="export it again: cleanhold quarantine export --for-correction -d DATASET",
        )
    return Sheet(
        dataset,
        {
            number: dict(zip(headings, row, strict=True))
            for number, row in enumerate(cells[1:], start=2)
            if any(row)
        },
    )


def row_id_of(line: Mapping[str, Cell], dataset: str) -> str:
    """The row that a line is about, by the token it was given."""
    return text_of_cell(line[sheet.first_heading(dataset)]).partition(":")[0]


def text_of_cell(cell: Cell) -> str:
    """A cell as text, whatever the program made of it."""
    return cell.text if isinstance(cell, Converted) else cell
