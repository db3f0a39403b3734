from __future__ import annotations

from pathlib import Path
from threading import Event, Thread, Timer

import pytest

from cleanhold.store.files import (
    atomic_write,
    drop_abandoned,
    file_lock,
    make_folder,
    promote,
    temporary,
    temporary_folder,
)


def test_atomic_write_replaces_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "pointer.json"
    atomic_write(path, b"one")
    atomic_write(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


def test_a_failed_write_keeps_the_old_bytes(tmp_path: Path) -> None:
    path = tmp_path / "pointer.json"
    atomic_write(path, b"one")

    def interrupted() -> None:
        with temporary(path) as (_, handle):
            handle.write(b"tw")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()
    assert path.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [path]


def test_only_temporary_files_whose_writer_is_gone_are_dropped(tmp_path: Path) -> None:
    (tmp_path / ".left.123.tmp").write_bytes(b"half")
    (tmp_path / "kept.tmp").write_bytes(b"not ours")
    with temporary(tmp_path / "live") as (draft, _):
        assert drop_abandoned(tmp_path) == 1
        assert draft.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["kept.tmp"]


def test_promoted_files_are_read_only(tmp_path: Path) -> None:
    staged, target = tmp_path / "staged", tmp_path / "target"
    staged.write_bytes(b"rows")
    promote(staged, target)
    assert not staged.exists()
    assert target.stat().st_mode & 0o777 == 0o444


def test_an_exclusive_lock_keeps_everybody_out(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with file_lock(lock, timeout=0):
        for shared in (True, False):
            with pytest.raises(TimeoutError), file_lock(lock, shared=shared, timeout=0.05):
                pass
    with file_lock(lock, timeout=0):
        pass


def test_shared_locks_live_together_but_keep_writers_out(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with (
        file_lock(lock, shared=True, timeout=0),
        file_lock(lock, shared=True, timeout=0),
        pytest.raises(TimeoutError),
        file_lock(lock, timeout=0),
    ):
        pass


def test_a_waiting_lock_is_taken_when_it_becomes_free(tmp_path: Path) -> None:
    lock, held, waiting = tmp_path / "lock", Event(), Event()

    def hold() -> None:
        with file_lock(lock, timeout=0):
            held.set()
            assert waiting.wait(10)

    holder = Thread(target=hold)
    holder.start()
    assert held.wait(10)
    with pytest.raises(TimeoutError), file_lock(lock, timeout=0):
        pass
    Timer(0.1, waiting.set).start()
    with file_lock(lock, timeout=10):
        assert waiting.is_set()
    holder.join()


def test_make_folder_makes_parents_and_bears_repetition(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    make_folder(folder)
    make_folder(folder)
    assert folder.is_dir()


def test_a_folder_of_work_is_dropped_only_once_its_maker_is_gone(tmp_path: Path) -> None:
    with temporary_folder(tmp_path) as folder:
        (folder / "half.duckdb").write_bytes(b"half")
        assert drop_abandoned(tmp_path) == 0
        assert (folder / "half.duckdb").exists()
    assert list(tmp_path.iterdir()) == []
    left = tmp_path / ".left.tmp"
    left.mkdir()
    (left / "half.duckdb").write_bytes(b"half")
    assert drop_abandoned(tmp_path) == 1
    assert list(tmp_path.iterdir()) == []
