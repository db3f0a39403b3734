"""What the quarantine needs of rows that expire: the keys by which they settled held rows."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from cleanhold.core.snapshot import Role, Snapshot
from cleanhold.store.crashpoints import crash_point
from cleanhold.store.feeding import batch_of
from cleanhold.store.files import atomic_write
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger
from cleanhold.store.quarantine_feed import clean_keys
from cleanhold.store.snapshots import data_paths, read_manifest, scan

_KEY = "business_key"


def keep_keys(state: StateFolder, ledger: Ledger, snapshot: Snapshot) -> str | None:
    """Write what making the quarantine again needs of a snapshot's rows.

    A clean row settles held rows of its key that came before it. Only keys that were ever held
    can do so: those are few.

    Returns:
        The file's SHA-256 (hex); None if nothing is needed.

    Raises:
        DamagedFile: the manifest is not what was published.
    """
    batch = batch_of(state, ledger, snapshot.run)
    if not (batch.published and batch.load != "replace" and batch.key and not batch.replayed):
        return None
    held = _held_keys(_held_files(state, ledger, snapshot))
    keys = clean_keys(batch).join(held, on=_KEY, how="semi").sort(_KEY)
    if keys.is_empty():
        return None
    buffer = io.BytesIO()
    keys.write_parquet(buffer)
    sha256 = hashlib.sha256(buffer.getvalue()).hexdigest()
    atomic_write(state.key_file(sha256), buffer.getvalue())
    crash_point("keys-written")
    return sha256


def _held_files(state: StateFolder, ledger: Ledger, snapshot: Snapshot) -> list[Path]:
    """Those of the dataset up to this snapshot: later ones were not there to be settled."""
    earlier = (s for s in ledger.snapshots(snapshot.dataset) if s.number <= snapshot.number)
    return [
        path
        for s in earlier
        for path in data_paths(state, read_manifest(state, s.manifest), Role.HELD)
    ]


def _held_keys(files: Sequence[Path]) -> pl.DataFrame:
    found = [scan([path]).select(pl.col(_KEY).cast(pl.String)) for path in files]
    nothing = pl.LazyFrame(schema={_KEY: pl.String})
    return pl.concat([nothing, *found]).drop_nulls().unique().collect(engine="streaming")
