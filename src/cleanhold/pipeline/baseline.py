"""baseline: the snapshot that later ones of a dataset are compared with, named for a reason."""

from __future__ import annotations

from cleanhold.core.snapshot import Baseline, Snapshot
from cleanhold.pipeline.known import require_dataset
from cleanhold.pipeline.person import reason_of, who_acts
from cleanhold.pipeline.stores import Stores
from cleanhold.store.snapshots import verify_files


def baseline(stores: Stores, dataset: str) -> Baseline | None:
    """The baseline of a dataset, and who named it; None if nobody has.

    Raises:
        UnknownDataset: there is no contract and no snapshot of that name.
    """
    require_dataset(stores, dataset)
    return stores.ledger.baselines.of(dataset)


def name_baseline(stores: Stores, dataset: str, to: int, reason: str) -> Baseline:
    """Make a published snapshot what later ones are compared with: a model was trained on it.

    Its files are verified first. It is kept, and what it was built from, until another is named.

    Args:
        to: number of the snapshot.
        reason: kept in the audit log, with who asked.

    Raises:
        UsageError: there is no reason, or it is the baseline already.
        NeverPublished: there is no published snapshot of that number.
        SnapshotExpired: its rows are gone.
        DamagedFile: its files are not what was published.
    """
    why = _reason(reason)
    found = stores.ledger.snapshot(dataset, to)
    if found is not None and found.expired is None:  # the ledger says so below
        verify_files(stores.state, stores.manifest(found))
    return stores.ledger.baselines.name(dataset, to, who=who_acts(), why=why)


def clear_baseline(stores: Stores, dataset: str, reason: str) -> Snapshot:
    """Compare a dataset with nothing any more; returns what was its baseline.

    Raises:
        UsageError: there is no reason, or no baseline.
    """
    why = _reason(reason)
    return stores.ledger.baselines.clear(dataset, who=who_acts(), why=why)


def _reason(text: str) -> str:
    return reason_of("a baseline", text, such_as="churn model 7 was trained on it")
