"""The database is made at once: one that was begun and not ended could never be opened."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from cleanhold.errors import StateError
from cleanhold.store import quarantine_file
from cleanhold.store.layout import StateFolder
from cleanhold.store.quarantine import Quarantine


def test_a_database_that_is_not_finished_has_not_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = StateFolder(tmp_path / "state").create()

    def no_room(_: object) -> None:
        assert not state.quarantine.exists()
        raise duckdb.IOException("No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(quarantine_file, "_make_tables", no_room)
        with pytest.raises(StateError, match="No space left"):
            Quarantine(state).fed()
    assert not list(state.root.glob("*quarantine.duckdb"))
    assert not list(state.root.glob(".*"))
    assert Quarantine(state).fed() == []


def test_the_log_of_a_database_that_is_gone_is_not_of_the_new_one(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state").create()
    log = state.quarantine.with_name("quarantine.duckdb.wal")
    log.write_bytes(b"of another")
    assert Quarantine(state).fed() == []
    assert not log.exists()
