"""sheet_write: held rows as a workbook in which people correct them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.errors import UsageError
from cleanhold.pipeline import sheet
from cleanhold.pipeline.export import SHEET_ROWS, replaced
from cleanhold.pipeline.masking import Personal
from cleanhold.pipeline.sheet_guide import STEPS


def write_sheet(
    file: Path,
    dataset: str,
    rows: pl.DataFrame,
    corrected: Sequence[str],
    refused: Sequence[Sequence[str]],
    hidden: Personal,
) -> None:
    """Write the workbook; what must not be seen is masked.

    Args:
        file: to write.
        dataset: whose rows.
        rows: what `Quarantine.to_correct` gives.
        corrected: raw columns that get a column for the correction.
        refused: lines of the sheet of refused records, the heading first.
        hidden: which values are personal.

    Raises:
        UsageError: the file cannot be written, or a worksheet does not hold as many rows.
    """
    if rows.height >= SHEET_ROWS or len(refused) > SHEET_ROWS:
        raise UsageError(
            f"{max(rows.height, len(refused)):,} lines do not fit into a worksheet",
            next="narrow it with --check",
        )
    with replaced(file) as draft:
        _write(draft, dataset, rows, corrected, refused, hidden)


def _write(
    draft: Path,
    dataset: str,
    rows: pl.DataFrame,
    corrected: Sequence[str],
    refused: Sequence[Sequence[str]],
    hidden: Personal,
) -> None:
    import xlsxwriter

    names = sheet.raw_columns(rows)
    with xlsxwriter.Workbook(draft) as book:
        guide = book.add_worksheet("read me")
        guide.set_column(0, 0, 110, book.add_format({"text_wrap": True}))
        for number, line in enumerate(STEPS):
            guide.write_string(number, 0, line.format(dataset=dataset))
        guide.protect()
        page = book.add_worksheet(sheet.SHEET)
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        grey = book.add_format({"num_format": "@", "bg_color": "#EDEDED"})
        open_cell = book.add_format({"num_format": "@", "bg_color": "#FFF2CC", "locked": False})
        headings = [
            sheet.first_heading(dataset),
            "why it is held",
            *(sheet.DELIVERED + name for name in names),
            *(sheet.CORRECT + name for name in corrected),
            sheet.DECISION,
            sheet.UNTIL,
            sheet.REASON,
        ]
        for column, heading in enumerate(headings):
            page.write_string(0, column, heading[: sheet.CELL], bold)
        locked = 2 + len(names)
        page.set_column(0, 0, 12, grey)
        page.set_column(1, 1, 50, grey)
        page.set_column(2, locked - 1, 18, grey)
        page.set_column(locked, len(headings) - 2, 18)
        page.set_column(len(headings) - 1, len(headings) - 1, 40)
        for number, row in enumerate(rows.iter_rows(named=True), start=1):
            seen = hidden.masked(sheet.values_of(row))
            cells = [
                sheet.token(row),
                sheet.shown("; ".join(filter(None, row["messages"] or ()))),
                *(sheet.shown(seen.get(name)) for name in names),
            ]
            for column, cell in enumerate(cells):
                page.write_string(number, column, cell, grey)
            for column in range(locked, len(headings)):
                page.write_blank(number, column, None, open_cell)
        decision = len(headings) - 3
        choice = {"validate": "list", "source": list(sheet.CHOICES)}
        page.data_validation(1, decision, max(rows.height, 1), decision, choice)
        page.freeze_panes(1, 1)
        page.protect("", {"format_columns": True, "format_rows": True, "autofilter": True})
        page.activate()
        _refused(book, refused, bold)


def _refused(book: Any, refused: Sequence[Sequence[str]], bold: Any) -> None:
    page = book.add_worksheet("refused")
    for number, cells in enumerate(refused):
        for column, cell in enumerate(cells):
            page.write_string(number, column, sheet.shown(cell), None if number else bold)
    page.set_column(0, 5, 24)
    page.freeze_panes(1, 0)
    page.protect()
