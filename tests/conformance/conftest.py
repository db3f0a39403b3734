"""Ledgers of each kind."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger

KINDS = ("sqlite", "postgresql")


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    return StateFolder(tmp_path / "state").create()


@pytest.fixture(params=KINDS)
def location(request: pytest.FixtureRequest, state: StateFolder) -> Iterator[Path | str]:
    """Where a new ledger may be: a file, and a schema of a real server."""
    if request.param == "sqlite":
        yield state.ledger
        return
    server = request.getfixturevalue("postgres_server")
    with server.schema(f"test_{secrets.token_hex(6)}") as url:
        yield url


@pytest.fixture
def opened(location: Path | str, state: StateFolder) -> Callable[..., Ledger]:
    """Opens the ledger that is there."""
    return partial(Ledger, location, root=state.root)


@pytest.fixture
def ledger(opened: Callable[..., Ledger]) -> Iterator[Ledger]:
    with opened() as found:
        yield found
