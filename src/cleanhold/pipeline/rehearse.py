"""rehearse: everything that a rollback does but the change, so that it is known to work."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import Any

import polars as pl

from cleanhold.core.snapshot import Channel, Snapshot
from cleanhold.errors import NeverPublished
from cleanhold.pipeline.person import who_acts
from cleanhold.pipeline.stores import Stores
from cleanhold.store.kept import require_kept
from cleanhold.store.snapshots import verify_files


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A rollback that was rehearsed.

    Attributes:
        now: what readers have, or those of the pilot where nothing is in production.
        to: what a rollback would give them; its files are whole, and its rows were read.
        seconds: that verifying and reading took.
    """

    now: Snapshot
    to: Snapshot
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        return {
            "dataset": self.to.dataset,
            "from": self.now.number,
            "to": self.to.number,
            "rows": self.to.rows,
            "seconds": round(self.seconds, 3),
        }


def rehearse(
    stores: Stores, dataset: str, to: int | None = None, why: str = "", *, who: str | None = None
) -> Rehearsal:
    """Verify and read what a rollback would give to readers, and record that; nothing else changes.

    Args:
        to: number of the snapshot; the one before what they have if None.
        why: in words; may be empty.
        who: rehearses it; whoever runs this if None.

    Raises:
        NeverPublished: nothing is published, or nothing is there to go back to.
        SnapshotExpired: its rows are gone.
        DamagedFile: its files are not what was published.
    """
    now, wanted = _ends(stores, dataset, to)
    require_kept(wanted)
    began = monotonic()
    verify_files(stores.state, stores.manifest(wanted))
    rows = stores.table(wanted).select(pl.len()).collect(engine="streaming").item()
    seconds = monotonic() - began
    said = f"rehearsed: snapshot {wanted.number}, {rows:,} rows, whole in {seconds:.1f} s"
    stores.ledger.promotions.rehearsed(
        dataset, "rollback", said, who=who or who_acts(), why=why.strip()
    )
    return Rehearsal(now, wanted, seconds)


def _ends(stores: Stores, dataset: str, to: int | None) -> tuple[Snapshot, Snapshot]:
    """What is there, and what a rollback would go to."""
    now = stores.ledger.snapshot(dataset) or stores.ledger.head(dataset)
    if now is None:
        raise NeverPublished(f"{dataset} was never published", next="run `cleanhold run`")
    is_production = now.channel is Channel.PRODUCTION
    there = [
        other
        for other in stores.ledger.snapshots(dataset)  # newest first
        if other.number != now.number
        and (other.channel is Channel.PRODUCTION if is_production else other.is_published)
    ]
    if to is not None:
        wanted = next((s for s in there if s.number == to), None)
    else:
        wanted = next((s for s in there if s.number < now.number and not s.expired), None)
    wanted = wanted or (_before_first(stores, now) if to is None else None)
    if wanted is None:
        have = ", ".join(str(s.number) for s in there if not s.expired)
        raise NeverPublished(
            f"{dataset} has no snapshot {'to go back to' if to is None else to}",
            next=f"there are {have}" if have else "run again when more has arrived",
        )
    return now, wanted


def _before_first(stores: Stores, now: Snapshot) -> Snapshot | None:
    """What was in the pilot before the first promotion: all there is to go back to."""
    earlier = (
        s
        for s in stores.ledger.snapshots(now.dataset)
        if s.is_published and s.number < now.number and not s.expired
    )
    return next(earlier, None)
