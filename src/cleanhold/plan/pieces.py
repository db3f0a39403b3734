"""One Parquet file, written piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import polars as pl
from polars.io.plugins import register_io_source

#: Fewer rows than this are not worth a row group of their own.
_LEAST_ROWS = 1_000


class Pieces:
    """A Parquet file to be; leaving the block without an error makes it, at least one piece given.

    Each piece is a file beside it until then, so that memory holds one at a time.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written: list[Path] = []
        self._heights: list[int] = []

    @property
    def height(self) -> int:
        """Rows that were written."""
        return sum(self._heights)

    def write(self, piece: pl.DataFrame) -> None:
        """Add rows; all pieces have one schema."""
        path = self._path.with_suffix(f".{len(self._written)}.parquet")
        piece.write_parquet(path, compression="zstd")
        self._written.append(path)
        self._heights.append(piece.height)

    def __enter__(self) -> Pieces:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        if error is not None:
            return
        if len(self._written) == 1:
            self._written[0].replace(self._path)
            return
        # A row group is gathered in memory: none has more rows than the densest piece.
        least = min(self._heights[:-1])
        schema = pl.read_parquet_schema(self._written[0])
        register_io_source(self._one_by_one, schema=schema).sink_parquet(
            self._path, compression="zstd", row_group_size=max(_LEAST_ROWS, least)
        )
        for path in self._written:
            path.unlink()

    def _one_by_one(
        self, wanted: list[str] | None, only: pl.Expr | None, most: int | None, _: int | None
    ) -> Iterator[pl.DataFrame]:
        """The pieces, as Polars asks for them: scanning several files reads ahead."""
        for path in self._written:
            yield pl.read_parquet(path, columns=wanted)
