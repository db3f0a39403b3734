"""Retention in the ledger: pins, and what has expired, each with its entry in the audit log."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, select

from cleanhold.core.extract import Extract
from cleanhold.core.retention import Fate, Readers, Retention, fates, left_readers
from cleanhold.core.run import InputKind, RunState
from cleanhold.core.snapshot import Channel, Snapshot
from cleanhold.errors import NeverPublished, UsageError
from cleanhold.store import auditlog, catalogue
from cleanhold.store.book import Book
from cleanhold.store.channels import PROMOTED, ROLLED_BACK, channel_of
from cleanhold.store.crashpoints import crash_point
from cleanhold.store.endings import LINEAGE, tell_expiry
from cleanhold.store.kept import require_kept
from cleanhold.store.tables import (
    channels,
    expired,
    expired_extracts,
    inputs,
    pins,
    runs,
    snapshots,
    utc_text,
)

#: Acts of the audit log.
PINNED, UNPINNED, EXPIRED = "pinned", "unpinned", "expired"


class RetentionBook(Book):
    """What the ledger keeps about retention; `Ledger.retention` is one."""

    def pin(self, dataset: str, number: int, *, who: str, why: str) -> Snapshot:
        """Keep a snapshot whatever the settings say.

        Raises:
            NeverPublished: there is no such snapshot.
            SnapshotExpired: its rows are gone.
            UsageError: it is pinned already.
        """
        with self._database.write() as connection:
            found = _snapshot(connection, dataset, number)
            require_kept(found)
            if found.pin:
                raise UsageError(
                    f"snapshot {number} of {dataset} is pinned already: {found.pin.why}",
                    where=f"by {found.pin.who}, {found.pin.at:%F %H:%M} UTC",
                    next="unpin it first, and pin it with both reasons",
                )
            at = self._clock(connection)
            said = {"dataset": dataset, "number": number, "who": who, "why": why}
            connection.execute(pins.insert().values(**said, at=at))
            auditlog.append(connection, PINNED, {**said, "at": utc_text(at)})
            return _snapshot(connection, dataset, number)

    def unpin(self, dataset: str, number: int, *, who: str, why: str) -> Snapshot:
        """Let the settings decide about a snapshot again.

        Raises:
            NeverPublished: there is no such snapshot.
            UsageError: it is not pinned.
        """
        with self._database.write() as connection:
            found = _snapshot(connection, dataset, number)
            if not found.pin:
                raise UsageError(f"snapshot {number} of {dataset} is not pinned")
            is_it = (pins.c.dataset == dataset) & (pins.c.number == number)
            connection.execute(delete(pins).where(is_it))
            said = {"dataset": dataset, "number": number, "who": who, "why": why}
            self._tell(connection, UNPINNED, **said)
            return found

    def fates(self, retention: Retention, needed: Mapping[str, str] | None = None) -> list[Fate]:
        """What becomes of each snapshot that has not expired, by dataset, newest first.

        Args:
            needed: hex SHA-256 of a manifest → why consumers need it, in words.
        """
        with self._database.read() as connection:
            return _fates(connection, retention, self._clock(connection), needed)

    def expire(
        self,
        retention: Retention,
        chosen: Mapping[str, str | None],
        *,
        who: str,
        is_there: Callable[[str], bool],
    ) -> list[Snapshot]:
        """Mark snapshots as expired, in one transaction with their audit entry.

        Only then may their files go. What is to be kept is looked at again: a run, a rollback or
        a pin may have come in between.

        Args:
            chosen: manifests of snapshots → the file of keys that the quarantine needs of each.
            who: acts.
            is_there: whether the file of such keys is.

        Returns:
            What expired.
        """
        with self._database.write() as connection:
            at = self._clock(connection)
            gone = [
                fate.snapshot
                for fate in _fates(connection, retention, at)
                if fate.goes and _is_ready(chosen, fate.snapshot.manifest, is_there)
            ]
            if not gone:
                return []
            for snapshot in gone:
                values = {
                    "dataset": snapshot.dataset,
                    "number": snapshot.number,
                    "why": _why(retention, snapshot),
                    "key_file": chosen[snapshot.manifest],
                }
                connection.execute(expired.insert().values(**values, at=at))
                tell_expiry(connection, snapshot, at=at, why=_why(retention, snapshot))
            told = [[s.dataset, s.number, chosen[s.manifest], _why(retention, s)] for s in gone]
            said = {"who": who, "at": utc_text(at), "snapshots": told, LINEAGE: True}
            auditlog.append(connection, EXPIRED, said)
            crash_point("expiring")
        crash_point("expired")
        return gone

    def expire_extracts(self, extracts: Collection[Extract], *, why: str, who: str) -> set[str]:
        """Mark the bytes of extracts as expired, in one transaction with their audit entry.

        None expires that a run in progress reads, or that was delivered again meanwhile. Bytes that
        were delivered again after they had expired can expire again.

        Args:
            extracts: a receipt of each.

        Returns:
            SHA-256 of what expired.
        """
        seen = max((extract.landed_at for extract in extracts), default=None)
        with self._database.write() as connection:
            at = self._clock(connection)
            receipts = catalogue.list_extracts(connection, Path())
            again = {e.sha256 for e in receipts if seen is None or e.landed_at > seen}
            gone = {e.sha256 for e in extracts} - again - _claimed(connection, InputKind.EXTRACT)
            for sha256 in gone:
                is_it = expired_extracts.c.sha256 == sha256
                connection.execute(delete(expired_extracts).where(is_it))
                connection.execute(expired_extracts.insert().values(sha256=sha256, at=at, why=why))
            if gone:
                said = {"who": who, "at": utc_text(at), "why": why, "extracts": sorted(gone)}
                auditlog.append(connection, EXPIRED, said)
            return gone

    def expired(self) -> dict[str, str | None]:
        """Manifests of the snapshots whose rows are gone → the file of keys kept of each."""
        is_it = (snapshots.c.dataset == expired.c.dataset) & (
            snapshots.c.number == expired.c.number
        )
        found = select(snapshots.c.manifest, expired.c.key_file).join(expired, is_it)
        with self._database.read() as connection:
            return {row.manifest: row.key_file for row in connection.execute(found)}

    def expired_extracts(self) -> dict[str, datetime]:
        """SHA-256 of the extracts whose bytes are gone → since when.

        Bytes that were delivered again after that are there.
        """
        found = select(expired_extracts.c.sha256, expired_extracts.c.at)
        with self._database.read() as connection:
            return {row.sha256: row.at for row in connection.execute(found)}


def _fates(
    connection: Connection,
    retention: Retention,
    now: datetime,
    needed: Mapping[str, str] | None = None,
) -> list[Fate]:
    listed = catalogue.list_snapshots(connection, None, None)
    moved = list(_moved(connection))
    given = {(b["dataset"], b["to"]) for b in moved if b["act"] == PROMOTED}
    readers_had = [
        *(
            (s.created_at, s.dataset, s.number)
            for s in listed
            if s.channel is Channel.PRODUCTION and (s.dataset, s.number) not in given
        ),
        *_changes(moved, Channel.PRODUCTION),
    ]
    pointed = {
        (row.dataset, Channel(row.channel)): row.number
        for row in connection.execute(select(channels))
    }
    pilot_had = [
        *(
            (s.created_at, s.dataset, s.number)
            for s in listed
            if s.is_published and (s.dataset, Channel.PILOT) in pointed
        ),
        *_changes(moved, Channel.PILOT),
    ]
    left = left_readers(pilot_had)
    for key, at in left_readers(readers_had).items():
        left[key] = max(at, left.get(key, at))
    readers = Readers(pointed, left, _claimed(connection, InputKind.SNAPSHOT), needed or {})
    return fates(listed, readers, retention, now)


def _moved(connection: Connection) -> Iterator[Mapping[str, Any]]:
    """What the audit log says of rollbacks and promotions, oldest first."""
    return auditlog.acts(connection, (ROLLED_BACK, PROMOTED))


def _changes(
    moved: Collection[Mapping[str, Any]], channel: Channel
) -> Iterator[tuple[datetime, str, int]]:
    """When which snapshots were given to those who read a channel."""
    for body in moved:
        if channel_of(body) is channel:
            yield datetime.fromisoformat(body["at"]), body["dataset"], body["to"]


def _claimed(connection: Connection, kind: InputKind) -> set[str]:
    """SHA-256 of what runs in progress read."""
    found = (
        select(inputs.c.sha256)
        .join(runs, runs.c.id == inputs.c.run)
        .where(runs.c.state == RunState.STAGING, inputs.c.kind == kind)
    )
    return set(connection.execute(found).scalars())


def _is_ready(
    chosen: Mapping[str, str | None], manifest: str, is_there: Callable[[str], bool]
) -> bool:
    """Whether one was chosen, and what the quarantine needs of it is kept."""
    if manifest not in chosen:
        return False
    keys = chosen[manifest]
    return keys is None or is_there(keys)


def _snapshot(connection: Connection, dataset: str, number: int) -> Snapshot:
    found = catalogue.snapshot(connection, dataset, number, Channel.PRODUCTION)
    if found is None:
        raise NeverPublished(
            f"{dataset} has no snapshot {number}",
            next=f"`cleanhold snapshots {dataset}` lists them",
        )
    return found


def _why(retention: Retention, snapshot: Snapshot) -> str:
    return f"kept are {retention.of(snapshot.dataset)}"
