"""sheet_collect: all that a workbook asks for, row by row, and the lines that cannot be taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cleanhold.core.decision import Act
from cleanhold.pipeline import sheet
from cleanhold.pipeline.masking import Personal
from cleanhold.pipeline.sheet_cases import read_token
from cleanhold.pipeline.sheet_judge import Asked, asked, asks, changed, misfits, since, unclear
from cleanhold.pipeline.sheet_read import Book, Line, text_of_cell
from cleanhold.readers.worksheet import Cell


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why a line cannot be taken.

    Attributes:
        row_id: of the row, or the id of the case, that it is about.
        settled: the row went another way since; what was written is of no use any more.
    """

    sheet: str
    line: int
    row_id: str
    what: str
    settled: bool = False

    def as_dict(self) -> dict[str, Any]:
        return {"sheet": self.sheet, "line": self.line, "row_id": self.row_id, "what": self.what}


@dataclass(slots=True)
class Collected:
    """What a workbook asks for.

    Attributes:
        wishes: dataset → one for each row that can be decided.
        done: rows that stand as is asked for already.
        left: rows about which nothing is asked.
    """

    wishes: dict[str, list[Asked]] = field(default_factory=lambda: defaultdict(list))
    conflicts: list[Conflict] = field(default_factory=list)
    done: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """The held rows of a dataset now.

    Attributes:
        rows: row id → the row as `Quarantine.to_correct` has it.
    """

    rows: Mapping[str, Mapping[str, Any]]
    hidden: Personal


def row_of(line: Line) -> str:
    """The id of the row that a line is about."""
    return line.token.partition(":")[0]


def collected(book: Book, known: Mapping[str, Known], today: date) -> Collected:
    """What a workbook asks for: the line of a row goes before that of its case."""
    found = Collected()
    wishes: dict[str, dict[str, list[tuple[Asked, Line]]]] = {name: {} for name in book.rows}
    blank: dict[tuple[str, str], dict[str, Line]] = defaultdict(dict)
    stay: set[str] = set()  # what is asked about their case is not meant for these
    for dataset, lines in book.rows.items():
        for line in lines:
            if problems := list(_own_problems(line, known[dataset], today)):
                _tell(found, line, row_of(line), problems)
            elif asks(line):
                wish = asked(line, row_of(line), line.corrections)
                wishes[dataset].setdefault(wish.row_id, []).append((wish, line))
            elif line.text(sheet.DECISION):
                stay.add(row_of(line))
            elif line.token:
                blank[dataset, line.text(sheet.CASE)].setdefault(row_of(line), line)
    stay |= {conflict.row_id for conflict in found.conflicts}
    for waiting in blank.values():
        for row in stay & waiting.keys():
            del waiting[row]
    for line in book.cases:
        _spread(found, line, wishes, blank, known, today)
    for dataset, rows in wishes.items():
        for pairs in rows.values():
            _settle(found, dataset, pairs, known[dataset])
    asked_about = {row for rows in wishes.values() for row in rows}
    told = {conflict.row_id for conflict in found.conflicts}
    nothing = {*stay, *(row for rows in blank.values() for row in rows)} - asked_about - told
    found.left = len(nothing)
    found.conflicts.sort(key=lambda conflict: (conflict.sheet, conflict.line))
    return found


def _own_problems(line: Line, known: Known, today: date) -> Iterator[str]:
    if asks(line) and not line.token:
        yield "nothing says which row this line is about: its cell at the end is empty"
        return
    yield from unclear(line, line.corrections, today)
    row = known.rows.get(row_of(line))
    if row is not None and since(None, line.token, row) is None:
        yield from changed(line, row, known.hidden)


def _spread(
    found: Collected,
    line: Line,
    wishes: Mapping[str, dict[str, list[tuple[Asked, Line]]]],
    blank: Mapping[tuple[str, str], Mapping[str, Line]],
    known: Mapping[str, Known],
    today: date,
) -> None:
    """Give what is asked about a case to those of its rows about which nothing else is asked."""
    dataset, case, count, column = read_token(line.token)
    value = line.cells.get(sheet.VALUE, "")
    corrections: dict[str, Cell] = {column: value} if text_of_cell(value).strip() else {}
    problems = list(unclear(line, corrections, today))
    rows = {
        row: own
        for row, own in blank.get((dataset, case), {}).items()
        if row not in wishes.get(dataset, {})
    }
    if asks(line) and not problems:
        problems += _case_problems(dataset, column, count, rows, corrections, known)
    if problems:
        _tell(found, line, case, problems)
    elif asks(line):
        wish = asked(line, "", corrections)
        for row, own in rows.items():
            wishes[dataset].setdefault(row, []).append((wish.of(row), own))


def _case_problems(
    dataset: str,
    column: str,
    count: int,
    rows: Mapping[str, Line],
    corrections: Mapping[str, Cell],
    known: Mapping[str, Known],
) -> Iterator[str]:
    if not dataset:
        yield "nothing says which case this line is about: its cell at the end was changed"
    elif count and not rows:
        yield f"none of its rows is on the sheet {dataset!r} without a decision of its own"
    elif corrections:
        here = known[dataset].rows
        values = {sheet.values_of(here[row]).get(column) for row in rows if row in here}
        if not column or len(values) > 1:
            yield f"its rows have different values: correct them on the sheet {dataset!r}"


def _settle(
    found: Collected, dataset: str, pairs: Sequence[tuple[Asked, Line]], known: Known
) -> None:
    """One wish for a row, or why there is none."""
    wish, own = pairs[0]
    row = known.rows.get(wish.row_id)
    if any(other.wish != wish.wish for other, _ in pairs):
        for each, line in pairs:
            where = ", ".join(f"{o.sheet!r} line {o.number}" for _, o in pairs if o is not line)
            _tell(found, line, each.row_id, [f"the row is there again with another wish: {where}"])
        return
    happened = since(wish, own.token, row)
    if happened == "":
        found.done += 1
    elif happened is not None:
        _tell(found, own, wish.row_id, [happened], settled=True)
    elif row is not None and (problems := list(_fit(wish, row))):
        _tell(found, own, wish.row_id, problems)
    else:
        found.wishes[dataset].append(wish)


def _fit(wish: Asked, row: Mapping[str, Any]) -> Iterator[str]:
    if wish.act is Act.CORRECT:
        yield from misfits(wish, row)


def _tell(
    found: Collected, line: Line, row: str, problems: Sequence[str], *, settled: bool = False
) -> None:
    what = "; ".join(problems)
    found.conflicts.append(Conflict(line.sheet, line.number, row, what, settled))
