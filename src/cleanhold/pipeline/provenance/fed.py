"""fed: the rows of built tables that were made of a clean row, and who reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from cleanhold.core.feature import Feature
from cleanhold.core.finding import ROW_ID
from cleanhold.core.pact import Pact
from cleanhold.core.provenance import Fed, Rows
from cleanhold.pipeline.provenance.built import Built, built, is_built
from cleanhold.pipeline.provenance.walk import Met, walk
from cleanhold.pipeline.quarantine import Review
from cleanhold.pipeline.stores import Stores

#: Rows of one table that are listed.
LISTED = 5


def fed(
    stores: Stores, features: Mapping[str, Feature], dataset: str, row_id: str, review: Review
) -> Fed:
    """What was made of a row in the newest published snapshot of each built table.

    Tables that are built of built tables are among them.

    Args:
        features: by dataset, inputs before the tables built from them.
    """
    of: dict[str, pl.LazyFrame | None] = {dataset: None}
    tables: list[Rows] = []
    for name, feature in features.items():
        snapshot = stores.ledger.snapshot(name)
        if snapshot is None or of.keys().isdisjoint(feature.inputs.values()):
            continue
        if snapshot.expired or not is_built(stores.manifest(snapshot)):
            continue
        table = built(stores, snapshot, features)
        rows, told = _made(stores, table, dataset, row_id, of, review)
        tables.append(told)
        if rows is not None:
            of[name] = rows
    needed = (dataset, *(rows.dataset for rows in tables))
    return Fed(tuple(tables), tuple(_consumers(stores.pacts, needed)))


def _made(
    stores: Stores,
    table: Built,
    dataset: str,
    row_id: str,
    of: Mapping[str, pl.LazyFrame | None],
    review: Review,
) -> tuple[pl.LazyFrame | None, Rows]:
    """Rows of a built table, by its key, and what is told of them."""
    snapshot, tables = table.snapshot, {n: stores.table(s) for n, s in table.tables.items()}
    start: dict[str, Met] = {}
    for name in (name for name in of if name in tables):
        keys = of[name]
        rows = (
            tables[name].filter(pl.col(ROW_ID) == row_id)
            if keys is None
            else tables[name].join(keys, on=keys.collect_schema().names(), how="semi")
        )
        start[name] = Met(rows)
    if dataset in start and _count(start[dataset].rows) == 0:
        read = table.inputs[dataset].number
        why = f"was built from snapshot {read} of {dataset}, which does not have this row"
        return None, Rows(snapshot.dataset, snapshot.number, 0, notes=(why,))
    found, by, notes = stores.table(snapshot), list[str](), dict.fromkeys(_unseen(table))
    left = list(table.key)
    for name, met in walk(tables, start, table.joins).items():
        own = {k: [c.name for c in table.taken_from(k) if c.table == name] for k in left}
        taken = {k: columns for k, columns in own.items() if columns}
        if taken:
            found = found.join(_values(met.rows, taken), on=list(taken), how="semi")
            by += [*([met.by] if met.by else []), *_told(name, taken)]
            notes |= dict.fromkeys(met.notes)
            left = [k for k in left if k not in taken]
    if not by:
        why = "which of its rows were made of it cannot be told: no equal columns lead to its key"
        return None, Rows(snapshot.dataset, snapshot.number, notes=(why, *_unseen(table)))
    keys = found.select(table.key)
    some = found.select(ROW_ID, *table.key).sort(table.key).head(LISTED)
    count, listed = pl.collect_all([found.select(pl.len()), some], engine="streaming")
    hidden = review.personal(snapshot.dataset)
    return keys, Rows(
        snapshot.dataset,
        snapshot.number,
        count.item(),
        tuple(hidden.masked(row) for row in listed.iter_rows(named=True)),
        ", ".join(dict.fromkeys(by)),
        notes=tuple(notes),
    )


def _values(rows: pl.LazyFrame, taken: Mapping[str, Sequence[str]]) -> pl.LazyFrame:
    """The keys that rows may have given, each part being taken from one of some columns."""
    values = rows.select(pl.concat_list(columns).alias(part) for part, columns in taken.items())
    for part in taken:
        values = values.explode(part)
    return values.unique()


def _told(table: str, taken: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for part, columns in taken.items():
        yield " or ".join(f"{part} = {table}.{column}" for column in columns)


def _count(rows: pl.LazyFrame) -> int:
    return int(rows.select(pl.len()).collect(engine="streaming").item())


def _unseen(table: Built) -> tuple[str, ...]:
    return table.lineage.unseen if table.lineage else ("its column lineage was not kept",)


def _consumers(pacts: tuple[Pact, ...], needed: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    for dataset in needed:
        yield from ((dataset, p.consumer, p.owner) for p in pacts if p.dataset == dataset)
