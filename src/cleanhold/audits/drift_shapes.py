"""The distribution of a column before and now, for a picture; no values of personal ones."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl

from cleanhold.audits.distances import Numbers
from cleanhold.audits.drift_columns import Watched
from cleanhold.audits.drift_words import value_of
from cleanhold.core.chart import Chart, distribution

#: Values that are told apart, the others are one together; characters of each.
_MOST_VALUES, _LONGEST = 12, 40

#: Parts of equal width, over what this share of the values leaves out on either side.
_PARTS, _TAIL = 24, 0.005


def categories(column: Watched, table: pl.DataFrame, of: str = "") -> Chart:
    """Rows of the most frequent values, and of those that moved most.

    Args:
        table: `value`, and its rows `before` and `now`; the most frequent before first.
        of: see `core.chart.distribution`.
    """
    shares = pl.col("before") / pl.col("before").sum(), pl.col("now") / pl.col("now").sum()
    weight = pl.max_horizontal(*shares) + (shares[1] - shares[0]).abs()
    numbered = pl.format("value {} of {}", pl.int_range(1, pl.len() + 1), pl.len())
    named = numbered if column.personal else pl.col("value").str.slice(0, _LONGEST)
    ranked = table.with_columns(value=named).with_row_index("place").sort(weight, descending=True)
    kept = ranked.head(_MOST_VALUES).sort("place")
    rest = ranked.slice(_MOST_VALUES)
    parts, before, now = (kept[name].to_list() for name in ("value", "before", "now"))
    if rest.height:
        parts.append(f"{rest.height:,} others")
        before.append(rest["before"].sum())
        now.append(rest["now"].sum())
    return distribution(parts, before, now, ordered=False, of=of)


def quantities(column: Watched, before: Numbers, now: Numbers, of: str = "") -> Chart:
    """Rows by part of the range; what lies beyond counts to the outermost parts.

    Args:
        before: sorted, without NaN; `now` too.
        of: see `core.chart.distribution`.
    """
    low = min(before[int(_TAIL * len(before))], now[int(_TAIL * len(now))])
    high = max(before[int((1 - _TAIL) * len(before))], now[int((1 - _TAIL) * len(now))])
    is_whole = column.dtype.is_integer() or column.dtype == pl.Date
    edges = _whole(low, high) if is_whole else _even(low, high)
    parts = max(len(edges) - 1, 1)
    counts = [
        np.bincount(edges[1:-1].searchsorted(values, side="right"), minlength=parts)
        for values in (before, now)
    ]
    if column.personal:
        names = [f"part {n} of {parts}" for n in range(1, parts + 1)]
    elif len(edges) == 1:
        names = [value_of(column.dtype, edges[0])]
    else:
        names = [_named(column.dtype, *pair, is_whole) for pair in pairwise(map(float, edges))]
    return distribution(names, *(rows.tolist() for rows in counts), ordered=True, of=of)


def _even(low: float, high: float) -> Numbers:
    steps: Numbers = np.linspace(0, 1, _PARTS + 1)
    return np.unique(low * (1 - steps) + high * steps)  # their difference may be too large


def _whole(low: float, high: float) -> Numbers:
    """Parts that all have as many whole numbers."""
    step = np.ceil((high - low + 1) / _PARTS)
    edges: Numbers = low + step * np.arange(np.ceil((high - low + 1) / step) + 1)
    return edges


def _named(dtype: pl.DataType, low: float, high: float, is_whole: bool) -> str:
    last = high - 1 if is_whole else high
    return value_of(dtype, low) + (f" to {value_of(dtype, last)}" if last > low else "")
