"""expire: what the settings no longer keep goes: marked first, then removed."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cleanhold.core.extract import Extract
from cleanhold.core.retention import Fate
from cleanhold.core.snapshot import DataFile, Role, Snapshot
from cleanhold.errors import CleanholdError, UnknownDataset
from cleanhold.pipeline.expiring_extracts import extracts_due
from cleanhold.pipeline.pact_read import needed_by_pacts
from cleanhold.pipeline.person import who_acts
from cleanhold.pipeline.project import project
from cleanhold.pipeline.stores import Stores
from cleanhold.store.extract_bytes import remove_expired_extracts
from cleanhold.store.recovery import recover
from cleanhold.store.settled import keep_keys

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Storage:
    """What a dataset takes, in bytes.

    Attributes:
        rows: of the snapshots that readers can have; files that several share count once.
        held_back: of held, refused and superseded rows; they are kept for good.
        frees: of `rows`, what goes.
        fates: of its snapshots, newest first.
    """

    dataset: str
    rows: int
    held_back: int
    frees: int
    fates: tuple[Fate, ...]

    @property
    def going(self) -> list[Snapshot]:
        return [fate.snapshot for fate in self.fates if fate.goes]

    def as_dict(self) -> dict[str, Any]:
        return {
            "dataset": self.dataset,
            "bytes": self.rows,
            "bytes_held_back": self.held_back,
            "bytes_expiring": self.frees,
            "snapshots": [
                {"snapshot": f.snapshot.number, "expires": f.goes, "kept": list(f.kept)}
                for f in self.fates
            ],
        }


@dataclass(frozen=True, slots=True)
class Expiry:
    """What went, or would go.

    Attributes:
        storage: by dataset, as it was before.
        extracts: whose bytes go.
        expired: snapshots that did; empty for a preview.
        removed: files that are gone from the disk.
        left: files of expired snapshots stay until no run is in progress.
    """

    storage: tuple[Storage, ...]
    extracts: tuple[Extract, ...] = ()
    expired: tuple[Snapshot, ...] = ()
    removed: int = 0
    left: bool = False
    problems: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {
            "datasets": [s.as_dict() for s in self.storage],
            "extracts": [
                {"source": e.source, "name": e.name, "sha256": e.sha256, "bytes": e.size}
                for e in self.extracts
            ],
            "expired": [{"dataset": s.dataset, "snapshot": s.number} for s in self.expired],
            "files_removed": self.removed,
            "files_left": self.left,
            "problems": list(self.problems),
        }


def to_expire(stores: Stores, dataset: str | None = None) -> Expiry:
    """What would expire now, what keeps the others, and what all of it takes; changes nothing.

    Raises:
        UnknownDataset: it has no snapshots.
    """
    known = stores.ledger.datasets()
    if dataset is not None and dataset not in known:
        raise UnknownDataset(
            f"{dataset} has no snapshot",
            next="use one of " + ", ".join(known) if known else "run `cleanhold run` first",
        )
    fates = stores.ledger.retention.fates(stores.retention, needed_by_pacts(stores))
    names = [dataset] if dataset else known
    # Extracts belong to sources; they are looked at when all datasets are.
    staying = [fate.snapshot for fate in fates if not fate.goes]
    extracts = extracts_due(stores, staying) if dataset is None else []
    return Expiry(tuple(_storage(stores, name, fates) for name in names), tuple(extracts))


def expire(stores: Stores, dataset: str | None = None) -> Expiry:
    """Let go of what the settings no longer keep; doing it again changes nothing.

    Snapshots are marked as expired in one transaction of the ledger, with an entry in the audit
    log; only then do files go, and only those that no kept snapshot shares. Manifests, accounts,
    lineage and everything that was held back stay. Interrupted after the mark, `recover` ends it.

    Args:
        stores: of the workspace; `stores.retention` says what is kept.
        dataset: only this one.

    Raises:
        UnknownDataset: it has no snapshots.
        DamagedFile: a manifest or a file that is needed is not what was published.
    """
    preview = to_expire(stores, dataset)
    going = [s for storage in preview.storage for s in storage.going]
    keys = {s.manifest: keep_keys(stores.state, stores.ledger, s) for s in going}
    who = who_acts()
    gone = stores.ledger.retention.expire(
        stores.retention,
        keys,
        who=who,
        is_there=lambda sha256: stores.state.key_file(sha256).is_file(),
    )
    extracts: tuple[Extract, ...] = ()
    if dataset is None and stores.retention.extracts_days is not None:
        # Looked at again, now that it is settled which snapshots stay.
        left = [s for s in stores.ledger.snapshots() if s.expired is None]
        due = extracts_due(stores, left)
        why = f"extracts are kept for {stores.retention.extracts_days} days"
        marked = stores.ledger.retention.expire_extracts(due, why=why, who=who)
        extracts = tuple(extract for extract in due if extract.sha256 in marked)
    cleaned = recover(stores.state, stores.ledger, thorough=True)
    if gone:
        project(stores)
    return Expiry(
        preview.storage,
        extracts,
        tuple(gone),
        cleaned.files + remove_expired_extracts(stores.state, stores.ledger),
        bool(stores.ledger.live_claims()),
        cleaned.problems,
    )


def expire_after_run(stores: Stores) -> None:
    """Let go of what is due if the settings say so; a run is what it was if that fails."""
    retention = stores.retention
    if not retention.after_run:
        return
    try:
        is_due = any(fate.goes for fate in stores.ledger.retention.fates(retention))
        if is_due or retention.extracts_days is not None:
            expire(stores)
    except (CleanholdError, OSError) as error:
        _log.warning("not all that is due expired; the next run tries again: %s", error)


def _storage(stores: Stores, dataset: str, fates: Sequence[Fate]) -> Storage:
    own = tuple(f for f in fates if f.snapshot.dataset == dataset)
    files = {s.manifest: stores.manifest(s).files for s in stores.ledger.snapshots(dataset)}
    kept = _by_name(files[f.snapshot.manifest] for f in own if not f.goes)
    there = _by_name(files[f.snapshot.manifest] for f in own)
    rows = [file for file in there.values() if file.role is Role.DATA]
    return Storage(
        dataset,
        rows=sum(file.size for file in rows),
        held_back=sum(f.size for f in _by_name(files.values()).values() if f.role is not Role.DATA),
        frees=sum(file.size for file in rows if file.name not in kept),
        fates=own,
    )


def _by_name(files: Iterable[Sequence[DataFile]]) -> dict[str, DataFile]:
    return {file.name: file for several in files for file in several}
