"""Pre-passes for checks that need other rows: over the columns they read, and no others."""

from __future__ import annotations

import polars as pl

from cleanhold.core.check import Check, Kind, Severity
from cleanhold.core.reading import RECORD
from cleanhold.core.rule import FOUND, is_suspect
from cleanhold.plan.neighbours import Neighbours
from cleanhold.plan.plan import Plan
from cleanhold.plan.sentences import as_text


def group_failures(
    plan: Plan, rows: pl.LazyFrame, neighbours: Neighbours | None = None
) -> dict[str, pl.DataFrame]:
    """The rows that fail each check about groups of rows, by its label.

    All rows count, those with other findings too; a value that could not be parsed is a null.
    Memory holds the columns that a check reads, one check at a time, and its failures.

    Args:
        plan: the compiled contract.
        rows: staged rows, raw columns under `raw:`.
        neighbours: other rows of the extract, which count too.

    Returns:
        what `told` gives.
    """
    checks = [c for c in plan.checks if c.kind is Kind.GROUP]
    return {c.label: _failures(plan, rows, c, neighbours) for c in checks}


def _failures(
    plan: Plan, rows: pl.LazyFrame, check: Check, neighbours: Neighbours | None
) -> pl.DataFrame:
    assert check.fails is not None
    if neighbours is None:
        values = plan.values(rows, only=check.reads)
    else:
        values = neighbours.with_judged(plan, rows, check.reads)
    suspects = [_suspect(plan, name) for name in check.reads] if check.weighs else []
    read = values.select(RECORD, *check.reads, *suspects)
    ordered = read.collect(engine="streaming").sort(RECORD)
    failing = told(check.fails(ordered.lazy()))
    return failing if neighbours is None else _judged(failing, neighbours)


def _judged(failing: pl.DataFrame, neighbours: Neighbours) -> pl.DataFrame:
    mine = failing.filter(pl.col(RECORD).is_in(neighbours.numbers.implode()))
    return mine.with_columns(neighbours.here(mine[RECORD]).alias(RECORD))


def _suspect(plan: Plan, column: str) -> pl.Expr:
    own = [
        ~c.passes
        for c in plan.checks
        if c.kind is Kind.ROW and c.severity is Severity.ERROR and set(c.reads) == {column}
        if c.passes is not None
    ]
    fails = pl.any_horizontal(own) if own else pl.lit(False)
    return fails.alias(is_suspect(column).meta.output_name())


def told(failing: pl.LazyFrame) -> pl.DataFrame:
    """What `GroupRule.fails` gave: record numbers, each once, and the evidence (`found`, String;
    null if there is none)."""
    found = failing.collect()
    if FOUND not in found.columns:
        found = found.with_columns(pl.lit(None, dtype=pl.String).alias(FOUND))
    text = as_text(pl.col(FOUND), found.schema[FOUND]).cast(pl.String)
    return found.select(RECORD, text.alias(FOUND)).unique(RECORD, keep="first", maintain_order=True)
