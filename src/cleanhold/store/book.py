"""What the ledger keeps about one thing: the base of its books."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from cleanhold.store import auditlog
from cleanhold.store.database import Database
from cleanhold.store.tables import utc_text


class Book:
    """A part of the ledger, opened with it.

    Args:
        database: of the ledger.
        clock: gives the time in UTC, during a transaction.

    Raises:
        LedgerError: (every method) the ledger cannot be read or written.
    """

    def __init__(self, database: Database, clock: Callable[[Connection], datetime]) -> None:
        self._database = database
        self._clock = clock

    def _tell(self, connection: Connection, act: str, **said: Any) -> None:
        """Say in the audit log what was done, and that it was now."""
        auditlog.append(connection, act, {**said, "at": utc_text(self._clock(connection))})
