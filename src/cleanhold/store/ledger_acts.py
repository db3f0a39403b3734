"""The part of the ledger that is its audit log: who did what, when and why."""

from __future__ import annotations

from abc import ABC
from collections.abc import Collection, Generator, Mapping
from typing import Any

from cleanhold.store import auditlog
from cleanhold.store.database import Database


class LedgerOfActs(ABC):
    """The part of `Ledger` that is about the audit log."""

    _database: Database

    def record_act(self, act: str, details: Mapping[str, Any]) -> None:
        """Append an entry about something a person did, beside what commits append themselves."""
        if act in auditlog.COMMITS:
            raise ValueError(f"{act!r} is for commits")
        with self._database.write() as connection:
            auditlog.append(connection, act, details)

    def audit_log(self, newest: int | None = None) -> list[auditlog.AuditEntry]:
        """The entries, oldest first: all, or so many of the newest."""
        with self._database.read() as connection:
            return auditlog.entries(connection, newest, self._database.where)

    def audit_backwards(self) -> Generator[auditlog.AuditEntry]:
        """The entries, newest first, as they are asked for; finish it, or close it."""
        with self._database.read() as connection:
            yield from auditlog.backwards(connection, self._database.where)

    def audit_acts(self, wanted: Collection[str]) -> list[Mapping[str, Any]]:
        """Bodies of the entries of some acts, oldest first; see `auditlog.acts`."""
        with self._database.read() as connection:
            return list(auditlog.acts(connection, wanted))

    def audit_hashes(self) -> list[str]:
        """The hash of every entry, the first one's first.

        Raises:
            StateError: an entry is missing, was changed, or stands in another's place.
        """
        with self._database.read() as connection:
            return [entry.hash for entry in auditlog.chain(connection, self._database.where)]

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
