"""The ledger: the system of record for extracts, runs, accounts, snapshots and the outbox."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, select

from cleanhold.core.ancestry import ancestry
from cleanhold.core.readership import Change, Rollback
from cleanhold.core.run import Input, Run
from cleanhold.core.snapshot import Channel, Manifest, Snapshot
from cleanhold.errors import RunInProgress, StateError
from cleanhold.store import binding, catalogue, channels, claims, readership, rollback
from cleanhold.store import events as outbox_events
from cleanhold.store.baselines import BaselineBook
from cleanhold.store.claims import LEASE, Claim
from cleanhold.store.crashpoints import crash_point
from cleanhold.store.database import Database
from cleanhold.store.events import OutboxEvent
from cleanhold.store.layout import StateFolder, check_dataset_name
from cleanhold.store.ledger_acts import LedgerOfActs
from cleanhold.store.ledger_decisions import LedgerOfDecisions
from cleanhold.store.ledger_extracts import LedgerOfExtracts
from cleanhold.store.overrides import OverrideBook
from cleanhold.store.owner import Owner
from cleanhold.store.promotions import PromotionBook
from cleanhold.store.retention import RetentionBook
from cleanhold.store.tables import snapshots


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


class Ledger(LedgerOfExtracts, LedgerOfDecisions, LedgerOfActs):
    """One ledger, opened. Close it, or use it as a context manager; threads may share it.

    Args:
        location: path of the SQLite file (made when missing), or a URL; see `Database`.
        root: folder that paths of extracts are relative to; the ledger file's by default.
        clock: gives the time in UTC; the database's own clock by default.

    Raises:
        LedgerError: it cannot be opened, migrated, read or written (every method may raise it).
        WorkspaceError: the URL cannot be used.
    """

    def __init__(
        self,
        location: Path | str,
        *,
        root: Path | None = None,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self._database = Database(location)
        self._root = root or Path(self._database.path or "").parent
        self._clock = clock
        self.retention = RetentionBook(self._database, self._now)
        self.baselines = BaselineBook(self._database, self._now)
        self.promotions = PromotionBook(self._database, self._now)
        self.overrides = OverrideBook(self._database, self._now)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._database.close()

    def version(self) -> str | None:
        """The migration the tables are at."""
        return self._database.version()

    def migrate(self) -> None:
        """Bring the tables to this version of cleanhold (opening does so as well)."""
        self._database.migrate()

    def bind(self, state: StateFolder) -> None:
        """Make sure that this ledger and a state folder belong together; see `binding.bind`.

        Raises:
            LedgerError: they do not.
        """
        with self._database.read() as connection:
            bound = binding.is_bound(connection, state)
        if not bound:
            with self._database.write() as connection:
                binding.bind(connection, state, self._database.where, self._now(connection))

    def now(self) -> datetime:
        """The time in UTC, by the clock of all who share this ledger."""
        with self._database.read() as connection:
            return self._now(connection)

    def _now(self, connection: Connection) -> datetime:
        return self._clock() if self._clock else self._database.now(connection)

    # Claims

    def claim(
        self,
        run_key: str,
        dataset: str,
        *,
        inputs: Sequence[Input] = (),
        contract_version: str = "",
        lease_seconds: float = LEASE,
        following: int | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> Claim | Run:
        """The right to work on a run; or the finished `Run`: then there is nothing to do.

        Args:
            following: number of the snapshot that readers had when the run was planned (0: none);
                None if the plan does not depend on it.

        Raises:
            RunInProgress: a live process works on this run, or on another one of the dataset; or
                readers have another snapshot by now.
        """
        wanted = Claim(
            run_key, check_dataset_name(dataset), 0, contract_version, tuple(inputs), details or {}
        )
        with self._database.write() as connection:
            taken = claims.take(
                connection,
                wanted,
                now=self._now(connection),
                lease=timedelta(seconds=lease_seconds),
                owner=Owner.current(),
                following=following,
            )
        crash_point("claimed")
        return taken

    def renew(self, claim: Claim, *, lease_seconds: float = LEASE) -> None:
        """Keep a claim for longer; for work that may outlast the lease.

        Raises:
            RunInProgress: the claim was lost.
        """
        with self._database.write() as connection:
            lease = timedelta(seconds=lease_seconds)
            claims.renew(connection, claim, now=self._now(connection), lease=lease)

    def busy(self, dataset: str) -> RunInProgress | None:
        """Who works on a dataset now, as the error that `claim` would raise."""
        with self._database.read() as connection:
            return claims.holder(connection, dataset, self._now(connection))

    def fail(self, claim: Claim, reasons: Sequence[str], *, interrupted: bool = False) -> bool:
        """End a claim without a result; the run may be claimed again. False: it was lost.

        Args:
            interrupted: somebody stopped it; it did not fail by itself.
        """
        with self._database.write() as connection:
            now = self._now(connection)
            return claims.fail(connection, claim, now=now, reasons=reasons, interrupted=interrupted)

    def commit(
        self,
        claim: Claim,
        manifest: Manifest,
        manifest_sha256: str,
        *,
        published: bool,
        to: Channel = Channel.PRODUCTION,
        reasons: Sequence[str] = (),
        created_at: datetime | None = None,
        events: Sequence[OutboxEvent] = (),
        sealed: int | None = None,
    ) -> Snapshot:
        """Make the snapshot exist: the only commit point, one transaction, all or nothing.

        Fence check, snapshot number, account, channel pointers (`candidate`, and `to` only when
        published), chained audit entry, outbox.

        Args:
            sealed: entries of the audit log that the manifest's seal tells of; None without one.

        Raises:
            RunInProgress: the claim was lost.
            AccountUnbalanced: the manifest's account does not balance.
            StateError: the manifest is of another run.
        """
        if (manifest.run, manifest.dataset) != (claim.run, claim.dataset):
            raise StateError(
                "the manifest belongs to another run than the claim",
                where=f"{claim.dataset}, run {claim.run[:16]}",
                next="nothing was published; please report this",
            )
        manifest.account.require_balance(f"{claim.dataset}, run {claim.run[:16]}")
        with self._database.write() as connection:
            snapshot = claims.commit(
                connection,
                claim,
                manifest,
                manifest_sha256,
                published=to if published else None,
                reasons=reasons,
                created_at=created_at or self._now(connection),
                events=events,
                sealed=sealed,
            )
        crash_point("committed")
        return snapshot

    def roll_back(
        self,
        dataset: str,
        number: int,
        *,
        details: Mapping[str, Any],
        events: Sequence[OutboxEvent] = (),
        channel: Channel = Channel.PRODUCTION,
    ) -> Snapshot:
        """Give readers another published snapshot, in one transaction with its audit entry.

        Args:
            channel: whose readers: those of production, or of the pilot.

        Raises:
            NeverPublished: there is no published snapshot of that number.
            UsageError: readers have it already.
            RunInProgress: a run that builds on what readers have may still commit.
        """
        with self._database.write() as connection:
            return rollback.roll_back(
                connection,
                dataset,
                number,
                channel=channel,
                now=self._now(connection),
                details=details,
                events=events,
            )

    # What happened

    def run(self, identifier: str) -> Run | None:
        """One run by its key."""
        with self._database.read() as connection:
            return catalogue.run(connection, identifier)

    def runs(self, dataset: str | None = None, limit: int | None = None) -> list[Run]:
        """Runs, newest first."""
        with self._database.read() as connection:
            return catalogue.list_runs(connection, dataset, limit)

    def runs_over(self, sha256: Collection[str], prefix: str) -> list[Run]:
        """Runs that read one of some extracts, or whose key begins so, oldest first."""
        with self._database.read() as connection:
            return catalogue.runs_over(connection, sha256, prefix)

    def finished_run_keys(self, dataset: str | None = None) -> list[str]:
        """Keys of runs that are committed (published or candidate), in commit order."""
        with self._database.read() as connection:
            return catalogue.committed_runs(connection, dataset)

    def snapshot(
        self, dataset: str, number: int | None = None, channel: Channel = Channel.PRODUCTION
    ) -> Snapshot | None:
        """One snapshot: by its number, or the one its channel points at."""
        with self._database.read() as connection:
            return catalogue.snapshot(connection, dataset, number, channel)

    def head(self, dataset: str) -> Snapshot | None:
        """The snapshot that the next run builds on: of the pilot, or what readers have."""
        with self._database.read() as connection:
            channel = channels.head(connection, dataset)
            return catalogue.snapshot(connection, dataset, None, channel)

    def snapshots(self, dataset: str | None = None, limit: int | None = None) -> list[Snapshot]:
        """Snapshots, by dataset, newest first."""
        with self._database.read() as connection:
            return catalogue.list_snapshots(connection, dataset, limit)

    def beneath(self, snapshot: Snapshot) -> list[Snapshot]:
        """What a snapshot that nothing stopped was built on, itself included, newest first.

        What readers had been rolled back from when it was built is not among them.
        """
        with self._database.read() as connection:
            listed = catalogue.list_snapshots(connection, snapshot.dataset, None)
            rollbacks = readership.rollbacks(connection, snapshot.dataset)
            promoted = readership.promoted(connection, snapshot.dataset)
            published = (one for one in listed if one.is_published)
            return ancestry(published, rollbacks, promoted, snapshot.number)

    def taken_back(self, dataset: str) -> set[int]:
        """Numbers of the snapshots that a rollback took from readers."""
        with self._database.read() as connection:
            return rollback.taken_back(connection, dataset)

    def rollbacks(self, dataset: str) -> list[Rollback]:
        """Each time that readers of a dataset, or of its pilot, were given an older snapshot."""
        with self._database.read() as connection:
            return list(readership.rollbacks(connection, dataset))

    def changes(self, dataset: str) -> list[Change]:
        """Each time that readers of a dataset were given a snapshot, in their order."""
        with self._database.read() as connection:
            return list(readership.changes(connection, dataset))

    def datasets(self) -> list[str]:
        """Datasets that have a snapshot of any kind."""
        with self._database.read() as connection:
            return catalogue.datasets(connection)

    def published_extracts(self, dataset: str) -> set[str]:
        """SHA-256 of the extracts that published runs of the dataset have read."""
        with self._database.read() as connection:
            return catalogue.published_extracts(connection, dataset)

    def manifests(self) -> set[str]:
        """SHA-256 of every manifest a snapshot refers to."""
        with self._database.read() as connection:
            return set(connection.execute(select(snapshots.c.manifest)).scalars())

    # Outbox

    def pending(
        self, kind: str | None = None, limit: int | None = None, *, done: bool = False
    ) -> list[OutboxEvent]:
        """Events that wait, or those that are done, in commit order."""
        with self._database.read() as connection:
            return outbox_events.list_events(connection, kind, limit, done=done)

    def done(self, identifier: int, made: Mapping[str, Any] | None = None) -> None:
        """Mark an event as handled.

        Args:
            made: files that the handler made, path → SHA-256; kept in the event's payload.
        """
        with self._database.write() as connection:
            outbox_events.mark_done(connection, identifier, self._now(connection), made)

    # Recovery

    def fence_stale(self) -> tuple[Claim, ...]:
        """End claims whose holders are dead or late, so that they can no longer commit."""
        with self._database.write() as connection:
            return claims.fence_stale(connection, self._now(connection))

    def live_claims(self) -> tuple[Claim, ...]:
        """Claims that may still commit."""
        with self._database.read() as connection:
            return claims.live(connection)

    @contextmanager
    def at_rest(self) -> Iterator[Callable[[], object] | None]:
        """Nobody can claim or commit until the block ends; None if somebody holds a claim.

        Gives a function to call before anything that must not happen otherwise: it raises
        `LedgerError` if the connection was lost, and others are at work again.
        """
        with self._database.write() as connection:
            in_use = claims.live(connection)
            yield None if in_use else lambda: connection.execute(select(1)).scalar()
