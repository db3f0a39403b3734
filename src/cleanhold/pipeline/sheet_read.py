"""sheet_read: a workbook of held rows, as people filled it in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from cleanhold.errors import DeliveryError, UsageError
from cleanhold.pipeline import sheet
from cleanhold.pipeline.sheet_csv import read_text
from cleanhold.readers.worksheet import Cell, Converted, Worksheet, worksheets

#: Lines above the headings that somebody may have put in.
_ABOVE = 50

#: How workbooks of every format begin.
_BOOKS = (b"PK", b"\xd0\xcf\x11\xe0")

_EXPORT = "cleanhold quarantine export --for-correction"

_NEEDED = (sheet.DECISION, sheet.REASON)


@dataclass(frozen=True, slots=True)
class Line:
    """A line that names a row or a case.

    Attributes:
        number: of the line in its sheet, as the file was saved.
        token: what it was given to know its row or case again.
        cells: heading → cell.
        merged: one of its cells is merged with one of another line.
        lossy: letters may have been lost when it was saved.
    """

    sheet: str
    number: int
    token: str
    cells: Mapping[str, Cell]
    merged: bool = False
    lossy: bool = False

    def text(self, heading: str) -> str:
        """A cell as text, whatever the program made of it; "" if the column is gone."""
        return text_of_cell(self.cells.get(heading, "")).strip()

    @property
    def corrections(self) -> dict[str, Cell]:
        """Raw column → what was written for it, where anything was."""
        return {
            name.removeprefix(sheet.CORRECT): cell
            for name, cell in self.cells.items()
            if name.startswith(sheet.CORRECT) and text_of_cell(cell).strip()
        }


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook as it came back.

    Attributes:
        rows: dataset → lines of rows.
        cases: lines of cases.
    """

    rows: Mapping[str, Sequence[Line]]
    cases: Sequence[Line]


def read_book(file: Path) -> Book:
    """Read a workbook of `sheet_write` back; or one sheet of it, saved as CSV.

    Raises:
        UsageError: it cannot be read, or is none; headings are gone or there twice.
    """
    if not file.is_file():
        raise UsageError(f"there is no file {file}", next="name the workbook that was filled in")
    rows: dict[str, list[Line]] = {}
    cases: list[Line] = []
    for found, lossy in _sheets(file):
        headings = _headings(found)
        if not headings:
            continue
        above, names = headings
        mark = _require_headings(found.name, names)
        lines = _lines(found, above, names, mark, lossy)
        if mark == sheet.CASE_TOKEN:
            cases += lines
        else:
            rows.setdefault(mark.removeprefix(sheet.ROW_OF), []).extend(lines)
    if not rows:
        alone = "; a CSV file has one sheet only: save that which is called after the dataset"
        raise UsageError(
            f"{file.name} has no sheet with held rows",
            next=f"give the workbook that this made: {_EXPORT}{alone if cases else ''}",
        )
    return Book(rows, cases)


def _sheets(file: Path) -> list[tuple[Worksheet, bool]]:
    try:
        with file.open("rb") as handle:
            head = handle.read(4)
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read: {error.strerror or error}", next="check where it lies"
        ) from error
    try:
        if head.startswith(_BOOKS):
            return [(found, False) for found in worksheets(file)]
        text = read_text(file, lambda found: _headings(found) is not None)
        return [text] if text else []
    except DeliveryError as error:
        raise UsageError(
            f"{file.name} cannot be opened: {error.what}",
            next="open it in the spreadsheet program, delete what stands far below or right of the "
            "rows, if anything does, and save it as .xlsx without a password; nothing was done",
        ) from error


def _headings(found: Worksheet) -> tuple[int, list[str]] | None:
    """The number of the line of headings, and them; None if this is no sheet of ours."""
    for number, cells in islice(found.lines.items(), _ABOVE):
        names = [cell.strip() if isinstance(cell, str) else "" for cell in cells]
        if sum(map(_is_ours, names)) > 1:
            return number, names
    return None


def _is_ours(name: str) -> bool:
    known = (*_NEEDED, sheet.UNTIL, sheet.VALUE)
    return name in known or _is_mark(name) or name.startswith((sheet.CORRECT, sheet.DELIVERED))


def _is_mark(name: str) -> bool:
    return name == sheet.CASE_TOKEN or name.startswith(sheet.ROW_OF)


def _require_headings(name: str, headings: Sequence[str]) -> str:
    """The heading of the tokens."""
    marks = [heading for heading in headings if _is_mark(heading)]
    missing = [repr(heading) for heading in _NEEDED if heading not in headings]
    missing += [] if marks else [f"'{sheet.ROW_OF}…'"]
    if missing:
        raise UsageError(
            f"the sheet {name!r} has no column {missing[0]}",
            next=f"undo that it was deleted or renamed, or begin with a new workbook: {_EXPORT}",
        )
    ours = Counter(filter(_is_ours, headings))
    if twice := [repr(heading) for heading, count in ours.items() if count > 1]:
        raise UsageError(
            f"the sheet {name!r} has the column {twice[0]} twice",
            next="delete the one that is not needed, or give it another heading",
        )
    if len(marks) > 1:
        raise UsageError(
            f"the sheet {name!r} has rows of two kinds: {marks[0]!r} and {marks[1]!r}",
            next="keep each dataset on its own sheet",
        )
    return marks[0]


def _lines(
    found: Worksheet, above: int, headings: Sequence[str], mark: str, lossy: bool
) -> Iterator[Line]:
    for number, cells in found.lines.items():
        if number > above:
            named = {h: cell for h, cell in zip(headings, cells, strict=False) if h}
            token = text_of_cell(named.get(mark, "")).strip()
            yield Line(found.name, number, token, named, number in found.merged, lossy)


def text_of_cell(cell: Cell) -> str:
    """A cell as text, whatever the program made of it."""
    return cell.text if isinstance(cell, Converted) else cell
