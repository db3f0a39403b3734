"""A ledger in an SQLite file, in WAL mode."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.exc import DBAPIError

from cleanhold.errors import LedgerError
from cleanhold.store.backend import BUSY_TIMEOUT, WRITES
from cleanhold.store.files import can_write, make_folder


class Sqlite:
    """See `Backend`. Those who share a file share its machine, and so its clock.

    Args:
        url: `sqlite:///…` of a file; made when missing, with its folders.
    """

    def __init__(self, url: URL) -> None:
        self.where = str(url.database)
        self.path: str | None = self.where
        folder = Path(self.where).absolute().parent
        make_folder(folder)
        # Even to read, SQLite writes beside its file. What can only be read is read as a copy.
        self._copy = None if can_write(folder) else tempfile.TemporaryDirectory()
        self.only_read = self._copy is not None
        if self._copy is not None:
            url = url.set(database=_copied(Path(self.where), Path(self._copy.name)))
        self.engine = create_engine(
            url, connect_args={"timeout": BUSY_TIMEOUT}, hide_parameters=True
        )
        event.listen(self.engine, "connect", _configure)
        event.listen(self.engine, "begin", _begin)

    def close(self) -> None:
        """See `Backend`."""
        self.engine.dispose()
        if self._copy is not None:
            self._copy.cleanup()

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


def _copied(ledger: Path, folder: Path) -> str:
    for path in (ledger, ledger.with_name(f"{ledger.name}-wal")):
        if path.is_file():
            shutil.copyfile(path, folder / path.name)
    return str(folder / ledger.name)


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
