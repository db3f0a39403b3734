"""sources: the rows of its inputs that a row of a built table was made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from itertools import product
from operator import or_

import polars as pl

from cleanhold.core.column_lineage import Column, Way
from cleanhold.core.finding import ROW_ID
from cleanhold.core.provenance import MadeFrom, Rows
from cleanhold.core.snapshot import Channel
from cleanhold.pipeline.provenance.absent import absent
from cleanhold.pipeline.provenance.built import Built, equals
from cleanhold.pipeline.provenance.walk import Met, walk
from cleanhold.pipeline.quarantine import Review
from cleanhold.pipeline.stores import Stores

#: Ways of columns that decide which rows there are, beside those that join or group them.
_CHOOSING = (Way.FILTER, Way.SORT)

#: Rows of one input that are listed.
LISTED = 10


def made_from(
    stores: Stores, table: Built, key: Mapping[str, str], review: Review, column: str | None = None
) -> MadeFrom:
    """The rows that made the row of a key, be it there or not.

    The values of its key lead to rows of the inputs that the key comes from, and columns with equal
    values from those to rows of other inputs.

    Args:
        key: column → value as text.
        column: the one that is asked for; None for all.
    """
    lineage = table.lineage
    told = lineage.columns if lineage else {}
    origins = {name: told[name] for name in told if column in (None, name)}
    tables = {name: stores.table(one) for name, one in table.tables.items()}
    met = walk(tables, _start(table, tables, key), table.joins)
    wanted = [o.column for o in origins[column]] if column in origins else []
    shown = {c.table for c in wanted} or set(table.inputs)
    return MadeFrom(
        snapshot=table.snapshot.number,
        columns=origins,
        filters=tuple(o for o in (lineage.rows if lineage else ()) if o.way in _CHOOSING),
        inputs=tuple(
            _rows(stores, table, name, met.get(name), [c.name for c in wanted if c.table == name],
                  review)
            for name in table.inputs
            if name in shown
        ),
        unseen=lineage.unseen if lineage else ("its column lineage was not kept",),
    )  # fmt: skip


def _start(
    table: Built, tables: Mapping[str, pl.LazyFrame], key: Mapping[str, str]
) -> dict[str, Met]:
    """Rows of the inputs that the key is taken from."""
    taken: dict[str, dict[str, list[Column]]] = {}
    for name in key:
        for column in table.taken_from(name):
            taken.setdefault(column.table, {}).setdefault(name, []).append(column)
    return {
        name: _having(tables[name], key, columns, table.snapshot.dataset)
        for name, columns in taken.items()
        if name in tables
    }


def _having(
    rows: pl.LazyFrame, key: Mapping[str, str], taken: Mapping[str, Sequence[Column]], of: str
) -> Met:
    """Rows that have the parts of a key, each in one of the columns it may be taken from."""
    schema = rows.collect_schema()
    parts = [
        reduce(or_, (equals(schema, column.name, key[part]) for column in columns))
        for part, columns in taken.items()
    ]
    by = [
        " or ".join(f"{column} = {of}.{part}" for column in columns)
        for part, columns in taken.items()
    ]
    if len(by) > 1:
        by = [f"({said})" if " or " in said else said for said in by]
    ways = (dict(zip(taken, way, strict=True)) for way in product(*taken.values()))
    values = [{column.name: [key[part]] for part, column in way.items()} for way in ways]
    return Met(rows.filter(*parts), " and ".join(by), tuple(map(pl.DataFrame, values)))


def _rows(
    stores: Stores,
    table: Built,
    dataset: str,
    met: Met | None,
    columns: list[str],
    review: Review,
) -> Rows:
    snapshot = table.inputs[dataset]
    if met is None:
        why = (
            "has expired"
            if snapshot.expired
            else "cannot be told apart: no equal columns lead there"
        )
        return Rows(dataset, snapshot.number, notes=(why,))
    contract = stores.contracts.get(dataset)
    shown = dict.fromkeys((ROW_ID, *(contract.key if contract else ()), *columns))
    there = [name for name in shown if name in met.rows.collect_schema()]
    some = _some(met.rows.select(there))
    if met.first is not None:  # these before others
        both = pl.concat([_some(met.first.select(there)), some])
        some = both.unique(ROW_ID, keep="first", maintain_order=True).head(LISTED)
    count, listed = pl.collect_all([met.rows.select(pl.len()), some], engine="streaming")
    hidden = review.personal(dataset)
    missing, more = absent(stores, dataset, met.values)
    return Rows(
        dataset,
        snapshot.number,
        count.item(),
        tuple(hidden.masked(row) for row in listed.iter_rows(named=True)),
        met.by,
        missing,
        more,
        (*met.notes, *_since(stores, dataset, snapshot.number)),
    )


def _some(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.sort(ROW_ID).head(LISTED)


def _since(stores: Stores, dataset: str, number: int) -> Iterator[str]:
    """What came of an input after the snapshot that was read."""
    now = stores.ledger.snapshot(dataset)
    if now is not None and now.number != number:
        yield f"readers have snapshot {now.number} by now"
    newest = stores.ledger.snapshot(dataset, channel=Channel.CANDIDATE)
    if newest is not None and newest.number > number and not newest.is_published:
        yield f"snapshot {newest.number} came after it, and was stopped at candidate"
