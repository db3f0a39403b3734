"""Baselines in the ledger: the snapshot that others are compared with, named by a person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete

from cleanhold.core.snapshot import Baseline, Channel, Snapshot
from cleanhold.errors import NeverPublished, UsageError
from cleanhold.store import auditlog, catalogue
from cleanhold.store.book import Book
from cleanhold.store.channels import point
from cleanhold.store.kept import require_kept
from cleanhold.store.tables import channels

#: Acts of the audit log.
NAMED, CLEARED = "baseline_named", "baseline_cleared"


class BaselineBook(Book):
    """What the ledger keeps about baselines; `Ledger.baselines` is one."""

    def of(self, dataset: str) -> Baseline | None:
        """The baseline of a dataset, and who named it; None if nobody has."""
        with self._database.read() as connection:
            return _of(connection, dataset)

    def name(self, dataset: str, number: int, *, who: str, why: str) -> Baseline:
        """Make a published snapshot the baseline of its dataset; what was it no longer is.

        Raises:
            NeverPublished: there is no published snapshot of that number.
            SnapshotExpired: its rows are gone.
            UsageError: it is the baseline already.
        """
        with self._database.write() as connection:
            before = _current(connection, dataset)
            found = catalogue.snapshot(connection, dataset, number, Channel.PRODUCTION)
            if found is None or not found.is_published:
                raise NeverPublished(
                    f"{dataset} has no published snapshot {number}",
                    next=f"`cleanhold snapshots {dataset}` lists them",
                )
            require_kept(found)
            if before is not None and before.number == number:
                raise UsageError(
                    f"snapshot {number} is the baseline of {dataset} already",
                    next="clear it first, and name it with both reasons",
                )
            point(connection, dataset, Channel.BASELINE, number)
            said = {"from": before.number if before else None, "to": number, "who": who, "why": why}
            self._tell(connection, NAMED, dataset=dataset, **said)
            named = _of(connection, dataset)
        assert named is not None
        return named

    def clear(self, dataset: str, *, who: str, why: str) -> Snapshot:
        """Leave a dataset without a baseline; returns what was it.

        Raises:
            UsageError: it has none.
        """
        with self._database.write() as connection:
            before = _current(connection, dataset)
            if before is None:
                raise UsageError(f"{dataset} has no baseline", next="nothing is left to clear")
            of_it = (channels.c.dataset == dataset) & (channels.c.channel == Channel.BASELINE)
            connection.execute(delete(channels).where(of_it))
            said = {"from": before.number, "who": who, "why": why}
            self._tell(connection, CLEARED, dataset=dataset, **said)
            return before


def _current(connection: Connection, dataset: str) -> Snapshot | None:
    return catalogue.snapshot(connection, dataset, None, Channel.BASELINE)


def _of(connection: Connection, dataset: str) -> Baseline | None:
    snapshot = _current(connection, dataset)
    if snapshot is None:
        return None
    for body in reversed(list(auditlog.acts(connection, (NAMED,)))):
        if (body["dataset"], body["to"]) == (dataset, snapshot.number):
            return Baseline(snapshot, body["who"], body["why"], datetime.fromisoformat(body["at"]))
    return None  # the channel was moved by hand; `verify` says so
