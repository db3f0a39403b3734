"""sheet_judge: what people wrote on a line of a workbook, and what of it cannot be taken."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from cleanhold.core.contract import MASK
from cleanhold.core.decision import Act, Status
from cleanhold.pipeline import sheet
from cleanhold.pipeline.masking import Personal
from cleanhold.pipeline.sheet_csv import LOST
from cleanhold.pipeline.sheet_read import Line, text_of_cell
from cleanhold.readers.worksheet import Cell, Converted

#: What a program makes of a cell, for people.
_KINDS = {"float": "number", "datetime": "date", "bool": "TRUE or FALSE", "timedelta": "time"}

#: What became of a row that somebody else was faster with.
_SINCE: dict[str, str] = {
    Status.CORRECTED: "somebody corrected this row otherwise",
    Status.WAIVED: "somebody let this row pass",
    Status.REJECTED: "somebody rejected this row",
    Status.SUPERSEDED: "a later delivery took the place of this row",
    Status.RELEASED: "this row was published",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants done about one held row.

    Attributes:
        line: that says so: the row's own, or that of its case.
        patch: raw column → its new value, for a correction.
        until: the last day of a waiver.
    """

    line: Line
    row_id: str
    act: Act
    why: str
    patch: Mapping[str, str | None] = field(default_factory=dict)
    until: date | None = None

    def of(self, row: str) -> Asked:
        """The same about another row."""
        return replace(self, row_id=row)

    @property
    def wish(self) -> tuple[Any, ...]:
        """What is asked for, to be compared."""
        return self.act, self.why, self.until, sorted(self.patch.items())


def asks(line: Line) -> bool:
    """Whether a line asks for something."""
    return line.text(sheet.DECISION).casefold() not in ("", "leave")


def asked(line: Line, row: str, corrections: Mapping[str, Cell]) -> Asked:
    """What a line asks for. Only to be called if `unclear` finds nothing."""
    act = Act(line.text(sheet.DECISION).casefold())
    until = _day(line) if act is Act.WAIVE else None
    patch = {name: _value(cell) for name, cell in corrections.items()}
    return Asked(line, row, act, line.text(sheet.REASON), patch, until)


def _value(cell: Cell) -> str | None:
    text = text_of_cell(cell)
    return None if text.strip().casefold() == sheet.NOTHING else text


def unclear(line: Line, corrections: Mapping[str, Cell], today: date) -> Iterator[str]:
    """What is wrong with what was written, whatever the row.

    Args:
        line: of a row or a case.
        corrections: raw column → what was written for it.
        today: before which no waiver may end.
    """
    wanted = line.text(sheet.DECISION).casefold()
    if line.merged and (asks(line) or corrections):
        yield "cells are merged over several lines: take that back, and fill in each line"
    if not asks(line):
        if corrections:
            yield "there is a correction, but the decision is not 'correct'"
        return
    if wanted not in sheet.CHOICES:
        yield f"{wanted!r} is no decision: choose one of {', '.join(sheet.CHOICES)}"
        return
    if not line.text(sheet.REASON):
        yield "the reason is missing"
    for name, cell in corrections.items():
        yield from _spoilt(name, cell, line.lossy)
    if wanted == Act.WAIVE:
        day = _day(line)
        if day is None:
            yield f"the last day of the waiver is missing under '{sheet.UNTIL}': like 2026-12-31"
        elif day < today:
            yield f"the last day of the waiver, {day}, is over"
    if wanted != Act.CORRECT and corrections:
        yield f"there is a correction, but the decision is to {wanted}"
    if wanted == Act.CORRECT and not corrections:
        yield "the right value is missing: write it into its yellow cell"


def _spoilt(name: str, cell: Cell, lossy: bool) -> Iterator[str]:
    if isinstance(cell, Converted):
        kind = _KINDS.get(cell.kind, cell.kind)
        yield (
            f"the program made a {kind} of the correction of {name!r} ({cell.text}), and how it "
            "was written is lost: format the cell as text and write it again"
        )
    elif MASK in cell:
        yield f"{MASK} under {name!r} stands for a value that is hidden: write the value itself"
    elif lossy and LOST in cell:
        yield (
            f"letters of the correction of {name!r} may have become {LOST!r} when the file was "
            "saved: save it as .xlsx, or as CSV UTF-8"
        )


def changed(line: Line, row: Mapping[str, Any], hidden: Personal) -> Iterator[str]:
    """What is no longer as it was written, of a row that still is; and what it does not have."""
    values = sheet.values_of(row)
    for name, value in values.items():
        cell = line.cells.get(sheet.DELIVERED + name)
        masked = cell == MASK and hidden.has(name)
        if cell is not None and not masked and not sheet.same(text_of_cell(cell), value):
            yield (
                f"the grey cell {sheet.DELIVERED + name!r} was changed: put it back, and write "
                "corrections into the cell beside it"
            )


def misfits(wish: Asked, row: Mapping[str, Any]) -> Iterator[str]:
    """Why a correction does not fit a row that still is as it was written."""
    values = sheet.values_of(row)
    if unknown := [repr(name) for name in wish.patch if name not in values]:
        yield f"this row has no column {unknown[0]}"
    elif wish.patch and all(values[name] == new for name, new in wish.patch.items()):
        yield "the correction is what is there already"


def since(wish: Asked | None, token: str, row: Mapping[str, Any] | None) -> str | None:
    """What happened to a row since the workbook was made; "" if it was just what is asked for.

    None if nothing did.
    """
    if row is None:
        return "no such row is in quarantine: its cell at the end of the line was changed, or the "\
               "line is from another sheet or workspace"  # fmt: skip
    if token == sheet.token(row):
        return None
    if wish is not None and _done(wish, row):
        return ""
    if row["status"] == Status.HELD:
        return "this row was checked again since, and is still held: see a new workbook"
    return f"{_SINCE.get(row['status'], 'this row changed')} since the workbook was made"


def _done(wish: Asked, row: Mapping[str, Any]) -> bool:
    """Whether a row that changed since changed as is asked for."""
    status, patch = Status(row["status"]), json.loads(row["patch"] or "{}")
    if wish.act is Act.CORRECT:
        return all(name in patch and patch[name] == new for name, new in wish.patch.items())
    if wish.act is Act.REJECT:
        return status is Status.REJECTED
    passed = status is Status.RELEASED and not patch
    return passed or (status is Status.WAIVED and row["waived_until"] == wish.until)


def _day(line: Line) -> date | None:
    """The day of a cell: a date is no less exact than its text."""
    try:
        return date.fromisoformat(line.text(sheet.UNTIL).removesuffix("T00:00:00"))
    except ValueError:
        return None
