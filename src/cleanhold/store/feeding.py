"""From the ledger to the quarantine: which batches there are, and which are missing."""

from __future__ import annotations

from collections.abc import Iterator

from cleanhold.core.extract import Extract
from cleanhold.core.run import InputKind, Run
from cleanhold.core.snapshot import Role
from cleanhold.errors import StateError
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger
from cleanhold.store.quarantine import Batch, Quarantine
from cleanhold.store.snapshots import data_paths, read_manifest
from cleanhold.store.tables import utc_text

#: Kind of the outbox events to answer with `catch_up`.
KIND = "quarantine"


def batch_of(state: StateFolder, ledger: Ledger, run_key: str) -> Batch:
    """What a committed run held back.

    Of the manifest's details it reads `source`, `load` and `key` (a list of columns).

    Raises:
        StateError: the run is not committed.
        DamagedFile: its manifest is missing or was changed.
    """
    run = ledger.run(run_key)
    snapshot = ledger.snapshot(run.dataset, run.snapshot) if run and run.snapshot else None
    if run is None or snapshot is None:
        raise StateError(
            "only a finished run has a quarantine batch",
            where=f"run {run_key[:16]}",
            next="run it again",
        )
    manifest = read_manifest(state, snapshot.manifest)
    source = str(manifest.details.get("source", ""))
    extract = _extract(ledger, run, source)
    day, moment = extract.order if extract else (snapshot.created_at.date(), snapshot.created_at)
    return Batch(
        run_id=run.id,
        dataset=run.dataset,
        source=source or (extract.source if extract else ""),
        extract_sha256=extract.sha256 if extract else run.id,
        extract_name=extract.name if extract else run.dataset,
        contract_version=manifest.contract_version,
        seen_at=snapshot.created_at,
        order=f"{day.isoformat()} {utc_text(moment)}",
        load=str(manifest.details.get("load", "replace")),
        key=tuple(manifest.details.get("key", ())),
        published=run.state == "published",
        held=data_paths(state, manifest, Role.HELD),
        warned=data_paths(state, manifest, Role.WARNED),
        refused=data_paths(state, manifest, Role.REFUSED),
        data=data_paths(state, manifest, Role.DATA),
    )


def batches(state: StateFolder, ledger: Ledger) -> Iterator[Batch]:
    """Every batch there is, in commit order: what `Quarantine.rebuild` takes."""
    for run_key in ledger.finished_run_keys():
        yield batch_of(state, ledger, run_key)


def catch_up(state: StateFolder, ledger: Ledger, quarantine: Quarantine) -> int:
    """Feed every committed batch that is missing; returns how many.

    Where one is missing in the middle, or one is there that the ledger does not know (a backup
    was restored, a disk lost its tail), order matters and all of them are fed anew.
    """
    expected, fed = ledger.finished_run_keys(), quarantine.fed()
    if expected[: len(fed)] != fed:
        return quarantine.rebuild(batches(state, ledger))
    missing = expected[len(fed) :]
    return sum(quarantine.feed(batch_of(state, ledger, run_key)) for run_key in missing)


def _extract(ledger: Ledger, run: Run, source: str) -> Extract | None:
    """The receipt of the extract the run read; None for a built table."""
    for item in run.inputs:
        if item.kind is InputKind.EXTRACT:
            return ledger.extract(item.sha256, source or None) or ledger.extract(item.sha256)
    return None
