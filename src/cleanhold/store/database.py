"""The ledger's database: opening, transactions, migration. SQLite or PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, Connection, exc
from sqlalchemy.engine import make_url

from cleanhold.errors import LedgerError, WorkspaceError
from cleanhold.store.backend import WRITES, Backend
from cleanhold.store.shape import VERSION_TABLE, version_of
from cleanhold.store.tables import HEAD


class Database:
    """Connections with the two kinds of transaction the ledger needs.

    Args:
        location: path of an SQLite file, or the URL of one, or of a PostgreSQL database.

    Raises:
        LedgerError: it cannot be opened, or a newer cleanhold wrote it.
        WorkspaceError: the URL cannot be used.
    """

    def __init__(self, location: Path | str) -> None:
        self._backend = backend(location)
        self.where = self._backend.where
        self.path = self._backend.path
        try:
            if self.version() != HEAD:
                self.migrate()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._backend.close()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view; never waits for writers."""
        engine = self._backend.engine
        with translated(self._backend), engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that holds the write lock from its start: all of it, or nothing.

        Raises:
            LedgerError: the folder of the ledger can only be read.
        """
        if self._backend.only_read:
            raise LedgerError(
                "the ledger can only be read: its folder cannot be written",
                where=self.where,
                next="use the workspace itself, or mend the permissions of the folder",
            )
        with translated(self._backend), self._backend.engine.connect() as connection:
            connection.execution_options(**{WRITES: True})
            with connection.begin():
                yield connection

    def now(self, connection: Connection) -> datetime:
        """The time in UTC, by the database's clock: the same one for all who share it."""
        return self._backend.now(connection)

    def version(self) -> str | None:
        """The migration this ledger is at; None for an empty database."""
        with self.read() as connection:
            return self._version(connection)

    def _version(self, connection: Connection) -> str | None:
        try:
            return version_of(connection)
        except ValueError as error:
            raise LedgerError(
                str(error),
                where=f"{self.where}, table {VERSION_TABLE}",
                next=f"restore the ledger from a backup; this cleanhold writes {HEAD!r} there",
            ) from error

    def migrate(self) -> None:
        """Bring the tables to the newest version; nothing happens when they are.

        Raises:
            LedgerError: the ledger is of a version this cleanhold does not know.
        """
        # Under the write lock, so that two processes opening a fresh ledger take turns.
        with self.write() as connection:
            version = self._version(connection)
            if version == HEAD:
                return
            self._backend.prepare(connection)
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
                    f"this cleanhold does not know version {version} of the ledger",
                    where=self.where,
                    next="use the newer cleanhold that wrote it",
                ) from error
            except exc.DBAPIError as error:
                if version is None:
                    raise
                told = self._backend.failure(error)
                raise LedgerError(
                    f"the ledger cannot be brought from version {version} to {HEAD}: {told.what}",
                    where=self.where,
                    next=f"{told.next}. Otherwise its tables are not those of the version that it "
                    "names: restore it from a backup",
                ) from error


def backend(location: Path | str) -> Backend:
    """The kind of database at a location; nothing is connected yet.

    Raises:
        WorkspaceError: there is no such kind, or its URL cannot be used.
    """
    url = _url(location)
    kind = url.get_backend_name() if url else ""
    # A kind's driver is loaded when it is used.
    if url and kind == "postgresql":
        from cleanhold.store.postgres import Postgres

        return Postgres(url)
    if url and kind == "sqlite" and url.database and url.database != ":memory:":
        from cleanhold.store.sqlite import Sqlite

        return Sqlite(url)
    raise WorkspaceError(
        "the ledger must be a PostgreSQL database, or an SQLite file",
        where=url.render_as_string(hide_password=True) if url else "the ledger's URL",
        next="give a URL such as postgresql://user@host/database or "
        "sqlite:////var/lib/team/ledger.db",
    )


def _url(location: Path | str) -> URL | None:
    if isinstance(location, Path) or "://" not in location:
        return URL.create("sqlite", database=str(location))
    scheme, _, rest = location.partition("://")
    try:
        return make_url(f"{'postgresql' if scheme == 'postgres' else scheme}://{rest}")
    except (exc.ArgumentError, ValueError):
        # Nothing of it is shown: it may be a password in the wrong place.
        return None


@contextmanager
def translated(backend: Backend) -> Iterator[None]:
    """Errors of the driver become `LedgerError`."""
    try:
        yield
    except exc.DBAPIError as error:
        raise backend.failure(error) from error
