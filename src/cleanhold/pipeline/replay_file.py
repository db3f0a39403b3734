"""The file of a replay: held rows as they are judged again, and the reader of it."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.core.finding import RECORD_NUMBER, ROW_ID
from cleanhold.core.reading import LENGTH, OFFSET, RECORD, REFUSED_SCHEMA, Chunk, Framing, Progress

#: Columns before the raw ones, which have the prefix `raw:`. `waived` are labels of checks, `names`
#: the raw columns that the row was delivered with.
IDENTITY: dict[str, Any] = {
    ROW_ID: pl.String,
    RECORD_NUMBER: pl.UInt64,
    "offset": pl.UInt64,
    "length": pl.UInt64,
    "waived": pl.List(pl.String),
    "names": pl.List(pl.String),
}

_RAW = "raw:"


def replay_rows(chosen: pl.DataFrame) -> pl.DataFrame:
    """Rows as they are to be judged, by row id: `IDENTITY`, then the raw columns (String).

    Args:
        chosen: what `Quarantine.to_replay` gives.
    """
    names = dict.fromkeys(chosen["names"].explode().drop_nulls().unique(maintain_order=True))
    schema = pl.Struct([pl.Field(name, pl.String) for name in names])
    values = chosen["values"].str.json_decode(schema)
    raw = [values.struct.field(name).alias(_RAW + name) for name in names]
    waived = pl.col("waived").fill_null([]).list.sort()
    identity = chosen.with_columns(waived).select(
        pl.col(name).cast(dtype) for name, dtype in IDENTITY.items()
    )
    return identity.with_columns(raw).sort(ROW_ID)


def by_layout(rows: pl.DataFrame) -> list[pl.DataFrame]:
    """Such rows by the raw columns that they were delivered with, each with those alone.

    A column that other rows have is not a column without values: a contract may look for its
    values under several names.
    """
    parts = rows.partition_by("names", maintain_order=True)
    return [
        part.drop(_RAW + name for name in raw_columns(part) if name not in part["names"][0])
        for part in parts
    ]


def raw_columns(rows: pl.DataFrame) -> list[str]:
    """Names of the raw columns of such rows, as they were delivered."""
    return [name.removeprefix(_RAW) for name in rows.columns if name.startswith(_RAW)]


def replay_bytes(rows: pl.DataFrame) -> tuple[str, bytes]:
    """The file of a replay: its SHA-256, which is its name, and what is in it."""
    buffer = io.BytesIO()
    rows.write_parquet(buffer)
    return hashlib.sha256(buffer.getvalue()).hexdigest(), buffer.getvalue()


@dataclass(frozen=True, slots=True)
class ReplayRows:
    """A reader of some rows of a replay, all under the same waivers; they are numbered 1, 2, 3 …"""

    @property
    def format(self) -> str:
        return "replay"

    def describe(self) -> dict[str, Any]:
        return {"format": self.format}

    def open(self, path: Path, progress: Progress | None = None) -> Framing:
        """Open the file of one group; see `Reader.open`."""
        rows = pl.read_parquet(path)
        raw = raw_columns(rows)
        framed = rows.with_row_index(RECORD, offset=1).select(
            pl.col(RECORD).cast(pl.UInt64),
            pl.col("offset").alias(OFFSET),
            pl.col("length").alias(LENGTH),
            *(pl.col(_RAW + name).alias(name) for name in raw),
        )

        def chunks() -> Iterator[Chunk]:
            yield Chunk(framed, pl.DataFrame(schema=REFUSED_SCHEMA))
            if progress:
                progress(path.stat().st_size)

        return Framing(dict.fromkeys(raw, pl.String), chunks(), None)
