"""Ctrl-C, remembered: an engine may turn the exception it raises into another one."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_requested = threading.Event()


def requested() -> bool:
    """Whether somebody pressed Ctrl-C while `remembered` lasts."""
    return _requested.is_set()


def stop_if_requested() -> None:
    """Raise `KeyboardInterrupt` if it was asked for and did not get through."""
    if requested():
        raise KeyboardInterrupt


@contextmanager
def remembered() -> Iterator[None]:
    """Meanwhile Ctrl-C raises `KeyboardInterrupt`, as ever, and `requested` knows of it."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals reach the main thread only
        return
    _requested.clear()
    before = signal.signal(signal.SIGINT, _on_interrupt)
    report = sys.unraisablehook
    sys.unraisablehook = lambda what: _is_interrupt(what) or report(what)
    try:
        yield
    finally:
        sys.unraisablehook = report
        signal.signal(signal.SIGINT, before)
        _requested.clear()


def _is_interrupt(what: sys.UnraisableHookArgs) -> bool:
    """Where Python cannot raise it, it is remembered all the same, and nobody need be told."""
    return what.exc_type is KeyboardInterrupt


def _on_interrupt(_signal: int, _frame: FrameType | None) -> None:
    _requested.set()
    raise KeyboardInterrupt
