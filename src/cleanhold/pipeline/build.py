"""build: a feature table from the clean tables it reads, as bytes to publish."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from cleanhold.core.column_lineage import ColumnLineage
from cleanhold.core.contract import Contract
from cleanhold.core.feature import Feature
from cleanhold.core.finding import RECORD_NUMBER, ROW_ID
from cleanhold.core.run import InputKind
from cleanhold.core.snapshot import Snapshot
from cleanhold.core.system import system_error
from cleanhold.errors import SourceError
from cleanhold.pipeline.columns import call, of_built
from cleanhold.pipeline.stores import Stores


@dataclass(frozen=True, slots=True)
class Built:
    """A file to publish and, if a function made it, where its columns come from."""

    path: Path
    lineage: ColumnLineage | None = None


def build(stores: Stores, feature: Feature, inputs: dict[str, Snapshot], into: Path) -> Built:
    """Call a feature function on snapshots of its inputs; gives a Parquet file.

    It is sorted by the contract's key, so that equal rows are equal bytes.

    Args:
        inputs: dataset → the snapshot to read.
        into: folder for the result.

    Raises:
        SourceError: the function raises, or gives something else than a LazyFrame.
    """
    tables = {n: stores.table(s).drop(ROW_ID, RECORD_NUMBER) for n, s in inputs.items()}
    day = as_of(stores, tuple(inputs.values()))
    path = into / "built.parquet"
    try:
        called = call(feature, {name: tables[name] for name in feature.inputs.values()}, day)
        if called.gives:
            raise TypeError(f"it gives {called.gives}, not a LazyFrame")
        result = _sorted(called.result, stores.contracts[feature.dataset])
        lineage = of_built(replace(called, result=result), tables)
        result.sink_parquet(path, engine="streaming")
    except Exception as error:  # a person's function may raise anything
        if refused := system_error(error):  # no room on the disk is not its fault
            raise refused from error
        raise SourceError(
            f"the feature function for {feature.dataset} raises "
            f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}",
            where=feature.where,
            next="mend the function; its inputs are the clean tables, without row ids",
        ) from error
    return Built(path, lineage)


def _sorted(result: pl.LazyFrame, contract: Contract) -> pl.LazyFrame:
    have = result.collect_schema().names()
    key = [k for k in contract.key if k in have]
    return result.sort(key or have, maintain_order=True)


def as_of(stores: Stores, inputs: Sequence[Snapshot]) -> date:
    """The newest business date among the deliveries that some snapshots are made of."""
    return max((day for s in inputs for day in _dates(stores, s)), default=date.min)


def _dates(stores: Stores, snapshot: Snapshot) -> Iterator[date]:
    """Business dates of what a snapshot was built on; for a feature table, those of its inputs."""
    beneath = stores.ledger.beneath(snapshot)
    read = [i.sha256 for one in beneath for i in one.inputs if i.kind is InputKind.EXTRACT]
    for sha256 in read:
        if (extract := stores.ledger.extract(sha256)) is not None:
            yield extract.order[0]
    if not read:
        before = (stores.ledger.snapshot(i.name, i.number) for i in snapshot.inputs)
        yield from (day for s in before if s is not None for day in _dates(stores, s))
