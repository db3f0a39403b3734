"""Workbooks of held rows: exported, filled in as people do, and brought back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

ORDERS = "shop.orders"


@dataclass(frozen=True)
class Workbook:
    """An exported workbook, and what it takes to bring it back."""

    file: Path
    root: Path
    cleanhold: Callable[..., Any]

    def cells(self, name: str = ORDERS) -> list[list[Any]]:
        book = CalamineWorkbook.from_path(self.file)
        return list(book.get_sheet_by_name(name).to_python(skip_empty_area=False))

    @property
    def sheets(self) -> dict[str, list[list[Any]]]:
        """Name → cells, to be changed and given to `save`."""
        return {
            name: self.cells(name) for name in CalamineWorkbook.from_path(self.file).sheet_names
        }

    def save(self, sheets: Mapping[str, list[list[Any]]]) -> Workbook:
        """Write the sheets as a spreadsheet program would: each cell with the type it has."""
        with xlsxwriter.Workbook(self.file, {"default_date_format": "yyyy-mm-dd"}) as book:
            for name, lines in sheets.items():
                page = book.add_worksheet(name)
                for number, line in enumerate(lines):
                    for column, cell in enumerate(line):
                        match cell:
                            case str():
                                page.write_string(number, column, cell)
                            case date():
                                page.write_datetime(number, column, cell)
                            case _:
                                page.write(number, column, cell)
        return self

    def fill(self, *changes: Mapping[str, Any], sheet: str = ORDERS) -> Workbook:
        """Write into the lines of a sheet, by heading."""
        sheets = self.sheets
        headings, *lines = sheets[sheet]
        for line, change in zip(lines, changes, strict=False):
            for name, value in change.items():
                line[headings.index(name)] = value
        sheets[sheet] = [headings, *lines]
        return self.save(sheets)

    def brought(self, *options: str, file: Path | None = None) -> Any:
        where = (file or self.file, "-w", self.root, "--json")
        return self.cleanhold("quarantine", "import", *where, *options)


def correct(value: Any, reason: str = "asked") -> dict[str, Any]:
    return {"decision": "correct", "correct: amount": value, "reason": reason}


@pytest.fixture
def held(small: Any) -> Any:
    """Rows b, c and d are held, and a record is refused."""
    small.contract().deliver("02", "a,1,", "b,-2,x", "c,007x,  y", "d,-4,z", "e,1,x,7")
    small.run()
    return small


@pytest.fixture
def export(held: Any, cleanhold: Callable[..., Any], tmp_path: Path) -> Callable[..., Workbook]:
    def write(*options: str) -> Workbook:
        file = tmp_path / "held.xlsx"
        file.unlink(missing_ok=True)
        where = ("-w", held.root, "--out", file)
        said = cleanhold("quarantine", "export", "--for-correction", *where, *options)
        assert said.code == 0, said.err
        assert "quarantine import" in said.out
        return Workbook(file, held.root, cleanhold)

    return write
