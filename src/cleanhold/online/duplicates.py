"""Keys that must be unique: those of a few records, and those already published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from cleanhold.core.check import Check, Kind
from cleanhold.online.translate import is_plain
from cleanhold.plan.plan import Plan


def duplicates(check: Check, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Places of the rows that fail a uniqueness check among these rows.

    A null in a key makes the row nobody's duplicate.
    """
    places: dict[tuple[Any, ...], list[int]] = {}
    for place, values in enumerate(rows):
        key = tuple(map(values.get, check.reads))
        if None not in key:
            places.setdefault(tuple(map(_hashable, key)), []).append(place)
    kept = {"none": slice(None), "first": slice(1, None), "last": slice(None, -1)}[check.keep]
    return [place for found in places.values() if len(found) > 1 for place in found[kept]]


def _hashable(value: Any) -> Any:
    """The value, such that equal ones in Polars are equal: NaN is NaN, and lists are texts."""
    if value != value:
        return float
    return repr(value) if isinstance(value, list | dict) else value


def published_keys(plan: Plan, rows: pl.LazyFrame) -> dict[str, frozenset[Any]]:
    """The keys of rows, for each uniqueness check that can be compared: values, or tuples."""
    dtypes = plan.dtypes
    found = {}
    have = set(rows.collect_schema().names())
    for check in plan.checks:
        names = list(check.reads)
        exact = all(is_plain(dtypes[n]) and dtypes[n] != pl.Float64 for n in names)
        if check.kind is not Kind.UNIQUE or not exact or not have.issuperset(names):
            continue
        keys = rows.select(pl.col(n).cast(dtypes[n]) for n in names).drop_nulls().collect()
        found[check.label] = frozenset(keys[names[0]] if len(names) == 1 else keys.iter_rows())
    return found
