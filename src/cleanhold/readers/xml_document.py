"""XML: elements at a path are records, what is in them are cells.

expat calls Python for every element: there is no other way to read XML as a stream. The objects of
one record live until its cells are taken, those of a batch of records until it is a frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.core.reading import (
    ROW_SPAN,
    Chunk,
    Framing,
    Progress,
    refused_frame,
)
from cleanhold.errors import DeliveryError, UsageError
from cleanhold.readers.framing import MAX_RECORD
from cleanhold.readers.naming import column_names
from cleanhold.readers.refusals import MESSAGES, Refusal
from cleanhold.readers.sniff import require_text, unreadable
from cleanhold.readers.xml_paths import Path as Cell
from cleanhold.readers.xml_paths import Survey, column_path, record_steps
from cleanhold.readers.xml_records import Broken, RecordStream

#: Records per chunk.
RECORDS = 20_000

#: More columns than this are no table.
MAX_COLUMNS = 10_000

#: Where a record begins, and its cells; None if it is refused.
_Record = tuple[int, tuple[str | None, ...] | None]


@dataclass(frozen=True, slots=True, init=False)
class Xml:
    """A reader of XML documents.

    Args:
        record: where the records are: `/orders/order` from the root, `//order` anywhere.
        columns: name → path into a record (`@id`, `address/city`, `item/@sku`, `tag[]`, `.`).
            Without them the document is read twice, and every attribute and element that any
            record has is a column.
        namespaces: prefix in these paths → namespace. A name without prefix is found in any.

    Raises:
        UsageError: a path is not one, or has a prefix that is not declared.
    """

    record: str
    columns: tuple[tuple[str, str], ...]
    namespaces: tuple[tuple[str, str], ...]

    def __init__(
        self,
        record: str,
        columns: Mapping[str, str] | None = None,
        namespaces: Mapping[str, str] | None = None,
    ) -> None:
        if columns is not None and not columns:
            raise UsageError("columns are none", next="name some, or leave the option out")
        object.__setattr__(self, "record", record)
        object.__setattr__(self, "columns", tuple((columns or {}).items()))
        object.__setattr__(self, "namespaces", tuple((namespaces or {}).items()))
        record_steps(record, dict(self.namespaces))
        for path in dict(self.columns).values():
            column_path(path, dict(self.namespaces))

    @property
    def format(self) -> str:
        return "xml"

    def describe(self) -> dict[str, Any]:
        return {
            "format": self.format,
            "record": self.record,
            "columns": dict(self.columns),
            "namespaces": dict(self.namespaces),
        }

    def open(self, path: Path, progress: Progress | None = None) -> Framing:
        """Open an extract; see `Reader.open`. Without declared columns it is read once for them."""
        size = _size(path, self.format)
        namespaces = dict(self.namespaces)
        steps = record_steps(self.record, namespaces)
        declared = {name: column_path(text, namespaces) for name, text in self.columns}
        look = RecordStream(path, *steps)
        first, found = _surveyed(path, look, survey=not declared)
        cells = list(declared.items()) or found
        names, notes = column_names([name for name, _ in cells])
        stream = RecordStream(path, *steps, progress)
        return Framing(
            columns=dict.fromkeys(names, pl.String),
            chunks=_chunks(path, size, stream, names, [cell for _, cell in cells], progress),
            encoding=look.encoding,
            overhead=size if first is None else first,
            notes=tuple(notes),
        )


def _size(path: Path, format: str) -> int:
    """The file's bytes; XML may be UTF-16, which other text may not."""
    try:
        with path.open("rb") as handle:
            if handle.read(2) in (b"\xff\xfe", b"\xfe\xff"):
                return handle.seek(0, 2)
    except OSError as error:
        raise unreadable(path, error) from error
    return require_text(path, format)


def _surveyed(
    path: Path, records: RecordStream, survey: bool
) -> tuple[int | None, list[tuple[str, Cell]]]:
    """Where the first record begins (None if there is none), and what the records hold."""
    first, found = None, Survey()
    try:
        for element in records:
            first = element.start if first is None else first
            if not survey:
                break
            if element.node is not None:
                found.add(element.node)
            if len(found.found) > MAX_COLUMNS:
                raise DeliveryError(
                    f"the records hold more than {MAX_COLUMNS:,} different things",
                    where=path.name,
                    next="declare the columns that are wanted",
                )
    except Broken as broken:
        first = broken.start if first is None else first
    return first, list(found.columns())


def _chunks(
    path: Path,
    size: int,
    stream: RecordStream,
    names: list[str],
    cells: list[Cell],
    progress: Progress | None,
) -> Iterator[Chunk]:
    """The records; each has the bytes up to the next one, the last those up to the end."""
    number, waiting, broken = 1, list[_Record](), None
    records = iter(stream)
    while True:
        try:
            element = next(records, None)
        except Broken as error:
            broken = error
            break
        if element is None:
            break
        node = element.node
        row = None if node is None else tuple([cell.cell(node) for cell in cells])
        waiting.append((element.start, row))
        if len(waiting) > RECORDS:
            yield _chunk(path, waiting[:-1], element.start, number, names)
            number, waiting = number + len(waiting) - 1, waiting[-1:]
    end = size if broken is None else broken.start
    if waiting:
        yield _chunk(path, waiting, end, number, names)
    if broken is not None:
        if broken.start == size:
            raise DeliveryError(
                f"the document was cut off after its record {number + len(waiting) - 1}",
                where=path.name,
                next="ask the sender to deliver it again, whole",
            )
        nothing = _rows([], names)
        for piece in _rest(path, broken, size, number + len(waiting)):
            yield Chunk(nothing, refused_frame([piece]))
        if progress:
            progress(size - stream.read)


def _rest(path: Path, broken: Broken, size: int, number: int) -> Iterator[dict[str, Any]]:
    """What follows the last whole record of a broken document, in pieces of `MAX_RECORD`."""
    with path.open("rb") as handle:
        handle.seek(broken.start)
        for at in range(broken.start, size, MAX_RECORD):
            data = handle.read(min(MAX_RECORD, size - at))
            yield _refusal(number, at, data, broken.why)
            number += 1


def _refusal(number: int, offset: int, data: bytes, why: str) -> dict[str, Any]:
    return {
        "record": number,
        "offset": offset,
        "length": len(data),
        "code": Refusal.BAD_XML.code,
        "message": MESSAGES[Refusal.BAD_XML].format(why=why),
        "bytes": data,
    }


def _chunk(path: Path, records: list[_Record], end: int, number: int, names: list[str]) -> Chunk:
    stops = [*(start for start, _ in records[1:]), end]
    rows, refused = [], []
    for nth, ((start, row), stop) in enumerate(zip(records, stops, strict=True), start=number):
        if row is not None:
            rows.append((nth, start, stop - start, *row))
            continue
        with path.open("rb") as handle:
            handle.seek(start)
            data = handle.read(stop - start)
        refused.append(_refusal(nth, start, data, "its elements are nested too deeply"))
    return Chunk(_rows(rows, names), refused_frame(refused))


def _rows(rows: list[tuple[Any, ...]], names: list[str]) -> pl.DataFrame:
    schema = {**ROW_SPAN, **dict.fromkeys(names, pl.String)}
    return pl.DataFrame(rows, schema=schema, orient="row")
