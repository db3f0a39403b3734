"""chosen_extracts: what a changed contract is tried on, and what it is compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from cleanhold.core.contract import Contract, Privacy
from cleanhold.core.extract import Extract
from cleanhold.core.reading import Reader
from cleanhold.core.run import InputKind
from cleanhold.core.snapshot import Snapshot
from cleanhold.core.source import Source
from cleanhold.errors import NeverPublished, UnknownDataset, UsageError
from cleanhold.pipeline.ingest import reader_of
from cleanhold.pipeline.masking import personal
from cleanhold.pipeline.stores import Stores
from cleanhold.store.ledger import utc_now

#: Extracts of so many snapshots are taken if nobody says which.
MOST_SNAPSHOTS = 10


@dataclass(frozen=True, slots=True)
class Arrived:
    """An extract, how it is read, and the snapshot that its run made, if there is one."""

    extract: Extract
    reader: Reader
    judged: Snapshot | None


@dataclass(frozen=True, slots=True)
class Backtest:
    """What is to be compared.

    Attributes:
        contract: the changed one.
        present: the workspace's.
        is_recorded: the two are one and the same: what the runs recorded is the other side.
        arrived: oldest delivery first.
    """

    contract: Contract
    present: Contract
    is_recorded: bool
    arrived: tuple[Arrived, ...]

    @property
    def size(self) -> int:
        """Bytes that will be read."""
        return sum(a.extract.size for a in self.arrived) * (1 if self.is_recorded else 2)


def choose(
    stores: Stores,
    sources: Mapping[str, Source],
    contract: Contract,
    *,
    dataset: str | None = None,
    against: int | None = None,
    days: int | None = None,
) -> Backtest:
    """Choose the extracts, and what the changed contract is compared with.

    Args:
        sources: of the workspace, by name.
        dataset: whose extracts; the contract's own if None.
        against: the number of a snapshot: the extracts it was made from.
        days: extracts landed so many days ago or later. If neither is given, those of the newest
            snapshots.

    Raises:
        UnknownDataset: the workspace has no contract for the dataset.
        NeverPublished: there is no such snapshot.
        UsageError: there is nothing to run it over.
    """
    name = dataset or contract.dataset
    if name not in stores.contracts:
        raise UnknownDataset(
            f"the workspace has no contract for {name!r} to compare with",
            next="say whose extracts to take: --dataset "
            + (" or ".join(stores.contracts) or "NAME, once there is one"),
        )
    fed_by = [source for source in sources.values() if source.dataset == name]
    if not fed_by:
        raise UsageError(
            f"no source feeds {name!r}: it is built from other datasets",
            next="backtest the contract of a dataset that extracts arrive for",
        )
    judged = _judged(stores.ledger.snapshots(name))
    wanted = _wanted(stores, name, judged, against)
    found = {
        extract.sha256: Arrived(extract, reader_of(source), judged.get(extract.sha256))
        for source in fed_by
        for extract in stores.ledger.extracts(source.name)
        if (extract.sha256 in wanted if days is None else _is_young(extract, days))
    }
    present = stores.contracts[name]
    changed = replace(contract, dataset=name, expectations=present.expectations)
    is_recorded = changed.fingerprint() == present.fingerprint()
    arrived = [a for a in found.values() if a.judged or not is_recorded]
    if not arrived:
        raise UsageError(
            f"no extract of {name!r} is there to run the contract over",
            next="`cleanhold run` takes what has arrived; --days D takes more days",
        )
    ordered = sorted(arrived, key=lambda a: a.extract.order)
    return Backtest(_as_private(changed, present), present, is_recorded, tuple(ordered))


def _judged(snapshots: Sequence[Snapshot]) -> dict[str, Snapshot]:
    """Extract → the newest snapshot made from it, newest first."""
    found: dict[str, Snapshot] = {}
    for snapshot in sorted(snapshots, key=lambda s: -s.number):
        for read in snapshot.inputs:
            if read.kind is InputKind.EXTRACT:
                found.setdefault(read.sha256, snapshot)
    return found


def _wanted(
    stores: Stores, dataset: str, judged: Mapping[str, Snapshot], against: int | None
) -> set[str]:
    if against is None:
        return set(list(judged)[:MOST_SNAPSHOTS])
    snapshot = stores.ledger.snapshot(dataset, against)
    if snapshot is None:
        raise NeverPublished(
            f"{dataset} has no snapshot {against}",
            next=f"`cleanhold snapshots {dataset}` lists them",
        )
    return {i.sha256 for i in snapshot.inputs if i.kind is InputKind.EXTRACT}


def _is_young(extract: Extract, days: int) -> bool:
    return extract.landed_at >= utc_now() - timedelta(days=days)


def _as_private(contract: Contract, present: Contract) -> Contract:
    """The contract, with what is personal today masked, whatever it says of it itself."""
    hidden = personal(present)
    columns = [
        replace(c, privacy=Privacy.DIRECT)
        if c.privacy is Privacy.NONE and any(map(hidden.has, (c.name, *c.wanted)))
        else c
        for c in contract.columns
    ]
    return replace(contract, columns=tuple(columns))
