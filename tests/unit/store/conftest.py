from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from cleanhold.core.extract import Extract
from cleanhold.deliveries.local import local_file
from cleanhold.store.landing import land
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger
from cleanhold.store.quarantine import Quarantine

Deliver = Callable[..., Extract]


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    return StateFolder(tmp_path / "state").create()


@pytest.fixture
def ledger(state: StateFolder) -> Iterator[Ledger]:
    with Ledger(state.ledger) as opened:
        yield opened


@pytest.fixture
def quarantine(state: StateFolder) -> Quarantine:
    return Quarantine(state, patience=5)


@pytest.fixture
def deliver(tmp_path: Path, state: StateFolder, ledger: Ledger) -> Deliver:
    """Land a text as an extract of a day in January 2026."""

    def deliver(text: str, day: int = 1, source: str = "crm") -> Extract:
        file = tmp_path / f"{source}-{day}.csv"
        file.write_text(text)
        return land(
            local_file(file), state, ledger, source=source, dated=lambda _: date(2026, 1, day)
        )[0]

    return deliver
