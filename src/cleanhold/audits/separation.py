"""How well one column alone tells rows of one kind from all others."""

from __future__ import annotations

import numpy as np
import polars as pl

#: Parts that the rows are put into: what is told of one is learnt from the others.
_FOLDS = 5

#: Numbers and dates with more different values are put into so many parts of about equal size.
_MOST_VALUES, _PARTS = 50, 20


def separation(values: pl.Series, hits: pl.Series) -> float:
    """The area under the ROC curve (0 to 1; 0.5 tells nothing) of guesses from one column.

    A row's guess is the share of hits among rows with the same value (no value is one too) in four
    other fifths of the rows: so a column of as many values as rows tells nothing, and neither the
    direction nor the shape of what it tells matters. The area is the share of pairs of a hit and
    another row in which the hit is guessed higher (J. A. Hanley and B. J. McNeil, The meaning and
    use of the area under a receiver operating characteristic curve, Radiology 143 (1982), 29-36).

    Args:
        values: any that can be grouped; NaN is no value.
        hits: booleans, not null, both of them there.
    """
    fold = np.random.default_rng(0).integers(0, _FOLDS, values.len())
    rows = pl.DataFrame({"value": _grouped(values), "hit": hits, "fold": fold})
    cells = rows.group_by("value", "fold").agg(rows=pl.len(), hits=pl.col("hit").sum())
    elsewhere = {
        name: (pl.col(name).sum().over("value") - pl.col(name)).cast(pl.Float64)
        for name in ("rows", "hits")
    }
    share = (
        (pl.col("hits").sum() - pl.col("hits").sum().over("fold"))
        / (pl.col("rows").sum() - pl.col("rows").sum().over("fold"))
    ).fill_nan(0.5)  # of a few rows, all may be in one part
    guesses = (
        cells.with_columns(guess=(elsewhere["hits"] + share) / (elsewhere["rows"] + 1))
        .group_by("guess")
        .agg(hits=pl.col("hits").sum().cast(pl.Float64), rows=pl.col("rows").sum())
        .sort("guess")
        .with_columns(others=pl.col("rows") - pl.col("hits"))
    )
    below = pl.col("others").cum_sum() - pl.col("others") / 2
    pairs = pl.col("hits").sum() * pl.col("others").sum()
    return float(guesses.select((pl.col("hits") * below).sum() / pairs).item())


def _grouped(values: pl.Series) -> pl.Series:
    """Values as they are, or the parts that many different ones are in."""
    if values.dtype.is_float():
        values = values.fill_nan(None)
    is_quantity = values.dtype.is_numeric() or values.dtype.is_temporal()
    if not is_quantity or values.n_unique() <= _MOST_VALUES:
        return values
    numbers = values.to_physical().cast(pl.Float64)
    there = np.sort(numbers.drop_nulls().to_numpy())
    edges = np.unique(there[len(there) * np.arange(1, _PARTS) // _PARTS])
    parts = pl.Series(np.searchsorted(edges, numbers.fill_null(0).to_numpy(), side="left"))
    return parts.to_frame("part").select(
        pl.when(pl.lit(numbers.is_not_null())).then(pl.col("part"))
    )["part"]
