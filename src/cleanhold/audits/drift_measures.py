"""How far the values of one column have moved from those of the baseline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from cleanhold.audits import drift_shapes, drift_words
from cleanhold.audits.distances import (
    Numbers,
    chance_of,
    chi_square,
    come_or_gone,
    jensen_shannon,
    kolmogorov_smirnov,
    pooled,
    psi,
    wasserstein,
)
from cleanhold.audits.drift_columns import ComparedAs, Watched, compared_as
from cleanhold.audits.tails import fisher
from cleanhold.core.chart import Chart

#: Measure → the largest value that is no drift, unless the contract says otherwise.
LIMITS = {
    "PSI": 0.2,
    "Wasserstein": 0.5,  # standard deviations
    "Jensen-Shannon": 0.1,
    "new or gone": 0.01,  # share of the rows
    "nulls": 0.05,  # as a difference of shares
}

#: Measure → the one whose limit a contract gives, and with which its own moves.
_FIRST = {
    "PSI": "PSI",
    "Wasserstein": "PSI",
    "Jensen-Shannon": "Jensen-Shannon",
    "new or gone": "Jensen-Shannon",
}

#: Parts of about equal size that the baseline's quantities are put into.
_PARTS = 10


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure of one column.

    Attributes:
        value: what it is, `limit`: what it may be.
        chance: how likely (0 to 1) two samples of one population differ so much.
        change: what changed, in words.
        shape: the distributions that it is about, for a picture; None for none.
        segment: within which segment, in words; empty for the whole table.
    """

    column: Watched
    measure: str
    value: float
    limit: float
    chance: float
    change: str
    shape: Chart | None = None
    segment: str = ""

    def drifted(self, doubt: float) -> bool:
        """Whether it is too much, and not by chance; `doubt` is the chance that is accepted."""
        return self.value > self.limit and self.chance < doubt

    @property
    def excess(self) -> float:
        return self.value / self.limit

    @property
    def where(self) -> str:
        """The column, and the segment that it is about."""
        return f"{self.column.name} ({self.segment})" if self.segment else self.column.name


def measured(column: Watched, before: pl.Series, now: pl.Series) -> Iterator[Measured]:
    """Compare a column of two samples of tables; both have rows, and one dtype.

    NaN and infinity count as no value.
    """
    before, now = (finite(values) for values in (before, now))
    yield _nulls(column, before, now)
    before, now = before.drop_nulls(), now.drop_nulls()
    if before.is_empty() or now.is_empty():
        return
    kind = compared_as(column, before)
    what = ""
    if kind is ComparedAs.LENGTHS:
        before, now = (values.cast(pl.String).str.len_chars() for values in (before, now))
        column = drift_words.of_lengths(column)
        kind, what = compared_as(column, before), "lengths: "
    if kind is ComparedAs.CATEGORIES:
        yield from _categories(column, before, now, what)
    elif kind is ComparedAs.QUANTITIES:
        yield from _quantities(column, before, now, what)


def _nulls(column: Watched, before: pl.Series, now: pl.Series) -> Measured:
    was, is_ = before.null_count(), now.null_count()
    chance = fisher(was, before.len(), is_, now.len())
    shares = was / before.len(), is_ / now.len()
    change = drift_words.nulls(*shares)
    return _judged(column, "nulls", abs(shares[1] - shares[0]), chance, change)


def _categories(
    column: Watched, before: pl.Series, now: pl.Series, what: str
) -> Iterator[Measured]:
    counted = _counted(before).join(_counted(now), on="value", how="full", coalesce=True)
    table = counted.select(
        "value", before=pl.col("len").fill_null(0), now=pl.col("len_right").fill_null(0)
    ).sort("before", "now", "value", descending=[True, True, False])
    cells = [table[name].cast(pl.Int64).to_numpy() for name in ("before", "now")]
    change = what + drift_words.categories(column, table)
    shape = drift_shapes.categories(column, table, what.removesuffix(": "))
    yield _judged(
        column, "Jensen-Shannon", jensen_shannon(*cells), chance_of(*cells), change, shape
    )
    change = what + drift_words.categories(column, table, absent=True)
    yield _judged(column, "new or gone", *come_or_gone(*cells), change, shape)


def _quantities(
    column: Watched, before: pl.Series, now: pl.Series, what: str
) -> Iterator[Measured]:
    was, is_ = _sorted(before), _sorted(now)
    edges = np.unique(was[len(was) * np.arange(1, _PARTS) // _PARTS])
    parts = [
        np.bincount(edges.searchsorted(values, side="left"), minlength=len(edges) + 1)
        for values in (was, is_)
    ]
    change = what + drift_words.quantities(column, was, is_, edges, parts)
    shape = drift_shapes.quantities(column, was, is_, what.removesuffix(": "))
    yield _judged(column, "PSI", psi(*parts), chi_square(*pooled(*parts)), change, shape)
    _, chance = kolmogorov_smirnov(was, is_)
    yield _judged(column, "Wasserstein", wasserstein(was, is_), chance, change, shape)


def _judged(
    column: Watched,
    measure: str,
    value: float,
    chance: float,
    change: str,
    shape: Chart | None = None,
) -> Measured:
    limit = LIMITS[measure]
    if column.limit is not None and measure in _FIRST:
        limit *= column.limit / LIMITS[_FIRST[measure]]
    return Measured(column, measure, value, limit, chance, change, shape)


def finite(values: pl.Series) -> pl.Series:
    """NaN and infinity as no value."""
    if not values.dtype.is_float():
        return values
    return values.to_frame().select(pl.when(pl.first().is_finite()).then(pl.first())).to_series()


def _counted(values: pl.Series) -> pl.DataFrame:
    """Rows by value, as text."""
    if values.dtype.is_decimal():
        values = values.cast(pl.Float64)
    return values.cast(pl.String).alias("value").to_frame().group_by("value").len()


def _sorted(values: pl.Series) -> Numbers:
    return np.sort(values.to_physical().cast(pl.Float64).to_numpy())
