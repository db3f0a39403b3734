"""How a workbook of held rows looks: its formats, a page, and the sheet that explains it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from cleanhold.pipeline import sheet
from cleanhold.pipeline.sheet_guide import DECISIONS, EXAMPLE, NOTES, STEPS, TITLE
from cleanhold.pipeline.sheet_page import Cell, Page, Use

#: Colours of cells: locked, to be filled in, missing.
_GREY, _YELLOW, _WHITE, _RED = "#EDEDED", "#FFF2CC", "#FFFFFF", "#C00000"

#: What may be done on a protected page.
_MAY = {"format_columns": True, "format_rows": True, "autofilter": True, "sort": True}

_A4, _STRIPES = 9, 14

#: Widths of the columns of the sheet that explains.
_LEFT, _RIGHT = 22, 90

#: Points of a line of text; most lines of a cell that are shown; characters across a printed page.
_POINTS, _MOST, _READABLE = 15, 8, 260


class Look:
    """The formats of a workbook (of `xlsxwriter`)."""

    def __init__(self, book: Any) -> None:
        def cell(**how: Any) -> Any:
            return book.add_format({"text_wrap": True, "valign": "top", **how})

        self.head = cell(bold=True, bg_color="#D9E1F2", bottom=2)
        self.title = book.add_format({"bold": True, "font_size": 16})
        self.heading = book.add_format({"bold": True, "font_size": 13})
        self.bold, self.text = cell(bold=True), cell()
        grid = {"border": 1, "border_color": "#BFBFBF"}
        self.locked = cell(num_format="@", bg_color=_GREY, **grid)
        free = {"num_format": "@", "locked": False, **grid}
        self.open, self.wanted = cell(bg_color=_WHITE, **free), cell(bg_color=_YELLOW, **free)
        self.day = cell(bg_color=_WHITE, **{**free, "num_format": "yyyy-mm-dd"})
        self.missing = book.add_format(
            {"pattern": _STRIPES, "fg_color": _RED, "bg_color": _WHITE, "border": 1}
        )

    def of(self, use: Use, wanted: bool) -> Any:
        """The format of a cell."""
        if use is Use.READ:
            return self.locked
        if use is Use.DAY:
            return self.day
        return self.wanted if wanted else self.open


def draw(book: Any, look: Look, page: Page) -> Any:
    """Add a page to a workbook (of `xlsxwriter`), cell by cell, every one a text."""
    drawn = book.add_worksheet(page.name)
    widths = [column.width for column in page.columns]
    for number, column in enumerate(page.columns):
        empty = None if column.use is Use.READ else look.of(column.use, False)
        drawn.set_column(number, number, column.width, empty)
    drawn.set_row(0, _height([column.heading for column in page.columns], widths))
    for number, column in enumerate(page.columns):
        drawn.write_string(0, number, sheet.shown(column.heading), look.head)
    for line, given in enumerate(page.lines, start=1):
        cells = [
            Cell(cell, column.use) if isinstance(cell, str) else cell
            for cell, column in zip(given, page.columns, strict=True)
        ]
        drawn.set_row(line, _height([cell.text for cell in cells[: page.printed]], widths))
        for number, cell in enumerate(cells):
            if not cell.text and cell.use is not Use.READ and not cell.wanted:
                continue  # it looks as its column does
            drawn.write_string(line, number, sheet.shown(cell.text), look.of(cell.use, cell.wanted))
    last = max(page.count, 1)
    drawn.freeze_panes(1, 1)
    drawn.autofilter(0, 0, last, len(page.columns) - 1)
    drawn.protect("", _MAY)
    drawn.set_landscape()
    drawn.set_paper(_A4)
    if sum(widths[: page.printed]) <= _READABLE:
        drawn.fit_to_pages(1, 0)
    else:
        drawn.set_print_scale(60)
        drawn.repeat_columns(0)
    drawn.repeat_rows(0)
    drawn.print_area(0, 0, last, page.printed - 1)
    drawn.set_footer("&L&F, &A&RPage &P of &N")
    if any(column.use is Use.DECIDE for column in page.columns):
        _help(drawn, look, page, last)
    return drawn


def _height(texts: Sequence[str], widths: Sequence[int]) -> int:
    """Of a row in points: programs do not all make room for text that is wrapped."""
    lines = max(
        sum(max(1, -(-len(part) // width)) for part in text.split("\n"))
        if len(text) < 999
        else _MOST
        for text, width in zip(texts, widths, strict=False)
    )
    return _POINTS * min(lines, _MOST)


def _help(drawn: Any, look: Look, page: Page, last: int) -> None:
    """The list of decisions, what a day is, and stripes where something is missing."""
    at = {column.heading: number for number, column in enumerate(page.columns)}
    decision, until, reason = (at[h] for h in (sheet.DECISION, sheet.UNTIL, sheet.REASON))
    drawn.data_validation(1, decision, last, decision, {
        "validate": "list", "source": list(sheet.CHOICES), "error_title": "No such decision",
        "error_message": f"Choose one of the list: {', '.join(sheet.CHOICES)}.",
    })  # fmt: skip
    drawn.data_validation(1, until, last, until, {
        "validate": "date", "criteria": ">=", "value": date(2000, 1, 1),
        "input_title": "Only to waive", "input_message": "The last day on which the row may pass.",
        "error_title": "No day", "error_message": "Write a day, such as 2026-12-31.",
    })  # fmt: skip
    given = [_cell(n) for c, n in at.items() if c.startswith((sheet.CORRECT, sheet.VALUE))][:200]
    values = f"COUNTA({','.join(given)})" if given else "0"
    chosen = _cell(decision)
    missing = {
        decision: f'AND({chosen}="",{values}>0)',
        reason: f'AND({chosen}<>"",{chosen}<>"leave",{_cell(reason)}="")',
        until: f'AND({chosen}="waive",{_cell(until)}="")',
    }
    for column, when in missing.items():
        rule = {"type": "formula", "criteria": f"={when}", "format": look.missing}
        drawn.conditional_format(1, column, last, column, rule)


def _cell(column: int) -> str:
    from xlsxwriter.utility import xl_rowcol_to_cell

    return str(xl_rowcol_to_cell(1, column, col_abs=True))


def explain(book: Any, look: Look) -> None:
    """Add the sheet that says how to fill in the others."""
    page = book.add_worksheet("read me")
    page.set_column(0, 0, _LEFT)
    page.set_column(1, 1, _RIGHT)
    page.write_string(0, 0, TITLE, look.title)
    line = 2
    filled = (sheet.CORRECT, sheet.DECISION, sheet.REASON)
    parts: tuple[tuple[str, Sequence[tuple[str, str]], Any], ...] = (
        ("What to do", [(f"{n}.", step) for n, step in enumerate(STEPS, start=1)], look.text),
        ("The decisions", DECISIONS, look.bold),
        ("An example", EXAMPLE, look.head),
        ("Good to know", [("", note) for note in NOTES], look.text),
    )
    for title, lines, left in parts:
        page.write_string(line, 0, title, look.heading)
        for name, text in lines:
            line += 1
            right = look.text
            if left is look.head:
                right = look.wanted if name.startswith(filled) else look.locked
            page.set_row(line, _height([name, text], (_LEFT, _RIGHT)))
            page.write_string(line, 0, name, left)
            page.write_string(line, 1, text, right)
        line += 2
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    page.hide_gridlines(2)
    page.protect()
