"""Intervals for shares: how far chance alone may have moved them."""

from __future__ import annotations

from statistics import NormalDist

import polars as pl


def quantile_of(confidence: float) -> float:
    """How many standard deviations to either side hold this share (0 to 1) of a normal variable."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def wilson(part: pl.Expr, whole: pl.Expr, z: float) -> tuple[pl.Expr, pl.Expr]:
    """The score interval of a share `part / whole` (counts; `whole` is not 0).

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference,
    JASA 22 (1927), 209-212.
    """
    share, n, zz = part / whole, whole.cast(pl.Float64), z * z
    centre = (share + zz / (2 * n)) / (1 + zz / n)
    reach = z / (1 + zz / n) * (share * (1 - share) / n + zz / (4 * n * n)).sqrt()
    return centre - reach, centre + reach


def newcombe(
    part: pl.Expr, whole: pl.Expr, other_part: pl.Expr, other_whole: pl.Expr, z: float
) -> tuple[pl.Expr, pl.Expr]:
    """The interval of the difference of two independent shares, from their score intervals.

    Source: R. G. Newcombe, Interval estimation for the difference between independent
    proportions: comparison of eleven methods, Statistics in Medicine 17 (1998), 873-890; method 10.
    """
    share, other = part / whole, other_part / other_whole
    low, high = wilson(part, whole, z)
    other_low, other_high = wilson(other_part, other_whole, z)
    down = ((share - low) ** 2 + (other_high - other) ** 2).sqrt()
    up = ((high - share) ** 2 + (other - other_low) ** 2).sqrt()
    return share - other - down, share - other + up


def bonferroni(confidence: float, comparisons: int) -> float:
    """The confidence of each of several comparisons that keeps that of all together."""
    return 1 - (1 - confidence) / max(comparisons, 1)
