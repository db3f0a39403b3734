"""What changed in a column, in words; of personal columns without values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from cleanhold.audits.distances import Counts, Numbers
from cleanhold.audits.drift_columns import Watched

#: Values that a sentence names, and characters of each.
_MOST_NAMED, _LONGEST = 3, 40

#: From here on a number is written with an exponent.
_LONG_NUMBER = 1e15

#: Difference of shares that is worth a word.
_WORTH = 0.005

#: What is said where nothing is.
_NOTHING = ("no share moved by 0.5 points", "all values are in both")


def of_lengths(column: Watched) -> Watched:
    """The column of the lengths of a column's texts; they are nobody's."""
    return replace(column, dtype=pl.UInt32(), personal=False)


def nulls(before: float, now: float) -> str:
    """How many rows have no value."""
    return f"no value in {_percent(now)} of the rows, was {_percent(before)}"


def categories(column: Watched, table: pl.DataFrame, *, absent: bool = False) -> str:
    """The values whose shares moved most.

    Args:
        table: `value`, and its rows `before` and `now`; the most frequent before first.
        absent: only those that are not in both.
    """
    shares = table.with_columns(pl.col("before", "now") / pl.col("before", "now").sum())
    if column.personal:
        number = pl.format("value {} of {}", pl.int_range(1, pl.len() + 1), pl.len())
        shares = shares.with_columns(value=number)
    else:
        named = pl.col("value").str.slice(0, _LONGEST)
        shares = shares.with_columns(value=pl.format("'{}'", named))
    moved = shares.with_columns(by=pl.col("now") - pl.col("before"))
    if absent:
        moved = moved.filter((pl.col("before") == 0) | (pl.col("now") == 0))
    new = moved.filter(pl.col("before") == 0)
    said = []
    if new.height > _MOST_NAMED:
        together = _percent(float(new["now"].sum()))
        said.append(f"{new.height:,} new values have {together} of the rows")
        moved = moved.filter(pl.col("before") > 0)
    told = moved.sort(pl.col("by").abs(), descending=True)
    told = told.filter(absent | (pl.col("by").abs() > _WORTH))
    said += [_share(*row) for row in told.head(_MOST_NAMED - len(said)).drop("by").rows()]
    return "; ".join(said) or _NOTHING[absent]


def quantities(
    column: Watched, before: Numbers, now: Numbers, edges: Numbers, parts: Sequence[Counts]
) -> str:
    """Where the middle was and is, and the part of the range whose share moved most.

    Args:
        before: sorted; `now` too.
        edges: between the parts; `parts`: rows of each, before and now.
    """
    was, is_ = (float(values[len(values) // 2]) for values in (before, now))
    shares = [counts / counts.sum() for counts in parts]
    part = int(np.argmax(np.abs(shares[1] - shares[0])))
    if column.personal:
        largest = float(np.abs(before).max()) or 1.0  # no square of a part of it overflows
        spread = float((before / largest).std()) or 1.0
        moved = (is_ / largest - was / largest) / spread
        median = f"the median moved by {moved:+.2f} standard deviations"
        where = f"in part {part + 1} of {len(edges) + 1}, low to high"
    else:
        low, high = (value_of(column.dtype, edges[min(max(n, 0), len(edges) - 1)])
                     for n in (part - 1, part))  # fmt: skip
        median = f"median from {value_of(column.dtype, was)} to {value_of(column.dtype, is_)}"
        where = f"over {low}" if part else f"up to {high}"
        where += f" up to {high}" if 0 < part < len(edges) else ""
    median = median if is_ != was else "the median stayed"
    return f"{median}; {_percent(shares[1][part])} are {where}, were {_percent(shares[0][part])}"


def _share(value: str, before: float, now: float) -> str:
    if not before:
        return f"new value {value} has {_percent(now)} of the rows"
    if not now:
        return f"{value}, which had {_percent(before)} of the rows, is gone"
    return f"{value} has {_percent(now)} of the rows, had {_percent(before)}"


def value_of(dtype: pl.DataType, number: float) -> str:
    """A number of a column as people write it; dates are kept as numbers."""
    if dtype.is_temporal():
        physical = pl.Series([], dtype=dtype).to_physical().dtype
        return str(pl.Series([number]).cast(physical).cast(dtype).item())
    if (number.is_integer() or abs(number) >= 1_000) and abs(number) < _LONG_NUMBER:
        return f"{number:,.0f}"
    return f"{number:.3g}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
