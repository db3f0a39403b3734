"""sheet_import: a filled-in worksheet of held rows becomes decisions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cleanhold.core.decision import Decision
from cleanhold.errors import UsageError
from cleanhold.pipeline.decide import Intent, Preview, Selection, apply, preview
from cleanhold.pipeline.masking import personal
from cleanhold.pipeline.sheet_judge import Conflict, grouped, judged
from cleanhold.pipeline.sheet_read import read_sheet
from cleanhold.pipeline.stores import Stores
from cleanhold.store.feeding import catch_up
from cleanhold.store.quarantine import Quarantine


@dataclass(frozen=True, slots=True)
class Proposed:
    """One decision that a worksheet asks for: what it would do, and why."""

    preview: Preview
    why: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What a worksheet asks for.

    Attributes:
        decisions: one for each act, reason and end of a waiver.
        left: lines that ask for nothing.
        conflicts: lines that cannot be taken; nothing is done about their rows.
    """

    dataset: str
    decisions: tuple[Proposed, ...]
    left: int
    conflicts: tuple[Conflict, ...]

    def as_dict(self) -> dict[str, Any]:
        return {
            "dataset": self.dataset,
            "decisions": [{**p.preview.as_dict(), "why": p.why} for p in self.decisions],
            "left": self.left,
            "conflicts": [conflict.as_dict() for conflict in self.conflicts],
        }


def look_at_sheet(stores: Stores, file: Path, *, who: str | None = None) -> Imported:
    """Say what a filled-in worksheet would do; nothing is changed.

    Raises:
        DeliveryError: it is no workbook, or has no such sheet.
        UsageError: it is not a sheet of held rows, or of a dataset without a contract.
    """
    found = read_sheet(file)
    if found.dataset not in stores.contracts:
        known = ", ".join(stores.contracts) or "none"
        raise UsageError(f"there is no contract for {found.dataset!r}", next=f"there are {known}")
    quarantine = Quarantine(stores.state)
    catch_up(stores.state, stores.ledger, quarantine)
    rows = quarantine.to_correct(found.dataset, rows=found.rows)
    known_rows = {row["row_id"]: row for row in rows.iter_rows(named=True)}
    asked, conflicts = judged(found, known_rows, personal(stores.contracts[found.dataset]))
    proposed = []
    for group in grouped(asked):
        first = group[0]
        ids = tuple(one.row_id for one in group)
        patches = {one.row_id: one.patch for one in group if one.patch}
        intent = Intent(first.act, patches=patches, until=first.until)
        seen = preview(stores, Selection(found.dataset, rows=ids, status="held"), intent, who=who)
        proposed.append(Proposed(seen, first.why))
    left = len(found.lines) - len(asked) - len(conflicts)
    return Imported(found.dataset, tuple(proposed), left, tuple(conflicts))


def import_sheet(stores: Stores, wanted: Imported, *, who: str | None = None) -> list[Decision]:
    """Decide what a worksheet asks for, as it was looked at.

    Raises:
        Overtaken: rows have changed since it was looked at; decisions before stay.
    """
    return [
        apply(stores, p.preview.selection, p.preview.intent, p.why, token=p.preview.token, who=who)
        for p in wanted.decisions
    ]
