"""rollback: readers get another published snapshot, for a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cleanhold.core.run import InputKind
from cleanhold.core.snapshot import Channel, Snapshot
from cleanhold.errors import CleanholdError, NeverPublished
from cleanhold.pipeline.pact_read import standing
from cleanhold.pipeline.person import reason_of, who_acts
from cleanhold.pipeline.project import project
from cleanhold.pipeline.stores import Stores
from cleanhold.pipeline.trace_acts import ROLLED_BACK
from cleanhold.store import pointer
from cleanhold.store.crashpoints import crash_point
from cleanhold.store.endings import LINEAGE
from cleanhold.store.events import OutboxEvent
from cleanhold.store.snapshots import verify_files


@dataclass(frozen=True, slots=True)
class RolledBack:
    """What changed.

    Attributes:
        before: what readers had; `now`: what they have.
        built_from: feature tables whose current snapshots were built from `before`; the next run
            builds them again.
        warnings: of consumers that do not get what their pacts say now, in words.
    """

    before: Snapshot
    now: Snapshot
    built_from: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {
            "dataset": self.now.dataset,
            "from": self.before.number,
            "to": self.now.number,
            "rows": self.now.rows,
            "to_rebuild": list(self.built_from),
            "warnings": list(self.warnings),
        }


def rollback(
    stores: Stores, dataset: str, to: int, reason: str, channel: Channel = Channel.PRODUCTION
) -> RolledBack:
    """Give readers of a dataset another published snapshot; nothing is deleted.

    The next delivery builds on that snapshot. Extracts that were published since count as
    published, so a run does not bring them back; rolling forward does. A feature table stays
    rolled back until its inputs, its contract or its code change. Of a dataset with gates, all
    that is so of a rollback of the pilot; one of production changes what readers have, and no more.

    Args:
        stores: of the workspace.
        dataset: whose readers.
        to: number of the snapshot; its files are verified first.
        reason: kept in the audit log, with who asked.
        channel: whose readers: those of production, or of the pilot.

    Raises:
        UsageError: there is no reason, or readers have that snapshot already.
        NeverPublished: there is no published snapshot of that number.
        SnapshotExpired: its rows are gone.
        DamagedFile: its files are not what was published.
        RunInProgress: a run of the dataset may still commit.
    """
    why = reason_of("a rollback", reason, such_as="the delivery of 2 November lacks region R07")
    before = stores.ledger.snapshot(dataset, channel=channel)
    wanted = stores.ledger.snapshot(dataset, to)
    if wanted is not None and wanted.expired is None:  # the ledger says so below
        verify_files(stores.state, stores.manifest(wanted))
    now = stores.ledger.roll_back(
        dataset,
        to,
        details={"who": who_acts(), "why": why},
        events=[OutboxEvent(pointer.KIND), *_told(before, to, channel)],
        channel=channel,
    )
    crash_point("rolled-back")
    if before is None:  # the ledger would have raised
        raise NeverPublished(f"{dataset} was never published", next="run `cleanhold run`")
    project(stores)
    if channel is not Channel.PRODUCTION:
        return RolledBack(before, now, ())
    return RolledBack(before, now, _built_from(stores, before), _unmet(stores, dataset))


def _told(before: Snapshot | None, to: int, channel: Channel) -> list[OutboxEvent]:
    """What lineage is to tell of it."""
    if before is None:
        return []  # the ledger will say that there is nothing to roll back
    change = {"from": before.number, "to": to, "channel": str(channel)}
    return [OutboxEvent(LINEAGE, {ROLLED_BACK: change})]


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


def _unmet(stores: Stores, dataset: str) -> tuple[str, ...]:
    """Of the consumers that do not get what they need, in words; the rollback is done by then."""
    try:
        return tuple(found.says for found in standing(stores, dataset) if found.reasons)
    except CleanholdError as error:
        return (f"what consumers read cannot be told: {error.what}",)
