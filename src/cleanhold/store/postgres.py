"""A ledger in a schema of a PostgreSQL database."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import URL, Connection, create_engine, event, text
from sqlalchemy.dialects.postgresql.base import PGTypeCompiler
from sqlalchemy.exc import DBAPIError

from cleanhold.errors import LedgerError, WorkspaceError
from cleanhold.store.backend import BUSY_TIMEOUT, WRITES
from cleanhold.store.postgres_failures import failure

#: Where the tables are, if the URL names no schema.
SCHEMA = "cleanhold"

_SCHEMA_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_SEARCH_PATH = re.compile(r"-c\s*search_path=([^\s,]+)")

#: A server that is gone is noticed within a minute, not when TCP gives up.
_CONNECT = {
    "connect_timeout": "15",
    "application_name": "cleanhold",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
}


class Postgres:
    """See `Backend`. Those who share a schema may work on different machines: its server has
    the clock.

    Args:
        url: `postgresql://user:password@host/database?schema=team`.

    Raises:
        WorkspaceError: the URL cannot be used, or the driver is not installed.
    """

    path: str | None = None
    only_read = False  # a standby says so itself

    def __init__(self, url: URL) -> None:
        host = url.host or str(url.query.get("host", ""))
        if re.search(r"[@#\s]", f"{host}{url.database or ''}") or not url.database:
            raise WorkspaceError(
                "the ledger's URL is ambiguous, or names no database",
                where="the ledger",
                next="write postgresql://user:password@host/database; percent-encode the user "
                "name and the password in it (@ is %40, / is %2F, # is %23)",
            )
        self._schema = _schema(url)
        self._password = url.password
        port = f":{url.port}" if url.port else ""
        self.where = f"postgresql://{host}{port}/{url.database}, schema {self._schema}"
        plain = url.set(drivername="postgresql+psycopg").difference_update_query(["schema"])
        options = {name: value for name, value in _CONNECT.items() if name not in plain.query}
        try:
            self.engine = create_engine(
                plain, connect_args=options, hide_parameters=True, pool_pre_ping=True
            )
        except ImportError:
            raise WorkspaceError(
                "the driver of PostgreSQL is not installed",
                where=self.where,
                next="pip install 'cleanhold[postgres]'",
            ) from None
        self.engine.dialect.type_compiler_instance = _Types(self.engine.dialect)
        # The lock of the transaction that writes: a number per schema, known to every process.
        digest = hashlib.sha256(f"the ledger of cleanhold in {self._schema}".encode()).digest()
        self._lock = int.from_bytes(digest[:8], signed=True)
        # Before SQLAlchemy asks the first connection for its schema.
        event.listen(self.engine, "connect", self._configure, insert=True)
        event.listen(self.engine, "begin", self._begin)

    def close(self) -> None:
        """See `Backend`."""
        self.engine.dispose()

    def prepare(self, connection: Connection) -> None:
        """Make the schema if it is missing; asking first, for not every user may make one."""
        known = text("select 1 from pg_catalog.pg_namespace where nspname = :name")
        if connection.execute(known, {"name": self._schema}).scalar() is None:
            connection.exec_driver_sql(f'create schema "{self._schema}"')

    def now(self, connection: Connection) -> datetime:
        """The server's time, now and not when the transaction began."""
        found: datetime = connection.execute(text("select clock_timestamp()")).scalar_one()
        return found.astimezone(UTC)

    def failure(self, error: DBAPIError) -> LedgerError:
        """See `Backend`."""
        return failure(error, self.where, self._password)

    def _configure(self, connection: Any, _record: Any) -> None:
        connection.prepare_threshold = None  # poolers between here and the server
        connection.autocommit = True
        connection.execute(f'set session search_path to "{self._schema}"')
        connection.autocommit = False

    def _begin(self, connection: Connection) -> None:
        # Said anew for each transaction: behind a pooler the next one may have another session.
        path = f'set local search_path to "{self._schema}"'
        if not connection.get_execution_options().get(WRITES, False):
            connection.exec_driver_sql(
                f"set transaction isolation level repeatable read, read only; {path}"
            )
            return
        connection.exec_driver_sql(
            # Read committed: what is read after the lock was waited for is the newest there is.
            f"set transaction isolation level read committed; {path};"
            f"set local lock_timeout = '{BUSY_TIMEOUT:g}s';"
            "set local statement_timeout = 0;"
            # A server that ended the transaction of a slow holder would give its lock away.
            "set local idle_in_transaction_session_timeout = 0;"
            # What was committed is on the server's disk; a stronger setting stays.
            "select set_config('synchronous_commit', 'on', true)"
            " where current_setting('synchronous_commit') = 'off';"
            f"select pg_advisory_xact_lock({self._lock})"
        )


class _Types(PGTypeCompiler):
    """Columns of text are compared by their bytes, as in SQLite, in every database."""

    def visit_VARCHAR(self, type_: Any, **kw: Any) -> str:  # noqa: N802 - SQLAlchemy's name
        return super().visit_VARCHAR(type_, **kw) + _by_bytes(kw)

    def visit_TEXT(self, type_: Any, **kw: Any) -> str:  # noqa: N802
        return super().visit_TEXT(type_, **kw) + _by_bytes(kw)


def _by_bytes(asked: dict[str, Any]) -> str:
    return ' COLLATE "C"' if asked.get("type_expression") is not None else ""  # of a column


def _schema(url: URL) -> str:
    """The schema that a URL names: by `schema=`, or as libpq does by its options."""
    options = _SEARCH_PATH.search(str(url.query.get("options", "")))
    found = str(url.query.get("schema") or (options[1] if options else SCHEMA))
    if not _SCHEMA_NAME.fullmatch(found):
        raise WorkspaceError(
            f"{found!r} cannot be the schema of a ledger",
            where="the ledger's URL",
            next="name it with lower-case letters, digits and `_`: ?schema=team_a",
        )
    return found
