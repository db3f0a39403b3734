"""What is told to who asks for rows that are gone on purpose."""

from __future__ import annotations

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
