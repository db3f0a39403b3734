from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from cleanhold.errors import DeliveryError, UsageError
from cleanhold.readers import isolated
from cleanhold.readers.isolated import Piece, in_a_child

WORK = """
import ctypes, os, sys
import polars as pl
from cleanhold.errors import DeliveryError
from cleanhold.readers.isolated import library

def good(path, options):
    print("this is no piece")
    yield {"path": path.name, **options}
    yield pl.DataFrame({"a": [1, 2]})
    yield pl.DataFrame({"a": [3]})

def refuses(path, options):
    yield {}
    raise DeliveryError("it is red", next="paint it")

def aborts(path, options):
    yield {}
    os.abort()

def crashes(path, options):
    ctypes.string_at(0)
    yield {}

def leaves(path, options):
    sys.stdin.close()
    os._exit(0)
    yield {}

def panics(path, options):
    class PanicException(BaseException):
        pass
    yield {}
    raise PanicException("slice index")

def swells(path, options):
    yield {}
    kept = [bytearray(1 << 20) for _ in range(4096)]

def spins(path, options):
    yield {}
    while True:
        pass

def lacks(path, options):
    library("nothing_like_that", "excel")
    yield {}
"""

Run = Callable[..., list[Piece]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    (tmp_path / "work_of_this_test.py").write_text(WORK, encoding="utf-8")
    (tmp_path / "x.dat").write_bytes(b"x")
    monkeypatch.syspath_prepend(tmp_path)

    def run(name: str, **options: object) -> list[Piece]:
        return list(in_a_child(f"work_of_this_test:{name}", tmp_path / "x.dat", options))

    return run


def test_pieces_arrive_as_they_were_sent(run: Run) -> None:
    facts, *frames = run("good", n=1)
    assert facts == {"path": "x.dat", "n": 1}
    assert [frame["a"].to_list() for frame in frames if isinstance(frame, pl.DataFrame)] == [
        [1, 2],
        [3],
    ]


def test_an_error_keeps_its_words(run: Run) -> None:
    with pytest.raises(DeliveryError, match="it is red") as caught:
        run("refuses")
    assert (caught.value.where, caught.value.next) == ("x.dat", "paint it")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("aborts", "signal 6"),
        ("crashes", "signal 11"),
        ("leaves", "gave up"),
        ("panics", "PanicException: slice index"),
    ],
)
def test_a_library_that_dies_takes_nothing_along(run: Run, name: str, says: str) -> None:
    with pytest.raises(DeliveryError, match=says):
        run(name)


def test_memory_is_limited(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated, "MEMORY", 2 * 2**30)
    with pytest.raises(DeliveryError, match="MemoryError"):
        run("swells")


def test_time_is_limited(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated, "SECONDS", 2)
    with pytest.raises(DeliveryError, match="too much time"):
        run("spins")


def test_a_missing_library_names_its_extra(run: Run) -> None:
    with pytest.raises(UsageError, match="nothing_like_that") as caught:
        run("lacks")
    assert caught.value.next == "pip install 'cleanhold[excel]'"


def test_nobody_waits_for_a_child_that_is_not_read(tmp_path: Path, run: Run) -> None:
    pieces = in_a_child("work_of_this_test:spins", tmp_path / "x.dat", {})
    assert next(pieces) == {}
    pieces.close()
