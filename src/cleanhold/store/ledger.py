"""The ledger: the system of record for extracts, runs, accounts, snapshots and the outbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from sqlalchemy import select

from cleanhold.core.decision import Act, Decision
from cleanhold.core.extract import ROW_ID_PREFIX, Extract
from cleanhold.core.run import Input, Run
from cleanhold.core.snapshot import Channel, Manifest, Snapshot
from cleanhold.errors import StateError
from cleanhold.store import auditlog, catalogue, claims, decisions, receipts, rollback
from cleanhold.store import events as outbox_events
from cleanhold.store.claims import Claim
from cleanhold.store.crashpoints import crash_point
from cleanhold.store.database import Database
from cleanhold.store.events import OutboxEvent
from cleanhold.store.layout import check_dataset_name
from cleanhold.store.owner import Owner
from cleanhold.store.receipts import Seen
from cleanhold.store.tables import snapshots

#: Seconds a claim lasts without being renewed. A holder that is known to be dead loses it at
#: once; this is for holders on other machines, and must outlast the longest publication.
LEASE = 4 * 3600.0


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


class Ledger:
    """One ledger, opened. Close it, or use it as a context manager; threads may share it.

    Args:
        location: path of the SQLite file (made when missing), or its SQLAlchemy URL.
        root: folder that paths of extracts are relative to; the ledger's folder by default.
        clock: gives the time in UTC.

    Raises:
        LedgerError: it cannot be opened, migrated, read or written (every method may raise it).
    """

    def __init__(
        self,
        location: Path | str,
        *,
        root: Path | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = Database(location)
        self._root = root or Path(self._database.where).parent
        self._clock = clock

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

    # Extracts

    def record_extract(self, extract: Extract, details: Mapping[str, Any] | None = None) -> Extract:
        """Keep the receipt of a landed extract; the first receipt of a source stays.

        Raises:
            DeliveryError: another extract's SHA-256 begins with the same digits, so that rows of
                both would have the same ids.
        """
        with self._database.write() as connection:
            return receipts.receive(connection, self._root, extract, details or {})

    def record_landing(
        self, delivery: Seen, landed: Sequence[tuple[Extract, Mapping[str, Any]]]
    ) -> list[Extract]:
        """Keep the receipts of what came out of one delivery, and what its place held: all or none.

        Bytes that the source delivered before are a *redelivery* where their place held others
        meanwhile, or where they come under a new name: from then on the extract counts as that
        new.

        Args:
            landed: each extract with the details of its receipt.

        Returns:
            The extracts as the ledger knows them now.

        Raises:
            DeliveryError: see `record_extract`.
        """
        with self._database.write() as connection:
            found = [
                receipts.receive(connection, self._root, extract, details, place=delivery.place)
                for extract, details in landed
            ]
            receipts.remember(connection, delivery)
        return found

    def record_aside(self, delivery: Seen) -> None:
        """Keep why a delivery could not be landed."""
        with self._database.write() as connection:
            last = receipts.seen(connection, delivery.source, delivery.place)
            # What was landed from this place before is needed to tell what is delivered again.
            extracts = last.extracts if last else ()
            receipts.remember(connection, replace(delivery, extracts=extracts))

    def seen(self, source: str, place: str) -> Seen | None:
        """What was last seen at a place of a source."""
        with self._database.read() as connection:
            return receipts.seen(connection, source, place)

    def aside(self, source: str | None = None) -> list[Seen]:
        """Deliveries that could not be landed, by source and place."""
        with self._database.read() as connection:
            return receipts.aside(connection, source)

    def extract(
        self, sha256: str, source: str | None = None, at: datetime | None = None
    ) -> Extract | None:
        """The (oldest) receipt of these bytes, as old as their newest delivery (until a time)."""
        with self._database.read() as connection:
            found = catalogue.list_extracts(connection, self._root, source, at, sha256=sha256)
        return found[0] if found else None

    def find_extract(self, prefix: str, source: str | None = None) -> Extract | None:
        """The extract whose SHA-256 begins with the 16 digits that begin a row id."""
        with self._database.read() as connection:
            found = catalogue.list_extracts(connection, self._root, source=source, prefix=prefix)
        return found[0] if found else None

    def extracts(self, source: str | None = None) -> list[Extract]:
        """Receipts, oldest delivery first."""
        with self._database.read() as connection:
            return catalogue.list_extracts(connection, self._root, source=source)

    def receipts(self, source: str) -> Iterator[dict[str, Any]]:
        """The details of a source's receipts, newest landing first."""
        with self._database.read() as connection:
            found = receipts.details(connection, source)
        return iter(found)

    def extract_order(self, source: str | None = None) -> dict[str, int]:
        """Rank of each extract by delivery (`Extract.order`), by the prefix of its row ids."""
        ranks: dict[str, int] = {}
        for extract in self.extracts(source):
            ranks.setdefault(extract.sha256[:ROW_ID_PREFIX], len(ranks))
        return ranks

    # Claims

    def claim(
        self,
        run_key: str,
        dataset: str,
        *,
        inputs: Sequence[Input] = (),
        contract_version: str = "",
        lease_seconds: float = LEASE,
        details: Mapping[str, Any] | None = None,
    ) -> Claim | Run:
        """The right to work on a run; or the finished `Run`: then there is nothing to do.

        Raises:
            RunInProgress: a live process works on this run, or on another one of the dataset.
        """
        wanted = Claim(
            run_key, check_dataset_name(dataset), 0, contract_version, tuple(inputs), details or {}
        )
        with self._database.write() as connection:
            taken = claims.take(
                connection,
                wanted,
                now=self._clock(),
                lease=timedelta(seconds=lease_seconds),
                owner=Owner.current(),
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
            claims.renew(connection, claim, now=self._clock(), lease=lease)

    def fail(self, claim: Claim, reasons: Sequence[str]) -> bool:
        """End a claim without a result; the run may be claimed again. False: it was lost."""
        with self._database.write() as connection:
            return claims.fail(connection, claim, now=self._clock(), reasons=reasons)

    def commit(
        self,
        claim: Claim,
        manifest: Manifest,
        manifest_sha256: str,
        *,
        published: bool,
        reasons: Sequence[str] = (),
        created_at: datetime | None = None,
        events: Sequence[OutboxEvent] = (),
    ) -> Snapshot:
        """Make the snapshot exist: the only commit point, one transaction, all or nothing.

        Fence check, snapshot number, account, channel pointers (`production` only when
        published), chained audit entry, outbox.

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
                published=published,
                reasons=reasons,
                created_at=created_at or self._clock(),
                events=events,
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
    ) -> Snapshot:
        """Give readers another published snapshot, in one transaction with its audit entry.

        Raises:
            NeverPublished: there is no published snapshot of that number.
            UsageError: readers have it already.
            RunInProgress: a run that builds on what readers have may still commit.
        """
        with self._database.write() as connection:
            return rollback.roll_back(
                connection, dataset, number, now=self._clock(), details=details, events=events
            )

    # Decisions

    def decide(self, act: Act, dataset: str, keep: Callable[[], str], **said: Any) -> Decision:
        """Append what was decided about held rows, with its entry in the audit log.

        Args:
            keep: writes the file of the rows (`decisions.write_rows`) and gives its SHA-256;
                called when nobody can collect a file that nothing refers to yet.
            said: `rows, who, why, terms` as `core.decision.Decision` has them.
        """
        with self._database.write() as connection:
            return decisions.record(connection, act, dataset, file=keep(), at=self._clock(), **said)

    def decisions(self, dataset: str | None = None) -> list[Decision]:
        """What was decided, oldest first."""
        with self._database.read() as connection:
            return decisions.list_decisions(connection, dataset)

    # What happened

    def run(self, identifier: str) -> Run | None:
        """One run by its key."""
        with self._database.read() as connection:
            return catalogue.run(connection, identifier)

    def runs(self, dataset: str | None = None, limit: int | None = None) -> list[Run]:
        """Runs, newest first."""
        with self._database.read() as connection:
            return catalogue.list_runs(connection, dataset, limit)

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

    def snapshots(self, dataset: str | None = None, limit: int | None = None) -> list[Snapshot]:
        """Snapshots, by dataset, newest first."""
        with self._database.read() as connection:
            return catalogue.list_snapshots(connection, dataset, limit)

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
            outbox_events.mark_done(connection, identifier, self._clock(), made)

    # Audit log

    def record_act(self, act: str, details: Mapping[str, Any]) -> None:
        """Append an entry about something a person did, beside what commits append themselves."""
        if act in auditlog.COMMITS:
            raise ValueError(f"{act!r} is for commits")
        with self._database.write() as connection:
            auditlog.append(connection, act, details)

    def audit_log(self, newest: int | None = None) -> list[auditlog.AuditEntry]:
        """The entries, oldest first: all, or so many of the newest."""
        with self._database.read() as connection:
            return auditlog.entries(connection, newest)

    def verify_audit(self, anchor: str | None = None) -> str:
        """Check that the audit log is whole; returns the newest entry's hash.

        Args:
            anchor: a hash this returned earlier and that was kept elsewhere; without one, a log
                that was rewritten from its start cannot be told from the true one.

        Raises:
            StateError: an entry is missing, was changed, or does not match the snapshots.
        """
        with self._database.read() as connection:
            return auditlog.verify(connection, anchor, self._database.where)

    # Recovery

    def fence_stale(self) -> tuple[Claim, ...]:
        """End claims whose holders are dead or late, so that they can no longer commit."""
        with self._database.write() as connection:
            return claims.fence_stale(connection, self._clock())

    def live_claims(self) -> tuple[Claim, ...]:
        """Claims that may still commit."""
        with self._database.read() as connection:
            return claims.live(connection)

    @contextmanager
    def at_rest(self) -> Iterator[bool]:
        """True if nobody holds a claim; and nobody can claim or commit until the block ends."""
        with self._database.write() as connection:
            yield not claims.live(connection)
