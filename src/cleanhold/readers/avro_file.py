"""Avro object container files: typed columns, as they are.

fastavro gives the records as Python objects, one by one; there is no library that reads all of
Avro's types otherwise. They are turned into Arrow's batches of at most `ROWS` records.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from struct import error as struct_error
from typing import Any

from cleanhold.core.reading import Framing, Progress
from cleanhold.errors import DeliveryError, UsageError
from cleanhold.readers import avro_container
from cleanhold.readers.arrow_tables import (
    ArrowTable,
    TypedFile,
    damaged,
    failures,
    told_chunks,
)
from cleanhold.readers.avro_types import Column, column_of, without_logic
from cleanhold.readers.sniff import unreadable
from cleanhold.readers.tables import ROWS

_KIND = "Avro file"

#: Bytes of blocks, decompressed, whose records are gathered for a batch.
_GATHERED = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Avro(TypedFile):
    """A reader of Avro files. Rows have a number, but no byte span (offset, length: null)."""

    @property
    def format(self) -> str:
        return "avro"

    def open(self, path: Path, progress: Progress | None = None) -> Framing:
        """Open an extract; see `Reader.open`. Damage further in raises while chunks are read.

        Raises:
            UsageError: fastavro is not installed.
        """
        _fastavro()
        import pyarrow as pa

        try:
            with path.open("rb") as handle:
                size = handle.seek(0, 2)
                handle.seek(0)
                if handle.read(4) != avro_container.MAGIC:
                    raise DeliveryError(
                        "this is not an Avro file",
                        where=path.name,
                        next="ask the sender to deliver it again, as an object container file",
                    )
                handle.seek(0)
                header = avro_container.read_header(handle)
        except OSError as error:
            raise unreadable(path, error) from error
        except (ValueError, RecursionError) as error:
            raise damaged(_KIND, path, error) from error
        try:
            records = _Records(path, header)
        except _schema_errors() as error:
            raise damaged(_KIND, path, f"its schema is not valid ({error})") from error
        schema = pa.schema([pa.field(n, c.type) for n, c in records.columns])
        table = ArrowTable(path, _KIND, schema, self.binary)
        columns, notes = table.layout()
        return Framing(
            columns=columns,
            chunks=told_chunks(table.frames(records), size, records.read, progress),
            encoding=None,
            notes=tuple(notes),
            unreadable=table.unreadable(),
        )


def _fastavro() -> Any:
    try:
        import fastavro
    except ModuleNotFoundError as error:
        raise UsageError(
            "reading Avro needs fastavro, which is not installed",
            next="pip install 'cleanhold[avro]'",
        ) from error
    return fastavro


def _schema_errors() -> tuple[type[BaseException], ...]:
    from fastavro.schema import SchemaParseException, UnknownType

    return (*failures(), SchemaParseException, UnknownType, RecursionError, AttributeError)


class _Records:
    """A file's records as Arrow batches, and how far the file is read."""

    def __init__(self, path: Path, header: avro_container.Header) -> None:
        self._path, self._header, self._position = path, header, header.end
        self._schema = _fastavro().parse_schema(without_logic(header.schema), _force=True)
        self._is_record = isinstance(header.schema, dict) and header.schema.get("type") in (
            "record",
            "error",
        )
        self.columns = self._columns()

    def read(self) -> int:
        """The position in the file."""
        return self._position

    def _columns(self) -> list[tuple[str, Column]]:
        """The fields of the record; a file of anything else has one column, `value`."""
        schema: Any = self._header.schema
        named: dict[str, Any] = {}
        if not self._is_record:
            return [("value", column_of(schema, named))]
        name, within = schema["name"], schema.get("namespace", "")
        if "." in name:
            within = name.rpartition(".")[0]
        full = name if "." in name or not within else f"{within}.{name}"
        named[full] = (schema, within)
        fields = schema["fields"]
        return [(f["name"], column_of(f["type"], named, within, (full,))) for f in fields]

    def __iter__(self) -> Iterator[Any]:
        read = _fastavro().schemaless_reader
        gathered: list[Any] = []
        size = 0
        with self._path.open("rb") as handle:
            for count, data in avro_container.blocks(handle, self._header):
                stream = io.BytesIO(data)
                for _ in range(count):
                    try:
                        gathered.append(read(stream, self._schema))
                    except (EOFError, RecursionError, struct_error) as error:
                        raise ValueError("a record ends too early") from error
                    if len(gathered) >= ROWS:
                        yield self._batch(gathered)
                        gathered = []
                if stream.read(1):
                    raise ValueError("a block has bytes that belong to no record")
                size += len(data)
                self._position = handle.tell()
                if size >= _GATHERED:
                    yield self._batch(gathered)
                    gathered, size = [], 0
            yield self._batch(gathered)

    def _batch(self, records: list[Any]) -> Any:
        import pyarrow as pa

        if self._is_record:
            arrays = [c.values([r[name] for r in records]) for name, c in self.columns]
        else:
            arrays = [self.columns[0][1].values(records)]
        return pa.RecordBatch.from_arrays(arrays, names=[name for name, _ in self.columns])
