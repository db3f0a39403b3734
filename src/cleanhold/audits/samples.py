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
    if rows > most:
        scattered = pl.col(_ROW).hash(_SEED) % _SPACE
        table = table.with_row_index(_ROW).filter(scattered < int(_SPACE * most / rows))
    return table.select(columns).collect(engine="streaming")


def height(files: Sequence[Path]) -> int:
    """Rows of a table."""
    counted = pl.scan_parquet(list(files), glob=False).select(pl.len())
    return int(counted.collect(engine="streaming").item())
