"""sources: the rows of its inputs that a row of a built table was made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from cleanhold.core.column_lineage import Way
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
    met = walk(tables, _start(table, tables, key), table.pairs)
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
    found: dict[str, Met] = {}
    for name, text in key.items():
        for column in table.taken_from(name):
            rows = found[column.table].rows if column.table in found else tables.get(column.table)
            if rows is None:
                continue
            schema = rows.collect_schema()
            value = pl.DataFrame({column.name: [text]})
            before = found.get(column.table, Met(rows))
            values = tuple(v.hstack(value) for v in before.values) or (value,)
            by = f"{column} = {table.snapshot.dataset}.{name}"
            found[column.table] = Met(
                rows.filter(equals(schema, column.name, text)),
                f"{before.by} and {by}" if before.by else by,
                values,
            )
    return found


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
    some = met.rows.select(there).sort(ROW_ID).head(LISTED)
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
        tuple(_since(stores, dataset, snapshot.number)),
    )


def _since(stores: Stores, dataset: str, number: int) -> Iterator[str]:
    """What came of an input after the snapshot that was read."""
    now = stores.ledger.snapshot(dataset)
    if now is not None and now.number != number:
        yield f"readers have snapshot {now.number} by now"
    newest = stores.ledger.snapshot(dataset, channel=Channel.CANDIDATE)
    if newest is not None and newest.number > number and not newest.is_published:
        yield f"snapshot {newest.number} came after it, and was stopped at candidate"
