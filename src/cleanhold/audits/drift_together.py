"""Drift of columns together: can a classifier tell rows of the candidate from the baseline's?

What no column shows by itself, a correlation that is gone, or many that moved a little, lets a
model say which table a row is from. Needs scikit-learn, which is imported only here.

Source: D. Lopez-Paz and M. Oquab, Revisiting classifier two-sample tests, ICLR 2017.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cleanhold.audits.distances import Numbers
from cleanhold.audits.drift_columns import ComparedAs, Watched, compared_as
from cleanhold.audits.drift_measures import finite

#: Area under the curve (0.5: chance, 1: always right) that is no drift.
LIMIT = 0.6

#: Rows of each table that are looked at, at most; and that there must be.
MOST_ROWS, LEAST_ROWS = 20_000, 200

#: How sure the audit is that it is above the limit.
_CONFIDENCE = 0.999

#: A row is judged by a model that has not seen it: of so many, each has seen the other part.
_FOLDS, _SEED = 2, 7

#: A column that does so much of it alone is its own matter, and judged by its own limits.
_ALONE = 0.8

#: Such columns that are taken out, one after the other, before the audit lets it be.
_MOST_ALONE = 3

#: Loss of area that makes a column worth naming, and how many are named.
_WORTH, _MOST_NAMED = 0.01, 4


@dataclass(frozen=True, slots=True)
class Together:
    """How well rows of two tables can be told apart by some of their columns.

    Attributes:
        area: under the receiver operating characteristic, of rows that the model had not seen.
        error: its standard error.
        columns: those that give it away, most of all first; empty where it is no drift.
    """

    area: float
    error: float
    columns: tuple[str, ...] = ()

    @property
    def low(self) -> float:
        """The least that the area surely is."""
        return self.area - NormalDist().inv_cdf(_CONFIDENCE) * self.error

    @property
    def chance(self) -> float:
        """How likely two samples of one population are told apart so well."""
        return NormalDist().cdf((0.5 - self.area) / self.error) if self.error else 1.0


@dataclass(frozen=True, slots=True)
class _Rows:
    """Values of both tables (row × column, NaN for none), and whether a row is the candidate's."""

    values: Numbers
    is_now: NDArray[np.bool_]
    fold: NDArray[np.int64]


def together(columns: Sequence[Watched], before: pl.DataFrame, now: pl.DataFrame) -> Together:
    """Compare two samples by all columns together.

    A column that does it nearly alone is taken out: the measures of single columns let it be.

    Args:
        columns: that have not drifted by themselves, with values to compare.

    Raises:
        ImportError: scikit-learn is not installed.
    """
    pairs = [(c.name, _encoded(c, before[c.name], now[c.name])) for c in columns]
    encoded = {name: values for name, values in pairs if values is not None}
    none = Together(0.5, 0.0)
    if min(before.height, now.height) < LEAST_ROWS:
        return none
    is_now = np.arange(before.height + now.height) >= before.height
    draw = np.random.default_rng(_SEED)
    fold = np.empty(len(is_now), np.int64)
    for side in (~is_now, is_now):
        fold[side] = draw.permutation(int(side.sum())) % _FOLDS
    for _ in range(_MOST_ALONE + 1):
        if len(encoded) < 2:
            return none
        rows = _Rows(np.column_stack(list(encoded.values())), is_now, fold)
        found, model = _areas(rows)
        if found.low <= LIMIT:
            return found
        losses = _losses(rows, model)
        names = [list(encoded)[n] for n in np.argsort(-losses, kind="stable")]
        first = _Rows(encoded[names[0]][:, None], is_now, fold)
        if _areas(first)[0].area - 0.5 < _ALONE * (found.area - 0.5):
            worth = int((losses > _WORTH).sum())
            return Together(found.area, found.error, tuple(names[: min(worth, _MOST_NAMED)]))
        del encoded[names[0]]
    return none


def _encoded(column: Watched, before: pl.Series, now: pl.Series) -> Numbers | None:
    """The values of both tables as numbers that a tree can cut; None if there is nothing in them.

    Categories become their rank by how frequent they were.
    """
    was, is_ = (finite(values) for values in (before.cast(column.dtype, strict=False), now))
    kind = compared_as(column, was.drop_nulls())
    if kind is ComparedAs.NOTHING or was.null_count() == was.len():
        return None
    both = pl.concat([was, is_])
    if kind is ComparedAs.CATEGORIES:
        texts = both.cast(pl.String)
        counted = texts.head(was.len()).drop_nulls().value_counts(name="n")
        ranked = counted.sort("n", counted.columns[0], descending=[True, False])
        values = ranked.to_series(0)
        numbers = texts.replace_strict(
            values, pl.int_range(values.len(), eager=True), default=values.len()
        )
        both = numbers.to_frame().select(pl.when(texts.is_not_null()).then(pl.first())).to_series()
    elif kind is ComparedAs.LENGTHS:
        both = both.cast(pl.String).str.len_chars()
    return np.asarray(both.to_physical().cast(pl.Float64).to_numpy(), dtype=np.float64)


def _areas(rows: _Rows) -> tuple[Together, Callable[[Numbers], Numbers]]:
    """The mean area of all parts, each judged by a model of the others; and the first model.

    The standard error is that of J. A. Hanley and B. J. McNeil, The meaning and use of the area
    under a receiver operating characteristic (ROC) curve, Radiology 143 (1982), 29-36.
    """
    models = [_model(rows, part) for part in range(_FOLDS)]
    areas, variances = [], []
    for part, model in enumerate(models):
        of_it = rows.fold == part
        is_now = rows.is_now[of_it]
        area = _area(model(rows.values[of_it]), is_now)
        areas.append(area)
        variances.append(_variance(area, int(is_now.sum()), int((~is_now).sum())))
    return Together(float(np.mean(areas)), float(np.sqrt(np.sum(variances)) / _FOLDS)), models[0]


def _variance(area: float, ones: int, others: int) -> float:
    first, second = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area)
    spread += (ones - 1) * (first - area**2) + (others - 1) * (second - area**2)
    return spread / (ones * others)


def _model(rows: _Rows, part: int) -> Callable[[Numbers], Numbers]:
    """Gives how much rows look like the candidate's, by those that are not of one part."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    learnt = rows.fold != part
    trees: Any = HistGradientBoostingClassifier(
        max_iter=30,
        learning_rate=0.2,
        max_leaf_nodes=15,
        max_bins=32,
        min_samples_leaf=40,
        class_weight="balanced",
        early_stopping=False,
        random_state=_SEED,
    )
    with threadpool_limits(1):  # where others work as well, more threads wait for each other
        trees.fit(rows.values[learnt], rows.is_now[learnt])

    def score(values: Numbers) -> Numbers:
        with threadpool_limits(1):
            return np.asarray(trees.decision_function(values), dtype=np.float64)

    return score


def _area(scores: Numbers, is_now: NDArray[np.bool_]) -> float:
    """The chance that a row of the candidate scores higher than one of the baseline."""
    _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (count.cumsum() - (count - 1) / 2)[place]
    ones, others = int(is_now.sum()), int((~is_now).sum())
    return float((ranks[is_now].sum() - ones * (ones + 1) / 2) / (ones * others))


def _losses(rows: _Rows, model: Callable[[Numbers], Numbers]) -> Numbers:
    """By column, how much of the area is lost when its values are shuffled.

    Source: L. Breiman, Random forests, Machine Learning 45 (2001), 5-32, section 10.
    """
    of_it = rows.fold == 0
    values, is_now = rows.values[of_it], rows.is_now[of_it]
    whole, draw = _area(model(values), is_now), np.random.default_rng(_SEED)
    losses = np.empty(values.shape[1])
    for n in range(values.shape[1]):
        shuffled = values.copy()
        shuffled[:, n] = draw.permutation(values[:, n])
        losses[n] = whole - _area(model(shuffled), is_now)
    return losses
