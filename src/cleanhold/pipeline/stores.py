"""The places a workspace keeps things, opened together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import polars as pl

from cleanhold.core.anchoring import Anchoring
from cleanhold.core.contract import Contract
from cleanhold.core.cost import Prices
from cleanhold.core.flow_run import FlowRun
from cleanhold.core.gate import Gates
from cleanhold.core.limits import Limits
from cleanhold.core.pact import Pact
from cleanhold.core.retention import Retention
from cleanhold.core.run import Input, InputKind
from cleanhold.core.snapshot import Channel, Manifest, Snapshot
from cleanhold.core.source import Source
from cleanhold.errors import StateError
from cleanhold.pipeline.turn import NO_PATIENCE, Patience, T, in_turn
from cleanhold.store.claims import LEASE
from cleanhold.store.kept import require_kept
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger
from cleanhold.store.opening import open_ledger
from cleanhold.store.snapshots import data_paths, read_manifest, scan
from cleanhold.tracing import Naming


@dataclass(frozen=True, slots=True)
class Stores:
    """State of one workspace.

    Attributes:
        state: the folder.
        ledger: opened.
        contracts: dataset → contract, as the workspace declares them today.
        naming: what lineage calls things.
        limits: what a delivery may be at most.
        sources: by name, as the workspace declares them today.
        lease: seconds that a run keeps its dataset after its process was last heard of.
        patience: with runs of others.
        retention: what is kept of the snapshots.
        pacts: what consumers need of the datasets.
        prices: what runs and storage cost.
        gates: what production asks, and of which datasets.
        anchoring: where the end of the audit log is noted outside.
        private_key: file of the key that runs sign with; empty for none.
        flow: the flow run that is at work; None for a command of its own.
    """

    state: StateFolder
    ledger: Ledger
    contracts: Mapping[str, Contract]
    naming: Naming
    limits: Limits = field(default_factory=Limits)
    sources: Mapping[str, Source] = field(default_factory=dict)
    lease: float = LEASE
    patience: Patience = NO_PATIENCE
    retention: Retention = field(default_factory=Retention)
    pacts: tuple[Pact, ...] = ()
    prices: Prices = field(default_factory=Prices)
    gates: Gates = field(default_factory=Gates)
    anchoring: Anchoring = field(default_factory=Anchoring)
    private_key: str = ""
    flow: FlowRun | None = None

    def in_turn(self, dataset: str, take: Callable[[], T]) -> T:
        """Work on a dataset as soon as nobody else does; see `turn.in_turn`."""
        return in_turn(self.patience, lambda: self.ledger.busy(dataset), take)

    def number(self, dataset: str) -> int:
        """Number of the snapshot that the next run of a dataset builds on; 0 for none."""
        current = self.ledger.head(dataset)
        return current.number if current else 0

    def publishes_to(self, dataset: str) -> Channel:
        """Where the runs of a dataset publish: the pilot if it has gates."""
        return self.gates.channel(dataset)

    def told_of_channel(self, dataset: str) -> dict[str, str]:
        """What a manifest says of the channel that it was made for; nothing of production."""
        channel = self.publishes_to(dataset)
        return {"channel": str(channel)} if channel is Channel.PILOT else {}

    def manifest(self, snapshot: Snapshot) -> Manifest:
        """What a snapshot is made of; its hash is verified.

        Raises:
            DamagedFile: the manifest was changed.
        """
        return read_manifest(self.state, snapshot.manifest)

    def published(self, datasets: Iterable[str]) -> dict[str, Snapshot]:
        """What readers have of some datasets, by name in order; those that have nothing lack."""
        found = ((name, self.ledger.snapshot(name)) for name in sorted(datasets))
        return {name: snapshot for name, snapshot in found if snapshot is not None}

    def published_before(self, dataset: str, number: int) -> Snapshot | None:
        """The newest published snapshot with a lower number."""
        earlier = (
            snapshot
            for snapshot in self.ledger.snapshots(dataset)  # newest first
            if snapshot.is_published and snapshot.number < number
        )
        return next(earlier, None)

    def data_files(self, snapshot: Snapshot) -> tuple[Path, ...]:
        """The files a reader of the snapshot gets.

        Raises:
            SnapshotExpired: they are gone on purpose.
        """
        require_kept(snapshot)
        return data_paths(self.state, self.manifest(snapshot))

    def table(self, snapshot: Snapshot) -> pl.LazyFrame:
        """Its rows, with `row_id` and `record`."""
        return scan(self.data_files(snapshot))

    def tables(self, datasets: Iterable[str]) -> dict[str, pl.LazyFrame]:
        """The rows that readers have of some datasets; see `published`."""
        return {name: self.table(found) for name, found in self.published(datasets).items()}


@contextmanager
def open_stores(
    state: Path,
    contracts: Mapping[str, Contract],
    naming: Naming,
    limits: Limits | None = None,
    sources: Mapping[str, Source] | None = None,
    *,
    ledger: str = "",
    lease: float = LEASE,
    patience: Patience | None = None,
    retention: Retention | None = None,
    pacts: tuple[Pact, ...] = (),
    prices: Prices | None = None,
    gates: Gates | None = None,
    anchoring: Anchoring | None = None,
    private_key: str = "",
    public_keys: tuple[str, ...] = (),
) -> Iterator[Stores]:
    """Open (and make, the first time) the state of a workspace.

    Args:
        ledger: URL of a ledger that is not in the folder.
        public_keys: see `StateFolder.signers`.

    Raises:
        LedgerError: the ledger cannot be opened, or is of another state folder.
    """
    folder = StateFolder(state, ledger, public_keys)
    _require_ledger(folder)
    folder.create()
    with open_ledger(folder) as opened:
        yield Stores(
            folder,
            opened,
            contracts,
            naming,
            limits or Limits(),
            sources or {},
            lease=lease,
            patience=patience or NO_PATIENCE,
            retention=retention or Retention(),
            pacts=pacts,
            prices=prices or Prices(),
            gates=gates or Gates(),
            anchoring=anchoring or Anchoring(),
            private_key=private_key,
        )


def _require_ledger(state: StateFolder) -> None:
    """A new ledger must not be made beside files of an old one: it would not know what they are."""
    if state.url or state.binding.is_file():
        return  # it is elsewhere, and says itself whose it is
    kept = state.ledger.is_file() and state.ledger.stat().st_size
    if not kept and state.manifests.is_dir() and any(state.manifests.iterdir()):
        raise StateError(
            f"the ledger is {'empty' if state.ledger.is_file() else 'missing'}, but snapshots "
            "that it knew are here",
            where=str(state.ledger),
            next="restore it from a backup; without it nothing may be run here",
        )


def code_version() -> str:
    """Version of the code that decides verdicts; part of every run key."""
    return f"cleanhold {version('cleanhold')}"


def snapshot_input(snapshot: Snapshot) -> Input:
    """A snapshot as an input of a run."""
    return Input(InputKind.SNAPSHOT, snapshot.dataset, snapshot.manifest, snapshot.number)


def raw_column(stores: Stores, run_id: str, column: str) -> str | None:
    """The column as delivered that a run read a column of the contract from."""
    run = stores.ledger.run(run_id)
    snapshot = stores.ledger.snapshot(run.dataset, run.snapshot) if run and run.snapshot else None
    columns: dict[str, str] = stores.manifest(snapshot).details["columns"] if snapshot else {}
    return columns.get(column)
