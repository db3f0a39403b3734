"""Frames of rows as chunks, for formats whose rows have no place in the file's bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from cleanhold.core.reading import LENGTH, OFFSET, RECORD, REFUSED_SCHEMA, Chunk, Progress

#: Rows per chunk, where a format leaves the choice.
ROWS = 1 << 17


def table_chunks(
    frames: Iterable[pl.DataFrame],
    *,
    rows: int,
    size: int,
    progress: Progress | None,
) -> Iterator[Chunk]:
    """Number the rows of frames that follow each other; none is refused.

    Args:
        frames: the raw columns, in the extract's order.
        rows: how many there will be, and `size` the file's bytes: the share of rows read stands
            for the share of bytes.
        progress: called with bytes read.
    """
    number, told = 1, 0
    nothing = pl.DataFrame(schema=REFUSED_SCHEMA)
    missing = pl.lit(None, dtype=pl.UInt64)
    for frame in frames:
        numbers = pl.int_range(number, number + frame.height, dtype=pl.UInt64, eager=True)
        spans = (numbers.alias(RECORD), missing.alias(OFFSET), missing.alias(LENGTH))
        yield Chunk(frame.select(*spans, pl.all()), nothing)
        number += frame.height
        if progress:
            read = size * (number - 1) // max(rows, 1)
            progress(read - told)
            told = read
    if progress and told < size:
        progress(size - told)
