"""What the types of whole numbers hold."""

from __future__ import annotations

import polars as pl

from cleanhold.core.parsing import DataType


def limits(dtype: DataType) -> tuple[int, int]:
    """The least and the greatest value of an integer dtype."""
    given = pl.select(pl.lit(0, dtype=dtype).lower_bound(), b=pl.lit(0, dtype=dtype).upper_bound())
    low, high = given.row(0)
    return int(low), int(high)
