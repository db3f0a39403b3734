"""What the ledger keeps about one thing: the base of its books."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from cleanhold.store.database import Database


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
