"""The ledger's database: opening, transactions, migration. SQLite in WAL mode."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, exc, inspect, text
from sqlalchemy.engine import make_url

from cleanhold.errors import LedgerError
from cleanhold.store.files import can_write, make_folder
from cleanhold.store.tables import HEAD

#: Seconds a writer waits for another one before it gives up.
BUSY_TIMEOUT = 30.0


class Database:
    """Connections with the two kinds of transaction the ledger needs.

    Args:
        location: path of the SQLite file, or an SQLAlchemy URL of one.

    Raises:
        LedgerError: it cannot be opened, or a newer cleanhold wrote it.
    """

    def __init__(self, location: Path | str) -> None:
        is_url = isinstance(location, str) and "://" in location
        url = (
            make_url(str(location)) if is_url else make_url("sqlite://").set(database=str(location))
        )
        if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
            raise LedgerError(
                "the ledger must be an SQLite file",
                where=url.render_as_string(hide_password=True),
                next="give a path, or a URL such as sqlite:////var/lib/team/ledger.db",
            )
        self.where = url.database
        folder = Path(url.database).absolute().parent
        make_folder(folder)
        # Even to read, SQLite writes beside its file. What can only be read is read as a copy.
        self._copy = None if can_write(folder) else tempfile.TemporaryDirectory()
        if self._copy is not None:
            url = url.set(database=_copied(Path(url.database), Path(self._copy.name)))
        self._engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT})
        event.listen(self._engine, "connect", _configure)
        event.listen(self._engine, "begin", _begin)
        try:
            if self.version() != HEAD:
                self.migrate()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._engine.dispose()
        if self._copy is not None:
            self._copy.cleanup()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view; never waits for writers."""
        with self._translated(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that holds the write lock from its start: all of it, or nothing.

        Raises:
            LedgerError: the folder of the ledger can only be read.
        """
        if self._copy is not None:
            raise LedgerError(
                "the ledger can only be read: its folder cannot be written",
                where=self.where,
                next="use the workspace itself, or mend the permissions of the folder",
            )
        with self._translated(), self._engine.connect() as connection:
            connection.execution_options(immediate=True)
            with connection.begin():
                yield connection

    def version(self) -> str | None:
        """The migration this ledger is at; None for an empty file."""
        with self.read() as connection:
            return _version(connection)

    def migrate(self) -> None:
        """Bring the tables to the newest version; nothing happens when they are.

        Raises:
            LedgerError: the ledger is of a version this cleanhold does not know.
        """
        # Under the write lock, so that two processes opening a fresh ledger take turns.
        with self.write() as connection:
            if _version(connection) == HEAD:
                return
            # Alembic costs 0.3 s to import; most starts need no migration.
            from alembic import command
            from alembic.config import Config
            from alembic.util import CommandError

            config = Config()
            folder = str(Path(__file__).with_name("migrations"))
            config.set_main_option("script_location", folder.replace("%", "%%"))
            config.set_main_option("path_separator", "os")
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as error:
                raise LedgerError(
                    f"this cleanhold does not know version {_version(connection)} of the ledger",
                    where=self.where,
                    next="use the newer cleanhold that wrote it",
                ) from error

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except exc.DBAPIError as error:
            raise LedgerError(
                f"the ledger refused: {error.orig}",
                where=self.where,
                next="is the disk full, the folder writable, the file an SQLite ledger? "
                "`cleanhold doctor` looks at all three",
            ) from error


def _copied(ledger: Path, folder: Path) -> str:
    for path in (ledger, ledger.with_name(f"{ledger.name}-wal")):
        if path.is_file():
            shutil.copyfile(path, folder / path.name)
    return str(folder / ledger.name)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("select version_num from alembic_version")).scalar()
    return found


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
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("begin immediate" if immediate else "begin")
