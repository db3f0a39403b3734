"""What every database of a ledger does, and what PostgreSQL says when it does not."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from cleanhold.errors import LedgerError, WorkspaceError
from cleanhold.store.auditlog import append
from cleanhold.store.database import Database
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger
from cleanhold.store.tables import HEAD, metadata
from tests.conformance.ledgers import claim, commit, extract
from tests.postgres import PASSWORD, Server

ENCODED = quote(PASSWORD, safe="")


@pytest.fixture
def database(location: Path | str) -> Iterator[Database]:
    opened = Database(location)
    yield opened
    opened.close()


def test_migrations_make_what_the_tables_declare(database: Database) -> None:
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert database.version() == HEAD


def test_processes_may_open_a_fresh_ledger_at_once(location: Path | str) -> None:
    given = f"Path({str(location)!r})" if isinstance(location, Path) else repr(location)
    program = (
        "from pathlib import Path; from cleanhold.store.database import Database; "
        f"Database({given}).close()"
    )
    all_of_them = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", program]) for _ in range(3)
    ]
    assert [process.wait() for process in all_of_them] == [0, 0, 0]


def test_writers_take_turns_and_see_what_came_before(database: Database) -> None:
    begun, ended = threading.Event(), threading.Event()
    counted = []

    def second() -> None:
        begun.wait()
        with database.write() as connection:
            counted.append(connection.execute(sa.text("select count(*) from channels")).scalar())
        ended.set()

    thread = threading.Thread(target=second)
    thread.start()
    with database.write() as connection:
        begun.set()
        assert not ended.wait(0.5)
        connection.execute(sa.text("insert into channels values ('crm.tiny', 'production', 1)"))
        with database.read() as reader:  # readers do not wait
            assert reader.execute(sa.text("select count(*) from channels")).scalar() == 0
    thread.join()
    assert counted == [1]


def test_a_view_stays_as_it_was(database: Database) -> None:
    count = sa.text("select count(*) from channels")
    with database.read() as reader:
        assert reader.execute(count).scalar() == 0
        with database.write() as writer:
            writer.execute(sa.text("insert into channels values ('crm.tiny', 'production', 1)"))
        assert reader.execute(count).scalar() == 0
    with database.read() as reader:
        assert reader.execute(count).scalar() == 1


def test_what_failed_leaves_no_gap_in_the_audit_log(database: Database, ledger: Ledger) -> None:
    ledger.record_act("read", {})

    def interrupted() -> None:
        with database.write() as connection:
            append(connection, "read", {"never": "seen"})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()
    ledger.record_act("read", {})
    assert [entry.number for entry in ledger.audit_log()] == [1, 2]
    assert ledger.verify_audit()


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_log set body = ''",
        "delete from audit_log",
        "update decisions set why = ''",
        "delete from decisions",
    ],
)
def test_history_cannot_be_changed(database: Database, ledger: Ledger, statement: str) -> None:
    commit(ledger, claim(ledger))
    values = "(1, 'reject', 'crm.tiny', 1, 1, 'f', 'ann', 'why', '2026-01-01', '{}')"
    with database.write() as connection:
        connection.execute(sa.text(f"insert into decisions values {values}"))
    with pytest.raises(LedgerError, match="append-only"), database.write() as connection:
        connection.execute(sa.text(statement))


def test_names_are_ordered_by_their_bytes(database: Database) -> None:
    with database.write() as connection:
        for name in ("crm_b", "crm.b", "Crm", "crm.a"):
            values = {"dataset": name, "channel": "production", "number": 1}
            connection.execute(metadata.tables["channels"].insert().values(**values))
    with database.read() as connection:
        channels = metadata.tables["channels"]
        found = connection.execute(sa.select(channels).order_by(channels.c.dataset)).all()
    assert [row.dataset for row in found] == sorted(("crm_b", "crm.b", "Crm", "crm.a"))


def test_extracts_may_be_large(ledger: Ledger, state: StateFolder) -> None:
    large = replace(extract(state, "ab" * 32), size=5 << 40)
    ledger.record_extract(large)
    assert ledger.extracts() == [large]


# PostgreSQL alone


@pytest.fixture
def schema(postgres_server: Server) -> Iterator[str]:
    postgres_server.execute("create schema failing authorization crm")
    with postgres_server.schema("failing", postgres_server.url()) as url:
        yield url


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda url: url.replace(ENCODED, "wrong" + ENCODED), "does not let this user in"),
        (lambda url: url.replace("/postgres?", "/nowhere?"), "has no such database"),
        (lambda url: url.replace("schema=failing", "schema=forbidden"), "does not allow"),
        (
            lambda url: url + "&options=-cdefault_transaction_read_only%3Don",
            "takes no writes",
        ),
        (
            lambda url: f"postgresql://crm:{ENCODED}@127.0.0.1:1/postgres?schema=failing",
            "cannot be reached",
        ),
        (
            lambda url: f"postgresql://crm:{ENCODED}@no.such.host.invalid/postgres",
            "cannot be reached",
        ),
    ],
    ids=["password", "database", "permission", "read-only", "port", "host"],
)
def test_failures_are_told_without_the_password(
    schema: str, spoil: Callable[[str], str], says: str
) -> None:
    with pytest.raises(LedgerError, match=says) as caught:
        Database(spoil(schema)).close()
    assert PASSWORD not in str(caught.value)
    assert ENCODED not in str(caught.value)
    assert caught.value.next


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://crm:se@cret/x@host/database",
        "postgresql://crm:secret@host",
        "postgresql://crm:secret@host/database?schema=A-b",
        "postgresql://crm:secret@host:port/database",
    ],
)
def test_urls_that_cannot_be_used_are_refused(url: str) -> None:
    with pytest.raises(WorkspaceError) as caught:
        Database(url)
    assert "secret" not in str(caught.value)
    assert "cret/x" not in str(caught.value)


def test_the_schema_may_be_named_as_libpq_does(schema: str) -> None:
    Database(schema).close()
    by_options = schema.replace("schema=failing", "options=-csearch_path%3Dfailing")
    other = Database(by_options)
    assert other.where.endswith("schema failing")
    other.close()


def test_a_connection_that_the_server_ended_is_made_again(
    schema: str, postgres_server: Server
) -> None:
    kill = (
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where application_name = 'cleanhold' and usename = 'crm'"
    )
    database = Database(schema)
    postgres_server.execute(kill)
    assert database.version() == HEAD

    def cut_off() -> None:
        with database.write() as connection:
            connection.execute(sa.text("insert into channels values ('crm.tiny', 'production', 1)"))
            postgres_server.execute(kill)
            connection.execute(sa.text("insert into channels values ('crm.tiny', 'candidate', 1)"))

    with pytest.raises(LedgerError, match="connection was lost"):
        cut_off()
    with database.read() as connection:
        assert connection.execute(sa.text("select count(*) from channels")).scalar() == 0
    database.close()


def test_a_commit_is_durable_even_where_the_server_is_told_otherwise(schema: str) -> None:
    database = Database(schema + "&options=-csynchronous_commit%3Doff")
    with database.write() as connection:
        assert connection.execute(sa.text("show synchronous_commit")).scalar() == "on"
    database.close()
