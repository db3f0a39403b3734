"""The half of `verify` that reads files again: snapshots, extracts, deliveries, decisions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from cleanhold.core.extract import Extract, sha256_of
from cleanhold.core.finding import ROW_ID
from cleanhold.core.run import InputKind
from cleanhold.core.snapshot import Manifest, Role, Snapshot
from cleanhold.errors import CleanholdError, DamagedFile, StateError
from cleanhold.pipeline.stores import Stores
from cleanhold.store.decisions import read_rows
from cleanhold.store.landing import aside_id
from cleanhold.store.receipts import Seen
from cleanhold.store.reconcile import reconcile
from cleanhold.store.snapshots import data_paths, verify_files


def snapshot(stores: Stores, snapshot: Snapshot, seen: set[str]) -> tuple[int, int]:
    """Read a snapshot's files again; gives how many they are, and the records of its account.

    Args:
        stores: of the workspace.
        snapshot: as the ledger has it.
        seen: names of files that were read for other snapshots; those of this one are added.

    Raises:
        StateError: its manifest, its files and the ledger do not agree.
    """
    try:
        return _verified(stores, snapshot, seen)
    except (CleanholdError, OSError, pl.exceptions.PolarsError):
        now = stores.ledger.snapshot(snapshot.dataset, snapshot.number)
        if now is None or now.expired == snapshot.expired:
            raise
        return _verified(stores, now, seen)  # it has expired since it was listed


def _verified(stores: Stores, snapshot: Snapshot, seen: set[str]) -> tuple[int, int]:
    manifest = stores.manifest(snapshot)
    require_files(stores, snapshot, manifest, seen)
    where = f"{snapshot.dataset}, snapshot {snapshot.number}"
    ledger, files = _told_twice(snapshot), _told_twice(manifest)
    if differing := [name for name in ledger if ledger[name] != files[name]]:
        raise StateError(
            f"the ledger and the manifest of a snapshot differ: {', '.join(differing)}",
            where=where,
            next="compare the ledger with a backup: the manifest's hash is right",
        )
    reconcile(
        {role: data_paths(stores.state, manifest, role) for role in Role},
        manifest.account,
        prefix=manifest.row_prefix,
        replayed=_replayed(stores, manifest),
        expired=snapshot.expired is not None,
        where=where,
    )
    if snapshot.expired:
        gone = len(manifest.of(Role.DATA))
        return len(manifest.files) - gone, manifest.account.records - manifest.account.clean
    return len(manifest.files), manifest.account.records


def require_files(
    stores: Stores, snapshot: Snapshot, manifest: Manifest, seen: set[str] | None = None
) -> None:
    """Compare every file of a snapshot with its hash; see `store.snapshots.verify_files`.

    Raises:
        DamagedFile: one is missing, or is not what was published or kept.
    """
    verify_files(stores.state, manifest, seen, expired=snapshot.expired is not None)
    sha256 = snapshot.expired.key_file if snapshot.expired else None
    if sha256 is None:
        return
    path = stores.state.key_file(sha256)
    if not path.is_file() or sha256_of(path) != sha256:
        raise DamagedFile(
            "the keys that are kept of an expired snapshot are missing, or not what was kept",
            where=str(path),
            next="restore this file from a backup: its name is its SHA-256",
        )


def _told_twice(one: Snapshot | Manifest) -> dict[str, object]:
    names = ("dataset", "account", "rows", "run", "contract_version", "inputs")
    return {name: getattr(one, name) for name in names}


def _replayed(stores: Stores, manifest: Manifest) -> pl.Series | None:
    """The ids of the rows that a replay judged again; None for other runs."""
    files = [i.sha256 for i in manifest.inputs if i.kind is InputKind.REPLAY]
    if not files:
        return None
    path = stores.state.replay(files[0])
    if not path.is_file() or sha256_of(path) != files[0]:
        raise DamagedFile(
            "the rows of a replay are missing, or not what was judged",
            where=str(path),
            next="restore this file from a backup: its name is its SHA-256",
        )
    return pl.read_parquet(path, columns=[ROW_ID])[ROW_ID]


def extracts_of(snapshots: Sequence[Snapshot]) -> set[str]:
    """SHA-256 of the extracts that snapshots were made from."""
    return {i.sha256 for s in snapshots for i in s.inputs if i.kind is InputKind.EXTRACT}


def what_is_wrong(extract: Extract) -> str:
    """In words; empty if its bytes are those that were landed."""
    if not extract.path.is_file():
        return "is missing"
    same = extract.path.stat().st_size == extract.size and sha256_of(extract.path) == extract.sha256
    return "" if same else "is not what was landed"


def damaged_extract(extract: Extract, what: str) -> DamagedFile:
    """What `what_is_wrong` says, with its place and what to do."""
    return DamagedFile(
        f"the extract {extract.name} of {extract.source} {what}",
        where=str(extract.path),
        next="restore this file from a backup, or have it delivered again",
    )


def decision_problems(stores: Stores, dataset: str | None) -> Iterator[CleanholdError]:
    """Files of what was decided that are not what they were."""
    for decision in stores.ledger.decisions(dataset):
        try:
            rows = read_rows(stores.state, decision).height
        except DamagedFile as error:
            yield error
            continue
        if rows != decision.rows:
            yield StateError(
                f"decision {decision.id} is about {decision.rows} rows, its file has {rows}",
                where=str(stores.state.decision(decision.file)),
                next="compare the ledger with a backup: the file's hash is right",
            )


def delivery_problems(stores: Stores) -> Iterator[DamagedFile]:
    """Compressed deliveries that are not kept as they came."""
    sources = sorted({extract.source for extract in stores.ledger.extracts()})
    kept = [
        one["delivery"] for s in sources for one in stores.ledger.receipts(s) if "delivery" in one
    ]
    for sha256 in sorted({str(one["sha256"]) for one in kept}):
        path = stores.state.delivery(sha256)
        if what := _not_as_named(path, sha256):
            yield DamagedFile(
                f"a compressed delivery {what}",
                where=str(path),
                next="restore this file from a backup; the extracts that were in it are kept apart",
            )


def aside_problems(stores: Stores) -> Iterator[DamagedFile]:
    """Deliveries put aside whose bytes, or the reason beside them, are not what they were."""
    for seen in stores.ledger.aside():
        file = stores.state.aside_file(aside_id(seen.source, seen.place, seen.sha256))
        reason = file.with_name(f"{file.name}.json")
        again = "`cleanhold run` takes it again from its source, if it is still there"
        if seen.sha256 and (what := _not_as_named(file, seen.sha256)):
            said = f"{seen.name} of {seen.source}, which was put aside, {what}"
            yield DamagedFile(said, where=str(file), next=f"restore it from a backup; {again}")
        if not _says(reason, seen):
            said = f"why {seen.name} of {seen.source} was put aside is missing, or was changed"
            yield DamagedFile(said, where=str(reason), next=f"restore it from a backup; {again}")


def _says(reason: Path, seen: Seen) -> bool:
    problem = seen.problem or {}
    expected = {
        "source": seen.source,
        "name": seen.name,
        "where": seen.place,
        "sha256": seen.sha256,
        "size": seen.size,
        "seen_at": seen.seen_at.isoformat(),
        **{key: problem.get(key) for key in ("what", "next")},
    }
    try:
        return bool(json.loads(reason.read_bytes()) == expected)
    except (OSError, ValueError):
        return False


def _not_as_named(path: Path, sha256: str) -> str:
    if not path.is_file():
        return "is missing"
    return "" if sha256_of(path) == sha256 else "is not what came: its name is its SHA-256"
