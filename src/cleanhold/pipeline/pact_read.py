"""pact_read: which snapshot a consumer reads, and why it is not a newer one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import polars as pl

from cleanhold.core.pact import Pact, Unmet
from cleanhold.core.snapshot import Channel, Snapshot
from cleanhold.core.span import in_days
from cleanhold.errors import PactUnmet, UsageError
from cleanhold.pipeline.ages import since
from cleanhold.pipeline.pacts import MOST, answer_of
from cleanhold.pipeline.read import Declared, read_snapshot, refusal
from cleanhold.pipeline.stores import Stores
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger
from cleanhold.store.opening import has_ledger, open_ledger
from cleanhold.store.snapshots import read_manifest


@dataclass(frozen=True, slots=True)
class Choice:
    """What a consumer reads of a dataset at some moment, and why.

    Attributes:
        newest: of the published snapshots that it may read; None if there is none.
        snapshot: what it reads; None if nothing.
        age: of the newest delivery in that; None for none.
        reasons: why it does not read the newest, why what it reads is too old, or why it reads
            nothing, in words; none if all is as it needs it.
    """

    pact: Pact
    newest: Snapshot | None = None
    snapshot: Snapshot | None = None
    age: timedelta | None = None
    reasons: tuple[str, ...] = ()

    @property
    def says(self) -> str:
        """What is read, and why, in one sentence."""
        read = f"snapshot {self.snapshot.number}" if self.snapshot else "nothing"
        why = f": {'; '.join(self.reasons)}" if self.reasons else ""
        return f"{self.pact.consumer} reads {read} of {self.pact.dataset}{why}"

    def as_dict(self) -> dict[str, Any]:
        """As in the JSON of `cleanhold pacts`."""
        pact = self.pact
        return {
            "consumer": pact.consumer,
            "dataset": pact.dataset,
            "owner": pact.owner,
            "columns": pact.columns,
            "newest": self.newest.number if self.newest else None,
            "reads": self.snapshot.number if self.snapshot else None,
            "age_seconds": self.age.total_seconds() if self.age is not None else None,
            "reasons": list(self.reasons),
            "unmet": str(pact.unmet),
            "where": pact.where,
        }


@dataclass(frozen=True, slots=True)
class Reading:
    """What a consumer got.

    Attributes:
        frame: the rows, of the columns that the pact names.
        snapshot: whose rows they are.
        age: of the newest delivery in it.
        reasons: why it is not the newest, or older than the pact says, in words; none if all is
            as the consumer needs it.
        says: all that in one sentence.
    """

    frame: pl.LazyFrame
    snapshot: Snapshot
    age: timedelta
    reasons: tuple[str, ...]
    says: str


def standing(stores: Stores, dataset: str | None = None) -> list[Choice]:
    """What each consumer reads now, and why; of one dataset, or of all."""
    asked = (pact for pact in stores.pacts if dataset in (None, pact.dataset))
    return [choose(stores.state, stores.ledger, pact) for pact in asked]


def needed_by_pacts(stores: Stores) -> dict[str, str]:
    """Snapshots that do not expire, by their manifests → which consumer needs them, in words."""
    needed: dict[str, str] = {}
    for found in standing(stores):
        pact = found.pact
        if found.snapshot is not None:
            needed[found.snapshot.manifest] = f"{pact.consumer} reads it"
        measured_from = (
            stores.ledger.snapshot(pact.dataset, pact.baseline) if pact.baseline else None
        )
        if measured_from is not None:
            needed.setdefault(measured_from.manifest, f"{pact.consumer} measures drift from it")
    return needed


def read_for(
    folder: StateFolder,
    pact: Pact,
    *,
    columns: Sequence[str] | None,
    provenance: bool,
    declared: Declared,
) -> Reading:
    """The rows that a consumer reads; see `cleanhold.reading`."""
    if columns is not None and not isinstance(columns, str):
        _require_needed(pact, columns)
    if not has_ledger(folder):
        raise refusal(folder, pact.dataset, None, Channel.PRODUCTION, declared)
    with open_ledger(folder) as ledger:
        found = choose(folder, ledger, pact)
        is_there = ledger.snapshot(pact.dataset) is not None
    if not is_there:
        raise refusal(folder, pact.dataset, None, Channel.PRODUCTION, declared)
    if found.snapshot is None or found.age is None:
        raise PactUnmet(
            f"nothing of {pact.dataset} is what {pact.consumer} needs: {'; '.join(found.reasons)}",
            where=pact.where,
            next=f"`cleanhold pacts {pact.dataset}` tells more; {pact.owner or 'the consumer'} may "
            "change the pact, the owner of the dataset what is published",
        )
    frame = read_snapshot(
        folder,
        pact.dataset,
        snapshot=found.snapshot.number,
        channel=Channel.PRODUCTION,
        columns=pact.columns if columns is None else columns,
        provenance=provenance,
        declared=declared,
    )
    return Reading(frame, found.snapshot, found.age, found.reasons, found.says)


def choose(state: StateFolder, ledger: Ledger, pact: Pact) -> Choice:
    """The newest snapshot that is what a consumer needs, or what the pact says instead.

    What was stopped, what readers were rolled back from, and what is not between the numbers of
    the pact is not looked at.
    """
    published = _published(ledger, pact)
    if not published:
        return Choice(pact, reasons=(_none(pact),))
    newest = published[0]
    why: tuple[str, ...] = ()
    for snapshot in published:
        lacks = _lacks(state, ledger, pact, snapshot, one=snapshot is not newest)
        why = why or lacks
        if not lacks:
            return _timely(ledger, pact, newest, snapshot, why)
        if pact.unmet is Unmet.REFUSE:
            break
    return Choice(pact, newest, reasons=why)


def _timely(
    ledger: Ledger, pact: Pact, newest: Snapshot, chosen: Snapshot, why: tuple[str, ...]
) -> Choice:
    """The choice, unless it is too old."""
    age = max(ledger.now() - since(ledger, chosen), timedelta(0))
    if pact.freshness is not None and age > pact.freshness:
        is_over = pact.never_older is not None and age > pact.never_older
        allowed = pact.never_older if is_over and pact.never_older else pact.freshness
        late = f"the newest delivery in it is {in_days(age)} old, allowed are {in_days(allowed)}"
        why = (*why, f"snapshot {chosen.number}: {late}")
        if is_over or pact.unmet is Unmet.REFUSE:
            return Choice(pact, newest, None, None, why)
    return Choice(pact, newest, chosen, age, why)


def _published(ledger: Ledger, pact: Pact) -> list[Snapshot]:
    """What a consumer may read, newest first."""
    current = ledger.snapshot(pact.dataset)
    if current is None:
        return []
    taken = ledger.taken_back(pact.dataset)
    return [
        snapshot
        for snapshot in ledger.snapshots(pact.dataset)
        if snapshot.channel is Channel.PRODUCTION
        and snapshot.number <= current.number
        and snapshot.number not in taken
        and pact.reads(snapshot.number)
    ]


def _none(pact: Pact) -> str:
    if pact.snapshots == (None, None):
        return "nothing is published yet"
    first, last = pact.snapshots
    if first == last:
        return f"snapshot {first}, which it reads, is not published, or was taken from readers"
    between = [f"from {first}" if first else "", f"up to {last}" if last else ""]
    return f"no snapshot {' '.join(filter(None, between))} is published"


def _lacks(
    state: StateFolder, ledger: Ledger, pact: Pact, snapshot: Snapshot, *, one: bool
) -> tuple[str, ...]:
    """Why a snapshot is not what a consumer needs; of old ones one reason will do."""
    if snapshot.expired is not None:
        return (f"snapshot {snapshot.number}: it has expired",)
    manifest = read_manifest(state, snapshot.manifest)
    answer = answer_of(state, ledger, pact, manifest, most=1 if one else MOST)
    return tuple(f"snapshot {snapshot.number}: {reason}" for reason in answer.reasons)


def _require_needed(pact: Pact, columns: Sequence[str]) -> None:
    for name in columns:
        if name not in pact.columns:
            raise UsageError(
                f"{name!r} is not among the columns that {pact.consumer} needs",
                where=pact.where,
                next="add it to the pact, or use " + ", ".join(pact.columns),
            )
