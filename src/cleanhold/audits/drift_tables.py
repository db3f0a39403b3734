"""The two tables of the drift audit: the baseline, and the candidate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import polars as pl

from cleanhold.audits.drift_columns import Watched
from cleanhold.audits.samples import MOST_ROWS, height, sample


@dataclass(frozen=True, slots=True)
class Tables:
    """Both tables, the baseline first: their files, schemas and rows."""

    files: tuple[Sequence[Path], Sequence[Path]]
    schemas: tuple[pl.Schema, pl.Schema]
    rows: tuple[int, int]

    @classmethod
    def of(cls, before: Sequence[Path], now: Sequence[Path]) -> Self:
        """Look at the files of both."""
        schemas = tuple(pl.scan_parquet([*f], glob=False).collect_schema() for f in (before, now))
        return cls((before, now), (schemas[0], schemas[1]), (height(before), height(now)))

    def has(self, column: Watched) -> bool:
        """Whether the baseline has the column, as numbers if it is of numbers."""
        before, now = self.schemas[0].get(column.name), column.dtype
        return before is not None and (before == now or (before.is_numeric() and now.is_numeric()))

    def shared(self, names: Iterable[str]) -> list[str]:
        """Those columns that both have."""
        return [name for name in names if all(name in schema for schema in self.schemas)]

    def samples(
        self, names: Sequence[str], most: int = MOST_ROWS
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Some columns of about `most` rows of each, of each `most` always the same rows."""
        before, now = (
            sample(files, names, rows, most)
            for files, rows in zip(self.files, self.rows, strict=True)
        )
        return before, now
