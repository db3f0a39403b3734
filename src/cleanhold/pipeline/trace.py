"""trace: lineage events of a run, from the ledger and the manifest alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cleanhold.core.extract import Extract, sha256_of
from cleanhold.core.run import InputKind, Run, RunState
from cleanhold.core.snapshot import Snapshot
from cleanhold.pipeline.stores import Stores, code_version
from cleanhold.store.events import MADE, OutboxEvent
from cleanhold.tracing import emit, trace_of, write

#: In the payload of an event about a promotion: the number of the snapshot.
PROMOTED = "promoted"


def trace(stores: Stores, run: Run) -> dict[str, str]:
    """Write the events of a run that ended; again is the same files.

    A run of a dataset that the workspace no longer declares has nobody to tell.

    Returns:
        The files, path under the folder of events → SHA-256.

    Raises:
        StateError: the folder of events cannot be written.
        DamagedFile: the run's manifest was changed.
    """
    contract = stores.contracts.get(run.dataset)
    if contract is None:
        return {}
    snapshot = stores.ledger.snapshot(run.dataset, run.snapshot) if run.snapshot else None
    manifest = stores.manifest(snapshot) if snapshot else None
    details = manifest.details if manifest else {}
    extracts = _extracts(stores, run)
    events = trace_of(
        run,
        job=f"{'ingest' if extracts else 'build'}.{run.dataset}",
        code=code_version(),
        contract=contract,
        manifest=manifest,
        extracts=extracts,
        headers=details.get("headers"),
        columns=details.get("columns") if extracts else None,
        replaces=_before(stores, snapshot),
    )
    folder = lineage_folder(stores)
    written = emit(events, stores.naming, folder)
    return {path.relative_to(folder).as_posix(): sha256_of(path) for path in written}


def trace_event(stores: Stores, event: OutboxEvent) -> dict[str, str]:
    """Write what an event of the outbox asks for: of a run that ended, or of a promotion.

    Returns, raises: as `trace`.
    """
    if (number := event.payload.get(PROMOTED)) is not None:
        return _trace_promotions(stores, event.dataset, number)
    run = stores.ledger.run(event.run)
    return trace(stores, run) if run is not None else {}


def _trace_promotions(stores: Stores, dataset: str, number: int) -> dict[str, str]:
    """Every promotion of a snapshot: it can be given to readers again after a rollback."""
    from cleanhold.tracing.promotion import promotion_event

    contract = stores.contracts.get(dataset)
    if contract is None:
        return {}
    folder, written = lineage_folder(stores), {}
    for promotion in stores.ledger.promotions.of(dataset):
        if promotion.number == number:
            event = promotion_event(promotion, contract.owner, stores.naming, code_version())
            path = write(event, folder)
            written[path.relative_to(folder).as_posix()] = sha256_of(path)
    return written


def lineage_folder(stores: Stores) -> Path:
    """Where the workspace's events lie."""
    return stores.naming.transport.under(stores.state.root)


def events_written(folder: Path, event: OutboxEvent) -> dict[Path, str] | None:
    """The files that were made for an event that is done, and their SHA-256; None: unknown."""
    made = event.payload.get(MADE)
    if not isinstance(made, Mapping):
        return None
    return {folder / name: sha256 for name, sha256 in made.items()}


def spoiled_events(folder: Path, event: OutboxEvent) -> list[Path]:
    """Files made for an event that are gone, or are not what was written."""
    made = events_written(folder, event) or {}
    return [p for p, sha256 in made.items() if not p.is_file() or sha256_of(p) != sha256]


def _extracts(stores: Stores, run: Run) -> dict[str, Extract]:
    found = [stores.ledger.extract(i.sha256) for i in run.inputs if i.kind is InputKind.EXTRACT]
    return {extract.sha256: extract for extract in found if extract is not None}


def _before(stores: Stores, snapshot: Snapshot | None) -> int | None:
    """Number of the snapshot that readers had before this one."""
    if snapshot is None:
        return None
    runs = {
        run.snapshot
        for run in stores.ledger.runs(snapshot.dataset)
        if run.state is RunState.PUBLISHED and run.snapshot is not None
    }
    return max((number for number in runs if number < snapshot.number), default=None)
