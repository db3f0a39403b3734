"""Parquet: typed columns, as they are.

Read by pyarrow: it checks the checksums of pages, and where a page cannot be decoded it says so
(Polars' scan can end with fewer rows instead). The rows that come must be as many as the footer
promises.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cleanhold.core.reading import Framing, Progress
from cleanhold.errors import DeliveryError
from cleanhold.readers.arrow_tables import ArrowTable, TypedFile, damaged, failures
from cleanhold.readers.sniff import unreadable
from cleanhold.readers.tables import ROWS, table_chunks

_KIND = "Parquet file"


@dataclass(frozen=True, slots=True)
class Parquet(TypedFile):
    """A reader of Parquet files. Rows have a number, but no byte span (offset, length: null)."""

    @property
    def format(self) -> str:
        return "parquet"

    def open(self, path: Path, progress: Progress | None = None) -> Framing:
        """Open an extract; see `Reader.open`.

        Pages are decoded while the chunks are iterated, so damage inside the file raises
        `DeliveryError` there.
        """
        size = _require_parquet(path)
        try:
            with path.open("rb") as handle:
                file = _opened(handle)
                schema, rows = file.schema_arrow, file.metadata.num_rows
                has_int96 = _has_int96(file)
        except failures() as error:
            if _speaks_of_keys(error):
                raise _encrypted_error(path) from error
            raise damaged(_KIND, path, error) from error
        table = ArrowTable(path, _KIND, schema, self.binary)
        columns, notes = table.layout()
        if has_int96:
            notes.append("INT96 timestamps are read to the microsecond")
        return Framing(
            columns=columns,
            chunks=table_chunks(
                table.frames(_batches(path, rows)), rows=rows, size=size, progress=progress
            ),
            encoding=None,
            notes=tuple(notes),
            unreadable=table.unreadable(),
        )


def _opened(handle: Any) -> Any:
    from pyarrow.parquet import ParquetFile

    return ParquetFile(
        handle,
        pre_buffer=False,
        page_checksum_verification=True,
        coerce_int96_timestamp_unit="us",  # nanoseconds end in 2262, and go on from 1677
    )


def _batches(path: Path, promised: int) -> Iterator[Any]:
    rows = 0
    with path.open("rb") as handle:
        try:
            for batch in _opened(handle).iter_batches(batch_size=ROWS):
                rows += batch.num_rows
                yield batch
        except failures() as error:
            if _speaks_of_keys(error):  # single columns can be encrypted, below a plain footer
                raise _encrypted_error(path) from error
            raise
    if rows != promised:
        raise ValueError(f"it promises {promised:,} rows and has {rows:,}")


def _speaks_of_keys(error: BaseException) -> bool:
    return "crypt" in str(error).lower()


def _has_int96(file: Any) -> bool:
    schema = file.schema
    return any(schema.column(at).physical_type == "INT96" for at in range(len(schema)))


def _require_parquet(path: Path) -> int:
    try:
        with path.open("rb") as handle:
            head = handle.read(4)
            size = handle.seek(0, 2)
            handle.seek(max(0, size - 4))
            tail = handle.read(4)
    except OSError as error:
        raise unreadable(path, error) from error
    if b"PARE" in (head, tail):
        raise _encrypted_error(path)
    if head == b"PAR1" and tail == b"PAR1" and size >= 12:
        return size
    what = "this is not a Parquet file"
    if head == b"PAR1":
        what = "this Parquet file has no end: it was cut off while it was written or sent"
    raise DeliveryError(what, where=path.name, next="ask the sender to deliver it again, whole")


def _encrypted_error(path: Path) -> DeliveryError:
    return DeliveryError(
        "this Parquet file is encrypted",
        where=path.name,
        next="ask the sender to deliver it unencrypted",
    )
