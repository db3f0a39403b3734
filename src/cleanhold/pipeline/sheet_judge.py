"""sheet_judge: what people wrote into a worksheet of held rows, and what of it cannot be taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cleanhold.core.decision import Act, Status
from cleanhold.pipeline import sheet
from cleanhold.pipeline.masking import MASK, Personal
from cleanhold.pipeline.sheet_read import Sheet, row_id_of, text_of_cell
from cleanhold.readers.worksheet import Cell, Converted


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants done about one held row.

    Attributes:
        line: of the worksheet.
        patch: raw column → its new value, for a correction.
        until: the last day of a waiver.
    """

    line: int
    row_id: str
    act: Act
    why: str
    patch: Mapping[str, str | None] = field(default_factory=dict)
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why a line cannot be taken."""

    line: int
    row_id: str
    what: str

    def as_dict(self) -> dict[str, Any]:
        return {"line": self.line, "row_id": self.row_id, "what": self.what}


def judged(
    found: Sheet, known: Mapping[str, Mapping[str, Any]], hidden: Personal
) -> tuple[list[Asked], list[Conflict]]:
    """What is asked for, and the lines that cannot be taken.

    Args:
        found: the worksheet.
        known: row id → the row as `Quarantine.to_correct` has it now.
        hidden: which values may have been masked.
    """
    asked, conflicts = [], []
    twice = {row for row, count in Counter(found.rows).items() if count > 1}
    for number, line in found.lines.items():
        row_id = row_id_of(line, found.dataset)
        wanted = text_of_cell(line[sheet.DECISION]).strip().casefold()
        row = known.get(row_id)
        stale = list(_stale(text_of_cell(line[sheet.first_heading(found.dataset)]), row))
        problems = list(_edited(line, row, hidden)) if row and not stale else []
        if wanted in ("", "leave"):
            if any(line[name] for name in line if name.startswith(sheet.CORRECT)):
                problems.append("it has a correction, and no decision to correct")
        elif row_id in twice:
            problems.append("the row is there more than once")
        else:
            problems += stale or _unclear(line, wanted, row)
        if problems:
            conflicts.append(Conflict(number, row_id, "; ".join(problems)))
        elif wanted not in ("", "leave"):
            asked.append(_asked(number, row_id, line, wanted))
    return asked, conflicts


def _edited(line: Mapping[str, Cell], row: Mapping[str, Any], hidden: Personal) -> Iterator[str]:
    """Locked cells that are not as they were written."""
    for name, value in sheet.values_of(row).items():
        cell = line.get(sheet.DELIVERED + name)
        masked = cell == MASK and hidden.has(name)
        if cell is not None and cell != sheet.shown(value) and not masked:
            yield f"the locked cell of {name!r} was changed: write corrections into the yellow one"


def _stale(mark: str, row: Mapping[str, Any] | None) -> Iterator[str]:
    """Whether the row is still what the sheet was made from."""
    if row is None:
        yield "no such row is in quarantine"
    elif row["status"] != Status.HELD:
        yield f"it was settled since: {row['status']}"
    elif mark != sheet.token(row):
        yield "it was judged again or corrected since the sheet was made: export it again"


def _unclear(line: Mapping[str, Cell], wanted: str, row: Mapping[str, Any] | None) -> Iterator[str]:
    """What is wrong with what was written."""
    if wanted not in sheet.CHOICES:
        yield f"{wanted!r} is no decision: " + ", ".join(sheet.CHOICES)
        return
    if not text_of_cell(line[sheet.REASON]).strip():
        yield "it has no reason"
    for name, cell in line.items():
        if isinstance(cell, Converted) and name.startswith((sheet.CORRECT, sheet.REASON)):
            yield (
                f"the program made a {cell.kind} of the cell {name!r} ({cell.text}): format the "
                "cell as text and write it again"
            )
    patch = _patch(line)
    if wanted == Act.WAIVE and _day(line[sheet.UNTIL]) is None:
        yield "a waiver ends some day: write it like 2026-12-31"
    if wanted != Act.CORRECT and patch:
        yield f"it has a correction, and the decision is to {wanted}"
    if wanted == Act.CORRECT and row is not None:
        values = sheet.values_of(row)
        if all(values.get(name) == new for name, new in patch.items()):
            yield "it corrects nothing"


def _asked(number: int, row_id: str, line: Mapping[str, Cell], wanted: str) -> Asked:
    act = Act(wanted)
    until = _day(line[sheet.UNTIL]) if act is Act.WAIVE else None
    return Asked(number, row_id, act, text_of_cell(line[sheet.REASON]).strip(), _patch(line), until)


def _patch(line: Mapping[str, Cell]) -> dict[str, str | None]:
    return {
        name.removeprefix(sheet.CORRECT): None if cell == sheet.NOTHING else text_of_cell(cell)
        for name, cell in line.items()
        if name.startswith(sheet.CORRECT) and cell
    }


def _day(cell: Cell) -> date | None:
    """The day of a cell: a date is no less exact than its text."""
    try:
        return date.fromisoformat(text_of_cell(cell).strip().removesuffix("T00:00:00"))
    except ValueError:
        return None


def grouped(asked: Sequence[Asked]) -> list[list[Asked]]:
    """Those of one act, reason and end together, in the order they came."""
    groups: dict[tuple[Act, str, date | None], list[Asked]] = {}
    for one in asked:
        groups.setdefault((one.act, one.why, one.until), []).append(one)
    return list(groups.values())
