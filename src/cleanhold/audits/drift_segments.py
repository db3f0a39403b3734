"""Drift within the segments of a table: what moves one way in one and back in another.

The segments are those of `loss_bias`, cut alike in both tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cleanhold.audits.drift_columns import Watched
from cleanhold.audits.drift_measures import Measured, measured
from cleanhold.audits.segments import segmented, shown
from cleanhold.core.contract import Column, Contract

#: Rows that a segment needs in both samples; of fewer little could be told from chance.
LEAST_ROWS = 100

Places = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of two samples of tables.

    Attributes:
        column: that it is a part by; `name`: the segment's, as it may be shown.
        before, now: places of its rows in both samples.
    """

    column: str
    name: str
    before: Places
    now: Places

    @property
    def is_large(self) -> bool:
        """Whether there is enough of it in both to compare."""
        return min(len(self.before), len(self.now)) >= LEAST_ROWS


def segments_of(contract: Contract, before: pl.DataFrame, now: pl.DataFrame) -> tuple[Segment, ...]:
    """The segments of two samples, by each column that the contract names and both have."""
    columns = [c for name in contract.segments if (c := contract.column(name)) is not None]
    there = [c for c in columns if c.name in before.columns and c.name in now.columns]
    return tuple(
        segment
        for c in there
        for segment in _cut(c, before[c.name].cast(now[c.name].dtype, strict=False), now[c.name])
    )


def within(
    segments: Sequence[Segment], column: Watched, before: pl.Series, now: pl.Series
) -> Iterator[Measured]:
    """Compare a column within each segment that is large enough, but for its own."""
    for segment in segments:
        if segment.is_large and segment.column != column.name:
            where = f"{segment.column} = {segment.name}"
            parts = before.gather(segment.before), now.gather(segment.now)
            yield from (replace(one, segment=where) for one in measured(column, *parts))


def _cut(column: Column, before: pl.Series, now: pl.Series) -> Iterator[Segment]:
    values = [s.cast(pl.String).alias("value").to_frame() for s in (before, now)]
    counted = pl.concat(values).group_by("value").agg(pl.len().cast(pl.Int64).alias("rows"))
    named = segmented(counted, column)
    sizes = named.group_by("segment").agg(pl.col("rows").sum()).sort(-pl.col("rows"), "segment")
    told = shown(column, sizes)["segment"]
    numbers = sizes.select("segment", number=pl.int_range(pl.len(), dtype=pl.UInt32))
    by_value = named.join(numbers, "segment").select("value", "number")
    places = [_places(rows, by_value, sizes.height) for rows in values]
    for name, was, is_ in zip(told, *places, strict=True):
        yield Segment(column.name, name, was, is_)


def _places(rows: pl.DataFrame, by_value: pl.DataFrame, segments: int) -> list[Places]:
    """By segment, where its rows are."""
    found = rows.join(by_value, "value", "left", nulls_equal=True, maintain_order="left")
    numbers = found["number"].to_numpy()
    order = np.argsort(numbers, kind="stable").astype(np.uint32)
    ends = np.bincount(numbers, minlength=segments).cumsum()
    return list(np.split(order, ends[:-1]))
