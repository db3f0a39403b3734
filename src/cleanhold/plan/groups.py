"""Pre-passes for checks that need other rows: over the columns they read, and no others."""

from __future__ import annotations

import polars as pl

from cleanhold.core.check import Check, Kind
from cleanhold.core.reading import RECORD
from cleanhold.core.rule import FOUND
from cleanhold.plan.plan import Plan
from cleanhold.plan.sentences import as_text


def group_failures(plan: Plan, rows: pl.LazyFrame) -> dict[str, pl.DataFrame]:
    """The rows that fail each check about groups of rows, by its label.

    All rows count, those with other findings too; a value that could not be parsed is a null.
    Memory holds the columns that a check reads, one check at a time, and its failures.

    Args:
        plan: the compiled contract.
        rows: staged rows, raw columns under `raw:`.

    Returns:
        what `told` gives.
    """
    return {c.label: _failures(plan, rows, c) for c in plan.checks if c.kind is Kind.GROUP}


def _failures(plan: Plan, rows: pl.LazyFrame, check: Check) -> pl.DataFrame:
    assert check.fails is not None
    read = plan.values(rows, only=check.reads).select(RECORD, *check.reads)
    ordered = read.collect(engine="streaming").sort(RECORD)
    return told(check.fails(ordered.lazy()))


def told(failing: pl.LazyFrame) -> pl.DataFrame:
    """What `GroupRule.fails` gave: record numbers, each once, and the evidence (`found`, String;
    null if there is none)."""
    found = failing.collect()
    if FOUND not in found.columns:
        found = found.with_columns(pl.lit(None, dtype=pl.String).alias(FOUND))
    text = as_text(pl.col(FOUND), found.schema[FOUND]).cast(pl.String)
    return found.select(RECORD, text.alias(FOUND)).unique(RECORD, keep="first", maintain_order=True)
