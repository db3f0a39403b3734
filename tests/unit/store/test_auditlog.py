from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from cleanhold.errors import StateError
from cleanhold.store.auditlog import GENESIS, chained
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger
from tests.conformance.ledgers import claim, commit


def tamper(state: StateFolder, *statements: str) -> None:
    """What somebody with the SQLite shell could do, without the triggers meanwhile."""
    with closing(sqlite3.connect(state.ledger)) as connection, connection:
        triggers = "select name, sql from sqlite_master where name like 'audit_log_no_%'"
        guards = connection.execute(triggers).fetchall()
        for name, _ in guards:
            connection.execute(f"drop trigger {name}")
        for statement in statements:
            connection.execute(statement)
        for _, sql in guards:
            connection.execute(sql)


@pytest.fixture
def head(ledger: Ledger) -> str:
    for key in ("r1", "r2", "r3"):
        commit(ledger, claim(ledger, key), published=key != "r2")
    return ledger.verify_audit()


def test_an_empty_log_is_whole(ledger: Ledger) -> None:
    assert ledger.verify_audit() == ledger.verify_audit(GENESIS) == GENESIS


def test_entries_are_chained_and_say_what_was_done(ledger: Ledger, head: str) -> None:
    log = ledger.audit_log()
    assert [entry.number for entry in log] == [1, 2, 3]
    assert [entry.body["act"] for entry in log] == ["published", "candidate", "published"]
    assert log[1].body["reasons"] == ["50 % held"]
    assert log[2].hash == head
    for anchor in (entry.hash for entry in log):
        assert ledger.verify_audit(anchor) == head


@pytest.mark.parametrize("statement", ["update audit_log set body = ''", "delete from audit_log"])
def test_the_database_refuses_changes(
    ledger: Ledger, state: StateFolder, head: str, statement: str
) -> None:
    with (
        closing(sqlite3.connect(state.ledger)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        connection.execute(statement)
    assert ledger.verify_audit() == head


@pytest.mark.parametrize(
    "statement",
    [
        """update audit_log set body = replace(body, '"held":1', '"held":0') where number = 2""",
        "update audit_log set hash = 'x' where number = 3",
        "delete from audit_log where number = 1",
        "delete from audit_log where number = 2",
        "delete from audit_log where number = 3",
        "update audit_log set number = 9 where number = 3",
    ],
)
def test_tampering_is_found(ledger: Ledger, state: StateFolder, head: str, statement: str) -> None:
    tamper(state, statement)
    with pytest.raises(StateError, match="not intact"):
        ledger.verify_audit()


def test_a_rewritten_log_is_found_by_an_anchor(
    ledger: Ledger, state: StateFolder, head: str
) -> None:
    statements, previous = [], GENESIS
    with closing(sqlite3.connect(state.ledger)) as connection:
        bodies = connection.execute("select number, body from audit_log order by number").fetchall()
    for number, body in bodies:
        forged = body.replace("50 % held", "nothing")
        digest = chained(previous, forged)
        statements.append(
            f"update audit_log set previous = '{previous}', body = '{forged}', hash = '{digest}' "
            f"where number = {number}"
        )
        previous = digest
    tamper(state, *statements, "update runs set reasons = replace(reasons, '50 % held', 'nothing')")
    assert ledger.verify_audit() == previous != head
    with pytest.raises(StateError, match="anchored entry"):
        ledger.verify_audit(head)


def test_a_snapshot_without_its_entry_is_found(
    ledger: Ledger, state: StateFolder, head: str
) -> None:
    tamper(state, "update snapshots set manifest = 'forged' where number = 1")
    with pytest.raises(StateError, match="do not match"):
        ledger.verify_audit()
