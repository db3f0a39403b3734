"""One Parquet file, written piece by piece."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import polars as pl


class Pieces:
    """A Parquet file to be; leaving the block without an error makes it, at least one piece given.

    Each piece is a file beside it until then, so that memory holds one at a time.
    """

    def __init__(self, path: Path) -> None:
        self.height = 0
        self._path = path
        self._written: list[Path] = []

    def __enter__(self) -> Pieces:
        return self

    def write(self, piece: pl.DataFrame) -> None:
        """Add rows; all pieces have one schema."""
        path = self._path.with_suffix(f".{len(self._written)}.parquet")
        piece.write_parquet(path, compression="zstd")
        self._written.append(path)
        self.height += piece.height

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
        pl.scan_parquet(self._written, glob=False).sink_parquet(self._path, compression="zstd")
        for path in self._written:
            path.unlink()
