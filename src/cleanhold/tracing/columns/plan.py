"""Reads the lineage of a lazy frame from the plan that Polars has made of it.

The plan is the one before optimisation, with wildcards and selectors resolved. Polars shows it to
engines (`LazyFrame._ldf.visit`, for its GPU engine); only this package knows that interface, which
is no public one, so its tests name every kind of step. What a plan does not show, or shows
otherwise than it is known here, is told in `unseen`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from cleanhold.core.column_lineage import Column, ColumnLineage, Origin, Way
from cleanhold.tracing.columns.expressions import term
from cleanhold.tracing.columns.frame import UNSEEN, UNSEEN_STEP, Frame
from cleanhold.tracing.columns.groups import group_by
from cleanhold.tracing.columns.joins import join, joined_where
from cleanhold.tracing.columns.marks import marked
from cleanhold.tracing.columns.steps import SIMPLE, Effect, Step, hidden

_EFFECTS: Mapping[str, Effect] = {**SIMPLE, "Join": join, "GroupBy": group_by}

#: What a plan may raise that is not as plans are known here, or too deep to follow.
NOT_AS_KNOWN = (RuntimeError, AttributeError, LookupError, TypeError, ValueError)


def lineage_of(frame: pl.LazyFrame) -> ColumnLineage:
    """Where the columns of a lazy frame come from; its inputs are those that were marked.

    Raises:
        PolarsError: the plan itself is wrong, as it would be when it runs.
        NOT_AS_KNOWN: one of these, if the plan as a whole cannot be read.
    """
    plan = _traverser(frame, pl.QueryOptFlags.none())
    found = _read(plan, plan.get_node(), {})
    return _narrowed(frame, found).lineage if found.unseen else found.lineage


def anything(
    tables: Mapping[str, Iterable[str]], columns: Iterable[str], why: str
) -> ColumnLineage:
    """The lineage of a table of which nothing can be seen: all of its inputs, in everything.

    Args:
        tables: inputs → their columns.
        columns: of the table.
        why: in words, for `unseen`.
    """
    inputs = [Column(table, name) for table, names in tables.items() for name in names]
    frame = Frame({str(column): (Origin(column, Way.IDENTITY),) for column in inputs})
    return hidden(tuple(columns), [frame], why).lineage


def inputs_of(frame: pl.LazyFrame) -> set[Column]:
    """The columns of marked inputs that are in a plan.

    Raises:
        PolarsError: the plan itself is wrong.
        NOT_AS_KNOWN: one of these, if the plan as a whole cannot be read.
    """
    return _inputs(_traverser(frame, pl.QueryOptFlags.none()))


def _traverser(frame: pl.LazyFrame, optimised: pl.QueryOptFlags) -> Any:
    return frame._ldf.with_optimizations(optimised._pyoptflags).visit()


def _read(plan: Any, node: int, known: dict[int, Frame]) -> Frame:
    if node not in known:
        plan.set_node(node)
        inputs = plan.get_inputs()
        below = [_read(plan, one, known) for one in inputs]
        plan.set_node(node)
        known[node] = _step(plan, inputs, below)
    return known[node]


def _step(plan: Any, inputs: list[int], below: list[Frame]) -> Frame:
    names = tuple(plan.get_schema())
    try:
        view = plan.view_current_node()
    except RuntimeError as said:  # the traverser lacks words for it
        what = "a Python function" if "python" in str(said) else str(said).split(" {", 1)[0]
        return hidden(names, below or [Frame({})], f"a step: {what}")
    kind = type(view).__name__
    step = Step(view, names, lambda one: term(plan, one.node))
    try:
        if kind == "Filter" and _is_cross_join(plan, inputs[0]):
            found = joined_where(step, below, view.predicate)
        else:
            found = _EFFECTS[kind](step, below)
        if set(found.columns) == set(names):
            return replace(found, columns={name: found.columns[name] for name in names})
    except NOT_AS_KNOWN:
        pass
    return hidden(names, below or [Frame({})], f"a step: {kind}")


def _is_cross_join(plan: Any, node: int) -> bool:
    here = plan.get_node()
    plan.set_node(node)
    try:
        view = plan.view_current_node()
        return type(view).__name__ == "Join" and view.options[0] == "Cross"
    except RuntimeError:
        return False
    finally:
        plan.set_node(here)


def _narrowed(frame: pl.LazyFrame, found: Frame) -> Frame:
    """Without origins that Polars does not even read.

    An expression that cannot be seen has all columns of its step as origins; which of them it
    takes, Polars knows when it leaves out what is not needed.
    """
    pruned = pl.QueryOptFlags.none()
    pruned.projection_pushdown = True

    def read(*columns: str | pl.Expr) -> set[Column]:
        return _inputs(_traverser(frame.select(*columns), pruned))

    columns = dict(found.columns)
    # What decides rows is read for any column, and to count them; for that Polars reads one more.
    decisive = set.intersection(read(pl.len()), *(read(name) for name in [*columns][-1:]))
    for name, origins in found.columns.items():
        if any(map(_is_unseen, origins)):
            needed = read(name)
            columns[name] = tuple(o for o in origins if o.column in needed)
            decisive |= {origin.column for origin in columns[name]}
    rows = tuple(o for o in found.rows if o.column in decisive or not _is_unseen(o))
    return replace(found, columns=columns, rows=rows)


def _is_unseen(origin: Origin) -> bool:
    return UNSEEN in origin.told and UNSEEN_STEP not in origin.told


def _inputs(plan: Any) -> set[Column]:
    """The columns of marked inputs that a plan reads."""
    found = {column for name in plan.get_schema() if (column := marked(name))}
    node = plan.get_node()
    for one in plan.get_inputs():
        plan.set_node(one)
        found |= _inputs(plan)
    plan.set_node(node)
    return found
