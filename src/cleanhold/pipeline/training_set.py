"""training_set: features of entities as of a time, as they were known then; and the same again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import polars as pl

from cleanhold.core.contract import Contract
from cleanhold.core.frame_hash import frame_hash
from cleanhold.core.moments import moment
from cleanhold.core.training import FeatureTable, Seen, TrainingManifest, TrainingSet
from cleanhold.errors import ContractError, StateError, UsageError
from cleanhold.pipeline.entities import Entities, entities_of, require_keys
from cleanhold.pipeline.features_chosen import Features, chosen, require_names
from cleanhold.pipeline.person import who_acts
from cleanhold.pipeline.point_in_time import features_of
from cleanhold.pipeline.read import Declared, read_snapshot
from cleanhold.pipeline.stores import code_version
from cleanhold.pipeline.told import Told
from cleanhold.store.layout import StateFolder
from cleanhold.store.opening import open_ledger


def make(
    folder: StateFolder,
    contracts: Mapping[str, Contract],
    given: pl.DataFrame | pl.LazyFrame,
    features: Features,
    *,
    as_of: str,
    known_at: str | date | datetime | None,
    keep: str | None,
    declared: Declared,
) -> TrainingSet:
    """Join features to entities; see `cleanhold.training_set`."""
    if keep is not None and not keep.strip():
        raise UsageError("keep is a reason", next="say why: keep='churn model 7 is trained on it'")
    known = as_of if known_at is None else known_at
    known = known if isinstance(known, str) else moment(known)
    entities = entities_of(given, as_of, known)
    tables = [
        _table(folder, contracts, dataset, columns, declared)
        for dataset, columns in chosen(features).items()
    ]
    for table in tables:
        require_keys(entities.frame, table)
    require_names(entities.frame.columns, tables)
    told = Told(folder)
    made = []
    for table in tables:
        history = told.history(table.dataset)
        _require_any(entities, table, history)
        made.append(features_of(entities, table, history, history[0], told.open))
    result = _set(entities, made, as_of, known)
    if keep is not None:
        _keep(folder, result.manifest, keep.strip())
    return result


def remake(
    folder: StateFolder, manifest: TrainingManifest | Path | str, given: pl.DataFrame | pl.LazyFrame
) -> TrainingSet:
    """Make a set again; see `cleanhold.rebuild`."""
    if not isinstance(manifest, TrainingManifest):
        manifest = TrainingManifest.load(manifest)
    entities = entities_of(given, manifest.as_of, manifest.known_at)
    if frame_hash(entities.frame) != manifest.entities:
        raise UsageError(
            "these are not the entities that the set was made for",
            where=f"{entities.frame.height:,} rows; there were {manifest.rows:,}",
            next="give the same rows in the same order, with the same columns and types",
        )
    told = Told(folder)
    made = [
        features_of(entities, table, table.seen, table.seen[-1], told.open)
        for table in manifest.tables
    ]
    result = _set(entities, made, manifest.as_of, manifest.known_at)
    if result.manifest.result != manifest.result:
        raise StateError(
            "the set comes out otherwise than it was",
            where=f"made by {manifest.made_by}, this is {code_version()}; "
            f"{result.manifest.result[:16]}, and it was {manifest.result[:16]}",
            next="use the version that made it; with the same one, please report this",
        )
    return replace(result, manifest=manifest)


def _table(
    folder: StateFolder,
    contracts: Mapping[str, Contract],
    dataset: str,
    columns: Mapping[str, str] | None,
    declared: Declared,
) -> FeatureTable:
    """What is asked of one table, as its contract says today."""
    newest = read_snapshot(
        folder,
        dataset,
        snapshot=None,
        channel="production",
        columns=None if columns is None else list(columns),
        provenance=False,
        declared=declared,
    )
    contract = contracts.get(dataset)
    event = contract.events.column if contract and contract.events else None
    named = contract.key if contract else ()
    key = tuple(name for name in named if name != event)
    if not key:
        raise ContractError(
            f"the contract of {dataset} names no key that entities could have",
            where=contract.where if contract else "there is no contract of that name",
            next="name the columns that say what a row is about: key='customer_id'",
        )
    if columns is None:
        names = newest.collect_schema().names()
        columns = {name: name for name in names if name not in (*key, event)}
    return FeatureTable(dataset, key, event, event in named, columns)


def _require_any(entities: Entities, table: FeatureTable, history: Sequence[Seen]) -> None:
    """A set in which nobody sees anything is a mistake in the question."""
    first = min(seen.stay.since for seen in history)
    if entities.frame.is_empty() or entities.latest(table) >= first:
        return
    trusts = "its event times are to be trusted, say known_at=datetime.now(UTC)"
    raise UsageError(
        f"no entity can see anything of {table.dataset}: it was first published on "
        f"{first:%F %H:%M} UTC, and the last of them asks for {entities.latest(table):%F %H:%M}",
        next=f"if {trusts}"
        if table.event_time
        else f"its contract names no event_time; if it did, and {trusts}",
    )


def _set(
    entities: Entities,
    made: Sequence[tuple[FeatureTable, pl.DataFrame]],
    as_of: str,
    known_at: str | datetime,
) -> TrainingSet:
    frame = pl.concat([entities.frame, *(columns for _, columns in made)], how="horizontal")
    manifest = TrainingManifest(
        made_by=code_version(),
        as_of=as_of,
        known_at=known_at,
        tables=tuple(table for table, _ in made),
        entities=frame_hash(entities.frame),
        rows=frame.height,
        schema={name: str(dtype) for name, dtype in frame.schema.items()},
        result=frame_hash(frame),
    )
    return TrainingSet(frame.lazy(), manifest)


def _keep(folder: StateFolder, manifest: TrainingManifest, why: str) -> None:
    """Pin the snapshots of a set that nobody has pinned."""
    with open_ledger(folder) as ledger:
        for table in manifest.tables:
            for number in sorted({seen.stay.number for seen in table.seen}):
                found = ledger.snapshot(table.dataset, number)
                if found and not found.pin:
                    ledger.retention.pin(table.dataset, number, who=who_acts(), why=why)
