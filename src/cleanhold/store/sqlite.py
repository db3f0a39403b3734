"""A ledger in an SQLite file, in WAL mode."""

from __future__ import annotations

import os
import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.exc import DBAPIError

from cleanhold.errors import LedgerError
from cleanhold.store.backend import BUSY_TIMEOUT, WRITES
from cleanhold.store.files import make_folder


class Sqlite:
    """See `Backend`. Those who share a file share its machine, and so its clock.

    Args:
        url: `sqlite:///…` of a file; made when missing, with its folders.
    """

    def __init__(self, url: URL) -> None:
        self.where = str(url.database)
        self.path: str | None = self.where
        make_folder(Path(self.where).absolute().parent)
        at_rest = _is_at_rest(Path(self.where))
        if at_rest:
            query = {"immutable": "1", "uri": "true"}
            url = url.set(database=Path(self.where).absolute().as_uri(), query=query)
        self.engine = create_engine(
            url, connect_args={"timeout": BUSY_TIMEOUT}, hide_parameters=True
        )
        if not at_rest:
            event.listen(self.engine, "connect", _configure)
        event.listen(self.engine, "begin", _begin)

    def prepare(self, connection: Connection) -> None:
        """Nothing."""

    def now(self, connection: Connection) -> datetime:
        """The machine's time."""
        return datetime.now(UTC)

    def failure(self, error: DBAPIError) -> LedgerError:
        """See `Backend`."""
        return LedgerError(
            f"the ledger refused: {error.orig}",
            where=self.where,
            next="is the disk full, the folder writable, the file an SQLite ledger? "
            "`cleanhold doctor` looks at all three",
        )


def _is_at_rest(path: Path) -> bool:
    """Whether a ledger can only be read, and nobody writes: on a disk that is read-only, say.

    SQLite needs the right to write even for reading, unless it is told that nothing changes.
    While somebody writes there is a write-ahead log, which then must not be passed over.
    """
    if not path.is_file() or os.access(path.parent, os.W_OK):
        return False
    log = path.with_name(f"{path.name}-wal")
    return not log.is_file() or not log.stat().st_size


def _configure(connection: sqlite3.Connection, _record: Any) -> None:
    # Autocommit at this level: `_begin` says which kind of transaction starts, and when.
    connection.isolation_level = None
    _write_ahead(connection)
    connection.execute("pragma synchronous = full")
    connection.execute("pragma foreign_keys = on")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to WAL; SQLite does not wait by itself while another process does the same."""
    deadline = time.monotonic() + BUSY_TIMEOUT
    while True:
        try:
            connection.execute("pragma journal_mode = wal")
            return
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
            if not busy or time.monotonic() >= deadline:
                raise
            time.sleep(0.05)


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("begin immediate" if writes else "begin")
