"""A workspace: the folder a data team owns, opened."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cleanhold.errors import CleanholdError, PactWarning, UsageError, WorkspaceError
from cleanhold.tracing import Naming
from cleanhold.workspace.catalogue import Catalogue, read_catalogue
from cleanhold.workspace.ledger_url import ledger_url
from cleanhold.workspace.settings import FILE, Settings, find_root, read_settings

if TYPE_CHECKING:
    import polars as pl

    from cleanhold.core.feature import Feature
    from cleanhold.core.reading import Progress
    from cleanhold.core.snapshot import Snapshot
    from cleanhold.core.source import Source
    from cleanhold.pipeline.pact_read import Reading
    from cleanhold.pipeline.publish import Outcome
    from cleanhold.pipeline.stores import Stores
    from cleanhold.pipeline.turn import Patience
    from cleanhold.store.layout import StateFolder
    from cleanhold.workspace.pacts import Pacts

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Workspace:
    """A workspace folder and its settings; what it declares is loaded when asked for.

    Attributes:
        root: the folder with pyproject.toml.
    """

    root: Path
    settings: Settings

    @classmethod
    def find(cls, start: Path | str | None = None) -> Workspace:
        """The workspace at or above a folder (the current one if None).

        Raises:
            WorkspaceError: there is none, or its settings are wrong.
        """
        root = find_root(Path(start) if start is not None else Path.cwd())
        return cls(root, read_settings(root))

    @property
    def state(self) -> Path:
        return self.root / self.settings.state

    @property
    def ledger(self) -> str:
        """URL of its ledger; empty if it is a file in the state folder.

        Raises:
            WorkspaceError: it is no URL, or an environment variable in it is not set.
        """
        return ledger_url(self.settings.ledger, f"{self.root / FILE}, [tool.cleanhold]")

    @property
    def key_file(self) -> Path:
        """Where its private key is, or would be made: outside of it, unless it says otherwise."""
        named = self.settings.signing.private_key
        folder = Path.home() / ".config" / "cleanhold"
        return Path(named) if named else folder / f"{self.settings.name}.key"

    @cached_property
    def catalogue(self) -> Catalogue:
        """Its contracts, sources and features.

        Raises:
            ContractError, SourceError: a declaration is mistaken.
        """
        return read_catalogue(self.root, self.settings)

    @cached_property
    def pacts(self) -> Pacts:
        """What consumers need of its datasets. A mistake in a pact stops nothing."""
        from cleanhold.workspace.pacts import read_pacts

        return read_pacts(self.root, self.root / self.settings.contracts)

    def tell_mistaken_pacts(self) -> None:
        """Log each file of pacts that cannot be used: a run goes on without them."""
        for mistake in self.pacts.mistakes:
            _log.warning("a pact cannot be used: %s", mistake)

    @cached_property
    def naming(self) -> Naming:
        """What lineage calls things: `naming` in the file of that name, else the workspace's."""
        from cleanhold.plan.load import import_file

        file = self.root / self.settings.naming
        if not file.is_file():
            return Naming(namespace=self.settings.name)
        found = getattr(import_file(file, self.root), "naming", None)
        if not isinstance(found, Naming):
            raise WorkspaceError(
                "the file declares no `naming`",
                where=str(file),
                next="write naming = Naming(namespace='…')",
            )
        return found

    @cached_property
    def _placed(self) -> Naming:
        """Those names, with where the sources are."""
        from cleanhold.workspace.places import places

        return replace(self.naming, places=places(self.catalogue.sources, self.naming))

    @contextmanager
    def open(self, patience: Patience | None = None) -> Iterator[Stores]:
        """Its state, opened for a run.

        Args:
            patience: with runs of others; none of it if None.
        """
        from cleanhold.pipeline.stores import open_stores

        declared = self.catalogue
        with open_stores(
            self.state,
            declared.contracts,
            self._placed,
            self.settings.limits,
            declared.sources,
            ledger=self.ledger,
            lease=self.settings.lease,
            patience=patience,
            retention=self.settings.retention,
            pacts=self.pacts.declared,
            prices=self.settings.prices,
            gates=self.settings.gates,
            anchoring=self.settings.anchor,
            private_key=self.settings.signing.private_key,
            public_keys=self.settings.signing.public_keys,
        ) as stores:
            yield stores

    def run(
        self,
        names: Sequence[str] = (),
        progress: Progress | None = None,
        patience: Patience | None = None,
    ) -> Iterator[Outcome]:
        """Ingest, build and publish; see `pipeline.run.run`.

        Args:
            names: sources to take; every source if none. Feature tables built from them follow.
            patience: with other runs of the same datasets; see `open`.

        Raises:
            UsageError: there is no such source.
        """
        from cleanhold.pipeline.run import run

        sources, features = self.selected(names)
        self.tell_mistaken_pacts()
        with self.open(patience) as stores:
            yield from run(stores, sources, features, self.root, progress)

    def selected(self, names: Sequence[str] = ()) -> tuple[list[Source], list[Feature]]:
        """Sources by name (all if none is named), and the feature tables that depend on them.

        Raises:
            UsageError: there is no such source.
        """
        sources = self.catalogue.sources
        for name in names:
            if name not in sources:
                raise UsageError(
                    f"there is no source {name!r}",
                    where=str(self.root / self.settings.sources),
                    next="use one of " + (", ".join(sources) or "none: declare one first"),
                )
        chosen = [s for n, s in sources.items() if not names or n in names]
        touched = {s.dataset for s in chosen}
        features = []
        for feature in self.catalogue.features.values():
            if not names or touched & set(feature.inputs.values()):
                touched.add(feature.dataset)
                features.append(feature)
        return chosen, features

    def read(
        self,
        dataset: str,
        *,
        snapshot: int | None = None,
        channel: str = "production",
        columns: Sequence[str] | None = None,
        provenance: bool = False,
        pact: str | None = None,
    ) -> pl.LazyFrame:
        """The rows of a published snapshot; see `cleanhold.read`."""
        from cleanhold.pipeline.read import read_snapshot

        if pact is not None:
            _refuse_both(pact, snapshot, channel)
            found = self.reading(dataset, pact=pact, columns=columns, provenance=provenance)
            return _told(found)
        return read_snapshot(
            self._folder,
            dataset,
            snapshot=snapshot,
            channel=channel,
            columns=columns,
            provenance=provenance,
            declared=self._declared,
        )

    def reading(
        self,
        dataset: str,
        *,
        pact: str,
        columns: Sequence[str] | None = None,
        provenance: bool = False,
    ) -> Reading:
        """What a consumer reads, and why; see `cleanhold.reading`."""
        from cleanhold.pipeline.pact_read import read_for

        return read_for(
            self._folder,
            self.pacts.pact(dataset, pact),
            columns=columns,
            provenance=provenance,
            declared=self._declared,
        )

    def waived(
        self, dataset: str, *, snapshot: int | None = None, channel: str = "production"
    ) -> pl.DataFrame:
        """The rows of a snapshot that fail a check and were let through; see `cleanhold.waived`."""
        from cleanhold.pipeline.read import waived_rows

        return waived_rows(
            self._folder, dataset, snapshot=snapshot, channel=channel, declared=self._declared
        )

    def snapshots(self, dataset: str) -> list[Snapshot]:
        """Versions of a dataset, oldest first; see `cleanhold.snapshots`."""
        from cleanhold.pipeline.read import list_snapshots

        return list_snapshots(self._folder, dataset, declared=self._declared)

    @property
    def _folder(self) -> StateFolder:
        from cleanhold.store.layout import StateFolder

        return StateFolder(self.state, self.ledger, self.settings.signing.public_keys)

    def _declared(self) -> list[str]:
        """Names of datasets, for messages; reading does not need the contracts to load."""
        try:
            return list(self.catalogue.contracts)
        except CleanholdError:
            return []


def read(
    dataset: str,
    *,
    snapshot: int | None = None,
    channel: str = "production",
    columns: Sequence[str] | None = None,
    provenance: bool = False,
    pact: str | None = None,
    workspace: Path | str | None = None,
) -> pl.LazyFrame:
    """Read a published dataset as a Polars LazyFrame.

    The snapshot is fixed when this is called: later publications do not change what the frame
    gives. Its manifest and files are checked first.

    Args:
        dataset: its name, `features.customer_churn`.
        snapshot: number of one version, for reproducible reads; the newest if None.
        channel: `production`; `pilot` for what waits to be promoted; or `candidate` for one that
            an audit stopped.
        columns: only these.
        provenance: also `row_id` and `record`, for `cleanhold explain`.
        pact: the consumer that reads: it gets the columns of its pact, of the newest snapshot that
            is what it needs. A `PactWarning` says why, if that is not the newest.
        workspace: the workspace folder; the current one or one above if None.

    Raises:
        UnknownDataset: no such dataset.
        NeverPublished: no such snapshot of it.
        SnapshotExpired: its rows are no longer kept.
        PactUnmet: no snapshot is what the consumer needs, or its pact refuses.
        DamagedFile: bytes changed since they were published.
    """
    opened = Workspace.find(workspace)
    if pact is not None:
        _refuse_both(pact, snapshot, channel)
        found = opened.reading(dataset, pact=pact, columns=columns, provenance=provenance)
        return _told(found)
    return opened.read(
        dataset, snapshot=snapshot, channel=channel, columns=columns, provenance=provenance
    )


def reading(
    dataset: str,
    *,
    pact: str,
    columns: Sequence[str] | None = None,
    provenance: bool = False,
    workspace: Path | str | None = None,
) -> Reading:
    """What `read` gives to a consumer, with what a program wants to know of it.

    Args:
        dataset: its name, `features.customer_churn`.
        pact: the consumer.
        columns: only these of its columns.
        provenance: also `row_id` and `record`.
        workspace: the workspace folder; the current one or one above if None.

    Returns:
        `frame` (the rows, lazily), `snapshot` (whose rows they are), `age` (of the newest delivery
        in it), and `reasons` (why it is not the newest, or older than the pact says; mostly none).

    Raises:
        As `read`. It does not warn.
    """
    return Workspace.find(workspace).reading(
        dataset, pact=pact, columns=columns, provenance=provenance
    )


def _told(found: Reading) -> pl.LazyFrame:
    """What a consumer reads, with a warning in the line that called if it is not the newest."""
    if found.reasons:
        warnings.warn(found.says, PactWarning, stacklevel=3)
    return found.frame


def _refuse_both(pact: str, snapshot: int | None, channel: str) -> None:
    if snapshot is None and channel == "production":
        return
    raise UsageError(
        f"the pact of {pact} says which snapshot is read",
        next="leave out snapshot and channel, or pact; a pact may name one: snapshot=12",
    )


def waived(
    dataset: str,
    *,
    snapshot: int | None = None,
    channel: str = "production",
    workspace: Path | str | None = None,
) -> pl.DataFrame:
    """The published rows that fail a check, and were let through by a waiver or a release.

    Args:
        dataset: its name, `crm.contacts`.
        snapshot: number of one version; the newest if None.
        channel: as in `read`.
        workspace: the workspace folder; the current one or one above if None.

    Returns:
        `row_id`, `checks` (list of `column.check` that it may fail), `until` (the last day of the
        waiver, in UTC; null: it has no end) and `decision` (its number).

    Raises:
        UnknownDataset: no such dataset.
        NeverPublished: no such snapshot of it.
        DamagedFile: the manifest was changed.
    """
    return Workspace.find(workspace).waived(dataset, snapshot=snapshot, channel=channel)


def snapshots(dataset: str, *, workspace: Path | str | None = None) -> list[Snapshot]:
    """The versions of a dataset, oldest first, with counts, contract version and inputs.

    Raises:
        UnknownDataset: no such dataset.
    """
    return Workspace.find(workspace).snapshots(dataset)
