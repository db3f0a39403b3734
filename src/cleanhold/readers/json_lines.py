"""NDJSON: one JSON object per line. Values become text as `json_values` says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.core.reading import Framing, Progress
from cleanhold.errors import DeliveryError
from cleanhold.readers.body import chunks, first_bytes, text_body
from cleanhold.readers.framing import split_lines
from cleanhold.readers.json_flatten import Flatten, columns_of, frozen, in_words
from cleanhold.readers.json_objects import UTF8, Objects, keys_in


@dataclass(frozen=True, slots=True, init=False)
class Ndjson:
    """A reader of NDJSON (JSON Lines), which is UTF-8 by its standard.

    Args:
        flatten: what becomes columns besides the outermost keys: `dots` takes every nested object
            apart (`address.city`), a mapping names single values (`{"city": "$.address.city",
            "first_tag": "$.tags[0]"}`). Lists stay JSON text.

    Raises:
        UsageError: `flatten` is neither, or a path is not one.
    """

    flatten: str | tuple[tuple[str, str], ...] | None

    def __init__(self, flatten: str | Mapping[str, str] | None = None) -> None:
        object.__setattr__(self, "flatten", frozen(flatten))
        Flatten.of(self.flatten)

    @property
    def format(self) -> str:
        return "ndjson"

    def describe(self) -> dict[str, Any]:
        return {"format": self.format, "flatten": in_words(self.flatten)}

    def open(self, path: Path, progress: Progress | None = None) -> Framing:
        """Open an extract; see `Reader.open`. Reads it once, for its keys."""
        body = text_body(path, self.format, UTF8, 0)
        if first_bytes(path, body.start + 1)[body.start :] == b"[":
            raise DeliveryError(
                "this is one JSON list, not one object per line",
                where=path.name,
                next="read it as json",
            )
        flatten = Flatten.of(self.flatten)
        keys, names, notes = columns_of(keys_in(path, body, split_lines, flatten), flatten)
        objects = Objects(keys, names, flatten)
        return Framing(
            columns=dict.fromkeys(names, pl.String),
            chunks=chunks(path, body, split_lines, objects.read, {"encoding": "utf-8"}, progress),
            overhead=body.overhead,
            notes=(*body.notes, *notes),
        )
