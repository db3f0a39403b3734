"""costs: what each dataset costs, run by run, at the prices of the workspace."""

from __future__ import annotations

from collections.abc import Mapping

from cleanhold.core.cost import COST, DatasetCost, RunCost, Usage
from cleanhold.core.run import Input, InputKind, Run
from cleanhold.core.snapshot import DataFile
from cleanhold.pipeline.known import require_dataset
from cleanhold.pipeline.stores import Stores


def costs(stores: Stores, dataset: str | None = None) -> list[DatasetCost]:
    """What each dataset that was run costs, or one of them.

    Raises:
        UnknownDataset: there is no contract and no snapshot of that name.
        DamagedFile: a manifest was changed.
    """
    if dataset is not None:
        require_dataset(stores, dataset)
        return [cost(stores, dataset)]
    known = dict.fromkeys((*stores.contracts, *stores.ledger.datasets()))
    return [cost(stores, name) for name in known]


def cost(stores: Stores, dataset: str) -> DatasetCost:
    """What one dataset costs. What a run used that failed counts, until it is tried again.

    A gate asks `is_over_budget`, and tells `warning`.
    """
    held, written = _files(stores, dataset)
    runs = [
        _of(stores, run, written.get(run.id, 0))
        for run in stores.ledger.runs(dataset)
        if COST in run.details
    ]
    size = sum(file.size for file in held.values())
    prices = stores.prices
    return DatasetCost(
        dataset,
        prices.currency,
        tuple(runs),
        size,
        prices.of_month(size),
        prices.budget_of(dataset),
    )


def _files(stores: Stores, dataset: str) -> tuple[dict[str, DataFile], dict[str, int]]:
    """The files that are kept, by name; and by run the bytes of those that it brought."""
    held: dict[str, DataFile] = {}
    seen: set[str] = set()
    written: dict[str, int] = {}
    for snapshot in reversed(stores.ledger.snapshots(dataset)):  # oldest first
        files = stores.manifest(snapshot).files
        written[snapshot.run] = sum(file.size for file in files if file.name not in seen)
        seen |= {file.name for file in files}
        if snapshot.expired is None:
            held |= {file.name: file for file in files}
    return held, written


def _of(stores: Stores, run: Run, written: int) -> RunCost:
    found: Mapping[str, object] = run.details[COST]
    usage = Usage.from_dict(found)
    return RunCost(
        run=run.id,
        state=str(run.state),
        at=run.started_at,
        snapshot=run.snapshot,
        records=run.account.records if run.account else 0,
        usage=usage,
        bytes_read=sum(_size(stores, one) for one in run.inputs),
        bytes_written=written,
        money=stores.prices.of_run(usage, written),
    )


def _size(stores: Stores, read: Input) -> int:
    """Bytes of a thing that a run read; held rows that a replay read count as none."""
    if read.kind is InputKind.EXTRACT:
        extract = stores.ledger.extract(read.sha256)
        return extract.size if extract else 0
    if read.kind is InputKind.SNAPSHOT:
        snapshot = stores.ledger.snapshot(read.name, read.number)
        return sum(f.size for f in stores.manifest(snapshot).files) if snapshot else 0
    return 0
