"""expiring_extracts: whose bytes nobody needs any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import polars as pl

from cleanhold.core.extract import ROW_ID_PREFIX, Extract
from cleanhold.core.finding import ROW_ID
from cleanhold.core.run import InputKind
from cleanhold.core.snapshot import Snapshot
from cleanhold.pipeline.stores import Stores
from cleanhold.store.feeding import unfed
from cleanhold.store.ledger import utc_now
from cleanhold.store.quarantine import Quarantine
from cleanhold.store.snapshots import scan


def extracts_due(stores: Stores, staying: Sequence[Snapshot]) -> list[Extract]:
    """Extracts whose bytes may go, one receipt each.

    An extract stays until it is older than the settings ask, published wherever it was delivered,
    and not the newest of its source; while a row of it waits or a record of it is refused; and
    while a snapshot that stays was made from it or has a row of it. None is due while the
    quarantine lacks a run.

    Args:
        staying: all snapshots that do not expire.
    """
    days = stores.retention.extracts_days
    quarantine = Quarantine(stores.state)
    if days is None or unfed(stores.ledger, quarantine):
        return []
    before = utc_now() - timedelta(days=days)
    published = {
        name: stores.ledger.published_extracts(source.dataset)
        for name, source in stores.sources.items()
    }
    every = stores.ledger.extracts()
    newest = {extract.source: extract.sha256 for extract in every}  # in the order of delivery
    young = {
        e.sha256
        for e in every
        if e.landed_at >= before or e.sha256 not in published.get(e.source, ())
    }
    made_from = {i.sha256 for s in staying for i in s.inputs if i.kind is InputKind.EXTRACT}
    needed = young | set(newest.values()) | made_from | quarantine.extracts_waiting()
    left = {e.sha256: e for e in every if e.sha256 not in needed and e.path.is_file()}
    there = _prefixes(stores, staying) if left else set()
    return [extract for sha256, extract in left.items() if sha256[:ROW_ID_PREFIX] not in there]


def _prefixes(stores: Stores, snapshots: Sequence[Snapshot]) -> set[str]:
    """What the ids of the rows of some snapshots begin with."""
    files = {path for snapshot in snapshots for path in stores.data_files(snapshot)}
    prefix = pl.col(ROW_ID).str.head(ROW_ID_PREFIX)
    found: set[str] = set()
    for path in sorted(files):
        rows = scan([path]).select(prefix.unique()).collect(engine="streaming")
        found.update(rows[ROW_ID].to_list())
    return found
