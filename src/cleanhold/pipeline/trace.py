"""trace: lineage events of a run, from the ledger and the manifest alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from cleanhold.core.account import Account
from cleanhold.core.contract import Contract
from cleanhold.core.extract import Extract, sha256_of
from cleanhold.core.flow_run import FlowRun, Parent
from cleanhold.core.run import InputKind, Run, RunState
from cleanhold.core.snapshot import Snapshot
from cleanhold.pipeline.stores import Stores, code_version
from cleanhold.pipeline.trace_acts import (
    PROMOTED,
    ROLLED_BACK,
    trace_expiry,
    trace_promotions,
    trace_rollback,
)
from cleanhold.pipeline.trace_acts import lineage_folder as lineage_folder
from cleanhold.pipeline.traced import told_of
from cleanhold.store.endings import ENDED, EXPIRED
from cleanhold.store.events import MADE, OutboxEvent
from cleanhold.tracing import emit, trace_of
from cleanhold.tracing.told import Staged

#: In the details of a run: how its rows were divided, and when.
STAGED = "staged"


def trace(
    stores: Stores, run: Run, *, contract: Contract | None = None, interrupted: bool = False
) -> dict[str, str]:
    """Write the events of a run so far, or of an attempt at it; again is the same files.

    A run of a dataset that the workspace no longer declares has nobody to tell.

    Args:
        contract: that it judges by; the one that the workspace declares for its dataset if None.
        interrupted: somebody or something stopped it; it did not fail by itself.

    Returns:
        The files, path under the folder of events → SHA-256.

    Raises:
        StateError: the folder of events cannot be written.
        DamagedFile: the run's manifest was changed.
    """
    contract = contract or stores.contracts.get(run.dataset)
    if contract is None:
        return {}
    snapshot = stores.ledger.snapshot(run.dataset, run.snapshot) if run.snapshot else None
    manifest = stores.manifest(snapshot) if snapshot else None
    details = manifest.details if manifest else {}
    extracts = _extracts(stores, run)
    flow = FlowRun.from_dict(run.details["flow"]) if "flow" in run.details else None
    events = trace_of(
        run,
        job=f"{_does(run)}.{run.dataset}",
        code=code_version(),
        contract=contract,
        manifest=manifest,
        extracts=extracts,
        headers=details.get("headers"),
        columns=details.get("columns") if extracts else None,
        replaces=_before(stores, snapshot),
        parent=Parent(flow.id, stores.naming.namespace, flow.job) if flow else None,
        root=flow.parent if flow else None,
        interrupted=interrupted,
        staged=_staged(run),
        told=told_of(stores, run, manifest, contract),
    )
    folder = lineage_folder(stores)
    written = emit(events, stores.naming, folder)
    return {path.relative_to(folder).as_posix(): sha256_of(path) for path in written}


def trace_event(stores: Stores, event: OutboxEvent) -> dict[str, str]:
    """Write what an event of the outbox asks for: of a run that ended, or of an act.

    Returns, raises: as `trace`.
    """
    if (number := event.payload.get(PROMOTED)) is not None:
        return trace_promotions(stores, event.dataset, number)
    if (change := event.payload.get(ROLLED_BACK)) is not None:
        return trace_rollback(stores, event, change)
    if (expiry := event.payload.get(EXPIRED)) is not None:
        return trace_expiry(stores, event, expiry)
    run = stores.ledger.run(event.run)
    if run is None:
        return {}
    ended = event.payload.get(ENDED)
    return trace(stores, run) if ended is None else trace_end(stores, run, ended)


def trace_end(stores: Stores, run: Run, ended: Mapping[str, Any]) -> dict[str, str]:
    """Write the events of an attempt that made nothing; by now another may have its place.

    Args:
        ended: how, as `store.endings` has it.

    Returns, raises: as `trace`.
    """
    attempt = replace(
        run,
        state=RunState.FAILED,
        attempt=ended["attempt"],
        started_at=datetime.fromisoformat(ended["started_at"]),
        finished_at=datetime.fromisoformat(ended["finished_at"]),
        contract_version=ended["contract_version"],
        reasons=tuple(ended["reasons"]),
        details=ended["details"],
        account=None,
        snapshot=None,
    )
    return trace(stores, attempt, interrupted=ended["interrupted"])


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


def _does(run: Run) -> str:
    """What a run does, as its job is named."""
    kinds = {one.kind for one in run.inputs}
    if InputKind.REPLAY in kinds:
        return "replay"
    return "ingest" if InputKind.EXTRACT in kinds else "build"


def _staged(run: Run) -> Staged | None:
    found = run.details.get(STAGED)
    if found is None:
        return None
    return Staged(datetime.fromisoformat(found["at"]), Account(**found["account"]))


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
