"""Rollback: readers get another published snapshot, by name and with a reason."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from cleanhold.core.snapshot import Channel, Snapshot
from cleanhold.errors import NeverPublished, RunInProgress, UsageError
from cleanhold.store import auditlog, catalogue, claims
from cleanhold.store.channels import point
from cleanhold.store.crashpoints import crash_point
from cleanhold.store.events import OutboxEvent
from cleanhold.store.kept import require_kept
from cleanhold.store.tables import audit_log, outbox, utc_text

#: The act of the audit log.
ROLLED_BACK = "rolled_back"


def roll_back(
    connection: Connection,
    dataset: str,
    number: int,
    *,
    now: datetime,
    details: Mapping[str, Any],
    events: Sequence[OutboxEvent],
) -> Snapshot:
    """Point readers at another published snapshot; see `Ledger.roll_back`."""
    current = catalogue.snapshot(connection, dataset, None, Channel.PRODUCTION)
    wanted = catalogue.snapshot(connection, dataset, number, Channel.PRODUCTION)
    if current is None or wanted is None or wanted.channel is not Channel.PRODUCTION:
        have = [
            str(s.number)
            for s in catalogue.list_snapshots(connection, dataset, None)
            if s.channel is Channel.PRODUCTION and s.expired is None
        ]
        raise NeverPublished(
            f"{dataset} has no published snapshot {number}",
            next=f"published are {', '.join(reversed(have))}"
            if have
            else "`cleanhold snapshots` lists what is published",
        )
    require_kept(wanted)
    if current.number == number:
        raise UsageError(
            f"readers of {dataset} have snapshot {number} already",
            next=f"`cleanhold snapshots {dataset}` lists the others",
        )
    if any(claim.dataset == dataset for claim in claims.live(connection)):
        raise RunInProgress(
            f"a run of {dataset} is in progress, and builds on snapshot {current.number}",
            next="wait for it to end, or stop it; then roll back",
        )
    point(connection, dataset, Channel.PRODUCTION, number)
    said = {"dataset": dataset, "from": current.number, "to": number, **details}
    told = {"run": wanted.run, "events": [item.told for item in events], "at": utc_text(now)}
    auditlog.append(connection, ROLLED_BACK, {**said, **told})
    asked = {"dataset": dataset, "run": wanted.run, "created_at": now}
    for item in events:
        values = {"kind": item.kind, "payload": dict(item.payload), **asked}
        connection.execute(outbox.insert().values(**values))
    crash_point("rolling-back")
    return wanted


def rollbacks(connection: Connection) -> Iterator[dict[str, Any]]:
    """What the audit log says of rollbacks, oldest first."""
    is_one = audit_log.c.body.contains(f'"act":"{ROLLED_BACK}"')
    found = select(audit_log.c.body).where(is_one).order_by(audit_log.c.number)
    for body in connection.execute(found).scalars():
        if (read := json.loads(body))["act"] == ROLLED_BACK:
            yield read


def taken_back(connection: Connection, dataset: str) -> set[int]:
    """Numbers of snapshots that a person took from readers, and gave them back none since."""
    taken: set[int] = set()
    for body in rollbacks(connection):
        if body["dataset"] == dataset:
            taken |= set(range(body["to"] + 1, body["from"] + 1))
            taken.discard(body["to"])
    return taken
