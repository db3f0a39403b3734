"""The process of the `cleanhold` command, also `python -m cleanhold`."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from contextlib import suppress

#: New objects before Python looks for cycles among them. It looks after 700 of its own accord,
#: some hundred times while a command imports what it needs, which lives as long as the command.
_NEW_OBJECTS = 100_000


def program() -> None:
    """Run the command; leave without taking the interpreter apart at the end.

    That would take longer than a small check does, and frees what the system frees anyway.
    """
    gc.set_threshold(_NEW_OBJECTS)
    codes: list[int] = []
    atexit.register(_leave, codes)  # the first that is registered is the last that is called
    from cleanhold.cli.main import main

    try:
        main()
    except SystemExit as ended:
        if isinstance(ended.code, int):
            codes.append(ended.code)
        raise


def _leave(codes: list[int]) -> None:
    for code in codes:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)


if __name__ == "__main__":
    program()
