"""Parquet: typed columns, as they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.core.reading import Framing, Progress
from cleanhold.errors import DeliveryError
from cleanhold.readers.naming import column_names
from cleanhold.readers.sniff import has_plain_name, unreadable
from cleanhold.readers.tables import ROWS, table_chunks


@dataclass(frozen=True, slots=True)
class Parquet:
    """A reader of Parquet files. Rows have a number, but no byte span (offset, length: null)."""

    @property
    def format(self) -> str:
        return "parquet"

    def describe(self) -> dict[str, Any]:
        return {"format": self.format}

    def open(self, path: Path, progress: Progress | None = None) -> Framing:
        """Open an extract; see `Reader.open`.

        Pages are decoded while the chunks are iterated, so damage inside the file raises
        `DeliveryError` there.
        """
        size = _require_parquet(path)
        if not has_plain_name(path):
            raise DeliveryError(
                "the name of this Parquet file, or of its folder, is not UTF-8",
                where=path.name,
                next="rename it, or check a copy under a plain name",
            )
        # A full path is never taken for a URL or a folder of partitions.
        scanned = pl.scan_parquet(path.resolve(), glob=False, hive_partitioning=False)
        try:
            schema = scanned.collect_schema()
            rows = scanned.select(pl.len()).collect().item()
        except pl.exceptions.PolarsError as error:
            raise _damaged(path, error) from error
        names, notes = column_names(list(schema))
        return Framing(
            columns=dict(zip(names, schema.dtypes(), strict=True)),
            chunks=table_chunks(
                _frames(path, scanned, names),
                rows=rows,
                size=size,
                progress=progress,
            ),
            encoding=None,
            notes=tuple(notes),
        )


def _frames(path: Path, scanned: pl.LazyFrame, names: list[str]) -> Iterator[pl.DataFrame]:
    found = scanned.collect_batches(chunk_size=ROWS, maintain_order=True)
    while True:
        try:
            rows = next(found, None)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise _damaged(path, error) from error
        if rows is None:
            return
        rows.columns = names
        yield rows


def _require_parquet(path: Path) -> int:
    try:
        with path.open("rb") as handle:
            head = handle.read(4)
            size = handle.seek(0, 2)
            handle.seek(max(0, size - 4))
            tail = handle.read(4)
    except OSError as error:
        raise unreadable(path, error) from error
    if head == b"PAR1" and tail == b"PAR1" and size >= 12:
        return size
    what = "this is not a Parquet file"
    if head == b"PAR1":
        what = "this Parquet file has no end: it was cut off while it was written or sent"
    if b"PARE" in (head, tail):
        what = "this Parquet file is encrypted"
    raise DeliveryError(
        what, where=path.name, next="ask the sender to deliver it again, whole and unencrypted"
    )


def _damaged(path: Path, error: Exception) -> DeliveryError:
    return DeliveryError(
        f"this Parquet file is damaged: {str(error).splitlines()[0]}",
        where=path.name,
        next="ask the sender to deliver it again",
    )
