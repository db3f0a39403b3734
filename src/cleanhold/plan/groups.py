"""Pre-passes for checks that need other rows: over the columns they read, and no others."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from cleanhold.core.check import Check, Kind, Severity
from cleanhold.core.reading import RECORD
from cleanhold.core.rule import FOUND, is_suspect
from cleanhold.plan.neighbours import Neighbours
from cleanhold.plan.plan import Plan
from cleanhold.plan.sentences import as_text


@dataclass(frozen=True, slots=True)
class Groups:
    """What checks about groups of rows say.

    Attributes:
        failing: a check's label → what `told` gives.
        notes: what they did not look at, for their bounds.
    """

    failing: dict[str, pl.DataFrame]
    notes: tuple[str, ...]


def group_failures(plan: Plan, rows: pl.LazyFrame, neighbours: Neighbours | None = None) -> Groups:
    """The rows that fail each check about groups of rows, by its label.

    All rows count, those with other findings too; a value that could not be parsed is a null.
    Memory holds the columns that a check reads, one check at a time, and its failures.

    Args:
        plan: the compiled contract.
        rows: staged rows, raw columns under `raw:`.
        neighbours: other rows of the extract, which count too.
    """
    failing, notes = {}, []
    for check in plan.checks:
        if check.kind is Kind.GROUP and check.fails is not None:
            read = _read(plan, rows, check, neighbours)
            found = told(check.fails(read))
            failing[check.label] = found if neighbours is None else _judged(found, neighbours)
            left = check.beyond(read) if check.beyond else []
            notes += [f"{check.label}: {said}" for said in left]
    return Groups(failing, tuple(notes))


def _read(
    plan: Plan, rows: pl.LazyFrame, check: Check, neighbours: Neighbours | None
) -> pl.LazyFrame:
    if neighbours is None:
        values = plan.values(rows, only=check.reads)
    else:
        values = neighbours.with_judged(plan, rows, check.reads)
    suspects = [_suspect(plan, name) for name in check.reads] if check.weighs else []
    read = values.select(RECORD, *check.reads, *suspects)
    return read.collect(engine="streaming").sort(RECORD).lazy()


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
