"""columns: where the columns of a table come from, without anybody having written it down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from cleanhold.core.column_lineage import ColumnLineage, Origin
from cleanhold.core.contract import EXTRA, Contract, Unknown
from cleanhold.core.feature import AS_OF, Feature
from cleanhold.core.parsing import DataType
from cleanhold.core.snapshot import Manifest, Snapshot
from cleanhold.core.source import Source
from cleanhold.pipeline.stores import Stores
from cleanhold.plan.binding import bind
from cleanhold.plan.execute import Split
from cleanhold.tracing.columns import (
    NOT_AS_KNOWN,
    anything,
    chained,
    kept,
    lineage_of,
    mark,
    of_delivery,
    of_manifest,
    watched,
)

#: Dataset → its columns and their dtypes.
Schemas = Mapping[str, Mapping[str, DataType]]

#: The day that a function is told when it is only looked at.
_SOME_DAY = date(2000, 1, 1)


def of_feature(feature: Feature, contracts: Mapping[str, Contract]) -> ColumnLineage:
    """The lineage of a feature table by its code of today; no row is read.

    The function is called on tables without rows that have its inputs' columns: what it writes by
    itself, it writes then, too. Where it cannot be
    understood that way, `unseen` says why, and every column of its inputs is an origin.

    Args:
        contracts: of the table and its inputs.
    """
    contract = contracts[feature.dataset]
    schemas = {name: _schema(contracts[name]) for name in feature.inputs.values()}
    names = list(_schema(contract))
    empty = {name: pl.LazyFrame(schema=dict(schema)) for name, schema in schemas.items()}
    try:
        called = call(feature, empty, _SOME_DAY)
        if called.looked or called.gives:
            return anything(schemas, names, called.why)
        schema = called.result.collect_schema()
        columns = {b.column.name: b.raw for b in bind(contract, schema).columns if b.raw}
        return as_read(of_built(called, empty), contract, schema, columns)
    except (Exception, SystemExit, pl.exceptions.PanicException) as error:  # noqa: BLE001 - a person's function may raise anything
        why = f"on tables without rows, the function raises {type(error).__name__}"
        return anything(schemas, names, why)


@dataclass(frozen=True, slots=True)
class Called:
    """What a feature function gave.

    Attributes:
        result: the plan of its table; one of nothing if it gave something else.
        gives: the type of that; empty for a plan.
        looked: datasets whose rows it made on its way; what it found may stand in the plan as a
            number.
    """

    result: pl.LazyFrame
    looked: tuple[str, ...]
    gives: str = ""

    @property
    def why(self) -> str:
        """Why the plan does not tell all, if it does not."""
        if self.gives:
            return f"the function gives {self.gives}, not a LazyFrame"
        names = ", ".join(self.looked)
        return f"the function looks at the rows of {names} before it gives its plan"


def call(feature: Feature, tables: Mapping[str, pl.LazyFrame], as_of: date) -> Called:
    """Call a feature function, watching it.

    Args:
        tables: dataset → its rows.

    Raises:
        Exception: whatever it raises.
    """
    marked = {name: mark(frame, name) for name, frame in tables.items()}
    given = {parameter: marked[name] for parameter, name in feature.inputs.items()}
    extra = {AS_OF: as_of} if feature.takes_as_of else {}
    with watched() as looked:
        result = feature.build(**given, **extra)
    names = tuple(dict.fromkeys(looked))
    if not isinstance(result, pl.LazyFrame):
        return Called(pl.LazyFrame(), names, type(result).__name__)
    return Called(result, names)


def of_built(called: Called, tables: Mapping[str, pl.LazyFrame]) -> ColumnLineage:
    """The lineage of what a feature function has made of its inputs, by the plan that will run.

    Args:
        tables: dataset → its rows, as the function got them.
    """
    schemas = {name: frame.collect_schema() for name, frame in tables.items()}
    if called.looked:
        return anything(schemas, called.result.collect_schema().names(), called.why)
    return _planned(called.result, schemas)


def _planned(result: pl.LazyFrame, schemas: Schemas) -> ColumnLineage:
    """The lineage of a plan. That it cannot be read must not stop what it is the plan of."""
    try:
        return lineage_of(result)
    except (*NOT_AS_KNOWN, pl.exceptions.PanicException) as error:
        names = result.collect_schema().names()
        return anything(schemas, names, f"the plan cannot be read: {type(error).__name__}")


def of_source(source: Source, contract: Contract) -> ColumnLineage:
    """The lineage of a table by what its source and its contract declare; nothing is read.

    Where the contract names several headers, any of them may be the one that is delivered.
    """
    layout = source.reader.describe() if source.reader else {}
    found: dict[str, tuple[Origin, ...]] = {}
    unseen = []
    for column in contract.columns:
        if column.regex or (column.source_matches and not column.source):
            pattern = column.name if column.regex else column.source_matches
            unseen.append(f"{column.name}: any header that matches {pattern}")
        if column.regex:
            continue
        each = [
            of_delivery(source.name, contract, {}, {column.name: header}, layout)
            for header in column.wanted
        ]
        found[column.name] = tuple(o for one in each for o in one.columns[column.name])
    if contract.unknown is Unknown.KEEP:
        unseen.append(f"{EXTRA}: any header that the contract does not name")
        found[EXTRA] = ()
    return ColumnLineage(found, unseen=tuple(unseen))


def of_snapshot(manifest: Manifest) -> ColumnLineage | None:
    """The lineage of a snapshot, as it was read when it was made; None if it was not kept."""
    return of_manifest(manifest)


def of_replay(
    stores: Stores, contract: Contract, current: Snapshot | None, splits: Sequence[Split]
) -> dict[str, Any]:
    """What a manifest keeps when held rows are added to a table: the table's lineage goes on.

    If nothing was published yet, it is that of the rows; a built table then has none.
    """
    known = of_manifest(stores.manifest(current)) if current else None
    source = next((s for s in stores.sources.values() if s.dataset == contract.dataset), None)
    if known is None and source is not None:
        headers = {name: dtype for split in splits for name, dtype in split.headers.items()}
        columns = {name: raw for split in splits for name, raw in split.columns.items()}
        layout = source.reader.describe() if source.reader else {}
        known = of_delivery(source.name, contract, headers, columns, layout)
    return kept(known) if known else {}


def as_read(
    built: ColumnLineage,
    contract: Contract,
    schema: Mapping[str, object],
    columns: Mapping[str, str],
) -> ColumnLineage:
    """The lineage of a built table when it is published under its contract.

    Args:
        built: of what the function gives.
        schema: its columns → dtype.
        columns: contract column → the column of it that is read.
    """
    dtypes = {name: str(dtype) for name, dtype in schema.items()}
    return chained(of_delivery("", contract, dtypes, columns), built)


def _schema(contract: Contract) -> dict[str, DataType]:
    """The columns of a published table that are known before there is one."""
    columns = {c.name: c.dtype for c in contract.columns if not c.regex}
    return columns | ({EXTRA: pl.String()} if contract.unknown is Unknown.KEEP else {})
