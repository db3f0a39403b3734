"""DuckDB through the ADBC driver that is in its own package; the file is opened read-only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from cleanhold.deliveries.databases.adbc import AdbcSession, opened
from cleanhold.deliveries.databases.files import file_of
from cleanhold.deliveries.databases.session import Column, Order
from cleanhold.deliveries.databases.url import DatabaseUrl

_WHOLE = {f"{sign}{size}INT" for sign in ("", "U") for size in ("TINY", "SMALL", "BIG")} | {
    "INTEGER",
    "UINTEGER",
}
_PLAIN = {
    **dict.fromkeys(_WHOLE | {"FLOAT", "DOUBLE"}, Order.NUMBER),
    **dict.fromkeys(("BOOLEAN", "BLOB"), Order.NONE),
    "VARCHAR": Order.TEXT,
}
_MOMENTS = {
    "DATE",
    "TIMESTAMP",
    "TIMESTAMP WITH TIME ZONE",
    "TIMESTAMP_S",
    "TIMESTAMP_MS",
    "TIMESTAMP_NS",
}


class DuckDb(AdbcSession):
    """A transaction of DuckDB."""

    def columns(self, query: str) -> list[Column]:
        """See `Session.columns`."""
        return [self._column(row[0], row[1]) for row in self.rows(f"describe {query}")]

    def _column(self, name: str, type: str) -> Column:
        quoted = self.name(name)
        text = f"cast({quoted} as varchar)"
        if type in _PLAIN:
            return Column(name, type, _PLAIN[type], text, quoted, whole=type in _WHOLE)
        if re.fullmatch(r"DECIMAL\(\d+,\d+\)", type):
            return Column(name, type, Order.NUMBER, text, quoted)
        if type in _MOMENTS:
            misfit = f"(not isfinite({quoted}) or year({quoted}) not between 1 and 9999)"
            return Column(name, type, Order.MOMENT, text, quoted, misfit)
        nested = re.search(r"\[\d*\]\Z|\A(STRUCT|MAP|UNION)\(", type)
        if nested and not re.search("DECIMAL|HUGEINT", type):  # which DuckDB makes floats in JSON
            return Column(name, type, Order.NONE, f"cast(to_json({quoted}) as varchar)")
        order = Order.NUMBER if type in ("HUGEINT", "UHUGEINT") else Order.NONE
        return Column(name, type, order, text)


def _open(file: Path) -> Any:
    from adbc_driver_duckdb import driver_path
    from adbc_driver_manager import dbapi

    return dbapi.connect(
        driver=driver_path(),
        entrypoint="duckdb_adbc_init",
        db_kwargs={"path": str(file), "access_mode": "READ_ONLY"},
    )


@contextmanager
def open_duckdb(url: DatabaseUrl, root: Path) -> Iterator[DuckDb]:
    """A session; see `databases.connect`."""
    file = file_of(url, root)
    with opened(partial(_open, file), url) as connection:
        session = DuckDb(connection, url)
        session.row("set timezone = 'UTC'")
        yield session
