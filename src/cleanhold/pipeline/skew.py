"""skew: what a service saw, beside what a model would be trained on, for the same keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.audits.drift import CONFIDENCE
from cleanhold.audits.drift_columns import watched
from cleanhold.audits.drift_measures import Measured, measured
from cleanhold.audits.proportions import bonferroni, quantile_of, wilson
from cleanhold.core.contract import MASK, Contract
from cleanhold.errors import UsageError
from cleanhold.pipeline.entities import as_key
from cleanhold.pipeline.masking import personal
from cleanhold.pipeline.read import Declared, read_snapshot
from cleanhold.pipeline.service_log import Pair, comparable, read_log
from cleanhold.store.layout import StateFolder

_OFFLINE, _ONLINE, _KNOWN = "offline: ", "online: ", "is known:"


@dataclass(frozen=True, slots=True)
class ColumnSkew:
    """One column of both.

    Attributes:
        offline, online: its dtype in the snapshot, and in the log.
        differs: share of the rows (0 to 1) with another value for the same key; None if the types
            cannot be compared.
        example: what one row has in the snapshot and in the log, as text.
        distance: how far the values as a whole are apart, by the measure that is most over its
            limit; None if the contract says that they are not compared.
        why: why it counts as skewed, in words; empty if it does not.
    """

    column: str
    offline: str
    online: str
    differs: float | None = None
    example: tuple[str, str] | None = None
    measure: str | None = None
    distance: float | None = None
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Skew:
    """What a service saw, beside a snapshot.

    Attributes:
        rows: of the log that were compared: all, or a sample of about 200,000.
        unknown: those of them whose key is not in the snapshot.
        columns: those of both, the worst first.
        only_offline, only_online: columns of one of them.
    """

    dataset: str
    rows: int
    unknown: int
    columns: tuple[ColumnSkew, ...]
    only_offline: tuple[str, ...]
    only_online: tuple[str, ...]

    @property
    def skewed(self) -> tuple[ColumnSkew, ...]:
        return tuple(column for column in self.columns if column.why)

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "skewed": [column.column for column in self.skewed]}


def skew(
    folder: StateFolder,
    contract: Contract,
    log: Path,
    *,
    snapshot: int | None,
    limit: float,
    declared: Declared,
) -> Skew:
    """Compare logged inputs of a service with a snapshot, by the contract's key.

    A column is skewed if surely (99.9 %, all columns together) more than `limit` of its rows
    differ, if its type is another one, or if its values are as far from those of the snapshot,
    for the same keys, as drift is. Numbers are equal to one millionth, so that single precision
    is no skew.

    Args:
        log: NDJSON or Parquet; a row for each time that the service asked.
        limit: share of the rows, 0 to 1.

    Raises:
        UsageError: the file is of neither kind or lacks the key, or none of its keys is known.
        DeliveryError: the file cannot be read.
        NeverPublished, SnapshotExpired, DamagedFile: as reading a snapshot does.
    """
    table = read_snapshot(
        folder,
        contract.dataset,
        snapshot=snapshot,
        channel="production",
        columns=None,
        provenance=False,
        declared=declared,
    )
    logged, offline = read_log(log), table.collect_schema()
    columns = [name for name in offline if name in logged.columns and name not in contract.key]
    rows = _joined(table, logged, contract, columns)
    known = rows.filter(_KNOWN)
    if known.is_empty():
        raise UsageError(
            f"no row of the log has a key of {contract.dataset}",
            where=f"{log}, {rows.height:,} rows",
            next="name the log of a service that reads this table",
        )
    far = _distances(known, contract, offline, columns)
    z = quantile_of(2 * bonferroni(CONFIDENCE, len(columns)) - 1)  # of one side
    hidden = personal(contract)
    found = []
    for name in columns:
        pair = comparable(offline[name], logged.schema[name], text=log.suffix != ".parquet")
        one = _compared(known, name, pair, masked=hidden.has(name))
        found.append(_judged(one, pair, known.height, limit, z, far.get(name)))
    found.sort(key=lambda one: (-len(one.why), -(one.differs or 0), one.column))
    return Skew(
        contract.dataset,
        rows.height,
        rows.height - known.height,
        tuple(found),
        tuple(name for name in offline if name not in logged.columns),
        tuple(name for name in logged.columns if name not in offline),
    )


def _joined(
    table: pl.LazyFrame, logged: pl.DataFrame, contract: Contract, columns: Sequence[str]
) -> pl.DataFrame:
    """The rows of the log, each beside the row of its key."""
    schema, key = table.collect_schema(), contract.key
    if not key:
        raise UsageError(
            f"the contract of {contract.dataset} names no key to compare rows by",
            where=contract.where,
            next="name the columns that say what a row is about: key='customer_id'",
        )
    for name in key:
        if name not in logged.columns:
            raise UsageError(
                f"the log has no column {name!r}, which is in the key of {contract.dataset}",
                next=f"it has {', '.join(logged.columns)}",
            )
    keys = {
        name: as_key(logged.schema[name], schema[name], name, contract.dataset, "the log")
        for name in key
    }
    online = logged.select(
        *(pl.col(name).cast(dtype, strict=False) for name, dtype in keys.items()),
        *(pl.col(name).alias(_ONLINE + name) for name in columns),
    )
    offline = table.select(
        *(pl.col(name).cast(dtype) for name, dtype in keys.items()),
        *(pl.col(name).alias(_OFFLINE + name) for name in columns),
    )
    wanted = online.lazy().select(key).unique()
    rows = offline.join(wanted, on=key, how="semi").collect(engine="streaming")
    marked = rows.with_columns(pl.lit(True).alias(_KNOWN))
    return online.join(marked, on=key, how="left").with_columns(pl.col(_KNOWN).fill_null(False))


def _compared(known: pl.DataFrame, name: str, pair: Pair, *, masked: bool) -> ColumnSkew:
    """In which share of the rows a column has another value, and one of them."""
    sides = _OFFLINE + name, _ONLINE + name
    found = ColumnSkew(name, str(pair.offline), str(pair.online))
    if not pair.fits:
        return found
    other = known.filter(pair.differ(*sides)).select(sides)
    shown = [
        tuple(MASK if masked and value is not None else str(value) for value in row)
        for row in other.head(1).iter_rows()
    ]
    example = (shown[0][0], shown[0][1]) if shown else None
    return replace(found, differs=other.height / known.height, example=example)


def _distances(
    known: pl.DataFrame, contract: Contract, offline: pl.Schema, columns: Sequence[str]
) -> dict[str, tuple[Measured, bool]]:
    """Column → its measure that is most over its limit, and whether it is drift."""
    found = {
        column.name: list(measured(column, known[_OFFLINE + column.name], now))
        for column in watched(contract, offline)
        if column.name in columns
        and (now := _as_offline(known[_ONLINE + column.name], column.dtype)) is not None
    }
    doubt = 1 - bonferroni(CONFIDENCE, sum(map(len, found.values())))
    worst = {
        name: max(measures, key=lambda m: (m.drifted(doubt), m.excess))
        for name, measures in found.items()
    }
    return {name: (one, one.drifted(doubt)) for name, one in worst.items()}


def _as_offline(values: pl.Series, dtype: pl.DataType) -> pl.Series | None:
    """Logged values as those of the snapshot are; None if they are of another kind."""
    same = values.dtype in (dtype, pl.Null) or (values.dtype.is_numeric() and dtype.is_numeric())
    return values.cast(dtype, strict=False) if same else None


def _judged(
    column: ColumnSkew,
    pair: Pair,
    rows: int,
    limit: float,
    z: float,
    far: tuple[Measured, bool] | None,
) -> ColumnSkew:
    """With the reasons why it is skewed, if it is."""
    why = []
    if not pair.same_type:
        why.append(f"its type is {pair.online}, and in the snapshot {pair.offline}")
    if column.differs:
        least, _ = wilson(pl.lit(round(column.differs * rows)), pl.lit(rows), z)
        if float(pl.select(least).item()) > limit:
            why.append(f"{100 * column.differs:.1f} % of the rows differ")
    if far is None:
        return replace(column, why=tuple(why))
    measure, is_drift = far
    if is_drift:
        why.append(measure.change)
    return replace(column, measure=measure.measure, distance=measure.value, why=tuple(why))
