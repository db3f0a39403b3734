"""One value through Polars itself: slow, and right by definition."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from cleanhold.core.parsing import DataType


def by_polars(expression: pl.Expr, dtype: DataType) -> Callable[[Any], Any]:
    """A function of one value that evaluates an expression over the column `x` of `dtype`."""

    def evaluate(x: Any) -> Any:
        return pl.DataFrame([pl.Series("x", [x], dtype=dtype)]).select(expression).item()

    return evaluate
