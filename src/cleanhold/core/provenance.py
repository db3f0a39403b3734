"""Provenance: where one row came from, what became of it, and what was made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from cleanhold.core.column_lineage import Origin


@dataclass(frozen=True, slots=True)
class Delivered:
    """A record as its extract has it.

    Attributes:
        values: raw values; None if the record could not become a row.
        span: (offset, length) in bytes of the extract, where the format has one.
        text: the bytes as text, as far as they are text.
    """

    values: Mapping[str, Any] | None
    span: tuple[int, int] | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """Other raw values that somebody, or the contract, gave a row.

    Attributes:
        decision: its number.
        changes: raw column → the text before and after.
    """

    decision: int
    who: str
    why: str
    at: datetime
    changes: Mapping[str, tuple[str | None, str | None]]

    def as_dict(self) -> dict[str, Any]:
        changes = {name: {"before": old, "after": new} for name, (old, new) in self.changes.items()}
        return {**asdict(self), "at": self.at.isoformat(), "changes": changes}


@dataclass(frozen=True, slots=True)
class Version:
    """One delivery of a key.

    Attributes:
        name: of the extract.
        dated: its business date, or the day it landed.
        became: `published`, `taken back`, `superseded`, or its status in the quarantine.
        since: number of the snapshot that first had it; None if none did.
        until: number of the first published one after it that has it no more; None if it is there.
        replaced_by: row id of the delivery that took its place; None if none did.
    """

    row_id: str
    name: str
    dated: date | None
    became: str
    since: int | None = None
    until: int | None = None
    replaced_by: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "dated": self.dated and self.dated.isoformat()}


@dataclass(frozen=True, slots=True)
class Absent:
    """A row that would be among others, but is not: held, or refused.

    Attributes:
        stands: its status in the quarantine.
        reasons: what holds it, in words; personal values masked.
        case: id of its case; None for a refused record.
    """

    row_id: str
    name: str
    stands: str
    reasons: tuple[str, ...]
    case: str | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one table that belong to a row of another.

    Attributes:
        snapshot: number; None if the table has none.
        count: of all of them; None if they cannot be told.
        listed: some of them: `row_id`, and the columns that matter; personal values masked.
        by: the columns they are found by, in words.
        absent: rows that would be among them, were they not held or refused; `absent_more` so
            many others.
        notes: what else is to be known, in words; why they cannot be told.
    """

    dataset: str
    snapshot: int | None
    count: int | None = None
    listed: tuple[Mapping[str, Any], ...] = ()
    by: str = ""
    absent: tuple[Absent, ...] = ()
    absent_more: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MadeFrom:
    """What a row of a built table was made from.

    Attributes:
        snapshot: of the built table.
        columns: those asked for → their origins.
        filters: what decides which rows there are, beside what they are found by.
        inputs: rows of each table that it reads.
        unseen: what could not be read of the function that builds it, in words.
    """

    snapshot: int
    columns: Mapping[str, tuple[Origin, ...]]
    filters: tuple[Origin, ...] = ()
    inputs: tuple[Rows, ...] = ()
    unseen: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        origins = {name: [_origin(o) for o in found] for name, found in self.columns.items()}
        return {
            "snapshot": self.snapshot,
            "columns": origins,
            "filters": [_origin(o) for o in self.filters],
            "inputs": [asdict(rows) for rows in self.inputs],
            "unseen": list(self.unseen),
        }


@dataclass(frozen=True, slots=True)
class Fed:
    """What was made of a row, and who reads that.

    Attributes:
        tables: rows of each built table.
        consumers: those whose pacts need the row's table or one of these: dataset, name, owner.
    """

    tables: tuple[Rows, ...] = ()
    consumers: tuple[tuple[str, str, str], ...] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        named = ("dataset", "consumer", "owner")
        return {
            "tables": [asdict(rows) for rows in self.tables],
            "consumers": [dict(zip(named, one, strict=True)) for one in self.consumers],
        }


def _origin(origin: Origin) -> dict[str, Any]:
    column = {"table": origin.column.table, "column": origin.column.name}
    return {**column, "way": str(origin.way), "told": origin.told}
