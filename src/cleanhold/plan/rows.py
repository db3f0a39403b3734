"""What the plan runs over: the raw rows of an extract, however they lie on disk."""

from __future__ import annotations

from typing import Protocol

import polars as pl


class Rows(Protocol):
    """The raw rows of an extract, in order of their record numbers."""

    @property
    def count(self) -> int:
        """How many there are."""
        ...

    @property
    def refused(self) -> pl.Series:
        """Numbers of the records that could not become rows (UInt64), ascending."""
        ...

    def scan_refused(self) -> pl.LazyFrame:
        """Those records (`core.reading.REFUSED_SCHEMA`)."""
        ...

    def scan(self) -> pl.LazyFrame:
        """All of them: the record number, then raw columns under `raw:`."""
        ...

    def fetch(self, records: pl.Series) -> pl.DataFrame:
        """Some of them, with their spans; `records` are their numbers, ascending."""
        ...
