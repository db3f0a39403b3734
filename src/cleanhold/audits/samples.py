"""Samples of tables: at most about so many rows, in one streaming pass."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

#: Rows that a sample has, about; a table with fewer is taken whole.
MOST_ROWS = 200_000

_ROW = "__cleanhold_row"

#: Rows are scattered over so many numbers by the hash of their place.
_SEED, _SPACE = 7, 1_000_000_007


def sample(
    files: Sequence[Path], columns: Sequence[str], rows: int, most: int = MOST_ROWS
) -> pl.DataFrame:
    """Some columns of about `most` rows, each row as likely as any other.

    Which rows depends on their places alone: with one version of Polars, a table has one sample.

    Args:
        files: Parquet, in order; `rows` in all of them.
    """
    table = pl.scan_parquet(list(files), glob=False)
    return thinned(table, rows, most).select(columns).collect(engine="streaming")


def thinned(table: pl.LazyFrame, rows: int, most: int = MOST_ROWS) -> pl.LazyFrame:
    """About `most` rows of a table that has `rows`, each as likely as any other."""
    if rows <= most:
        return table
    scattered = pl.col(_ROW).hash(_SEED) % _SPACE
    chosen = table.with_row_index(_ROW).filter(scattered < int(_SPACE * most / rows))
    return chosen.drop(_ROW)


def height(files: Sequence[Path]) -> int:
    """Rows of a table."""
    counted = pl.scan_parquet(list(files), glob=False).select(pl.len())
    return int(counted.collect(engine="streaming").item())
