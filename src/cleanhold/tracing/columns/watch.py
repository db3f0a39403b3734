"""Notices that a function looks at rows of its inputs while it makes a plan.

The plan that comes of it does not tell: a number that was collected stands there as a number.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

import polars as pl

from cleanhold.tracing.columns.plan import NOT_AS_KNOWN, inputs_of

#: What has the rows of a lazy frame made, and what those of several.
_ONE = tuple(
    name
    for name in dir(pl.LazyFrame)
    if name.startswith(("collect", "sink_", "profile", "fetch")) and name != "collect_schema"
)
_SEVERAL = ("collect_all", "collect_all_async")


def _code(function: object) -> CodeType | None:
    code = getattr(inspect.unwrap(function), "__code__", None) if callable(function) else None
    return code if isinstance(code, CodeType) else None


_MAKES_ROWS = frozenset(
    code
    for function in (
        *(getattr(pl.LazyFrame, name) for name in _ONE),
        *(getattr(pl, name) for name in _SEVERAL),
    )
    if (code := _code(function)) is not None
)


@contextmanager
def watched() -> Iterator[list[str]]:
    """Names of the marked tables whose rows the block has made, in the order it does.

    Calls are watched in this thread alone (`sys.setprofile`), and nothing of Polars is replaced.
    """
    looked: list[str] = []
    before = sys.getprofile()

    def note(frame: FrameType, event: Any, argument: Any) -> None:
        if event == "call" and frame.f_code in _MAKES_ROWS:
            looked.extend(_tables(frame))
        if before is not None:
            before(frame, event, argument)

    sys.setprofile(note)
    try:
        yield looked
    finally:
        sys.setprofile(before)


def _tables(frame: FrameType) -> Iterable[str]:
    """The marked tables among what a call was given."""
    given = frame.f_locals.get("self", frame.f_locals.get("lazy_frames"))
    plans = [given] if isinstance(given, pl.LazyFrame) else given
    for plan in plans if isinstance(plans, list | tuple) else ():
        if isinstance(plan, pl.LazyFrame):
            try:
                yield from sorted({column.table for column in inputs_of(plan)})
            except (*NOT_AS_KNOWN, pl.exceptions.PolarsError, pl.exceptions.PanicException):
                continue  # it is wrong, and will say so when it runs
