from __future__ import annotations

import threading
from collections.abc import Generator
from pathlib import Path

import pytest

from cleanhold.readers import delimited, framing
from cleanhold.readers.framing import ahead


def numbers(closed: list[bool]) -> Generator[int, None, None]:
    try:
        yield from range(5)
    finally:
        closed.append(True)


def framers() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name.startswith("cleanhold-framing")]


def test_ahead_gives_the_same_items() -> None:
    closed: list[bool] = []
    assert list(ahead(numbers(closed))) == [0, 1, 2, 3, 4]
    assert closed == [True]
    assert not framers()


def test_ahead_passes_errors_on() -> None:
    def failing() -> Generator[int, None, None]:
        yield 1
        raise OSError("disk")

    items = ahead(failing())
    assert next(items) == 1
    with pytest.raises(OSError, match="disk"):
        next(items)
    assert not framers()


def test_an_abandoned_reading_leaves_no_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(framing, "BLOCK", 10)
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\n" + b"1,2\n" * 100)
    delimited().open(path)  # never iterated
    chunks = delimited().open(path).chunks
    next(chunks)
    assert framers()
    del chunks
    assert not framers()


def test_memory_is_bounded_by_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "BLOCK", 1000)
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\n" + b'1,"2"\n' * 10_000)
    heights = [chunk.rows.height for chunk in delimited().open(path).chunks]
    assert sum(heights) == 10_000
    assert max(heights) <= 1000 / 6 + 1
