"""frame: every byte of an extract to exactly one record, ready for the checking pass."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import polars as pl

from cleanhold.core.parsing import DataType
from cleanhold.core.reading import LENGTH, OFFSET, RECORD, REFUSED_SCHEMA, Chunk, Framing
from cleanhold.errors import AccountUnbalanced
from cleanhold.plan.binding import RAW

#: Rows gathered for a part, so that a large extract is not a thousand small files.
_PART_ROWS = 100_000

#: Parts being written while the next chunk is read; bounds memory.
_IN_FLIGHT = 2


class Part(NamedTuple):
    """A Parquet file of staged rows, and the record numbers it begins and ends with."""

    path: Path
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Framed:
    """An extract as staged rows.

    Attributes:
        parts: the raw rows, in order; may be empty.
        columns: raw column names and dtypes.
        refused: `core.reading.REFUSED_SCHEMA`.
        count: how many rows there are.
    """

    parts: tuple[Part, ...]
    columns: dict[str, DataType]
    refused: pl.DataFrame
    count: int

    def scan(self) -> pl.LazyFrame:
        """Raw rows: record, offset, length, then raw columns under the prefix `raw:`."""
        return self._scan(self.parts)

    def fetch(self, records: pl.Series) -> pl.DataFrame:
        """Some of these rows; `records` are their numbers, ascending."""
        low, high = (records[0], records[-1]) if len(records) else (1, 0)
        holding = [part for part in self.parts if part.first <= high and part.last >= low]
        return self._scan(holding).filter(pl.col(RECORD).is_in(records.implode())).collect()

    def clear(self) -> None:
        """Remove the staged rows."""
        for part in self.parts:
            part.path.unlink()

    def _scan(self, parts: Sequence[Part]) -> pl.LazyFrame:
        if parts:
            return pl.scan_parquet([part.path for part in parts], glob=False)
        spans = {RECORD: pl.UInt64, OFFSET: pl.UInt64, LENGTH: pl.UInt64}
        raw = {f"{RAW}{name}": dtype for name, dtype in self.columns.items()}
        return pl.LazyFrame(schema={**spans, **raw})


def frame(opened: Framing, into: Path, where: str) -> Framed:
    """Read an opened extract and stage its rows as Parquet parts in `into`.

    Raises:
        DeliveryError: the file as a whole is not of the reader's format.
        AccountUnbalanced: the reader's record numbers have a gap or a repeat.
    """
    refused: list[pl.DataFrame] = []
    records = 0
    with _Staging(into) as staging:
        for chunk in opened.chunks:
            records = _require_next(chunk, records, where)
            if chunk.refused.height:
                refused.append(chunk.refused)
            if chunk.rows.height:
                staging.add(chunk.rows)
    return Framed(
        parts=tuple(staging.parts),
        columns=dict(opened.columns),
        refused=pl.concat(refused) if refused else pl.DataFrame(schema=REFUSED_SCHEMA),
        count=staging.rows,
    )


class _Staging:
    """Writes rows as Parquet parts while the next ones are read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pool = ThreadPoolExecutor(_IN_FLIGHT)
        self._writing: list[Future[None]] = []
        self._gathered: list[pl.DataFrame] = []
        self.parts: list[Part] = []
        self.rows = 0

    def __enter__(self) -> _Staging:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._flush()
        self._pool.shutdown(cancel_futures=kind is not None)
        for last in self._writing if kind is None else ():
            last.result()

    def add(self, rows: pl.DataFrame) -> None:
        self.rows += rows.height
        raw = [n for n in rows.columns if n not in (RECORD, OFFSET, LENGTH)]
        self._gathered.append(rows.rename({n: f"{RAW}{n}" for n in raw}))
        if sum(r.height for r in self._gathered) >= _PART_ROWS:
            self._flush()

    def _flush(self) -> None:
        if not self._gathered:
            return
        path = self._folder / f"rows-{len(self.parts):06}.parquet"
        together = pl.concat(self._gathered, rechunk=False)
        self.parts.append(Part(path, together[RECORD][0], together[RECORD][-1]))
        self._gathered = []
        self._writing.append(self._pool.submit(_write, together, path))
        if len(self._writing) > _IN_FLIGHT:
            self._writing.pop(0).result()


def _write(rows: pl.DataFrame, path: Path) -> None:
    rows.write_parquet(path, compression="uncompressed", statistics=False)


def _require_next(chunk: Chunk, before: int, where: str) -> int:
    """Record numbers go on from `before` without gap or repeat; gives the last one."""
    numbers = pl.concat([chunk.rows[RECORD], chunk.refused["record"]]).sort()
    last = before + len(numbers)
    expected = pl.int_range(before + 1, last + 1, dtype=pl.UInt64, eager=True)
    if not numbers.equals(expected, check_names=False):
        raise AccountUnbalanced(
            f"the reader numbered the records after {before} with gaps or repeats",
            where=where,
            next="nothing was checked; please report this with the file",
        )
    return last
