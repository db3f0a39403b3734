"""Extracts, and the identity of the rows in them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import polars as pl

#: Hex digits of the extract's SHA-256 that begin a row id (64 bits).
ROW_ID_PREFIX = 16


@dataclass(frozen=True, slots=True)
class Extract:
    """One delivery: bytes as they came, addressed by SHA-256, never changed.

    Attributes:
        sha256: hex digest of the bytes.
        name: the file name it was delivered under (for people; never opened).
        path: where the bytes lie now.
        size: bytes.
        source: name of the source that delivered it.
        landed_at: when it was landed (UTC).
        dated: the business date of the delivery, from its name where the source says how.
    """

    sha256: str
    name: str
    path: Path
    size: int
    source: str
    landed_at: datetime
    dated: date | None = None

    @property
    def order(self) -> tuple[date, datetime]:
        """Sort key: later deliveries are newer. Business date first, then time of landing."""
        return (self.dated or self.landed_at.date(), self.landed_at)


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def row_id(sha256: str, record: int) -> str:
    """The id of one row: the start of its extract's SHA-256, a dash, its record number.

    Readable on purpose: any row id leads back to its extract and record without an index.
    """
    return f"{sha256[:ROW_ID_PREFIX]}-{record}"


def row_ids(sha256: str, record: pl.Expr) -> pl.Expr:
    """`row_id` as an expression over the column of record numbers (String)."""
    return pl.lit(f"{sha256[:ROW_ID_PREFIX]}-") + record.cast(pl.String)


def split_row_id(identifier: str) -> tuple[str, int] | None:
    """(extract prefix, record number) of a row id, or None if it is not one."""
    prefix, dash, record = identifier.strip().partition("-")
    hexadecimal = len(prefix) == ROW_ID_PREFIX and all(c in "0123456789abcdef" for c in prefix)
    if not (dash and hexadecimal and record.isascii() and record.isdigit()):
        return None
    return prefix, int(record)
