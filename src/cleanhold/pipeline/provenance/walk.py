"""walk: from rows of one table to the rows of others that they meet, along equal columns."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from cleanhold.core.column_lineage import Column
from cleanhold.core.finding import ROW_ID

#: Pairs of columns with equal values in the rows that meet.
Pairs = Sequence[tuple[Column, Column]]


@dataclass(frozen=True, slots=True)
class Met:
    """Rows of one table that were met.

    Attributes:
        rows: lazily.
        by: the columns they were met by, in words; no values.
        values: what was looked for, by its own columns; of several frames, each is enough.
    """

    rows: pl.LazyFrame
    by: str = ""
    values: tuple[pl.DataFrame, ...] = ()


def walk(
    tables: Mapping[str, pl.LazyFrame], start: Mapping[str, Met], joined: Pairs
) -> dict[str, Met]:
    """The rows that meet those where the walk begins, table by table, each on the shortest way.

    Only the values of columns that join are in memory.

    Args:
        tables: all there are.
        start: some rows of some of them.
        joined: `ColumnLineage.joined`.

    Returns:
        By table; those that no way leads to lack.
    """
    found = dict(start)
    waiting = deque(found)
    while waiting:
        here = waiting.popleft()
        for there, rows in tables.items():
            pairs = between(joined, here, there)
            if there in found or not pairs:
                continue
            found[there] = _met(found[here].rows, rows, pairs)
            waiting.append(there)
    return found


def between(joined: Pairs, here: str, there: str) -> list[tuple[Column, Column]]:
    """The pairs of two tables, each with the column of `here` first."""
    turned = [(b, a) for a, b in joined]
    return list(
        dict.fromkeys((a, b) for a, b in [*joined, *turned] if (a.table, b.table) == (here, there))
    )


def _met(known: pl.LazyFrame, rows: pl.LazyFrame, pairs: Sequence[tuple[Column, Column]]) -> Met:
    schema = rows.collect_schema()
    values = tuple(_values(known, schema, join) for join in _joins(pairs))
    met = [rows.join(one.lazy(), on=one.columns, how="semi") for one in values]
    by = [" and ".join(f"{b} = {a}" for a, b in join) for join in _joins(pairs)]
    found = met[0] if len(met) == 1 else pl.concat(met).unique(ROW_ID)
    return Met(found, ", or ".join(by), values)


def _values(
    known: pl.LazyFrame, schema: Mapping[str, pl.DataType], join: Sequence[tuple[Column, Column]]
) -> pl.DataFrame:
    wanted = known.select(pl.col(a.name).cast(schema[b.name]).alias(b.name) for a, b in join)
    return wanted.unique().drop_nulls().collect(engine="streaming")


def _joins(pairs: Sequence[tuple[Column, Column]]) -> list[list[tuple[Column, Column]]]:
    """Which pairs hold together: two tables that meet by one column twice are joined twice."""
    ours, theirs = {a for a, _ in pairs}, {b for _, b in pairs}
    once = len(ours) == len(theirs) == len(pairs)
    return [list(pairs)] if once else [[pair] for pair in pairs]
