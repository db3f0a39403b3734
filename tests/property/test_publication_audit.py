"""The audit log: whatever is appended verifies, whatever is changed afterwards does not."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from cleanhold.errors import StateError
from cleanhold.store import auditlog
from cleanhold.store.database import Database

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)
BODIES = st.lists(st.dictionaries(st.text(max_size=5), VALUES, max_size=3), max_size=6)
COLUMNS = ("previous", "body", "hash")


@contextmanager
def log_of(bodies: list[dict[str, Any]]) -> Iterator[Database]:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder) / "ledger.db")
        try:
            for body in bodies:
                with database.write() as connection:
                    auditlog.append(connection, "noted", {"details": body})
            yield database
        finally:
            database.close()


def verify(database: Database, anchor: str | None = None) -> str:
    with database.read() as connection:
        return auditlog.verify(connection, anchor, "here")


def tamper(database: Database, statement: str, **values: object) -> None:
    with database.write() as connection:
        for act in ("update", "delete"):
            connection.execute(text(f"drop trigger if exists audit_log_no_{act}"))
        connection.execute(text(statement), values)


@settings(max_examples=30, deadline=None)
@given(BODIES)
def test_what_is_appended_verifies_and_reads_back(bodies: list[dict[str, Any]]) -> None:
    with log_of(bodies) as database:
        head = verify(database)
        with database.read() as connection:
            entries = auditlog.entries(connection)
        assert [entry.body["details"] for entry in entries] == bodies
        for anchor in [auditlog.GENESIS, *(entry.hash for entry in entries)]:
            assert verify(database, anchor) == head
        with pytest.raises(StateError):
            verify(database, "f" * 64)


@settings(max_examples=60, deadline=None)
@given(bodies=BODIES.filter(bool), data=st.data())
def test_any_change_is_found(bodies: list[dict[str, Any]], data: st.DataObject) -> None:
    number = data.draw(st.integers(1, len(bodies)))
    column = data.draw(st.sampled_from(COLUMNS))
    with log_of(bodies) as database:
        head = verify(database)
        with database.read() as connection:
            old = connection.execute(
                text(f"select {column} from audit_log where number = {number}")
            ).scalar_one()
        position = data.draw(st.integers(0, len(old) - 1))
        changed = old[:position] + ("x" if old[position] != "x" else "y") + old[position + 1 :]
        tamper(
            database, f"update audit_log set {column} = :new where number = {number}", new=changed
        )
        with pytest.raises(StateError):
            verify(database, head)


@settings(max_examples=30, deadline=None)
@given(bodies=BODIES.filter(bool), data=st.data())
def test_any_missing_entry_is_found(bodies: list[dict[str, Any]], data: st.DataObject) -> None:
    number = data.draw(st.integers(1, len(bodies)))
    with log_of(bodies) as database:
        head = verify(database)
        tamper(database, f"delete from audit_log where number = {number}")
        with pytest.raises(StateError):
            verify(database, head)
