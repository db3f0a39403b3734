"""What is told to who asks for rows or bytes that are gone on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from cleanhold.core.extract import Extract
from cleanhold.core.snapshot import Snapshot
from cleanhold.errors import SnapshotExpired


def require_kept(snapshot: Snapshot) -> None:
    """Refuse a snapshot whose rows are gone.

    Raises:
        SnapshotExpired: they are; it says since when, why, and what to do.
    """
    if snapshot.expired is None:
        return
    raise SnapshotExpired(
        f"snapshot {snapshot.number} of {snapshot.dataset} expired on "
        f"{snapshot.expired.at:%F %H:%M} UTC: its rows are gone",
        where=f"[tool.cleanhold.retention]: {snapshot.expired.why}",
        next=f"`cleanhold snapshots {snapshot.dataset}` lists those that are there; "
        "`cleanhold pin` keeps one for good",
    )


def gone_since(extract: Extract, expired: Mapping[str, datetime]) -> datetime | None:
    """Since when the bytes of an extract are gone on purpose; None if they are to be there.

    Args:
        extract: as the ledger has it: as old as its newest delivery.
        expired: `Ledger.retention.expired_extracts()`.
    """
    at = expired.get(extract.sha256)
    return at if at is not None and extract.landed_at < at else None
