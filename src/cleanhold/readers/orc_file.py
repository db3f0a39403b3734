"""ORC: typed columns, as they are, stripe by stripe. Source: the ORC specification, version 1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cleanhold.core.reading import Framing, Progress
from cleanhold.errors import DeliveryError
from cleanhold.readers.arrow_tables import ArrowTable, TypedFile, damaged, failures
from cleanhold.readers.sniff import unreadable
from cleanhold.readers.tables import table_chunks

_KIND = "ORC file"


@dataclass(frozen=True, slots=True)
class Orc(TypedFile):
    """A reader of ORC files. Rows have a number, but no byte span (offset, length: null)."""

    @property
    def format(self) -> str:
        return "orc"

    def open(self, path: Path, progress: Progress | None = None) -> Framing:
        """Open an extract; see `Reader.open`. Damage further in raises while chunks are read."""
        size = _require_orc(path)
        try:
            with path.open("rb") as handle:
                file = _opened(handle)
                schema, rows = file.schema, file.nrows
        except failures() as error:
            raise damaged(_KIND, path, error) from error
        table = ArrowTable(path, _KIND, schema, self.binary)
        columns, notes = table.layout()
        return Framing(
            columns=columns,
            chunks=table_chunks(
                table.frames(_stripes(path, rows)), rows=rows, size=size, progress=progress
            ),
            encoding=None,
            notes=tuple(notes),
            unreadable=table.unreadable(),
        )


def _opened(handle: Any) -> Any:
    from pyarrow.orc import ORCFile

    return ORCFile(handle)


def _stripes(path: Path, promised: int) -> Iterator[Any]:
    rows = 0
    with path.open("rb") as handle:
        file = _opened(handle)
        for number in range(file.nstripes):
            batch = file.read_stripe(number)
            rows += batch.num_rows
            yield batch
    if rows != promised:
        raise ValueError(f"it promises {promised:,} rows and has {rows:,}")


def _require_orc(path: Path) -> int:
    try:
        with path.open("rb") as handle:
            head = handle.read(3)
            size = handle.seek(0, 2)
            handle.seek(max(0, size - 256))
            tail = handle.read()
    except OSError as error:
        raise unreadable(path, error) from error
    if head == b"ORC" and tail[-4:-1] == b"ORC":  # the postscript's magic, before its length
        return size
    what = "this is not an ORC file"
    if head == b"ORC":
        what = "this ORC file has no end: it was cut off while it was written or sent"
    raise DeliveryError(what, where=path.name, next="ask the sender to deliver it again, whole")
