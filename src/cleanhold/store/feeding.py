"""From the ledger to the quarantine: which runs and decisions there are, and which are missing."""

from __future__ import annotations

from collections.abc import Iterator

from cleanhold.core.decision import Decision
from cleanhold.core.extract import Extract
from cleanhold.core.run import InputKind, Run
from cleanhold.core.snapshot import Role
from cleanhold.errors import StateError
from cleanhold.store.decisions import read_rows
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger
from cleanhold.store.quarantine import Batch, Decided, Fed, Quarantine
from cleanhold.store.snapshots import data_paths, read_manifest
from cleanhold.store.tables import utc_text

#: Kind of the outbox events to answer with `catch_up`.
KIND = "quarantine"


def batch_of(state: StateFolder, ledger: Ledger, run_key: str) -> Batch:
    """What a committed run held back.

    Of the manifest's details it reads `source`, `load`, `key` and `personal` (lists of columns).

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
        data=() if snapshot.expired else data_paths(state, manifest, Role.DATA),
        keys=state.key_file(snapshot.expired.key_file)
        if snapshot.expired and snapshot.expired.key_file
        else None,
        replayed=next(
            (state.replay(i.sha256) for i in run.inputs if i.kind is InputKind.REPLAY), None
        ),
        superseded=data_paths(state, manifest, Role.SUPERSEDED),
        personal=tuple(manifest.details.get("personal", ())),
    )


def items(state: StateFolder, ledger: Ledger) -> Iterator[Fed]:
    """Everything there is to feed, in the order it came: what `Quarantine.rebuild` takes."""
    for entry in _entries(ledger):
        yield _item(state, ledger, entry)


def names(ledger: Ledger) -> list[str]:
    """What there is to feed, by the names that `Quarantine.fed` gives."""
    return [_name(entry) for entry in _entries(ledger)]


def unfed(ledger: Ledger, quarantine: Quarantine) -> int:
    """How many committed runs and decisions the quarantine does not know yet."""
    return len(set(names(ledger)) - set(quarantine.fed()))


def catch_up(state: StateFolder, ledger: Ledger, quarantine: Quarantine) -> int:
    """Feed every committed run and every decision that is missing; returns how many.

    Where one is missing in the middle, or one is there that the ledger does not know (a backup
    was restored, a disk lost its tail), order matters and all of them are fed anew.
    """
    entries, fed = _entries(ledger), quarantine.fed()
    if [_name(entry) for entry in entries[: len(fed)]] != fed:
        return quarantine.rebuild(items(state, ledger))
    return sum(quarantine.feed(_item(state, ledger, entry)) for entry in entries[len(fed) :])


def _entries(ledger: Ledger) -> list[str | Decision]:
    """Run keys in commit order, each decision after the commits that it followed."""
    entries: list[str | Decision] = []
    decisions = ledger.decisions()
    for position, run_key in enumerate(ledger.finished_run_keys(), start=1):
        while decisions and decisions[0].position < position:
            entries.append(decisions.pop(0))
        entries.append(run_key)
    return [*entries, *decisions]


def _name(entry: str | Decision) -> str:
    return entry if isinstance(entry, str) else entry.entry


def _item(state: StateFolder, ledger: Ledger, entry: str | Decision) -> Fed:
    if isinstance(entry, str):
        return batch_of(state, ledger, entry)
    return Decided(entry, read_rows(state, entry))


def _extract(ledger: Ledger, run: Run, source: str) -> Extract | None:
    """The receipt of the extract the run read; None for a built table."""
    for item in run.inputs:
        if item.kind is InputKind.EXTRACT:
            # As it stood then: a later delivery of the same bytes must not change what was fed.
            then = run.started_at
            named = ledger.extract(item.sha256, source or None, at=then)
            return named or ledger.extract(item.sha256, at=then)
    return None
