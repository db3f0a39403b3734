"""The databases a query can be asked of, one kind per file.

url         URLs, and how to speak of them without their secrets
question    what is asked: all, what is new, in pieces
increment   how far a source was landed
session     what each of them gives: columns, single rows, streams of Arrow batches
adbc        what PostgreSQL, SQLite and DuckDB share: ADBC drivers
postgres    one moment for all readers, by an exported snapshot
sqlite      values have types there, columns do not
duckdb      a file of DuckDB, opened read-only
connectorx  MySQL, MariaDB, SQL Server and Oracle
interleave  several streams read at once
files       databases that are a file
failures    what a driver says, as an error of ours
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from importlib.util import find_spec
from pathlib import Path

from cleanhold.deliveries.databases.session import Session
from cleanhold.deliveries.databases.url import DatabaseUrl
from cleanhold.errors import SourceError

#: Database → the package of its driver.
_DRIVERS = {
    "postgresql": "adbc_driver_postgresql",
    "sqlite": "adbc_driver_sqlite",
    "duckdb": "adbc_driver_manager",
}


def require_driver(url: DatabaseUrl) -> None:
    """See that the driver of a database is installed.

    Raises:
        SourceError: it is not.
    """
    module = _DRIVERS.get(url.kind, "connectorx")
    if find_spec(module) is None:
        raise SourceError(
            f"the driver for {url.kind} is not installed ({module})",
            where=url.shown,
            next="pip install 'cleanhold[sql]'",
        )


def connect(
    url: DatabaseUrl, root: Path, timeout: float | None = None
) -> AbstractContextManager[Session]:
    """A session with the database at `url`; everything read in it is of one moment, if the
    database can do that (`Session.one_moment`).

    Args:
        root: relative files are below it.
        timeout: seconds that one statement may take.

    Raises:
        DeliveryError: it cannot be reached, or lets nobody in.
        SourceError: the driver is not installed.
    """
    require_driver(url)
    if url.kind == "postgresql":
        from cleanhold.deliveries.databases.postgres import open_postgres

        return open_postgres(url, timeout)
    if url.kind == "sqlite":
        from cleanhold.deliveries.databases.sqlite import open_sqlite

        return open_sqlite(url, root)
    if url.kind == "duckdb":
        from cleanhold.deliveries.databases.duckdb import open_duckdb

        return open_duckdb(url, root)
    from cleanhold.deliveries.databases.connectorx import open_connectorx

    return open_connectorx(url)
