"""rollback: readers get another published snapshot, for a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cleanhold.core.run import InputKind
from cleanhold.core.snapshot import Snapshot
from cleanhold.errors import NeverPublished
from cleanhold.pipeline.person import reason_of, who_acts
from cleanhold.pipeline.project import project
from cleanhold.pipeline.stores import Stores
from cleanhold.store import pointer
from cleanhold.store.crashpoints import crash_point
from cleanhold.store.events import OutboxEvent
from cleanhold.store.snapshots import verify_files


@dataclass(frozen=True, slots=True)
class RolledBack:
    """What changed.

    Attributes:
        before: what readers had; `now`: what they have.
        built_from: feature tables whose current snapshots were built from `before`; the next run
            builds them again.
    """

    before: Snapshot
    now: Snapshot
    built_from: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        return {
            "dataset": self.now.dataset,
            "from": self.before.number,
            "to": self.now.number,
            "rows": self.now.rows,
            "to_rebuild": list(self.built_from),
        }


def rollback(stores: Stores, dataset: str, to: int, reason: str) -> RolledBack:
    """Give readers of a dataset another published snapshot; nothing is deleted.

    The next delivery builds on that snapshot. Extracts that were published since count as
    published, so a run does not bring them back; rolling forward does. A feature table stays
    rolled back until its inputs, its contract or its code change.

    Args:
        stores: of the workspace.
        dataset: whose readers.
        to: number of the snapshot; its files are verified first.
        reason: kept in the audit log, with who asked.

    Raises:
        UsageError: there is no reason, or readers have that snapshot already.
        NeverPublished: there is no published snapshot of that number.
        SnapshotExpired: its rows are gone.
        DamagedFile: its files are not what was published.
        RunInProgress: a run of the dataset may still commit.
    """
    why = reason_of("a rollback", reason, such_as="the delivery of 2 November lacks region R07")
    before = stores.ledger.snapshot(dataset)
    wanted = stores.ledger.snapshot(dataset, to)
    if wanted is not None and wanted.expired is None:  # the ledger says so below
        verify_files(stores.state, stores.manifest(wanted))
    now = stores.ledger.roll_back(
        dataset,
        to,
        details={"who": who_acts(), "why": why},
        events=[OutboxEvent(pointer.KIND)],
    )
    crash_point("rolled-back")
    if before is None:  # the ledger would have raised
        raise NeverPublished(f"{dataset} was never published", next="run `cleanhold run`")
    project(stores)
    return RolledBack(before, now, _built_from(stores, before))


def _built_from(stores: Stores, snapshot: Snapshot) -> tuple[str, ...]:
    """Tables whose current snapshots were built from this one, and read no extract."""
    current = (stores.ledger.snapshot(dataset) for dataset in stores.ledger.datasets())
    return tuple(
        other.dataset
        for other in current
        if other is not None
        and any(i.sha256 == snapshot.manifest for i in other.inputs)
        and all(i.kind is InputKind.SNAPSHOT for i in other.inputs)
    )
