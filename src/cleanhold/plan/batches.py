"""Flagged rows, so many at a time that putting them into words takes bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

#: A batch has about so many rows, raw cells, or findings, whichever it reaches first. A finding
#: takes up to 1 kB on its way, a cell some dozens of bytes.
_MOST_ROWS, _MOST_CELLS, _MOST_FINDINGS = 50_000, 4_000_000, 300_000


def batches(flagged: Path, flags: Sequence[str], width: int) -> Iterator[pl.DataFrame]:
    """The flagged rows in order, in slices; one without rows if there are none.

    Memory holds four bytes for each of them, and a slice.

    Args:
        flagged: record numbers and verdicts (Parquet).
        flags: names of the verdict columns; findings are counted by them.
        width: raw columns of the extract.
    """
    rows = pl.scan_parquet(flagged, glob=False)
    for start, length in _slices(rows, flags, width):
        yield rows.slice(start, length).collect()


def _slices(rows: pl.LazyFrame, flags: Sequence[str], width: int) -> list[tuple[int, int]]:
    if not flags:
        return [(0, 0)]
    counted = rows.select(found=pl.sum_horizontal(flags).cast(pl.UInt32))
    a_row = 1 / _MOST_ROWS + width / _MOST_CELLS
    share = (a_row + pl.col("found") / _MOST_FINDINGS).cum_sum()
    slices = (
        counted.collect(engine="streaming")
        .select(batch=share.floor())
        .group_by("batch", maintain_order=True)
        .len()
    )
    ends = slices["len"].cum_sum().to_list()
    return list(zip([0, *ends], slices["len"].to_list(), strict=False)) or [(0, 0)]
