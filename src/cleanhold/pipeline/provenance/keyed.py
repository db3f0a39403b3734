"""keyed: the rows of a business key, in whatever version of a table has one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.core.contract import Contract
from cleanhold.core.finding import ROW_ID, business_key
from cleanhold.core.snapshot import Channel, Snapshot
from cleanhold.pipeline.quarantine import Review
from cleanhold.pipeline.stores import Stores
from cleanhold.store.snapshots import scan

#: Between the parts of a key.
_BETWEEN = " | "


def is_key(columns: Sequence[str], schema: Mapping[str, pl.DataType], key: str) -> pl.Expr:
    """Whether a row has a key, its parts joined with ` | `.

    Columns of text are compared as they are too: by them Polars leaves out what need not be read.
    """
    parts = key.split(_BETWEEN)
    is_it = business_key(tuple(columns)) == key
    if len(parts) == len(columns):
        for name, part in zip(columns, parts, strict=True):
            if schema[name] == pl.String:
                is_it = (pl.col(name) == part) & is_it
    return is_it


def rows_of_key(paths: Sequence[Path], columns: Sequence[str], key: str) -> list[str]:
    """Ids of the rows in some files that have a key; none if they lack a column of it."""
    if not paths or not columns:
        return []
    rows = scan(paths)
    schema = rows.collect_schema()
    if not set(columns) <= set(schema):
        return []
    found = rows.filter(is_key(columns, schema, key)).select(ROW_ID)
    return found.collect(engine="streaming")[ROW_ID].to_list()


def ids_of_key(
    stores: Stores,
    key: str,
    review: Review,
    dataset: str | None = None,
    snapshot: Snapshot | None = None,
) -> list[tuple[str, str]]:
    """(dataset, row id) of each row of a key: in the newest snapshots of each channel, then in
    quarantine.

    Args:
        dataset: only of this one.
        snapshot: only those in this one, whatever came since.
    """
    if snapshot is not None:
        contract = stores.contracts.get(snapshot.dataset)
        files = stores.data_files(snapshot)
        found = rows_of_key(files, contract.key if contract else (), key)
        return [(snapshot.dataset, row_id) for row_id in found]
    ids: list[tuple[str, str]] = []
    for name, contract in stores.contracts.items():
        if dataset in (None, name):
            ids += [(name, row_id) for row_id in _now(stores, contract, key)]
    held = review.quarantine.find(key, dataset)
    return list(dict.fromkeys([*ids, *held.select("dataset", ROW_ID).iter_rows()]))


def _now(stores: Stores, contract: Contract, key: str) -> list[str]:
    """Rows of the key that readers have, or those of the pilot or of the candidate."""
    channels = (Channel.PRODUCTION, Channel.PILOT, Channel.CANDIDATE)
    pointed = (stores.ledger.snapshot(contract.dataset, channel=channel) for channel in channels)
    newest = {s.number: s for s in pointed if s is not None and s.expired is None}
    return [
        row_id
        for snapshot in newest.values()
        for row_id in rows_of_key(stores.data_files(snapshot), contract.key, key)
    ]


def texts_of(key: Sequence[str], values: Mapping[str, Any]) -> dict[str, str] | None:
    """The parts of the key of a row as text, by column; None if it lacks one."""
    if not key or any(values.get(name) is None for name in key):
        return None
    row = pl.DataFrame({name: [values[name]] for name in key})
    return row.select(pl.all().cast(pl.String)).row(0, named=True)


def joined(parts: Mapping[str, str]) -> str:
    """The parts of a key as one text."""
    return _BETWEEN.join(parts.values())


def parts_of(columns: Sequence[str], key: str) -> dict[str, str] | None:
    """The parts of a key, by column; None if there are more or fewer than columns."""
    parts = [key] if len(columns) == 1 else key.split(_BETWEEN)
    return dict(zip(columns, parts, strict=True)) if len(parts) == len(columns) else None
