"""Rows of the ledger that are replaced as wholes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, and_


def put(
    connection: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    """Make the row of a key have these values, whether it was there or not.

    The caller's transaction holds the write lock, so nobody can add the row in between.

    Args:
        key: name → value of the primary key's columns.
        values: of the other columns that are to change.
    """
    same = and_(*(table.c[name] == value for name, value in key.items()))
    if not connection.execute(table.update().where(same).values(**values)).rowcount:
        connection.execute(table.insert().values(**key, **values))
