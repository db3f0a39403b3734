"""Rows that are looked at beside those that are judged: others of the same extract."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from cleanhold.core.reading import RECORD
from cleanhold.plan.plan import Plan


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The rows of an extract that are not judged this time, for checks that look at several rows.

    Attributes:
        rows: their record numbers and values (a column that is not there is null).
        numbers: record numbers in the extract (UInt64, ascending) of the rows that are judged,
            which the plan numbers 1, 2, 3 …
    """

    rows: pl.LazyFrame
    numbers: pl.Series

    def with_judged(self, plan: Plan, rows: pl.LazyFrame, names: tuple[str, ...]) -> pl.LazyFrame:
        """Values of the judged rows and of these, all by their record numbers in the extract.

        Args:
            plan: the compiled contract.
            rows: the judged rows, raw columns under `raw:`.
            names: the columns that are wanted.
        """
        there = self.rows.collect_schema().names()
        known = [
            (pl.col(n) if n in there else pl.lit(None)).cast(plan.dtypes[n], strict=False).alias(n)
            for n in names
        ]
        here = pl.col(RECORD).replace_strict(
            pl.int_range(1, len(self.numbers) + 1, dtype=pl.UInt64, eager=True),
            self.numbers,
            return_dtype=pl.UInt64,
        )
        judged = plan.values(rows, only=names).select(here, *names)
        return pl.concat([judged, self.rows.select(RECORD, *known)]).sort(RECORD)

    def here(self, records: pl.Series) -> pl.Series:
        """Where judged rows stand among the judged, from their numbers in the extract (both
        UInt64); the others are left out."""
        mine = records.filter(records.is_in(self.numbers.implode()))
        return (self.numbers.search_sorted(mine) + 1).cast(pl.UInt64)
