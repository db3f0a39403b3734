"""The shape of a ledger: the tables, columns and triggers that its migrations made."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, inspect, text

from cleanhold.store.tables import audit_log, decisions, metadata

#: Where alembic keeps which migration the tables are at.
VERSION_TABLE = "alembic_version"

#: What nobody may change: their triggers refuse it.
_APPEND_ONLY = (audit_log, decisions)

#: Name and table of each that works.
_TRIGGERS = {
    "sqlite": "select name, tbl_name from sqlite_master where type = 'trigger'",
    "postgresql": "select tgname, relname from pg_trigger join pg_class on pg_class.oid = tgrelid "
    "where not tgisinternal and tgenabled <> 'D' and relnamespace = current_schema()::regnamespace",
}
_REFUSED = {"sqlite": ("update", "delete"), "postgresql": ("update", "delete", "truncate")}


def version_of(connection: Connection) -> str | None:
    """The migration that the tables are at; None where there are none.

    Raises:
        ValueError: there are, but not one version of them.
    """
    look = inspect(connection)
    found: list[str] = []
    if look.has_table(VERSION_TABLE):
        rows = connection.execute(text(f"select version_num from {VERSION_TABLE}"))
        found = [str(version) for version in rows.scalars()]
    if len(found) == 1 and found[0]:
        return found[0]
    if found or look.has_table(audit_log.name):
        told = " and ".join(repr(version) for version in found) or "none"
        raise ValueError(f"the ledger must name one version of its tables, and names {told}")
    return None


def misshapen(connection: Connection) -> Iterator[str]:
    """How the tables of a ledger at `HEAD` differ from what its migrations made, in words."""
    told = inspect(connection).get_multi_columns()
    there = {table: {column["name"] for column in columns} for (_, table), columns in told.items()}
    for table in metadata.sorted_tables:
        if table.name not in there:
            yield f"the table {table.name} is missing"
            continue
        expected = set(table.c.keys())
        for column in sorted(expected ^ there[table.name]):
            how = "is missing" if column in expected else "was added"
            yield f"the column {table.name}.{column} {how}"
    dialect = connection.dialect.name
    rows = connection.execute(text(_TRIGGERS[dialect]))
    working = {name for name, table in rows if table in metadata.tables}
    guards = {f"{t.name}_no_{act}" for t in _APPEND_ONLY for act in _REFUSED[dialect]}
    for name in sorted(guards ^ working):
        yield f"the trigger {name} {'is missing' if name in guards else 'was added'}"
