from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from cleanhold.deliveries.databases.interleave import interleaved


def counting(name: str, count: int, pause: float = 0.0) -> Iterator[str]:
    for n in range(count):
        time.sleep(pause)
        yield f"{name}{n}"


def test_the_order_does_not_depend_on_who_is_quick() -> None:
    expected = ["a0", "b0", "c0", "a1", "c1", "c2"]
    for pauses in ((0.0, 0.02, 0.0), (0.02, 0.0, 0.01)):
        streams = [
            lambda n=name, c=count, p=pause: counting(n, c, p)
            for name, count, pause in zip("abc", (2, 1, 3), pauses, strict=True)
        ]
        assert list(interleaved(streams)) == expected


def test_an_error_ends_all() -> None:
    before = threading.active_count()

    def broken() -> Iterator[str]:
        yield "b0"
        raise ValueError("broken")

    stream = interleaved([lambda: counting("a", 10**9), broken])
    with pytest.raises(ValueError, match="broken"):
        for _ in stream:
            pass
    assert threading.active_count() == before


def test_who_stops_early_leaves_no_thread() -> None:
    before = threading.active_count()
    stream = interleaved([lambda: counting("a", 10**9), lambda: counting("b", 10**9)])
    assert next(stream) == "a0"
    stream.close()
    assert threading.active_count() == before
