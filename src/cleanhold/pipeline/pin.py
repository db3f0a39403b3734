"""pin, unpin: a snapshot is kept for as long as somebody needs it, whatever the settings say."""

from __future__ import annotations

from cleanhold.core.snapshot import Snapshot
from cleanhold.pipeline.person import reason_of, who_acts
from cleanhold.pipeline.stores import Stores
from cleanhold.store.snapshots import verify_files

_SUCH_AS = "churn model 7 uses it"


def pin(stores: Stores, dataset: str, number: int, reason: str) -> Snapshot:
    """Keep a snapshot for good: a model was trained on it, an auditor asks for it.

    Its files are verified first. What it was built from is kept with it.

    Args:
        stores: of the workspace.
        dataset: whose snapshot.
        number: of the snapshot; a candidate can be pinned too.
        reason: kept in the ledger and its audit log, with who asked.

    Raises:
        UsageError: there is no reason, or it is pinned already.
        NeverPublished: there is no such snapshot.
        SnapshotExpired: its rows are gone.
        DamagedFile: its files are not what was published.
    """
    why = reason_of("a pin", reason, such_as=_SUCH_AS)
    found = stores.ledger.snapshot(dataset, number)
    if found is not None and found.expired is None:
        verify_files(stores.state, stores.manifest(found))
    return stores.ledger.retention.pin(dataset, number, who=who_acts(), why=why)


def unpin(stores: Stores, dataset: str, number: int, reason: str) -> Snapshot:
    """Let the settings decide about a snapshot again; nothing goes before `expire`.

    Raises:
        UsageError: there is no reason, or it is not pinned.
        NeverPublished: there is no such snapshot.
    """
    why = reason_of("an unpinning", reason, such_as=_SUCH_AS)
    return stores.ledger.retention.unpin(dataset, number, who=who_acts(), why=why)
