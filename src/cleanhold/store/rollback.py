"""Rollback: readers get another published snapshot, by name and with a reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from cleanhold.core.ancestry import Move
from cleanhold.core.snapshot import Channel, Snapshot
from cleanhold.errors import NeverPublished, RunInProgress, UsageError
from cleanhold.store import auditlog, catalogue, claims
from cleanhold.store.channels import PROMOTED, ROLLED_BACK, channel_of, point
from cleanhold.store.crashpoints import crash_point
from cleanhold.store.events import OutboxEvent, ask
from cleanhold.store.kept import require_kept
from cleanhold.store.tables import utc_text


def roll_back(
    connection: Connection,
    dataset: str,
    number: int,
    *,
    channel: Channel,
    now: datetime,
    details: Mapping[str, Any],
    events: Sequence[OutboxEvent],
) -> Snapshot:
    """Point readers at another published snapshot; see `Ledger.roll_back`."""
    current, wanted = ends(connection, dataset, number, channel)
    if any(claim.dataset == dataset for claim in claims.live(connection)):
        raise RunInProgress(
            f"a run of {dataset} is in progress, and builds on snapshot {current.number}",
            next="wait for it to end, or stop it; then roll back",
        )
    point(connection, dataset, channel, number)
    said = {"dataset": dataset, "from": current.number, "to": number, **details}
    if channel is not Channel.PRODUCTION:
        said["channel"] = channel
    told = {"run": wanted.run, "events": [item.told for item in events], "at": utc_text(now)}
    auditlog.append(connection, ROLLED_BACK, {**said, **told})
    ask(connection, events, dataset=dataset, run=wanted.run, at=now)
    crash_point("rolling-back")
    return wanted


def taken_back(connection: Connection, dataset: str) -> set[int]:
    """Numbers of snapshots that a person took from readers, and gave them back none since."""
    taken: set[int] = set()
    for body in _told(connection, dataset):
        if channel_of(body) is Channel.PRODUCTION:
            taken |= set(range(body["to"] + 1, (body["from"] or 0) + 1))
            taken.discard(body["to"])
    return taken


def moves(connection: Connection, dataset: str) -> Iterator[Move]:
    """What people have given those who read a channel of a dataset, oldest first."""
    for body in _told(connection, dataset):
        at = datetime.fromisoformat(body["at"])
        yield Move(at, body["to"], channel_of(body), body["act"] == PROMOTED)


def _told(connection: Connection, dataset: str) -> Iterator[Mapping[str, Any]]:
    acts = auditlog.acts(connection, (ROLLED_BACK, PROMOTED))
    return (body for body in acts if body["dataset"] == dataset)


def ends(
    connection: Connection, dataset: str, number: int, channel: Channel
) -> tuple[Snapshot, Snapshot]:
    """What those who read a channel have, and what a rollback would give them.

    Raises:
        NeverPublished: nothing is in the channel, or the snapshot never was.
        SnapshotExpired: its rows are gone.
        UsageError: they have it already.
    """

    def was_in(snapshot: Snapshot) -> bool:
        is_of_pilot = channel is Channel.PILOT and snapshot.is_published
        return is_of_pilot or snapshot.channel is Channel.PRODUCTION

    current = catalogue.snapshot(connection, dataset, None, channel)
    wanted = catalogue.snapshot(connection, dataset, number, channel)
    if current is None or wanted is None or not was_in(wanted):
        listed = catalogue.list_snapshots(connection, dataset, None)
        have = [str(s.number) for s in listed if was_in(s) and s.expired is None]
        where = "published" if channel is Channel.PRODUCTION else channel
        raise NeverPublished(
            f"{dataset} has no {where} snapshot {number}",
            next=f"{where} are {', '.join(reversed(have))}"
            if have
            else "`cleanhold snapshots` lists what is published",
        )
    require_kept(wanted)
    if current.number == number:
        who = "readers" if channel is Channel.PRODUCTION else f"those who read the {channel}"
        raise UsageError(
            f"{who} of {dataset} have snapshot {number} already",
            next=f"`cleanhold snapshots {dataset}` lists the others",
        )
    return current, wanted
