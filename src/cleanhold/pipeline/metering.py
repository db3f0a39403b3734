"""metering: what a run uses of processor, time and memory, while it works."""

from __future__ import annotations

import resource
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil

from cleanhold.core.cost import Usage

#: Seconds between two looks at the memory.
_LOOK = 0.05

#: Bytes in a unit of `ru_maxrss`.
_UNIT = 1 if sys.platform == "darwin" else 1024


@contextmanager
def metered() -> Iterator[Callable[[], Usage]]:
    """Gives a function that tells what was used since the block began.

    It is the whole process that is measured: runs side by side in one process share what they use.
    """
    ended = threading.Event()
    process, began = psutil.Process(), time.monotonic()
    own, children = _cpu(resource.RUSAGE_SELF), _cpu(resource.RUSAGE_CHILDREN)
    peak = [process.memory_info().rss]

    def look() -> None:
        peak[0] = max(peak[0], process.memory_info().rss)

    def watch() -> None:
        while not ended.wait(_LOOK):
            look()

    def used() -> Usage:
        look()
        of_children = _cpu(resource.RUSAGE_CHILDREN) - children
        # Of children only the largest of all is known, not of this run: it counts if one ended.
        largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * _UNIT
        return Usage(
            cpu_seconds=round(_cpu(resource.RUSAGE_SELF) - own + of_children, 3),
            wall_seconds=round(time.monotonic() - began, 3),
            peak_memory=peak[0] + (largest if of_children > 0 else 0),
        )

    thread = threading.Thread(target=watch, name="meter of memory", daemon=True)
    thread.start()
    try:
        yield used
    finally:
        ended.set()
        thread.join()


def _cpu(whose: int) -> float:
    found = resource.getrusage(whose)
    return found.ru_utime + found.ru_stime
