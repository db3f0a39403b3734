"""What every reader gives: chunks of rows as raw text, and the records it refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import polars as pl

#: Columns a reader puts before the raw columns. Record numbers start at 1 and count every
#: data record of the extract, refused ones too; the header is not a record.
RECORD, OFFSET, LENGTH = "__record", "__offset", "__length"

#: Schema of the first columns of `Chunk.rows`. Offset and length are bytes of the extract
#: (after decompression), null where the format has no byte span per row (Parquet).
ROW_SPAN: dict[str, Any] = {RECORD: pl.UInt64, OFFSET: pl.UInt64, LENGTH: pl.UInt64}

#: Schema of `Chunk.refused`.
REFUSED_SCHEMA: dict[str, Any] = {
    "record": pl.UInt64,
    "offset": pl.UInt64,
    "length": pl.UInt64,
    "code": pl.String,
    "message": pl.String,
    "bytes": pl.Binary,
}


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of consecutive records.

    Attributes:
        rows: `ROW_SPAN` columns, then one column per raw column (String; typed formats such
            as Parquet keep their own dtypes), in the extract's order.
        refused: records that could not become rows, `REFUSED_SCHEMA`.
    """

    rows: pl.DataFrame
    refused: pl.DataFrame


#: Called with the number of bytes read since the last call.
Progress = Callable[[int], None]


#: A raw column of text → true where the reader could not read a value.
Unreadable = Callable[[pl.Expr], pl.Expr]


class Survey(Protocol):
    """Where the records of a well-formed extract lie."""

    @property
    def records(self) -> int:
        """How many there are; each is a row."""
        ...

    def fetch(self, records: pl.Series) -> pl.DataFrame:
        """Some rows as `Chunk.rows` has them; `records` are their numbers, ascending."""
        ...


@dataclass(frozen=True, slots=True)
class Direct:
    """The rows as Polars' own scan of the file gives them: right only after a survey.

    Attributes:
        rows: the record number, then the raw columns.
        survey: walks every byte and gives None as soon as a record is not plainly well-formed.
            Its first argument is a file to write to; the second is called as it reads, and may
            raise to stop it.
    """

    rows: pl.LazyFrame
    survey: Callable[[Path, Progress], Survey | None]


@dataclass(frozen=True, slots=True)
class Framing:
    """An opened extract.

    Attributes:
        columns: raw column names and dtypes, in order (String unless the format is typed).
        chunks: the records, each exactly once. Iterate once.
        encoding: how text was decoded; None for typed formats.
        overhead: bytes that belong to no record (byte order mark, header, preamble, trailer).
        notes: things worth telling (a duplicated header that was renamed, ...).
        direct: a quicker way to the same rows, if the format has one.
        unreadable: raw column of text → an expression over it, true where the text is no value
            but tells what the reader found instead (`#DIV/0!`, the bytes of a damaged number). A
            column that is read from it holds such rows, whatever its type.
    """

    columns: dict[str, pl.DataType | type[pl.DataType]]
    chunks: Iterator[Chunk]
    encoding: str | None = "utf-8"
    overhead: int = 0
    notes: tuple[str, ...] = ()
    direct: Direct | None = None
    unreadable: Mapping[str, Unreadable] = field(default_factory=dict)


@runtime_checkable
class Reader(Protocol):
    """One format. Readers are frozen dataclasses: their fields are the format's options."""

    @property
    def format(self) -> str:
        """The name users write after `--format`."""
        ...

    def open(self, path: Path, progress: Progress | None = None) -> Framing:
        """Open an extract.

        Raises:
            DeliveryError: the file as a whole is not of this format.
        """
        ...

    def describe(self) -> dict[str, Any]:
        """The options as JSON values; part of the run key."""
        ...


def refused_frame(records: list[dict[str, Any]]) -> pl.DataFrame:
    """A `Chunk.refused` frame from dictionaries with the keys of `REFUSED_SCHEMA`."""
    return pl.DataFrame(records, schema=REFUSED_SCHEMA)
