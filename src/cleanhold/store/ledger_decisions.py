"""The part of the ledger that keeps what people decide about held rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from cleanhold.core.decision import SETTLING, Act, Decision
from cleanhold.store import claims, decisions
from cleanhold.store.database import Database
from cleanhold.store.decisions import AsOf


class LedgerOfDecisions(ABC):
    """The part of `Ledger` that is about decisions on held rows."""

    _database: Database

    def decide(
        self,
        act: Act,
        dataset: str,
        keep: Callable[[], str],
        *,
        as_of: AsOf | None = None,
        **said: Any,
    ) -> Decision:
        """Append what was decided about held rows, with its entry in the audit log.

        Args:
            keep: writes the file of the rows (`decisions.write_rows`) and gives its SHA-256;
                called when nobody can collect a file that nothing refers to yet.
            as_of: how far the dataset had come when it was decided.
            said: `rows, who, why, terms` as `core.decision.Decision` has them.

        Raises:
            Overtaken: the dataset has come further.
            RunInProgress: a replay of the dataset, perhaps of the same rows, may still commit.
        """
        with self._database.write() as connection:
            decisions.require_as_of(decisions.as_of(connection, dataset), as_of, dataset)
            now = self._now(connection)
            if act in SETTLING:
                claims.require_no_replay(connection, dataset, now)
            return decisions.record(connection, act, dataset, file=keep(), at=now, **said)

    def decisions(self, dataset: str | None = None) -> list[Decision]:
        """What was decided, oldest first."""
        with self._database.read() as connection:
            return decisions.list_decisions(connection, dataset)

    def decision(self, number: int) -> Decision | None:
        """One decision by its number."""
        with self._database.read() as connection:
            found = decisions.list_decisions(connection, number=number)
        return found[0] if found else None

    def as_of(self, dataset: str) -> AsOf:
        """How far a dataset has come."""
        with self._database.read() as connection:
            return decisions.as_of(connection, dataset)

    @abstractmethod
    def _now(self, connection: Connection) -> datetime:
        """The time in UTC, by the clock of all who share this ledger."""
