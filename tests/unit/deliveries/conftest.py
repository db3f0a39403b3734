"""A real PostgreSQL, and small databases that are files."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import PASSWORD, Server

from .landing import Place

__all__ = ["PASSWORD", "Server"]


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
