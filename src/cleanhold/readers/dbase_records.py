"""The records of a dBase table: where they lie, and how a batch of them becomes a chunk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl

from cleanhold.core.reading import LENGTH, OFFSET, RECORD, Chunk, Progress
from cleanhold.errors import DeliveryError
from cleanhold.readers.dbase_fields import (
    block_numbers,
    is_memo,
    memo_bytes,
    memo_column,
    plain_column,
)
from cleanhold.readers.dbase_header import Field, Header
from cleanhold.readers.dbase_memo import Memos
from cleanhold.readers.dbase_text import Matrix, text_column
from cleanhold.readers.framing import Batch, Mask, Octets, Records
from cleanhold.readers.refusals import Refusal
from cleanhold.readers.spans import refused

#: Bytes of records, and of the memos they point to, that are read together.
_BATCH, _MEMOS = 8 * 2**20, 64 * 2**20

#: The first byte of a record: a blank, or a star if it is deleted.
_LIVE, _DELETED = ord(" "), ord("*")


@dataclass(frozen=True, slots=True)
class Extent:
    """How many whole records there are, bytes of one that is cut off, bytes after the records."""

    whole: int
    partial: int
    trailer: int
    notes: tuple[str, ...]


def extent_of(path: Path, header: Header, size: int) -> Extent:
    """Where the records of a table lie; `size` is the file's, in bytes."""
    room = size - header.length
    whole = min(header.records, room // header.width)
    rest = room - whole * header.width
    notes = []
    with path.open("rb") as handle:
        # A header may promise fewer records than there are: they go on until the closing Ctrl-Z.
        while rest >= header.width:
            handle.seek(header.length + whole * header.width)
            block = handle.read(max(1, _BATCH // header.width) * header.width)
            flags = np.frombuffer(block, dtype=np.uint8)[:: header.width][
                : len(block) // header.width
            ]
            more = int(np.argmin(np.append(np.isin(flags, (_LIVE, _DELETED)), False)))
            whole, rest = whole + more, rest - more * header.width
            if more < len(flags) or not more:
                break
        handle.seek(header.length + whole * header.width)
        closing = handle.read(1)
    if whole != header.records:
        notes.append(f"the table promises {header.records} records and has {whole}")
    if closing == b"\x1a":
        if rest > 1:
            notes.append(f"{rest - 1} bytes after the closing Ctrl-Z belong to no record")
        return Extent(whole, 0, rest, tuple(notes))
    return Extent(whole, rest, 0, tuple(notes))


@dataclass(frozen=True, slots=True)
class Table:
    """An opened table.

    Attributes:
        path: the file of records.
        header: what it says of itself.
        extent: where the records lie.
        encoding: of texts.
        memos: the memo file, or None and `why`.
        marker: the column that says which records are deleted; "" if those are refused.
        spans: whether rows have a place in the extract's bytes.
    """

    path: Path
    header: Header
    extent: Extent
    encoding: str
    memos: Memos | None
    why: str
    marker: str
    spans: bool

    def chunks(self, progress: Progress | None) -> Iterator[Chunk]:
        width, number = self.header.width, 0
        if progress:
            progress(self.header.length + self.extent.trailer)
        with self.path.open("rb") as handle:
            handle.seek(self.header.length)
            while number < self.extent.whole:
                count = min(max(1, _BATCH // width), self.extent.whole - number)
                data = handle.read(count * width)
                if len(data) < count * width:
                    raise DeliveryError(
                        "the file became shorter while it was read",
                        where=self.path.name,
                        next="read it again when nobody writes to it",
                    )
                for first, part in self._parts(np.frombuffer(data, np.uint8).reshape(-1, width)):
                    yield self._chunk(part, number + first + 1)
                    if progress:
                        progress(part.size)
                number += count
            if self.extent.partial:
                yield self._last(handle.read(self.extent.partial), number + 1)
                if progress:
                    progress(self.extent.partial)

    def _memo_fields(self) -> list[Field]:
        return [f for f in self.header.fields if is_memo(f, foxpro=self.header.foxpro)]

    def _parts(self, matrix: Matrix) -> Iterator[tuple[int, Matrix]]:
        """The records in parts whose memos fit into memory."""
        sizes = np.zeros(len(matrix), dtype=np.int64)
        for field in self._memo_fields() if self.memos is not None else ():
            sizes += memo_bytes(block_numbers(_cells(matrix, field)), self.memos)
        groups = np.cumsum(sizes) // _MEMOS
        starts = [0, *(np.flatnonzero(np.diff(groups)) + 1).tolist(), len(matrix)]
        for first, after in pairwise(starts):
            yield first, matrix[first:after]

    def _chunk(self, matrix: Matrix, first: int) -> Chunk:
        flags = matrix[:, 0]
        faults = np.zeros(len(matrix), dtype=np.uint8)
        if not self.marker:
            faults[flags == _DELETED] = Refusal.DELETED_RECORD
        faults[(flags != _DELETED) & (flags != _LIVE)] = Refusal.BAD_RECORD_FLAG
        columns = []
        for field in self.header.fields:
            column, bad = self._column(field, matrix)
            faults[bad & (faults == 0)] = Refusal.UNDECODABLE
            columns.append(column)
        if self.marker:
            columns.append(pl.Series(self.marker, flags == _DELETED).cast(pl.String))
        numbers = np.arange(first, first + len(matrix), dtype=np.uint64)
        offsets = self.header.length + (numbers - 1) * self.header.width
        spans = {RECORD: numbers, OFFSET: offsets, LENGTH: np.full_like(offsets, matrix.shape[1])}
        rows = pl.DataFrame(spans).hstack(columns).filter(pl.Series(faults == 0))
        lost = self._refused(matrix, faults, first)
        return self._placed(Chunk(rows, lost))

    def _column(self, field: Field, matrix: Matrix) -> tuple[pl.Series, Mask]:
        """A field's column, and which records it makes undecodable."""
        cells = _cells(matrix, field)
        bad = np.zeros(len(matrix), dtype=np.bool_)
        flags = None if self.header.flags is None else _cells(matrix, self.header.flags)
        if is_memo(field, foxpro=self.header.foxpro):
            pointers = block_numbers(cells)
            column = memo_column(field, pointers, self.memos, self.why, self.encoding)
        elif field.type == "V" and flags is not None and _bit(flags, field.varying).any():
            lengths = np.where(_bit(flags, field.varying), cells[:, -1], field.length)
            lengths = np.minimum(lengths.astype(np.int64), field.length)
            bounds = np.concatenate(([0], np.cumsum(lengths)))
            data = cells[np.arange(field.length) < lengths[:, None]].tobytes()
            column, bad = text_column(data, bounds, self.encoding)
            column = column.rename(field.name)
        else:
            column, bad = plain_column(field, cells, self.encoding, level7=self.header.level7)
        if flags is not None and field.null >= 0:
            nothing = _bit(flags, field.null)
            column, bad = column.set(pl.Series(nothing), None), bad & ~nothing
        return column, bad

    def _last(self, data: bytes, number: int) -> Chunk:
        """The bytes after the last whole record."""
        matrix = np.frombuffer(data, np.uint8).reshape(1, -1)
        fault = np.array([Refusal.TRUNCATED_RECORD], dtype=np.uint8)
        schema = {RECORD: pl.UInt64, OFFSET: pl.UInt64, LENGTH: pl.UInt64}
        names = [
            *(field.name for field in self.header.fields),
            *([self.marker] * bool(self.marker)),
        ]
        rows = pl.DataFrame(schema={**schema, **dict.fromkeys(names, pl.String)})
        return self._placed(Chunk(rows, self._refused(matrix, fault, number)))

    def _refused(self, matrix: Matrix, faults: Octets, first: int) -> pl.DataFrame:
        width = matrix.shape[1]
        bounds = np.arange(0, matrix.size + 1, width, dtype=np.int64)
        counts = np.full(len(matrix), width, dtype=np.int64)
        offset = self.header.length + (first - 1) * self.header.width
        batch = Batch(matrix.tobytes(), offset, Records(bounds, bounds[1:], faults, counts), 0)
        return refused(batch, first, {"expected": self.header.width, "encoding": self.encoding})

    def _placed(self, chunk: Chunk) -> Chunk:
        """The chunk; without spans where the table stands in an archive."""
        if self.spans:
            return chunk
        nowhere = pl.lit(None, dtype=pl.UInt64)
        return Chunk(
            chunk.rows.with_columns(nowhere.alias(OFFSET), nowhere.alias(LENGTH)),
            chunk.refused.with_columns(offset=nowhere, length=nowhere),
        )


def _cells(matrix: Matrix, field: Field) -> Matrix:
    return matrix[:, field.start : field.start + field.length]


def _bit(flags: Matrix, bit: int) -> Mask:
    """One of the null flags of every record; false where there are not so many."""
    if bit < 0 or bit // 8 >= flags.shape[1]:
        return np.zeros(len(flags), dtype=np.bool_)
    found: Mask = (flags[:, bit // 8] >> (bit % 8)) & 1 == 1
    return found
