"""Which expression of a plan raises: looked for once one has."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

import polars as pl

from cleanhold.core.check import Check
from cleanhold.errors import ContractError
from cleanhold.plan.binding import Bound
from cleanhold.plan.plan import Plan

Part = TypeVar("Part")

#: What an expression may raise: Polars' panics are no `Exception`.
RAISED = (Exception, pl.exceptions.PanicException)

#: What Polars says of a cast before it shows values, which may be personal.
_CAST = re.compile(r"conversion from `[^`]*` to `[^`]*` failed in column '[^']*'")

#: What Polars adds to an exception that Python raised within it.
_ADDED = re.compile(
    r"\n  where: (?P<where>.*)\n  next:  (?P<next>.*?)\n\nThis error occurred", re.S
)


def blamed(error: BaseException, plan: Plan, rows: pl.LazyFrame) -> ContractError:
    """The error to tell when checking rows raised: which check or parse rule it was.

    What the error says is told only where it cannot hold a value.

    Args:
        plan: the compiled contract; `rows`: the raw rows, read again for each guess.
    """
    return ContractError(
        f"{culprit(plan, rows) or 'checking the rows'} raises {what_is_said(error)}",
        where=plan.contract.where,
        next="an expression of a check or parse rule must give null or false for a value it "
        "cannot take (strict=False), not raise",
    )


def what_is_said(error: BaseException) -> str:
    """An error's type, and of its words those that hold no value."""
    found = _CAST.search(str(error))
    return type(error).__name__ + (f": {found[0]}" if found else "")


def unadorned(error: ContractError) -> ContractError:
    """A mistake that was raised within Polars, without what Polars adds to it."""
    found = _ADDED.search(error.what)
    if found is None:
        return error
    return ContractError(error.what[: found.start()], where=found["where"], next=found["next"])


def culprit(plan: Plan, rows: pl.LazyFrame) -> str | None:
    """The parse rule or check of rows that raises over these rows; None if none does alone."""

    def values(columns: Sequence[Bound]) -> pl.LazyFrame:
        names = tuple(b.column.name for b in columns)
        return plan.values(rows, only=names).select(pl.col(names).null_count())

    def verdicts(checks: Sequence[Check]) -> pl.LazyFrame:
        reads = tuple({name for check in checks for name in check.reads})
        passed = [c.passes.sum().alias(c.label) for c in checks if c.passes is not None]
        return plan.values(rows, only=reads).select(passed)

    column = _raising(plan.binding.columns, values)
    if column is not None:
        return f"the parse rule of {column.column.name!r}"
    check = _raising([c for c in plan.row_checks if c.passes is not None], verdicts)
    return None if check is None else f"the check {check.label!r}"


def _raising(parts: Sequence[Part], query: Callable[[Sequence[Part]], pl.LazyFrame]) -> Part | None:
    """The part whose query raises, found by halving; None if that of all does not."""

    def raises(some: Sequence[Part]) -> bool:
        try:
            query(some).collect(engine="streaming")
        except RAISED:
            return True
        return False

    if not parts or not raises(parts):
        return None
    while len(parts) > 1:
        half = len(parts) // 2
        parts = parts[:half] if raises(parts[:half]) else parts[half:]
    return parts[0]
