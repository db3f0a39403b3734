"""Training sets, as model code asks for them, and what a service sees beside them."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cleanhold.workspace.workspace import Workspace

if TYPE_CHECKING:
    import polars as pl

    from cleanhold.core.training import TrainingManifest, TrainingSet
    from cleanhold.pipeline.features_chosen import Features
    from cleanhold.pipeline.skew import Skew
    from cleanhold.store.layout import StateFolder


def training_set(
    entities: pl.DataFrame | pl.LazyFrame,
    features: Features,
    *,
    as_of: str,
    known_at: str | date | datetime | None = None,
    keep: str | None = None,
    workspace: Path | str | None = None,
) -> TrainingSet:
    """Features of entities as of a time, as they were known then: nothing from the future.

    Of each feature table, an entity gets the newest row of its key whose event time (the
    contract's `event_time`) is not after its own, among those that were published by then. So a
    value that was published later, or corrected later, is not seen. Of a table without event times,
    it gets the row that readers had at its time. A date is the last moment of its day, and what
    has no zone is in UTC.

    Args:
        entities: a row for each example: the keys of the tables, a time, and anything else, such
            as a label. Rows may be there twice; each comes back once, in the same order.
        features: datasets, `["features.customers"]`; or their columns,
            `{"features.customers": ["age", "plan"]}`; or what the columns are called in the set,
            `{"features.customers": {"age": "customer_age"}}`. All columns but keys and event times
            if none are named. Where a table has no row, they are null.
        as_of: the entities' column of dates or times.
        known_at: what was published later is not seen: a column of the entities, or one time for
            all. If not given, the entity's own time: what a service would have seen then.
        keep: why the snapshots are to be kept; they are pinned for that reason.
        workspace: the workspace folder; the current one or one above if None.

    Returns:
        The set, with the manifest that makes it again.

    Raises:
        UsageError: entities without a key or a time, or with one of a wrong type; two columns of
            one name; nobody can see anything of a table.
        UnknownDataset, NeverPublished: no such dataset, or nothing of it.
        SnapshotExpired: rows that an entity sees are no longer kept.
        DamagedFile: bytes changed since they were published.
    """
    from cleanhold.pipeline.training_set import make

    found = Workspace.find(workspace)
    return make(
        _state(found),
        found.catalogue.contracts,
        entities,
        features,
        as_of=as_of,
        known_at=known_at,
        keep=keep,
        declared=lambda: list(found.catalogue.contracts),
    )


def rebuild(
    manifest: TrainingManifest | Path | str,
    entities: pl.DataFrame | pl.LazyFrame,
    *,
    workspace: Path | str | None = None,
) -> TrainingSet:
    """The same training set again, hash for hash, whatever was published since.

    Args:
        manifest: of the set, or the file it was saved to.
        entities: that it was made for, the same rows in the same order.
        workspace: the workspace folder; the current one or one above if None.

    Raises:
        UsageError: these are other entities, or the file is no manifest.
        SnapshotExpired: a snapshot that it was made of is no longer kept.
        DamagedFile: bytes changed since they were published.
        StateError: the set comes out otherwise.
    """
    from cleanhold.pipeline.training_set import remake

    return remake(_state(Workspace.find(workspace)), manifest, entities)


def skew(workspace: Workspace, dataset: str, log: Path, snapshot: int | None, limit: float) -> Skew:
    """What a service logged, beside a snapshot; see `pipeline.skew.skew`."""
    from cleanhold.pipeline.skew import skew

    contracts = workspace.catalogue.contracts
    return skew(
        _state(workspace),
        workspace.catalogue.contract(dataset),
        log,
        snapshot=snapshot,
        limit=limit,
        declared=lambda: list(contracts),
    )


def _state(workspace: Workspace) -> StateFolder:
    from cleanhold.store.layout import StateFolder

    return StateFolder(workspace.state, workspace.ledger, workspace.settings.signing.public_keys)
