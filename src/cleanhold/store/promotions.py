"""Promotions in the ledger: a snapshot of the pilot is given to readers, with its certificate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from cleanhold.core.gate import Done
from cleanhold.core.promotion import Promotion
from cleanhold.core.snapshot import Channel, Snapshot
from cleanhold.errors import NeverPublished, Overtaken, RunInProgress, UsageError
from cleanhold.store import auditlog, catalogue, claims
from cleanhold.store.book import Book
from cleanhold.store.channels import PROMOTED, ROLLED_BACK, channel_of, head, point
from cleanhold.store.crashpoints import crash_point
from cleanhold.store.events import OutboxEvent, ask
from cleanhold.store.kept import require_kept
from cleanhold.store.tables import audit_log, snapshots, utc_text

#: The act of the audit log.
REHEARSED = "rehearsed"


class PromotionBook(Book):
    """What the ledger keeps about promotions, and what was rehearsed for them;
    `Ledger.promotions` is one."""

    def as_of(self) -> int:
        """How far the audit log has come: what is looked at after this is not older."""
        with self._database.read() as connection:
            return connection.execute(select(func.max(audit_log.c.number))).scalar() or 0

    def promote(
        self,
        dataset: str,
        number: int,
        *,
        as_of: int,
        certificate: Mapping[str, Any],
        who: str,
        why: str,
        events: Sequence[OutboxEvent] = (),
    ) -> Snapshot:
        """Give readers a snapshot of the pilot, in one transaction with its certificate.

        Args:
            as_of: how far the audit log had come before the gates were asked.
            certificate: JSON values.

        Raises:
            Overtaken: something of the dataset was recorded since: what the gates said may not
                hold any more.
            NeverPublished: there is no snapshot of that number in the pilot.
            SnapshotExpired: its rows are gone.
            UsageError: readers have it, or a newer one.
            RunInProgress: a run would build on what readers have, and is at it.
        """
        with self._database.write() as connection:
            _require_quiet(connection, dataset, as_of)
            current = catalogue.snapshot(connection, dataset, None, Channel.PRODUCTION)
            wanted = promotable(connection, dataset, number, current)
            _require_no_run(connection, dataset)
            point(connection, dataset, Channel.PRODUCTION, number)
            is_it = (snapshots.c.dataset == dataset) & (snapshots.c.number == number)
            connection.execute(update(snapshots).where(is_it).values(channel=Channel.PRODUCTION))
            crash_point("promoting")
            at = self._clock(connection)
            body = {
                "dataset": dataset,
                "from": current.number if current else None,
                "to": number,
                "manifest": wanted.manifest,
                "run": wanted.run,
                "who": who,
                "why": why,
                "certificate": certificate,
                "events": [item.told for item in events],
                "at": utc_text(at),
            }
            auditlog.append(connection, PROMOTED, body)
            ask(connection, events, dataset=dataset, run=wanted.run, at=at)
            crash_point("promotion-told")
        return wanted

    def of(self, dataset: str) -> list[Promotion]:
        """The promotions of a dataset, oldest first."""
        with self._database.read() as connection:
            found = list(auditlog.acts(connection, (PROMOTED,)))
            return [_promotion(body) for body in found if body["dataset"] == dataset]

    def last(self, dataset: str, number: int) -> Promotion | None:
        """The newest promotion of a snapshot; None if nobody promoted it."""
        return next((one for one in reversed(self.of(dataset)) if one.number == number), None)

    def rehearsed(self, dataset: str, what: str, said: str, *, who: str, why: str) -> None:
        """Record that somebody has tried a rollback, or the fallback.

        Args:
            what: `rollback` or `fallback`.
            said: what was done, in words.
        """
        with self._database.write() as connection:
            self._tell(
                connection, REHEARSED, dataset=dataset, what=what, said=said, who=who, why=why
            )

    def last_rehearsal(self, dataset: str, what: str) -> Done | None:
        """The newest rehearsal; a rollback that was no rehearsal counts too."""
        wanted = (REHEARSED, ROLLED_BACK) if what == "rollback" else (REHEARSED,)
        with self._database.read() as connection:
            for body in reversed(list(auditlog.acts(connection, wanted))):
                is_readers = channel_of(body) is Channel.PRODUCTION
                if is_readers and body["dataset"] == dataset and body.get("what", what) == what:
                    said = body.get("said") or f"rolled back to snapshot {body['to']}"
                    at = datetime.fromisoformat(body["at"])
                    return Done(said, body["who"], body["why"], at)
        return None


def promotable(
    connection: Connection, dataset: str, number: int, current: Snapshot | None
) -> Snapshot:
    """A snapshot that may be promoted upon what readers have."""
    wanted = catalogue.snapshot(connection, dataset, number, Channel.PILOT)
    if wanted is None or not wanted.is_published:
        raise NeverPublished(
            f"{dataset} has no snapshot {number} in the pilot",
            next=f"`cleanhold snapshots {dataset}` lists them",
        )
    require_kept(wanted)
    if current is not None and number == current.number:
        raise UsageError(f"readers of {dataset} have snapshot {number} already")
    if current is not None and number < current.number:
        raise UsageError(
            f"readers of {dataset} have snapshot {current.number}, which is newer than {number}",
            next=f"cleanhold rollback {dataset} --to N goes back to what they had",
        )
    return wanted


def _require_no_run(connection: Connection, dataset: str) -> None:
    """Raise `RunInProgress` if a run builds on what readers have, which a promotion changes."""
    is_beneath = head(connection, dataset) is Channel.PRODUCTION
    if is_beneath and any(claim.dataset == dataset for claim in claims.live(connection)):
        raise RunInProgress(
            f"a run of {dataset} is in progress, and builds on what readers have",
            next="wait for it to end, or stop it; then promote",
        )


def _require_quiet(connection: Connection, dataset: str, as_of: int) -> None:
    """Raise `Overtaken` if something of a dataset was recorded since."""
    if any(body.get("dataset") == dataset for body in auditlog.since(connection, as_of)):
        raise Overtaken(
            f"something else was recorded about {dataset} at the same moment",
            next="do it again: nothing was changed",
        )


def _promotion(body: Mapping[str, Any]) -> Promotion:
    return Promotion(
        entry=body["entry"],
        hash=body["hash"],
        dataset=body["dataset"],
        before=body["from"],
        number=body["to"],
        manifest=body["manifest"],
        who=body["who"],
        why=body["why"],
        at=datetime.fromisoformat(body["at"]),
        certificate=body["certificate"],
    )
