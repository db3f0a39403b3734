"""trace acts: lineage events of what makes no rows: promotions, rollbacks, expiry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cleanhold.core.extract import sha256_of
from cleanhold.core.snapshot import Channel
from cleanhold.pipeline.stores import Stores, code_version
from cleanhold.store.events import OutboxEvent
from cleanhold.tracing import Event, write

#: In the payload of an event: the number of the snapshot that was promoted.
PROMOTED = "promoted"

#: In the payload of an event: what readers had, what they have, and of which channel.
ROLLED_BACK = "rolled_back"


def lineage_folder(stores: Stores) -> Path:
    """Where the workspace's events lie."""
    return stores.naming.folder.under(stores.state.root)


def trace_promotions(stores: Stores, dataset: str, number: int) -> dict[str, str]:
    """Every promotion of a snapshot: it can be given to readers again after a rollback."""
    from cleanhold.tracing.promotion import promotion_events

    contract = stores.contracts.get(dataset)
    if contract is None:
        return {}
    owner, naming, code = contract.owner, stores.naming, code_version()
    return _written(
        stores,
        (
            event
            for promotion in stores.ledger.promotions.of(dataset)
            if promotion.number == number
            for event in promotion_events(promotion, owner, naming, code)
        ),
    )


def trace_rollback(stores: Stores, event: OutboxEvent, change: Mapping[str, Any]) -> dict[str, str]:
    """That readers have a snapshot again that they had before."""
    from cleanhold.tracing.acts import rollback_events

    contract = stores.contracts.get(event.dataset)
    assert event.at is not None  # the ledger knows it
    return _written(
        stores,
        rollback_events(
            event.dataset,
            change["from"],
            change["to"],
            channel=Channel(change["channel"]),
            at=event.at,
            owner=contract.owner if contract else "",
            naming=stores.naming,
            code=code_version(),
        ),
    )


def trace_expiry(stores: Stores, event: OutboxEvent, expiry: Mapping[str, Any]) -> dict[str, str]:
    """That the rows of a snapshot are gone on purpose."""
    from cleanhold.tracing.acts import expiry_events

    assert event.at is not None  # the ledger knows it
    return _written(
        stores,
        expiry_events(
            event.dataset,
            expiry["snapshot"],
            why=expiry["why"],
            at=event.at,
            naming=stores.naming,
            code=code_version(),
        ),
    )


def _written(stores: Stores, events: Iterable[Event]) -> dict[str, str]:
    folder = lineage_folder(stores)
    paths = [write(event, folder) for event in events]
    return {path.relative_to(folder).as_posix(): sha256_of(path) for path in paths}
