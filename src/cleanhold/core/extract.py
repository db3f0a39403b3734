"""Extracts, and the identity of the rows in them."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import polars as pl

#: Hex digits of the extract's SHA-256 that begin a row id (64 bits).
ROW_ID_PREFIX = 16

#: Bytes hashed at a time. Large, for a thread that hashes waits for Python's lock before each.
_PART = 8 * 2**20


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
    digest, part = hashlib.sha256(), memoryview(bytearray(_PART))
    with path.open("rb", buffering=0) as handle:
        while size := handle.readinto(part):
            digest.update(part[:size])
    return digest.hexdigest()


def hashing(path: Path) -> Callable[[], str]:
    """Begin to hash a file in a thread; the function that is given waits for its `sha256_of`.

    Nothing waits for the thread when the process ends.
    """
    found: Future[str] = Future()

    def work() -> None:
        try:
            found.set_result(sha256_of(path))
        except Exception as error:  # noqa: BLE001 - raised where the result is asked for
            found.set_exception(error)

    threading.Thread(target=work, name="cleanhold-hash", daemon=True).start()
    return found.result


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
