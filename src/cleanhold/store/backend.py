"""What a kind of database must do to keep a ledger; one file each implements it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from cleanhold.errors import LedgerError

#: Seconds a writer waits for another one before it gives up.
BUSY_TIMEOUT = 30.0

#: Option of a connection whose transaction writes: it alone does, from its start to its end.
WRITES = "writes"


class Backend(Protocol):
    """One place of a ledger, not opened yet.

    Attributes:
        engine: gives connections; each of their transactions begins as `WRITES` asks.
        where: the place in words for people, without user, password and options.
        path: the file, of a database that is one.
        only_read: it is known that nothing can be written.
    """

    engine: Engine
    where: str
    path: str | None
    only_read: bool

    def close(self) -> None:
        """Close every connection."""
        ...

    def prepare(self, connection: Connection) -> None:
        """Make what the first migration needs; within a transaction that writes."""
        ...

    def now(self, connection: Connection) -> datetime:
        """The time in UTC, by the one clock that all who share the ledger go by."""
        ...

    def failure(self, error: DBAPIError) -> LedgerError:
        """What the driver says, in words of ours and without secrets."""
        ...
