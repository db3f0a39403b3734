"""Several streams read at once, given in an order that depends on nothing but what they give."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from queue import Full, Queue
from typing import TypeVar

T = TypeVar("T")

#: Items that each stream may be ahead of whoever takes them.
AHEAD = 2

#: Seconds between two looks at whether anybody still wants more.
_LOOK = 0.2


def interleaved(streams: Sequence[Callable[[], Iterator[T]]]) -> Generator[T, None, None]:
    """The first item of each stream in turn, then the second of each, and so on.

    Each stream runs in a thread of its own. If one raises, so does this, and the others end. When
    this ends, no thread is left.
    """
    stop = threading.Event()
    queues: list[Queue[tuple[T | None, BaseException | None]]] = [Queue(AHEAD) for _ in streams]
    threads = [
        threading.Thread(target=_read, args=(stream, queue, stop), daemon=True)
        for stream, queue in zip(streams, queues, strict=True)
    ]
    for thread in threads:
        thread.start()
    try:
        left = list(queues)
        while left:
            for queue in list(left):
                item, error = queue.get()
                if error is not None:
                    raise error
                if item is None:
                    left.remove(queue)
                else:
                    yield item
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _read(
    stream: Callable[[], Iterator[T]],
    queue: Queue[tuple[T | None, BaseException | None]],
    stop: threading.Event,
) -> None:
    try:
        for item in stream():
            _put(queue, (item, None), stop)
            if stop.is_set():
                return
        _put(queue, (None, None), stop)
    except BaseException as error:  # noqa: BLE001 - raised where the items are taken
        _put(queue, (None, error), stop)


def _put(
    queue: Queue[tuple[T | None, BaseException | None]],
    item: tuple[T | None, BaseException | None],
    stop: threading.Event,
) -> None:
    while not stop.is_set():
        try:
            queue.put(item, timeout=_LOOK)
        except Full:
            continue
        return
