"""Joins: which rows meet, which columns come of it, and which pairs of columns are equal."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from cleanhold.core.column_lineage import Column, Join, Origin, Way
from cleanhold.tracing.columns.frame import Frame, Origins, merged, through, together
from cleanhold.tracing.columns.steps import Step, hidden, noting
from cleanhold.tracing.columns.term import Term, origins

#: In how many ways two tables may meet in one join and be told of with all its keys.
_WAYS = 64


@dataclass(frozen=True, slots=True)
class _Keys:
    """What a join compares. In an asof join, `by` are equal, and the others are near."""

    left: Sequence[Term]
    right: Sequence[Term]
    by: Sequence[tuple[str, str]] = ()


def join(step: Step, frames: Sequence[Frame]) -> Frame:
    """A join of any kind."""
    left, right = frames
    kind, _, _, suffix, coalesce, _ = step.view.options
    keys = _Keys(
        [step.term(one) for one in step.view.left_on],
        [step.term(one) for one in step.view.right_on],
    )
    how = kind if isinstance(kind, str) else kind[0]
    if how == "AsOf":
        keys = replace(keys, by=list(zip(kind[4] or (), kind[5] or (), strict=True)))
    columns = _columns(how, left, right, suffix, keys, coalesce=coalesce)
    if tuple(columns) != step.names:
        return hidden(step.names, frames, f"{how.lower()} join")
    equal = _equal(how, left, right, keys)
    told = f"{how.lower()} join"
    pairs = [*_sides(left, right, keys), *((left.columns[a], right.columns[b]) for a, b in keys.by)]
    meeting = [through(side, Way.JOIN, told) for pair in pairs for side in pair]
    if how == "AsOf":  # of several that are as near, the order decides
        meeting.append(through(right.order, Way.SORT, told))
    frame = together((replace(left, columns={}), replace(right, columns={})), columns)
    frame = replace(
        frame,
        rows=merged(frame.rows, *meeting),
        joined=tuple(dict.fromkeys((*frame.joined, *equal))),
    )
    compared = Term(told, (*keys.left, *keys.right))
    return noting(frame, {told: compared})


def _sides(left: Frame, right: Frame, keys: _Keys) -> Iterable[tuple[Origins, Origins]]:
    for one, other in zip(keys.left, keys.right, strict=True):
        yield origins(one, left), origins(other, right)


def _columns(
    how: str, left: Frame, right: Frame, suffix: str, keys: _Keys, *, coalesce: bool
) -> dict[str, Origins]:
    """The columns of a join, in Polars' order."""
    if how in ("Semi", "Anti"):
        return dict(left.columns)
    kept, added = dict(left.columns), dict(right.columns)
    if coalesce:
        for one, other in zip(keys.left, keys.right, strict=True):
            if one.column is None or other.column is None:
                continue
            if how == "Right":
                kept.pop(one.column, None)
                continue
            twin = added.pop(other.column, ())
            if how == "Full":  # whichever there is
                kept[one.column] = merged(kept[one.column], twin)
    for _, other_name in keys.by:
        added.pop(other_name, None)
    return kept | {f"{n}{suffix}" if n in kept else n: found for n, found in added.items()}


def _equal(how: str, left: Frame, right: Frame, keys: _Keys) -> Iterable[Join]:
    """Pairs of input columns that are equal in rows that meet, for each two inputs.

    A key that is taken from several columns of an input, as below each other, is one of them in
    each row: so two inputs meet in as many ways.
    """
    sides = [(left.columns[a], right.columns[b]) for a, b in keys.by]
    if how not in ("AsOf", "Anti", "Cross"):
        sides += _sides(left, right, keys)
    found: dict[tuple[str, str], list[list[tuple[Column, Column]]]] = defaultdict(list)
    for key in sides:
        either: dict[tuple[str, str], list[tuple[Column, Column]]] = defaultdict(list)
        for one, other in product(*map(_as_they_are, key)):
            either[one.table, other.table].append((one, other))
        for tables, pairs in either.items():
            found[tables].append(pairs)
    for each in found.values():
        if math.prod(map(len, each)) <= _WAYS:
            yield from product(*each)
        else:
            yield from ((pair,) for pairs in each for pair in pairs)


def _as_they_are(found: Origins) -> list[Column]:
    """The input columns whose very values these are."""
    direct: list[Origin] = [origin for origin in found if origin.way.is_direct]
    whole = all(origin.way is Way.IDENTITY for origin in direct)
    return [origin.column for origin in direct] if whole else []


def joined_where(step: Step, frames: Sequence[Frame], predicate: Any) -> Frame:
    """A cross join and the filter over it, which is how Polars plans `join_where`."""
    (before,) = frames
    term = step.term(predicate)
    rows = merged(before.rows, through(origins(term, before), Way.JOIN, "join_where"))
    return noting(replace(before, rows=rows), {"join_where": term})
