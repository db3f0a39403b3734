"""The straight way through a well-formed file: checked as Polars scans it, while it is surveyed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from cleanhold.core.reading import LENGTH, OFFSET, RECORD, REFUSED_SCHEMA, Direct, Progress, Survey
from cleanhold.plan.binding import RAW


@dataclass(frozen=True, slots=True)
class Straight:
    """The rows of a surveyed file; nothing is staged, and nothing was refused."""

    direct: Direct
    survey: Survey

    @property
    def count(self) -> int:
        """How many rows there are."""
        return self.survey.records

    @property
    def refused(self) -> pl.Series:
        """Numbers of refused records: none."""
        return pl.Series(dtype=pl.UInt64)

    def scan_refused(self) -> pl.LazyFrame:
        """None, as `core.reading.REFUSED_SCHEMA`."""
        return pl.LazyFrame(schema=REFUSED_SCHEMA)

    def scan(self) -> pl.LazyFrame:
        """All rows: the record number, then raw columns under the prefix `raw:`."""
        return raw_named(self.direct.rows)

    def fetch(self, records: pl.Series) -> pl.DataFrame:
        """Some of these rows, with their spans; `records` are their numbers, ascending."""
        return raw_named(self.survey.fetch(records).lazy()).collect()


def raw_named(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Rows with the prefix `raw:` before their raw columns."""
    names = rows.collect_schema().names()
    return rows.rename({n: f"{RAW}{n}" for n in names if n not in (RECORD, OFFSET, LENGTH)})


@contextmanager
def surveying(direct: Direct, spool: Path, progress: Progress) -> Iterator[Future[Survey | None]]:
    """A survey that goes on beside; leaving the block stops it, if it is not done.

    Args:
        direct: the way that the reader offers.
        spool: a file for the survey to write to; removed.
        progress: called with bytes surveyed.
    """
    stop = threading.Event()

    def tell(read: int) -> None:
        if stop.is_set():
            raise _StoppedError
        progress(read)

    try:
        with ThreadPoolExecutor(1, thread_name_prefix="cleanhold-survey") as beside:
            try:
                yield beside.submit(direct.survey, spool, tell)
            finally:
                stop.set()
    finally:
        spool.unlink(missing_ok=True)


class _StoppedError(Exception):
    """Nobody waits for the survey any more."""
