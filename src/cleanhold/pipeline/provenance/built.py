"""built: a snapshot of a built table, with what it was built from and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from cleanhold.core.column_lineage import Column, ColumnLineage, Join, Way
from cleanhold.core.contract import Contract
from cleanhold.core.feature import Feature
from cleanhold.core.run import InputKind
from cleanhold.core.snapshot import Manifest, Snapshot
from cleanhold.pipeline import columns
from cleanhold.pipeline.stores import Stores


@dataclass(frozen=True, slots=True)
class Built:
    """A snapshot of a built table.

    Attributes:
        inputs: dataset → the snapshot it was built from.
        lineage: None if nobody can tell.
        contract: None if it has none any more.
    """

    snapshot: Snapshot
    inputs: Mapping[str, Snapshot]
    lineage: ColumnLineage | None
    contract: Contract | None

    @property
    def key(self) -> tuple[str, ...]:
        return self.contract.key if self.contract else ()

    @property
    def tables(self) -> dict[str, Snapshot]:
        """The inputs whose rows are kept."""
        return {name: one for name, one in self.inputs.items() if one.expired is None}

    @property
    def joins(self) -> tuple[Join, ...]:
        return self.lineage.joined if self.lineage else ()

    def taken_from(self, column: str) -> list[Column]:
        """The columns of inputs whose values a column has as they are, each row that of one.

        That the contract reads text as text (which trims it) changes nothing in a clean table.
        """
        found = self.lineage.columns.get(column, ()) if self.lineage else ()
        declared = self.contract.column(column) if self.contract else None
        read = declared.parse.says if declared and declared.parse else None
        as_read = (Way.TRANSFORMATION, read, False)
        taken = (o for o in found if o.way is Way.IDENTITY or (o.way, o.told, o.masks) == as_read)
        return list(dict.fromkeys(origin.column for origin in taken))


def is_built(manifest: Manifest) -> bool:
    """Whether a snapshot was built from others, and not from an extract or held rows."""
    return all(one.kind is InputKind.SNAPSHOT for one in manifest.inputs)


def built(stores: Stores, snapshot: Snapshot, features: Mapping[str, Feature]) -> Built:
    """A snapshot of a built table: its lineage as it was kept, else by today's code."""
    manifest = stores.manifest(snapshot)
    read = {one.name: stores.ledger.snapshot(one.name, one.number) for one in manifest.inputs}
    inputs = {name: found for name, found in read.items() if found is not None}
    lineage = columns.of_snapshot(manifest)
    feature = features.get(snapshot.dataset)
    if lineage is None and feature is not None:
        lineage = columns.of_feature(feature, stores.contracts)
    return Built(snapshot, inputs, lineage, stores.contracts.get(snapshot.dataset))


def equals(schema: Mapping[str, pl.DataType], column: str, text: str) -> pl.Expr:
    """Whether a column has a value, given as text."""
    value = pl.col(column)
    return value == text if schema[column] == pl.String else value.cast(pl.String) == text
