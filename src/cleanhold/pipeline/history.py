"""history: what was published of a dataset before an extract, for audits to compare with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from cleanhold.core.audit import Past
from cleanhold.core.extract import Extract
from cleanhold.core.run import InputKind
from cleanhold.core.snapshot import Snapshot
from cleanhold.pipeline.stores import Stores


def business_date(stores: Stores, source: str, sha256: str) -> date | None:
    """The day that an extract stands for: by its name, or when it was landed; None for none."""
    extract = stores.ledger.extract(sha256, source) if sha256 else None
    return extract.order[0] if extract else None


def past_snapshots(stores: Stores, dataset: str, source: str, sha256: str) -> tuple[Past, ...]:
    """What was published before an extract, by the order of deliveries, oldest first.

    Of each extract that the same source delivered, the newest snapshot. Replays are no deliveries,
    and what readers were rolled back from does not count.

    Args:
        sha256: of the extract; empty for a feature table, which has all its own snapshots.
    """
    head = stores.ledger.head(dataset)
    published = stores.ledger.beneath(head) if head else []
    if not sha256:
        built = (s for s in published if all(i.kind is InputKind.SNAPSHOT for i in s.inputs))
        return tuple(_past(snapshot, None) for snapshot in reversed(list(built)))
    delivered = {extract.sha256: extract for extract in stores.ledger.extracts(source)}
    this = delivered.pop(sha256)  # who was delivered again is not before itself
    newest = _newest_by_extract(published, delivered)
    return tuple(
        _past(snapshot, delivered[one].order[0])
        for one, snapshot in newest.items()
        if delivered[one].order < this.order
    )


def _newest_by_extract(
    published: list[Snapshot], delivered: Mapping[str, Extract]
) -> dict[str, Snapshot]:
    """The newest snapshot of each extract, in the order of deliveries."""
    found: dict[str, Snapshot] = {}
    for snapshot in published:
        for one in snapshot.inputs:
            if one.kind is InputKind.EXTRACT:
                found.setdefault(one.sha256, snapshot)
    return {sha256: found[sha256] for sha256 in delivered if sha256 in found}


def _past(snapshot: Snapshot, day: date | None) -> Past:
    return Past(snapshot.number, snapshot.created_at, day, snapshot.account, snapshot.rows)
