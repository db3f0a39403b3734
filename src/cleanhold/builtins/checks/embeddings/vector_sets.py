"""Embeddings among each other: copies, lengths, dimensions that say nothing, and who made them."""

from __future__ import annotations

from functools import partial

import numpy as np
import polars as pl

from cleanhold.builtins.checks.conditions import failing
from cleanhold.builtins.checks.embeddings.vectors import norm, numbers
from cleanhold.builtins.checks.listing import listed
from cleanhold.builtins.checks.outliers import no_mad_outliers
from cleanhold.core.reading import RECORD
from cleanhold.core.rule import FOUND, GroupRule, Takes

#: Numbers that are looked at together.
_PIECE = 4_000_000
_ANSWER = pl.Schema({RECORD: pl.UInt64(), FOUND: pl.String()})
_LENGTH = "__length"
#: What is rounded in a vector, as a share of its length.
_ROUNDING = 0.01

_UNIT = [[0.6, 0.8], [0.8, 0.6], [1.0, 0.0], [0.0, 1.01], [0.0, 0.98], [0.61, 0.79], [0.7, 0.72],
         [0.99, 0.1]]  # fmt: skip


@listed(
    "vector",
    passes=[{"vector": [[0.1, 0.2], [0.2, 0.1], None, None]}],
    fails=[{"vector": [[0.1, 0.2], [0.5, 0.5], [0.1, 0.2]]}],
)
def no_repeated_vectors(column: str) -> GroupRule:
    """Vectors that no other row has, number for number. The first of the rows that share one is
    kept; the finding of the others names it.
    """

    def fails(rows: pl.LazyFrame) -> pl.LazyFrame:
        known = rows.select(RECORD, column).drop_nulls()
        first = pl.col(RECORD).min().over(column)
        return failing(known, pl.col(RECORD) != first, pl.format("record {}", first))

    return GroupRule(
        name="no_repeated_vectors",
        says="{column} is the vector that {found} has, too",
        reads=(column,),
        fails=fails,
        column=column,
        needs={column: Takes.VECTOR},
    )


@listed(
    "vector",
    passes=[{"vector": [*_UNIT, None]}, {"vector": [[0.6, 0.8], [60.0, 80.0]]}],
    fails=[{"vector": [*_UNIT, [6.0, 8.0]]}],
)
def no_norm_outliers(column: str, *, most: float = 8, least: int = 8) -> GroupRule:
    """Vectors whose length is not far from the median length, in median absolute deviations: a
    part that another model made, or that was not normalised. A length within 1 % of the median is
    never far; where most lengths are the same to the last digit, use `unit_length`.

    Args:
        most: modified z-score.
        least: vectors that there must be.
    """
    lengths = no_mad_outliers(_LENGTH, most=most, least=least)

    def fails(rows: pl.LazyFrame) -> pl.LazyFrame:
        known = rows.select(RECORD, norm(pl.col(column)).alias(_LENGTH))
        length = pl.col(_LENGTH)
        known = known.filter(length.is_finite())
        far = known.filter((length - length.median()).abs() > length.median() * _ROUNDING)
        return lengths.fails(known).join(far.select(RECORD), on=RECORD, how="semi")

    return GroupRule(
        name="no_norm_outliers",
        says="the length of {column} is far from that of the others: usual are {found}",
        reads=(column,),
        fails=fails,
        column=column,
        needs={column: Takes.VECTOR},
    )


_FLAT = [[0.1, 0.5], [0.2, 0.5], [0.3, 0.5]]


@listed(
    "vector",
    least=3,
    passes=[{"vector": [[0.1, 0.9], [0.2, 0.8], [0.3, 0.7]]}, {"vector": _FLAT[:2]}],
    fails=[{"vector": _FLAT}],
)
def no_constant_dimensions(column: str, *, least: int = 30) -> GroupRule:
    """Vectors no dimension of which is the same in all rows: it says nothing, and a model that
    makes such is broken. All rows fail, and their finding names the dimensions. Vectors of another
    dimension than most are not looked at.

    Args:
        least: vectors that there must be.
    """
    constant = partial(_constant, column=column, least=least)
    return GroupRule(
        name="no_constant_dimensions",
        says="{column} has {found}, as have all rows",
        reads=(column,),
        fails=lambda rows: rows.map_batches(constant, schema=_ANSWER),
        column=column,
        needs={column: Takes.VECTOR},
        code=f"no_constant_dimensions 1 {column!r} {least}",
    )


def _constant(rows: pl.DataFrame, *, column: str, least: int) -> pl.DataFrame:
    length = numbers(pl.col(column)).list.len()
    sized = rows.select(RECORD, column, length.alias(_LENGTH)).drop_nulls()
    usual = sized[_LENGTH].mode().max()
    judged = sized.filter(pl.col(_LENGTH) == (usual or 0))
    if not isinstance(usual, int) or not usual or judged.height < least:
        return _ANSWER.to_frame()
    low, high = np.full(usual, np.inf), np.full(usual, -np.inf)
    for start in range(0, judged.height, max(1, _PIECE // usual)):
        part = judged.slice(start, max(1, _PIECE // usual))
        table = part.select(numbers(pl.col(column)).list.to_array(usual)).to_series().to_numpy()
        # A NaN is neither the least nor the greatest; `finite_vector` tells of it.
        low, high = np.fmin(low, np.fmin.reduce(table)), np.fmax(high, np.fmax.reduce(table))
    flat = np.flatnonzero(low >= high)
    if not len(flat):
        return _ANSWER.to_frame()
    few = ", ".join(f"{low[i]:g} in dimension {i}" for i in flat[:3])
    told = few if len(flat) <= 3 else f"{few} and {len(flat) - 3} more"
    return judged.select(RECORD, pl.lit(told).alias(FOUND))


@listed(
    "model",
    passes=[{"model": ["v3", "v3", None]}],
    fails=[{"model": ["v3", "v3", "v2"]}, {"model": ["v3", "v2"]}],
)
def one_value(column: str) -> GroupRule:
    """A value that all rows of a delivery share, as the version of the model that made their
    vectors: those of two models cannot be compared. Rows that differ from most fail; where there
    is no majority, all do.
    """

    def fails(rows: pl.LazyFrame) -> pl.LazyFrame:
        known = rows.select(RECORD, column).drop_nulls()
        counted = known.with_columns(pl.len().over(column).alias("__count"))
        most = pl.col("__count").max()
        usual = pl.col(column).filter(pl.col("__count") == most)
        only = usual.n_unique() == 1
        told = pl.format(
            "most rows have {} ({} of {})", usual.min().cast(pl.String), most, pl.len()
        )
        mixed = (
            pl.when(only)
            .then(told)
            .otherwise(pl.format("{} values, none in most rows", pl.col(column).n_unique()))
        )
        return failing(counted, ~only | (pl.col("__count") < most), mixed)

    return GroupRule(
        name="one_value",
        says="{column} is {value}, and all rows must have one value: {found}",
        reads=(column,),
        fails=fails,
        column=column,
    )
