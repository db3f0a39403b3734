"""JSON: one document that holds a list of objects. Values become text as `json_values` says.

The file is walked three times in blocks: for the list's end, for the keys, and for the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.core.reading import ROW_SPAN, Chunk, Framing, Progress, refused_frame
from cleanhold.errors import DeliveryError, UsageError
from cleanhold.readers.body import Body, chunks
from cleanhold.readers.framing import MAX_RECORD
from cleanhold.readers.json_flatten import Flatten, columns_of, frozen, in_words, json_path
from cleanhold.readers.json_list import ListBounds, ListSplit, find_list
from cleanhold.readers.json_objects import Objects, keys_in
from cleanhold.readers.refusals import Refusal
from cleanhold.readers.sniff import require_text


@dataclass(frozen=True, slots=True, init=False)
class JsonDocument:
    """A reader of JSON documents, which are UTF-8 by their standard.

    Args:
        records: where the list of objects is: `$` if it is the document, `$.data.items` below keys.
        flatten: what becomes columns besides the outermost keys; as for `Ndjson`.

    Raises:
        UsageError: a path is not one, or `flatten` is mistaken.
    """

    records: str
    flatten: str | tuple[tuple[str, str], ...] | None

    def __init__(self, records: str = "$", flatten: str | Mapping[str, str] | None = None) -> None:
        object.__setattr__(self, "records", records)
        object.__setattr__(self, "flatten", frozen(flatten))
        Flatten.of(self.flatten)
        _keys(records)

    @property
    def format(self) -> str:
        return "json"

    def describe(self) -> dict[str, Any]:
        return {"format": self.format, "records": self.records, "flatten": in_words(self.flatten)}

    def open(self, path: Path, progress: Progress | None = None) -> Framing:
        """Open an extract; see `Reader.open`. Reads it twice, for the list's end and its keys."""
        size = require_text(path, self.format)
        found = find_list(path, size, _keys(self.records), self.records)
        body = Body(found.start, found.stop, size)
        split = ListSplit(path.name, found.indent)
        flatten = Flatten.of(self.flatten)
        keys, names, notes = columns_of(keys_in(path, body, split, flatten), flatten)
        objects = Objects(keys, names, flatten)
        found_records = chunks(path, body, split, objects.read, {"encoding": "utf-8"}, progress)
        return Framing(
            columns=dict.fromkeys(names, pl.String),
            chunks=_closed(found_records, path, found, names),
            overhead=body.overhead if found.is_sound else found.start,
            notes=tuple(notes),
        )


def _keys(records: str) -> tuple[str, ...]:
    steps = json_path(records)
    keys = tuple(step for step in steps if isinstance(step, str))
    if len(keys) < len(steps):
        raise UsageError(
            f"{records!r} goes through a list", next="name the keys that lead to the list: $.a.b"
        )
    return keys


def _closed(
    records: Iterator[Chunk], path: Path, found: ListBounds, names: list[str]
) -> Iterator[Chunk]:
    """The list's records; then, refused, what follows it in a document that is not sound.

    Raises:
        DeliveryError: the document was cut off after a whole record.
    """
    count, last_refused = 0, 0
    for chunk in records:
        count += chunk.rows.height + chunk.refused.height
        if chunk.refused.height:
            last_refused = chunk.refused["record"][-1]
        yield chunk
    if found.is_sound:
        return
    if not found.is_closed and (last_refused != count or not count):
        raise DeliveryError(
            f"the list was cut off after its record {count}",
            where=path.name,
            next="ask the sender to deliver it again, whole",
        )
    nothing = pl.DataFrame(schema={**ROW_SPAN, **dict.fromkeys(names, pl.String)})
    offset = found.stop
    with path.open("rb") as handle:
        handle.seek(offset)
        while data := handle.read(MAX_RECORD):
            count += 1
            refusal = {
                "record": count,
                "offset": offset,
                "length": len(data),
                "code": Refusal.BAD_JSON.code,
                "message": "what follows the list does not end the document as JSON",
                "bytes": data,
            }
            yield Chunk(nothing, refused_frame([refusal]))
            offset += len(data)
