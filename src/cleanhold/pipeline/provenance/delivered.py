"""delivered: a record as its extract has it, by reading the extract again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import polars as pl

from cleanhold.core.contract import MASK
from cleanhold.core.extract import Extract
from cleanhold.core.provenance import Delivered
from cleanhold.core.reading import LENGTH, OFFSET, RECORD
from cleanhold.core.source import Source
from cleanhold.pipeline.ingest import reader_of
from cleanhold.pipeline.masking import Personal


def delivered(
    source: Source | None, extract: Extract | None, record: int, expired: datetime | None
) -> Delivered | None:
    """A record of an extract; None if its bytes are gone on purpose, or nobody can read them.

    Args:
        expired: since when they are gone.
    """
    if source is None or extract is None or expired:
        return None
    opened = reader_of(source).open(extract.path)
    for chunk in opened.chunks:
        rows = chunk.rows.filter(pl.col(RECORD) == record)
        if not rows.is_empty():
            row = rows.row(0, named=True)
            del row[RECORD]
            return _with_text(extract, row.pop(OFFSET), row.pop(LENGTH), opened.encoding, row)
        refused = chunk.refused.filter(pl.col("record") == record)
        if not refused.is_empty():
            row = refused.row(0, named=True)
            return _with_text(extract, row["offset"], row["length"], opened.encoding, None)
    return None


def masked(found: Delivered | None, hidden: Personal) -> Delivered | None:
    """The record with what must not be seen masked: nobody knows which of its bytes those are."""
    if found is None or hidden.none:
        return found
    values = hidden.masked(found.values) if found.values else None
    return replace(found, values=values, text=MASK if found.text is not None else None)


def _with_text(
    extract: Extract,
    offset: int | None,
    length: int | None,
    encoding: str | None,
    values: Mapping[str, Any] | None,
) -> Delivered:
    if offset is None or length is None:
        return Delivered(values)
    with extract.path.open("rb") as handle:
        handle.seek(offset)
        text = handle.read(length).decode(encoding or "utf-8", errors="backslashreplace")
    return Delivered(values, (offset, length), text.rstrip("\r\n"))
