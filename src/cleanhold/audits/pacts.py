"""Pacts: is a table what a consumer needs? Nothing here depends on when it is asked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from cleanhold.audits.drift import CONFIDENCE
from cleanhold.audits.drift_columns import Watched
from cleanhold.audits.drift_measures import Measured, measured
from cleanhold.audits.proportions import bonferroni
from cleanhold.audits.samples import height, sample
from cleanhold.core.audit import Compared
from cleanhold.core.pact import Need, Pact
from cleanhold.core.promise import Alarm

#: The measure that a pact has a limit of its own for.
_NULLS = "nulls"


@dataclass(frozen=True, slots=True)
class Table:
    """A table that consumers read.

    Attributes:
        data: its Parquet files, in order.
        personal: names of columns whose values are not told.
        baseline: what drift is measured from; None where there is nothing.
    """

    data: Sequence[Path]
    personal: Collection[str] = ()
    baseline: Compared | None = None


def unmet(pact: Pact, table: Table) -> Iterator[str]:
    """What the table lacks of what the consumer needs, in words; what is told sooner, first.

    Values are counted in one pass over the columns. Drift is measured as the drift audit does, from
    samples of large tables and beyond chance; a column that the baseline lacks is not compared.
    """
    rows = height(table.data)
    if rows < pact.rows:
        yield f"it has {rows:,} {'row' if rows == 1 else 'rows'}, fewer than {pact.rows:,}"
    schema = pl.scan_parquet(list(table.data), glob=False).collect_schema()
    there: list[Need] = []
    for need in pact.needs:
        dtype = schema.get(need.column)
        if dtype is None:
            yield f"there is no column {need.column!r}"
        elif not need.takes(dtype):
            yield f"{need.column} is {dtype}, not {need.said}"
        else:
            there.append(need)
    if rows:
        yield from _without_values([n for n in there if n.nulls is not None], table, rows)
        yield from _drifted([n for n in there if n.drift], table, schema, rows)


def _without_values(needs: Sequence[Need], table: Table, rows: int) -> Iterator[str]:
    if not needs:
        return
    scanned = pl.scan_parquet(list(table.data), glob=False)
    schema = scanned.collect_schema()
    missing = [
        (pl.col(n.column).is_null() | pl.col(n.column).is_nan().fill_null(False)).sum()
        if schema[n.column].is_float()
        else pl.col(n.column).null_count()
        for n in needs
    ]
    counts = scanned.select(missing).collect(engine="streaming").row(0)
    for need, count in zip(needs, counts, strict=True):
        assert need.nulls is not None
        if count > need.nulls * rows:
            share = f"{100 * count / rows:.1f} %" if count * 1000 >= rows else "< 0.1 %"
            yield (
                f"{need.column} is without a value in {count:,} of {rows:,} rows ({share}), "
                + (f"allowed are {100 * need.nulls:g} %" if need.nulls else "and needs one in all")
            )


def _drifted(needs: Sequence[Need], table: Table, schema: pl.Schema, rows: int) -> Iterator[str]:
    baseline = table.baseline
    if baseline is None or not needs or not (before := height(baseline.data)):
        return
    was = pl.scan_parquet(list(baseline.data), glob=False).collect_schema()
    names = [n.column for n in needs if _comparable(was.get(n.column), schema[n.column])]
    samples = sample(baseline.data, names, before), sample(table.data, names, rows)
    limits = {n.column: n.drift if isinstance(n.drift, float) else None for n in needs}
    found: list[Measured] = []
    for name in names:
        dtype, is_personal = schema[name], name in table.personal
        column = Watched(name, dtype, Alarm.WARN, limits[name], is_personal, values=True)
        old = samples[0][name].cast(dtype, strict=False)
        found += [m for m in measured(column, old, samples[1][name]) if m.measure != _NULLS]
    doubt = 1 - bonferroni(CONFIDENCE, len(found))
    told: set[str] = set()
    for one in sorted((m for m in found if m.drifted(doubt)), key=lambda m: -m.excess):
        if one.column.name not in told:
            told.add(one.column.name)
            yield f"{one.column.name} has drifted since snapshot {baseline.number}: {one.change}"


def _comparable(before: pl.DataType | None, now: pl.DataType) -> bool:
    """Whether the baseline has the column, as numbers if it is of numbers; lists are not."""
    if before is None or now.is_nested():
        return False
    return before == now or (before.is_numeric() and now.is_numeric())
