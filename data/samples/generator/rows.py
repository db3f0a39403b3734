"""Rows, the faults planted in them, and deliveries: the nouns every module here shares."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random
from typing import NamedTuple

DAY_1, DAY_2 = date(2026, 11, 2), date(2026, 11, 3)

#: What the CRM writes where it knows nothing. Matched exactly, after trimming.
NULLS = ("", "NULL", "N/A", "-")

#: Raw column name → text as delivered.
Cells = Mapping[str, str]


def seeded(name: str) -> Random:
    """A generator of its own for every purpose, so that a change in one leaves the others."""
    return Random(f"cleanhold/samples/{name}")


def is_null(text: str) -> bool:
    """Whether a CRM cell says "nothing"."""
    return text.strip() in NULLS


class Fault(NamedTuple):
    """One finding that must be made: the check, the contract column ("" when it is about
    several), why in words, and what becomes of the row: `held`, `warned` or `refused`.
    """

    check: str
    column: str
    note: str
    outcome: str = "held"


@dataclass(frozen=True)
class Row:
    """One data record.

    Attributes:
        identity: the key of the thing it is about, also when its key cell is wrong.
        reshape: what happened to the encoded line on its way (fixed-width only).
        remark: for a row that looks wrong: why it is right.
    """

    identity: str
    cells: Cells
    faults: tuple[Fault, ...] = ()
    reshape: Callable[[bytes], bytes] | None = None
    remark: str = ""

    @property
    def passes(self) -> bool:
        return all(fault.outcome == "warned" for fault in self.faults)

    def has(self, check: str) -> bool:
        return any(fault.check == check for fault in self.faults)


@dataclass(frozen=True)
class Change:
    """Something to do to one row: new cells (a text, or a function of the old text), faults.

    Attributes:
        suits: further condition on the row it may be applied to.
    """

    cells: Mapping[str, str | Callable[[str], str]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    reshape: Callable[[bytes], bytes] | None = None
    remark: str = ""
    suits: Callable[[Cells], bool] = lambda _: True

    def fits(self, row: Row) -> bool:
        """A plain row, with something in every cell that is to be altered."""
        altered = (name for name, new in self.cells.items() if callable(new))
        plain = not (row.faults or row.remark)
        return plain and self.suits(row.cells) and not any(is_null(row.cells[n]) for n in altered)

    def of(self, row: Row) -> Row:
        cells = dict(row.cells)
        for name, new in self.cells.items():
            cells[name] = new(cells[name]) if callable(new) else new
        return replace(
            row, cells=cells, faults=self.faults, reshape=self.reshape, remark=self.remark
        )


def column_of(raw: str) -> str:
    """The contract's name of a raw column: `Legacy Holder No` → `legacy_holder_no`."""
    return raw.lower().replace("-", "").replace("(%)", "").strip().replace(" ", "_")


def hold(raw: str, value: str | Callable[[str], str], check: str, note: str) -> Change:
    """The usual change: one cell, one fault in its column."""
    return Change({raw: value}, (Fault(check, column_of(raw), note),))


def apply(changes: Sequence[Change], rows: list[Row], rng: Random) -> None:
    """Apply each change to one row of its own, in place."""
    taken: set[int] = set()
    for change in changes:
        fitting = (i for i, row in enumerate(rows) if i not in taken and change.fits(row))
        index = rng.choice(list(fitting))
        taken.add(index)
        rows[index] = change.of(rows[index])


def double(rows: list[Row], rng: Random, key: str, changes: Sequence[Change]) -> None:
    """Send one plain row per change twice, the second time changed: all of them are held."""
    for change in changes:
        index = rng.choice([i for i, row in enumerate(rows) if change.fits(row)])
        fault = Fault("unique", key, "two rows of this extract share the key")
        first, second = rows[index], change.of(rows[index])
        rows[index] = replace(first, faults=(fault,))
        again = replace(second, faults=(fault, *second.faults))
        rows.insert(rng.randrange(index + 1, len(rows) + 1), again)


def again(row: Row, record: int) -> Row:
    """A bad row of the first day, sent again byte for byte."""
    before = f"sent again unchanged (record {record} of the day before): "
    faults = tuple(fault._replace(note=before + fault.note) for fault in row.faults)
    return replace(row, faults=faults)


@dataclass(frozen=True)
class Delivery:
    """One file that a source delivers.

    Attributes:
        file: path below the samples folder.
        key: raw column of the business key.
        data: the bytes.
    """

    file: str
    dataset: str
    key: str
    rows: tuple[Row, ...]
    data: bytes

    @property
    def clean_keys(self) -> set[str]:
        return {row.cells[self.key].strip() for row in self.rows if row.passes}

    def count(self, outcome: str) -> int:
        """Rows (not findings) with that outcome."""
        return sum(any(f.outcome == outcome for f in row.faults) for row in self.rows)

    def records(self) -> Iterator[tuple[int, Row]]:
        """Rows with their record numbers, from 1; a header is not a record."""
        return enumerate(self.rows, start=1)
