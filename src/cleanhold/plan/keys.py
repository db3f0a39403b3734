"""Pre-passes over the key columns alone: which rows share a key, which keys exist."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from cleanhold.core.check import Check, Kind
from cleanhold.core.reading import RECORD
from cleanhold.errors import ContractError
from cleanhold.plan.plan import Plan

_HASH = "__hash"


def duplicates(plan: Plan, rows: pl.LazyFrame) -> dict[str, pl.Series]:
    """Record numbers (UInt64) of the rows that fail each uniqueness check, by its label.

    A null in a key, or a part that could not be parsed, makes the row nobody's duplicate.
    The first pass keeps eight bytes a row; rows whose hashes meet are then compared exactly.
    """
    return {
        check.label: _duplicates(plan, rows, check)
        for check in plan.checks
        if check.kind is Kind.UNIQUE
    }


def _duplicates(plan: Plan, rows: pl.LazyFrame, check: Check) -> pl.Series:
    key = list(check.reads)
    keyed = plan.values(rows, only=check.reads).select(RECORD, *key).drop_nulls(key)
    hashed = keyed.select(pl.struct(key).hash().alias(_HASH) if len(key) > 1 else _hash_of(key[0]))
    hashes = hashed.collect(engine="streaming")[_HASH].sort()
    shared = hashes.filter(hashes == hashes.shift(1)).unique()
    if shared.is_empty():
        return pl.Series(dtype=pl.UInt64)
    candidates = keyed.with_columns(
        pl.struct(key).hash().alias(_HASH) if len(key) > 1 else _hash_of(key[0])
    ).filter(pl.col(_HASH).is_in(shared.implode()))
    failing = {
        "none": pl.struct(key).is_duplicated(),
        "first": ~pl.struct(key).is_first_distinct(),
        "last": ~pl.struct(key).is_last_distinct(),
    }[check.keep]
    exact = candidates.collect(engine="streaming").sort(RECORD)
    return exact.filter(failing)[RECORD]


def _hash_of(name: str) -> pl.Expr:
    return pl.col(name).hash().alias(_HASH)


def reference_keys(plan: Plan, tables: Mapping[str, pl.LazyFrame]) -> dict[str, pl.Series]:
    """The values that exist, for each reference check whose table is given.

    Args:
        plan: the compiled contract.
        tables: dataset → its clean table.

    Raises:
        ContractError: a table has no column of that name.
    """
    found: dict[str, pl.Series] = {}
    for check in plan.checks:
        if check.reference is None or check.reference.dataset not in tables:
            continue
        dtype = next(b.column.dtype for b in plan.binding.columns if b.column.name == check.column)
        column = pl.col(check.reference.column).cast(dtype, strict=False).drop_nulls().unique()
        table = tables[check.reference.dataset]
        known = table.collect_schema().names()
        if check.reference.column not in known:
            raise ContractError(
                f"{check.label} refers to {check.reference}, but that table has no such column",
                where=plan.contract.where,
                next="its columns are " + ", ".join(known),
            )
        found[check.label] = table.select(column).collect(engine="streaming").to_series()
    return found
