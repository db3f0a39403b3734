"""walk: from rows of one table to the rows of others that they meet, along equal columns."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from cleanhold.core.column_lineage import Join
from cleanhold.core.finding import ROW_ID

#: Said of a table that is joined with itself by other columns.
_ITSELF = (
    "it is joined with itself: rows met in one step of that are here, those further on are not"
)


@dataclass(frozen=True, slots=True)
class Met:
    """Rows of one table that were met.

    Attributes:
        rows: lazily.
        by: the columns they were met by, in words; no values.
        values: what was looked for, by its own columns; of several frames, each is enough.
        first: those among the rows that were met before the table met itself; None for all.
        notes: what is not among them, in words.
    """

    rows: pl.LazyFrame
    by: str = ""
    values: tuple[pl.DataFrame, ...] = ()
    first: pl.LazyFrame | None = None
    notes: tuple[str, ...] = ()


def walk(
    tables: Mapping[str, pl.LazyFrame], start: Mapping[str, Met], joined: Sequence[Join]
) -> dict[str, Met]:
    """The rows that meet those where the walk begins, table by table, each on the shortest way.

    Where a table is joined with itself, rows that those of it meet are among them, one step far.
    Only the values of columns that join are in memory.

    Args:
        tables: all there are.
        start: some rows of some of them.
        joined: `ColumnLineage.joined`.

    Returns:
        By table; those that no way leads to lack.
    """
    found = {
        name: _with_itself(met, tables[name], between(joined, name, name))
        for name, met in start.items()
    }
    waiting = deque(found)
    while waiting:
        here = waiting.popleft()
        for there, rows in tables.items():
            joins = between(joined, here, there)
            if there in found or not joins:
                continue
            met = _met(found[here].rows, rows, joins)
            found[there] = _with_itself(met, rows, between(joined, there, there))
            waiting.append(there)
    return found


def between(joined: Sequence[Join], here: str, there: str) -> list[Join]:
    """The joins of two tables, each with the columns of `here` first."""
    turned = [tuple((b, a) for a, b in join) for join in joined]
    both = (
        tuple((a, b) for a, b in join if (a.table, b.table) == (here, there))
        for join in (*joined, *turned)
    )
    return list(dict.fromkeys(filter(None, both)))


def _met(known: pl.LazyFrame, rows: pl.LazyFrame, joins: Sequence[Join]) -> Met:
    schema = rows.collect_schema()
    values = tuple(_values(known, schema, join) for join in joins)
    met = [rows.join(one.lazy(), on=one.columns, how="semi") for one in values]
    by = [
        " and ".join(f"{b} = {a}" if a != b else f"the same {a}" for a, b in join) for join in joins
    ]
    found = met[0] if len(met) == 1 else pl.concat(met).unique(ROW_ID)
    return Met(found, ", or ".join(by), values)


def _with_itself(met: Met, rows: pl.LazyFrame, joins: Sequence[Join]) -> Met:
    """Rows of a table, and those of the same table that they meet."""
    known = [set(frame.columns) for frame in met.values]
    alike = [join for join in joins if all(a == b for a, b in join)]
    new = [join for join in joins if join not in alike or known != [{a.name for a, _ in join}]]
    if not new:
        return met
    more = _met(met.rows, rows, new)
    return Met(
        pl.concat([met.rows, more.rows]).unique(ROW_ID),
        f"{met.by}, and from there by {more.by}" if met.by else more.by,
        (*met.values, *more.values),
        met.rows,
        () if new == alike else (_ITSELF,),
    )


def _values(known: pl.LazyFrame, schema: Mapping[str, pl.DataType], join: Join) -> pl.DataFrame:
    told = {
        b.name: [pl.col(a.name).cast(schema[b.name]) for a, c in join if c == b] for _, b in join
    }
    same = [first == one for first, *others in told.values() for one in others]
    wanted = known.filter(*same) if same else known
    wanted = wanted.select(values[0].alias(name) for name, values in told.items())
    return wanted.unique().drop_nulls().collect(engine="streaming")
