"""DuckDB statements with named parameters, and file names in them taken literally."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb

_NAMED = re.compile(r"\$([a-z]+)")


class Statements:
    """Runs statements that call their parameters by name.

    Args:
        connection: to the database.
        values: name → value, for all statements; each takes those that it names.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, values: Mapping[str, Any]) -> None:
        self._connection = connection
        self._values = values

    def __call__(self, statement: str, **more: Any) -> int:
        """Execute one statement; returns the rows it changed."""
        known = {**self._values, **more}
        named = {name: known[name] for name in _NAMED.findall(statement)}
        # All of it: a connection with an unfinished result takes no other statement.
        changed = self._connection.execute(statement, named).fetchall()
        return int(changed[0][0]) if changed and changed[0] else 0


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All of the block, or nothing."""
    connection.begin()
    try:
        yield
        connection.commit()
    except BaseException:
        with suppress(duckdb.Error):  # a commit that failed has ended it; that is the news
            connection.rollback()
        raise


def literal(paths: Sequence[Path]) -> list[str]:
    """Paths for `read_parquet`, which would take brackets and stars as patterns."""
    escape = str.maketrans({"[": "[[]", "*": "[*]", "?": "[?]"})
    return [str(path).translate(escape) for path in paths]
