"""Arrow IPC: typed columns, as they are; the file format (also called Feather 2) and the stream.

Source: the Arrow columnar format, "Serialization and Interprocess Communication". A stream ends
with a mark; one that just stops was cut off.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from cleanhold.core.reading import Framing, Progress
from cleanhold.errors import DeliveryError
from cleanhold.readers.arrow_tables import (
    ArrowTable,
    TypedFile,
    damaged,
    failures,
    told_chunks,
)
from cleanhold.readers.sniff import unreadable

_KIND = "Arrow IPC file"
_MAGIC = b"ARROW1"

#: The mark that ends a stream: a continuation, and a message of no length; before format 0.15
#: the length alone.
_END = b"\xff\xff\xff\xff\x00\x00\x00\x00"


@dataclass(frozen=True, slots=True)
class Arrow(TypedFile):
    """A reader of Arrow IPC files and streams. Rows have a number, but no byte span."""

    @property
    def format(self) -> str:
        return "arrow"

    def open(self, path: Path, progress: Progress | None = None) -> Framing:
        """Open an extract; see `Reader.open`. Damage further in raises while chunks are read."""
        is_file, size = _kind(path)
        try:
            with path.open("rb") as handle:
                schema = _opened(handle, is_file).schema
        except failures() as error:
            raise damaged(_KIND, path, error) from error
        table = ArrowTable(path, _KIND, schema, self.binary)
        columns, notes = table.layout()
        batches = _Batches(path, is_file)
        return Framing(
            columns=columns,
            chunks=told_chunks(table.frames(batches), size, batches.read, progress),
            encoding=None,
            notes=tuple(notes),
            unreadable=table.unreadable(),
        )


def _kind(path: Path) -> tuple[bool, int]:
    """Whether it is the file format (or the stream), and its size."""
    try:
        with path.open("rb") as handle:
            head = handle.read(8)
            size = handle.seek(0, 2)
            handle.seek(max(0, size - 8))
            tail = handle.read(8)
    except OSError as error:
        raise unreadable(path, error) from error
    what = ""
    if head.startswith(_MAGIC):
        if tail.endswith(_MAGIC):
            return True, size
        what = "this Arrow IPC file has no end: it was cut off while it was written or sent"
    elif head.startswith(b"FEA1"):
        what = "this is a Feather file of version 1, which is not read"
    elif len(head) < 8:
        what = "this is no Arrow IPC file"
    elif not (
        tail == _END or (not head.startswith(b"\xff\xff\xff\xff") and tail.endswith(bytes(4)))
    ):
        what = "this is no Arrow IPC file, or a stream without its end"
    if what:
        raise DeliveryError(what, where=path.name, next="ask the sender to deliver it again, whole")
    return False, size


def _opened(handle: BinaryIO, is_file: bool) -> Any:
    import pyarrow.ipc

    return pyarrow.ipc.open_file(handle) if is_file else pyarrow.ipc.open_stream(handle)


class _Batches:
    """A file's record batches, one in memory at a time, and how far it is read."""

    def __init__(self, path: Path, is_file: bool) -> None:
        self._path, self._is_file, self._position = path, is_file, 0

    def read(self) -> int:
        """The position in the file."""
        return self._position

    def __iter__(self) -> Iterator[Any]:
        with self._path.open("rb") as handle:
            reader = _opened(handle, self._is_file)
            if not self._is_file:
                for batch in reader:
                    self._position = handle.tell()
                    yield batch
                if handle.read(1):
                    raise ValueError("the stream ends before the file does")
                return
            for number in range(reader.num_record_batches):
                batch = reader.get_batch(number)
                self._position = handle.tell()
                yield batch
