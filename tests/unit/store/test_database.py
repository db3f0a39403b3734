from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import cleanhold.store.migrations
from cleanhold.errors import LedgerError, WorkspaceError
from cleanhold.store.database import Database
from cleanhold.store.tables import HEAD, metadata


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "ledger.db")
    yield opened
    opened.close()


def _schema(connection: sa.Connection) -> dict[str, list[str]]:
    """Every object of the database, lines of its definition sorted; a renamed table has quotes."""
    rows = connection.execute(
        sa.text(
            "select name, sql from sqlite_master where type in ('table', 'index') "
            "and sql is not null and name not like 'alembic%' and name not like 'sqlite%'"
        )
    )
    lines = {name: sql.replace('"', "").splitlines() for name, sql in rows}
    return {name: sorted(line.strip(" ,\t") for line in found) for name, found in lines.items()}


def test_migrations_make_what_the_tables_declare(database: Database) -> None:
    declared = sa.create_engine("sqlite://")
    metadata.create_all(declared)
    with database.read() as migrated, declared.connect() as wanted:
        assert _schema(migrated) == _schema(wanted)
        assert compare_metadata(MigrationContext.configure(migrated), metadata) == []
    declared.dispose()


def test_the_newest_migration_is_the_one_the_code_expects(database: Database) -> None:
    folder = Path(cleanhold.store.migrations.__file__).parent
    assert ScriptDirectory(str(folder)).get_current_head() == HEAD == database.version()
    database.migrate()
    assert database.version() == HEAD


def test_opening_a_migrated_ledger_does_not_import_alembic(database: Database) -> None:
    program = (
        "import sys; from cleanhold.store.database import Database; "
        f"Database({database.where!r}).close(); print('alembic' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_two_processes_may_open_a_fresh_ledger_at_once(tmp_path: Path) -> None:
    program = (
        "from cleanhold.store.database import Database; "
        f"Database({str(tmp_path / 'ledger.db')!r}).close()"
    )
    both = [subprocess.Popen([sys.executable, "-W", "error", "-c", program]) for _ in range(3)]
    assert [process.wait() for process in both] == [0, 0, 0]


def test_it_is_durable_and_concurrent(database: Database) -> None:
    with database.read() as connection:
        pragma = {
            name: connection.execute(sa.text(f"pragma {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragma == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    def interrupted() -> None:
        with database.write() as connection:
            connection.execute(sa.text("insert into channels values ('crm.tiny', 'production', 1)"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()
    with database.read() as connection:
        assert connection.execute(sa.text("select count(*) from channels")).scalar() == 0


def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    with database.write() as writer:
        writer.execute(sa.text("insert into channels values ('crm.tiny', 'production', 1)"))
        with database.read() as reader:
            assert reader.execute(sa.text("select count(*) from channels")).scalar() == 0


def test_a_ledger_of_a_newer_cleanhold_is_refused(database: Database) -> None:
    with database.write() as connection:
        connection.execute(sa.text("update alembic_version set version_num = 'v9999'"))
    with pytest.raises(LedgerError, match="does not know version v9999"):
        Database(Path(database.where))


def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(b"not a database, but long enough to look like one" * 100)
    with pytest.raises(LedgerError, match=re.escape("file is not a database")):
        Database(path)


@pytest.mark.parametrize(
    "location", ["mysql://user:secret@host/db", "sqlite://", "nothing://user:se@cret@host/db"]
)
def test_other_databases_are_refused_without_telling_passwords(location: str) -> None:
    with pytest.raises(WorkspaceError, match="must be a PostgreSQL database, or an") as caught:
        Database(location)
    assert "secret" not in str(caught.value)


def test_a_url_and_odd_folder_names_work(tmp_path: Path) -> None:
    odd = tmp_path / "a%b [x] 'q'" / "ledger.db"
    Database(odd).close()
    again = Database(f"sqlite:///{tmp_path}/other.db")
    assert again.version() == HEAD
    again.close()
    assert sqlite3.connect(odd).close() is None


def test_the_checks_of_the_database_hold(database: Database) -> None:
    run = (
        "insert into runs values ('r', 'crm.x', 'staging', 1, '', '{}', '[]', '', null, null, null)"
    )
    with database.write() as connection:
        connection.execute(sa.text(run))
    for wrong in (
        "insert into accounts values ('r', 3, 1, 1, 0, 0, 0)",
        "insert into accounts values ('r', 1, 2, -1, 0, 0, 0)",
        "insert into accounts values ('nobody', 1, 1, 0, 0, 0, 0)",
        "update runs set state = 'done'",
    ):
        with pytest.raises(LedgerError, match="constraint failed"), database.write() as connection:
            connection.execute(sa.text(wrong))
