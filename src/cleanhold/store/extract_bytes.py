"""The bytes of extracts that have expired go, while nobody lands or runs anything."""

from __future__ import annotations

from cleanhold.store.crashpoints import crash_point
from cleanhold.store.files import file_lock
from cleanhold.store.kept import gone_since
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger


def remove_expired_extracts(state: StateFolder, ledger: Ledger) -> int:
    """Remove the bytes that are marked as expired and are still there; returns how many files.

    Bytes that were delivered again since stay. If anybody is at work, they go another time.
    """
    if not ledger.retention.expired_extracts():
        return 0
    removed = 0
    try:
        with file_lock(state.landing_lock, timeout=0), ledger.at_rest() as nobody_works:
            expired = ledger.retention.expired_extracts() if nobody_works else {}
            needed = {e.sha256 for e in ledger.extracts() if not gone_since(e, expired)}
            for sha256 in expired.keys() - needed:
                path = state.extract(sha256)
                if path.is_file():
                    path.unlink()
                    removed += 1
                    crash_point("extract-removed")
    except TimeoutError:
        return 0
    return removed
