"""known texts: what a value of a column may be, by its contract and by the tables it refers to."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cleanhold.builtins.codes import Codes
from cleanhold.builtins.listed_texts import listed_texts
from cleanhold.builtins.remedies import Known, known_of, plain
from cleanhold.core.check import Kind
from cleanhold.core.contract import Column, Contract
from cleanhold.pipeline.stores import Stores


def known_texts(
    stores: Stores, contract: Contract, column: Column, values: Sequence[str]
) -> tuple[Known, str]:
    """What texts of a column may become, and where that is from, in words; nothing if unknown.

    Of a table that is referred to, only keys are taken that are the same as one of the values but
    for their writing, and no other key is: a key that is merely alike is somebody else.

    Args:
        values: as delivered.
    """
    if listed := listed_texts(column, contract.checks):
        told = f"one of {len(listed):,} that the contract lists"
        known = known_of(listed)
        if isinstance(column.parse, Codes):
            return known.meaning(column.parse.mapping), f"{told}, or means"
        return known, told
    for check in contract.checks:
        if check.kind is not Kind.REFERENCE or check.column != column.name or not check.reference:
            continue
        snapshot = stores.ledger.snapshot(check.reference.dataset)
        if snapshot is None or len(check.reference.columns) != 1:
            continue
        key = pl.col(check.reference.columns[0]).cast(pl.String)
        wanted = pl.Series("text", values, dtype=pl.String).to_frame().select(plain(pl.col("text")))
        keys = stores.table(snapshot).select(new=key, plain=plain(key)).unique()
        alike = keys.filter(pl.col("plain").is_in(wanted.to_series().implode()))
        only = alike.filter(pl.len().over("plain") == 1).collect(engine="streaming")
        found = dict(only.select("plain", "new").iter_rows())
        return Known(frozenset(found.values()), found), f"which {check.reference.dataset} has"
    return Known(), ""
