"""Tails of distributions: how likely chance alone gives so much, or more."""

from __future__ import annotations

from math import erfc, exp, lgamma, log, sqrt

import numpy as np


def chi_square_tail(value: float, freedom: int) -> float:
    """The chance (0 to 1) of a chi-square of so many degrees of freedom beyond `value`.

    Source: M. Abramowitz and I. A. Stegun, Handbook of Mathematical Functions (1964), 26.4.4 and
    26.4.5: finite sums, exact for whole degrees of freedom.
    """
    if value <= 0:
        return 1.0
    half, odd = value / 2, freedom % 2
    powers = np.arange(freedom // 2) + odd / 2
    terms = (exp(-half + power * log(half) - lgamma(power + 1)) for power in powers)
    return min((erfc(sqrt(half)) if odd else 0.0) + sum(terms), 1.0)


def kolmogorov_tail(value: float) -> float:
    """The chance (0 to 1) of a scaled Kolmogorov-Smirnov distance beyond `value`.

    Source: N. V. Smirnov, Annals of Mathematical Statistics 19 (1948), 279-281: the limit for
    large samples, 2 Σ (-1)^(k-1) exp(-2 k² value²).
    """
    if value < 0.2:  # the series needs more terms the nearer to 0, where it is 1 - 1e-12
        return 1.0
    steps = np.arange(1, 101)
    tail = 2 * (-((-1.0) ** steps) * np.exp(-2 * (steps * value) ** 2)).sum()
    return float(min(max(tail, 0.0), 1.0))


def fisher(part: int, whole: int, other_part: int, other_whole: int) -> float:
    """The chance that two shares of one population are so far apart: Fisher's exact test.

    Both sides: twice the smaller tail. Counts may be 0.

    Source: R. A. Fisher, The logic of inductive inference, Journal of the Royal Statistical
    Society 98 (1935), 39-82.
    """
    marked = part + other_part
    low, high = max(0, marked - other_whole), min(marked, whole)
    found = np.arange(low, high + 1, dtype=np.float64)
    step = found[:-1]  # from each count to the next
    ways = (whole - step) * (marked - step) / ((step + 1) * (other_whole - marked + step + 1))
    logs = np.concatenate([[0.0], np.log(ways).cumsum()])
    weights = np.exp(logs - logs.max())
    tails = weights[found <= part].sum(), weights[found >= part].sum()
    return float(min(2 * min(tails) / weights.sum(), 1.0))
