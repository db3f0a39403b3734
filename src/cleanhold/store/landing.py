"""Landing: a delivery becomes an extract, its bytes copied once and never changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import BinaryIO, cast

from cleanhold.core.arrival import Delivery
from cleanhold.core.extract import Extract
from cleanhold.store.crashpoints import crash_point
from cleanhold.store.files import fsync_folder, make_folder, temporary
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger, utc_now


def land(
    delivery: Delivery,
    state: StateFolder,
    ledger: Ledger,
    *,
    source: str,
    dated: date | None = None,
    progress: Callable[[int], None] | None = None,
) -> Extract:
    """Copy a delivery into `extracts/` and keep its receipt; the delivery stays where it is.

    The same bytes from the same source again are the same extract: the first receipt is
    returned and nothing changes.

    Args:
        source: name of the source that delivered it.
        dated: business date of the delivery.
        progress: called with the number of bytes copied since the last call.

    Raises:
        DeliveryError: it cannot be had whole.
    """
    make_folder(state.extracts)
    with temporary(state.extracts / "delivery") as (draft, copy):
        taken = Taken(copy)
        told = delivery.fetch(cast(BinaryIO, taken), progress or (lambda _: None))
        target = state.extract(taken.sha256)
        if not _holds(target, taken.size):
            copy.flush()
            os.fchmod(copy.fileno(), 0o444)
            os.fsync(copy.fileno())
            crash_point("extract-copied")
            make_folder(target.parent)
            draft.replace(target)
            fsync_folder(target.parent)
            crash_point("extract-renamed")
    arrived = {"arrived_at": delivery.arrived_at.isoformat()} if delivery.arrived_at else {}
    return ledger.record_extract(
        Extract(
            sha256=taken.sha256,
            name=delivery.name,
            path=target,
            size=taken.size,
            source=source,
            landed_at=utc_now(),
            dated=dated,
        ),
        {"where": delivery.where, **arrived, **delivery.details, **told},
    )


class Taken:
    """A file that only grows, and knows its size and hash."""

    def __init__(self, copy: BinaryIO) -> None:
        self._copy = copy
        self._digest = hashlib.sha256()
        self.size = 0
        self.closed = False

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def write(self, block: bytes | memoryview) -> int:
        """Append bytes."""
        self._digest.update(block)
        self._copy.write(block)
        size = memoryview(block).nbytes
        self.size += size
        return size

    def tell(self) -> int:
        """Bytes written so far."""
        return self.size

    def flush(self) -> None:
        """Nothing: what is landed is synced when it is whole."""

    def close(self) -> None:
        """Nothing: the file is closed by whoever opened it."""

    def writable(self) -> bool:
        """It is."""
        return True

    def readable(self) -> bool:
        """It is not."""
        return False

    def seekable(self) -> bool:
        """It is not."""
        return False


def _holds(target: Path, size: int) -> bool:
    """Whether the bytes are there already; a copy of the wrong length is damaged and replaced."""
    try:
        return target.stat().st_size == size
    except FileNotFoundError:
        return False
