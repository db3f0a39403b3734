"""What a commit asks to be done afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from cleanhold.store.tables import outbox

#: In the payload of an event that is done: what was made for it.
MADE = "made"


@dataclass(frozen=True, slots=True)
class OutboxEvent:
    """One thing to project from the ledger. Its handler must bear to run twice.

    Attributes:
        kind: which handler it is for, such as `pointer`.
        payload: JSON values, known before the commit (the snapshot's number is not).
        dataset: filled by the ledger, as are the next two.
        run: the run that was committed.
        id: 1, 2, 3 … in the order of the commits.
        at: of the commit (UTC).
    """

    kind: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    dataset: str = ""
    run: str = ""
    id: int = 0
    at: datetime | None = field(default=None, compare=False)

    @property
    def told(self) -> dict[str, Any]:
        """What the audit log keeps of it."""
        return {"kind": self.kind, "payload": dict(self.payload)}


def ask(
    connection: Connection,
    events: Sequence[OutboxEvent],
    *,
    dataset: str,
    run: str,
    at: datetime,
) -> None:
    """Ask, with the transaction, that events be projected once it is committed."""
    for event in events:
        given = {"kind": event.kind, "payload": dict(event.payload)}
        whose = {"dataset": dataset, "run": run, "created_at": at}
        connection.execute(outbox.insert().values(**given, **whose))


def list_events(
    connection: Connection, kind: str | None, limit: int | None, *, done: bool
) -> list[OutboxEvent]:
    """Events that wait, or those that are done, in commit order."""
    wanted = outbox.c.done_at.is_not(None) if done else outbox.c.done_at.is_(None)
    found = select(outbox).where(wanted).order_by(outbox.c.id).limit(limit)
    if kind is not None:
        found = found.where(outbox.c.kind == kind)
    rows = connection.execute(found)
    return [
        OutboxEvent(row.kind, row.payload, row.dataset, row.run, row.id, row.created_at)
        for row in rows
    ]


def mark_done(
    connection: Connection, identifier: int, at: datetime, made: Mapping[str, Any] | None
) -> None:
    """Mark an event as handled; see `Ledger.done`."""
    this = outbox.c.id == identifier
    waiting = this & outbox.c.done_at.is_(None)
    connection.execute(update(outbox).where(waiting).values(done_at=at))
    if made is not None:
        payload = connection.execute(select(outbox.c.payload).where(this)).scalar_one()
        values = {"payload": {**payload, MADE: dict(made)}}
        connection.execute(update(outbox).where(this).values(**values))
