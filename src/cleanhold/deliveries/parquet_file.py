"""Arrow batches as one Parquet file, written as they come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO

from cleanhold.core.reading import Progress
from cleanhold.deliveries.databases.session import Column
from cleanhold.errors import DeliveryError

if TYPE_CHECKING:
    import pyarrow as pa

#: A row group is written when either is reached.
GROUP_ROWS, GROUP_BYTES = 1 << 18, 32 << 20


def write_parquet(
    batches: Iterator[pa.RecordBatch], columns: Sequence[Column], sink: BinaryIO, tell: Progress
) -> tuple[int, pa.Schema]:
    """Write batches to a new Parquet file; at most a row group of them is in memory.

    The same batches give the same bytes with one version of pyarrow.

    Args:
        columns: those of the batches, in order; `Column.cast` is done here.
        sink: only `write`, `flush` and `tell` are used.
        tell: called with the number of bytes written since the last call.

    Returns:
        Rows written, and the schema of the file.

    Raises:
        DeliveryError: some text is no UTF-8.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = _schema(next(batches).schema, columns)
    rows = 0
    with pq.ParquetWriter(_Told(sink, tell), schema, compression="zstd") as writer:
        for group in _groups(batches):
            table = pa.Table.from_batches(group)
            _require_utf8(table)
            arrays = [
                column if column.type == field.type else column.cast(field.type)
                for column, field in zip(table.columns, schema, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            rows += table.num_rows
    return rows, schema


def _schema(given: pa.Schema, columns: Sequence[Column]) -> pa.Schema:
    import pyarrow as pa

    fields = []
    for field, column in zip(given, columns, strict=True):
        cast = column.cast if column.typed is not None else None
        given = pa.string() if pa.types.is_null(field.type) else field.type
        fields.append(pa.field(column.name, cast or given))
    return pa.schema(fields)


def _groups(batches: Iterator[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    group: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        group.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows >= GROUP_ROWS or size >= GROUP_BYTES:
            yield group
            group, rows, size = [], 0, 0
    if rows:
        yield group


def _require_utf8(table: pa.Table) -> None:
    import pyarrow as pa

    for name, column in zip(table.column_names, table.columns, strict=True):
        try:
            column.validate(full=True)
        except pa.ArrowInvalid:
            raise DeliveryError(
                f"the column {name!r} has text that is not UTF-8",
                next="have the query give its bytes (in PostgreSQL convert_to(name, 'SQL_ASCII')), "
                "or mend the rows in the database",
            ) from None


class _Told:
    """A file that tells how much was written to it; whoever opened it closes it."""

    def __init__(self, sink: BinaryIO, tell: Progress) -> None:
        self._sink, self._tell, self._size, self.closed = sink, tell, 0, False

    def write(self, block: bytes) -> int:
        self._sink.write(block)
        size = memoryview(block).nbytes
        self._size += size
        self._tell(size)
        return size

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        self._sink.flush()

    def close(self) -> None:
        self.closed = True

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False
