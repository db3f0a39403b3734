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

#: Rows, or their bytes, gathered for a part, so that a large extract is not a thousand small files.
_PART_ROWS, _PART_BYTES = 100_000, 64 * 2**20

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
        refused_parts: records that are no rows, in order; may be empty.
        refused: their numbers (UInt64), ascending.
        count: how many rows there are.
    """

    parts: tuple[Part, ...]
    columns: dict[str, DataType]
    refused_parts: tuple[Part, ...]
    refused: pl.Series
    count: int

    def scan(self) -> pl.LazyFrame:
        """Raw rows: record, offset, length, then raw columns under the prefix `raw:`."""
        return self._scan(self.parts)

    def fetch(self, records: pl.Series) -> pl.DataFrame:
        """Some of these rows; `records` are their numbers, ascending."""
        low, high = (records[0], records[-1]) if len(records) else (1, 0)
        holding = [part for part in self.parts if part.first <= high and part.last >= low]
        return self._scan(holding).filter(pl.col(RECORD).is_in(records.implode())).collect()

    def scan_refused(self) -> pl.LazyFrame:
        """Records that are no rows, as `core.reading.REFUSED_SCHEMA`."""
        if not self.refused_parts:
            return pl.LazyFrame(schema=REFUSED_SCHEMA)
        return pl.scan_parquet([part.path for part in self.refused_parts], glob=False)

    def clear(self) -> None:
        """Remove what is staged."""
        for part in (*self.parts, *self.refused_parts):
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
    numbers, records = [pl.Series(dtype=pl.UInt64)], 0
    with _Staging(into, "rows", RECORD) as rows, _Staging(into, "refused", "record") as refused:
        for chunk in opened.chunks:
            records = _require_next(chunk, records, where)
            raw = [n for n in chunk.rows.columns if n not in (RECORD, OFFSET, LENGTH)]
            rows.add(chunk.rows.rename({n: f"{RAW}{n}" for n in raw}))
            refused.add(chunk.refused)
            numbers.append(chunk.refused["record"])
    return Framed(
        parts=tuple(rows.parts),
        columns=dict(opened.columns),
        refused_parts=tuple(refused.parts),
        refused=pl.concat(numbers).sort(),
        count=rows.height,
    )


class _Staging:
    """Writes rows as Parquet parts while the next ones are read; `record` numbers them."""

    def __init__(self, folder: Path, name: str, record: str) -> None:
        self._folder, self._name, self._record = folder, name, record
        self._pool = ThreadPoolExecutor(_IN_FLIGHT)
        self._writing: list[Future[None]] = []
        self._gathered: list[pl.DataFrame] = []
        self.parts: list[Part] = []
        self.height = 0

    def __enter__(self) -> _Staging:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._flush()
        self._pool.shutdown(cancel_futures=kind is not None)
        for last in self._writing if kind is None else ():
            last.result()

    def add(self, rows: pl.DataFrame) -> None:
        if not rows.height:
            return
        self.height += rows.height
        self._gathered.append(rows)
        gathered = sum(r.height for r in self._gathered)
        if gathered >= _PART_ROWS or sum(map(_size, self._gathered)) >= _PART_BYTES:
            self._flush()

    def _flush(self) -> None:
        if not self._gathered:
            return
        path = self._folder / f"{self._name}-{len(self.parts):06}.parquet"
        together = pl.concat(self._gathered, rechunk=False)
        self.parts.append(Part(path, together[self._record][0], together[self._record][-1]))
        self._gathered = []
        self._writing.append(self._pool.submit(_write, together, path))
        if len(self._writing) > _IN_FLIGHT:
            self._writing.pop(0).result()


def _size(rows: pl.DataFrame) -> int:
    return int(rows.estimated_size())


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
