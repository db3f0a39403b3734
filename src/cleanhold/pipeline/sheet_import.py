"""sheet_import: a filled-in workbook of held rows becomes decisions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path
from typing import Any

from cleanhold.core.decision import Decision
from cleanhold.errors import UsageError
from cleanhold.pipeline.decide import Intent, Preview, Selection, apply, preview
from cleanhold.pipeline.masking import personal
from cleanhold.pipeline.sheet_collect import Collected, Conflict, Known, collected, row_of
from cleanhold.pipeline.sheet_judge import Asked
from cleanhold.pipeline.sheet_read import Book, read_book
from cleanhold.pipeline.stores import Stores
from cleanhold.store.feeding import catch_up
from cleanhold.store.ledger import utc_now
from cleanhold.store.quarantine import Quarantine

#: Conflicts of which it is told who decided otherwise: each is a question to the quarantine.
_ASKED = 50


@dataclass(frozen=True, slots=True)
class Proposed:
    """One decision that a workbook asks for: what it would do, and why."""

    preview: Preview
    why: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What a workbook asks for.

    Attributes:
        datasets: whose rows are in it.
        decisions: one for each dataset, act, reason and end of a waiver.
        done: rows that stand already as is asked.
        left: rows about which nothing is asked.
        conflicts: lines that cannot be taken; nothing is done about their rows.
    """

    datasets: tuple[str, ...]
    decisions: tuple[Proposed, ...]
    done: int
    left: int
    conflicts: tuple[Conflict, ...]

    def as_dict(self) -> dict[str, Any]:
        return {
            "datasets": list(self.datasets),
            "decisions": [{**p.preview.as_dict(), "why": p.why} for p in self.decisions],
            "done": self.done,
            "left": self.left,
            "conflicts": [conflict.as_dict() for conflict in self.conflicts],
        }


def look_at_sheet(stores: Stores, file: Path, *, who: str | None = None) -> Imported:
    """Say what a filled-in workbook would do; nothing is changed.

    Raises:
        UsageError: it cannot be read, is no workbook of held rows, or one of another workspace.
    """
    book = read_book(file)
    found = _collected(stores, book)
    settled = [each for each in found.conflicts if each.settled][:_ASKED]
    others = {each: _by_whom(stores, each) for each in settled}
    conflicts = tuple(others.get(each, each) for each in found.conflicts)
    proposed = tuple(
        Proposed(preview(stores, Selection(dataset, rows=ids, status="held"), intent, who=who), why)
        for dataset, wishes in found.wishes.items()
        for ids, intent, why in _together(wishes)
    )
    return Imported(tuple(book.rows), proposed, found.done, found.left, conflicts)


def import_sheet(stores: Stores, wanted: Imported, *, who: str | None = None) -> list[Decision]:
    """Decide what a workbook asks for, as it was looked at.

    Raises:
        Overtaken: rows have changed since it was looked at; decisions before stay.
    """
    return [
        apply(stores, p.preview.selection, p.preview.intent, p.why, token=p.preview.token, who=who)
        for p in wanted.decisions
    ]


def require_imported(stores: Stores, file: Path) -> None:
    """Raise `UsageError` if a file is a workbook with decisions that were not imported yet."""
    try:
        found = _collected(stores, read_book(file))
    except UsageError:  # none of ours, or of another workspace: whoever names it means it
        return
    if found.wishes or any(not conflict.settled for conflict in found.conflicts):
        raise UsageError(
            f"{file} has decisions that were not imported",
            next=f"cleanhold quarantine import {file}, or give --out another name",
        )


def _collected(stores: Stores, book: Book) -> Collected:
    quarantine = Quarantine(stores.state)
    catch_up(stores.state, stores.ledger, quarantine)
    known = {}
    for dataset, lines in book.rows.items():
        if dataset not in stores.contracts:
            there = ", ".join(stores.contracts) or "none"
            raise UsageError(f"there is no contract for {dataset!r}", next=f"there are {there}")
        ids = list(filter(None, map(row_of, lines)))
        rows = quarantine.to_correct(dataset, rows=ids).iter_rows(named=True)
        hidden = personal(stores.contracts[dataset])
        known[dataset] = Known({row["row_id"]: row for row in rows}, hidden)
    named = any(line.token for lines in book.rows.values() for line in lines)
    if named and not any(each.rows for each in known.values()):
        raise UsageError(
            "none of the rows of this workbook is in the quarantine of this workspace",
            next="name the workspace that it was exported from: --workspace FOLDER",
        )
    return collected(book, known, utc_now().astimezone(UTC).date())


def _by_whom(stores: Stores, conflict: Conflict) -> Conflict:
    """A conflict with somebody else's decision, and who made it and why."""
    row = Quarantine(stores.state).row(conflict.row_id) or {}
    made = [change for change in row.get("history", ()) if change["who"]]
    if not made:
        return conflict
    last = made[-1]
    told = f"{last['what']} by {last['who']} on {last['happened']:%F %H:%M} UTC: {last['why']}"
    return replace(conflict, what=f"{conflict.what} ({told})")


def _together(wishes: Sequence[Asked]) -> Iterator[tuple[tuple[str, ...], Intent, str]]:
    """Those of one act, reason and end together, in the order they came: ids, intent, reason."""
    groups: dict[tuple[Any, ...], list[Asked]] = {}
    for wish in wishes:
        groups.setdefault((wish.act, wish.why, wish.until), []).append(wish)
    for (act, why, until), group in groups.items():
        patches = {wish.row_id: wish.patch for wish in group if wish.patch}
        yield tuple(w.row_id for w in group), Intent(act, patches=patches, until=until), why
