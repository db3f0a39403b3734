"""What ends, attempts without a snapshot and snapshots: told in the transaction that ends them.

The next attempt at a run takes its place in the ledger, so what lineage tells of this one is kept
with the event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from cleanhold.core.snapshot import Snapshot
from cleanhold.store.events import OutboxEvent, ask
from cleanhold.store.tables import utc_text

#: Kind of the outbox events that become lineage.
LINEAGE = "lineage"

#: In the payload of such an event: that an attempt ended without a snapshot, and how.
ENDED = "ended"

#: In the payload of such an event: the number of a snapshot that expired, and why.
EXPIRED = "expired"


def tell_end(
    connection: Connection,
    row: Row[Any],
    *,
    now: datetime,
    reasons: Sequence[str],
    details: Mapping[str, Any],
    interrupted: bool,
) -> None:
    """Have it told that an attempt ended.

    Args:
        row: of `runs`, as it was while the attempt worked.
        details: what the attempt kept beside it.
        interrupted: somebody or something stopped it; it did not fail by itself.
    """
    told = {
        "attempt": row.attempt,
        "started_at": utc_text(row.started_at),
        "finished_at": utc_text(now),
        "contract_version": row.contract_version,
        "reasons": list(reasons),
        "interrupted": interrupted,
        "details": dict(details),
    }
    ask(connection, [OutboxEvent(LINEAGE, {ENDED: told})], dataset=row.dataset, run=row.id, at=now)


def expiry(number: int, why: str) -> dict[str, Any]:
    """What such an event says of a snapshot whose rows are gone."""
    return {EXPIRED: {"snapshot": number, "why": why}}


def tell_expiry(connection: Connection, snapshot: Snapshot, *, at: datetime, why: str) -> None:
    """Have it told that the rows of a snapshot are gone."""
    event = OutboxEvent(LINEAGE, expiry(snapshot.number, why))
    ask(connection, [event], dataset=snapshot.dataset, run=snapshot.run, at=at)
