"""verify: do the files, the ledger and the quarantine tell the same story?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from cleanhold.core.extract import Extract, sha256_of
from cleanhold.core.finding import ROW_ID
from cleanhold.core.run import InputKind
from cleanhold.core.snapshot import Manifest, Role, Snapshot
from cleanhold.errors import CleanholdError, DamagedFile, StateError, UnknownDataset
from cleanhold.pipeline.stores import Stores
from cleanhold.store.feeding import items, unfed
from cleanhold.store.kept import gone_since
from cleanhold.store.quarantine import Quarantine
from cleanhold.store.reconcile import reconcile
from cleanhold.store.snapshots import data_paths, verify_files

#: Called with what is looked at next.
Step = Callable[[str], None]


@dataclass
class Verified:
    """What was read again, and what was found.

    Attributes:
        extracts, snapshots, files: how many were read, byte by byte.
        rows: row ids that were read again and found in exactly one place.
        expired: of the snapshots, those whose published rows are gone on purpose; what their
            runs held back was read.
        entries: of the audit log.
        problems: what contradicts what.
    """

    extracts: int = 0
    snapshots: int = 0
    files: int = 0
    rows: int = 0
    expired: int = 0
    entries: int = 0
    problems: list[CleanholdError] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        told = ("extracts", "snapshots", "files", "rows", "expired", "entries")
        problems = [{"what": p.what, "where": p.where, "next": p.next} for p in self.problems]
        return {**{name: getattr(self, name) for name in told}, "problems": problems}


def verify(stores: Stores, dataset: str | None = None, step: Step = lambda _: None) -> Verified:
    """Read everything again: every landed byte, every published file, every row id.

    Each file is held against its hash, each manifest and the audit log against theirs, each
    account against the rows in the files, each pointer against the ledger, and the quarantine
    against the batches it was made from. Of a snapshot that has expired, everything is but its
    published rows. Nothing is changed.

    Args:
        stores: of the workspace.
        dataset: only this one; the audit log and the quarantine are looked at as a whole.
        step: called with what is looked at next.

    Raises:
        UnknownDataset: it has no snapshots.
    """
    known = stores.ledger.datasets()
    if dataset is not None and dataset not in known:
        raise UnknownDataset(
            f"{dataset} has no snapshot to verify",
            next="use one of " + ", ".join(known) if known else "run `cleanhold run` first",
        )
    found = Verified()
    step("the audit log")
    found.entries = len(stores.ledger.audit_log())
    if problem := audit_log_problem(stores):
        found.problems.append(problem)
    found.problems += stores.ledger.retention.contradictions()
    wanted = stores.ledger.snapshots(dataset)
    for snapshot in wanted:
        step(f"{snapshot.dataset}, snapshot {snapshot.number}")
        found.snapshots += 1
        try:
            _verify_snapshot(stores, snapshot, found)
        except CleanholdError as error:
            found.problems.append(error)
    read = {i.sha256 for s in wanted for i in s.inputs if i.kind is InputKind.EXTRACT}
    for extract, what in _bad_extracts(stores, read if dataset else None, found, step):
        found.problems.append(_damaged_extract(extract, what))
    for name in [dataset] if dataset else known:
        found.problems += _pointer_problem(stores, name)
    if not any(isinstance(problem, DamagedFile) for problem in found.problems):
        step("the quarantine")
        found.problems += _quarantine_problems(stores)
    return found


def _verify_snapshot(stores: Stores, snapshot: Snapshot, found: Verified) -> None:
    manifest = stores.manifest(snapshot)
    try:
        _require_files(stores, snapshot, manifest)
        _require_account(stores, snapshot, manifest)
    except (CleanholdError, OSError, pl.exceptions.PolarsError):
        now = stores.ledger.snapshot(snapshot.dataset, snapshot.number)
        if now is None or now.expired == snapshot.expired:
            raise
        _verify_snapshot(stores, now, found)  # it has expired since it was listed
        return
    gone = len(manifest.of(Role.DATA)) if snapshot.expired else 0
    found.expired += snapshot.expired is not None
    found.files += len(manifest.files) - gone
    found.rows += manifest.account.records - (manifest.account.clean if snapshot.expired else 0)


def _require_files(stores: Stores, snapshot: Snapshot, manifest: Manifest) -> None:
    verify_files(stores.state, manifest, expired=snapshot.expired is not None)
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


def _require_account(stores: Stores, snapshot: Snapshot, manifest: Manifest) -> None:
    where = f"{snapshot.dataset}, snapshot {snapshot.number}"
    told = (snapshot.account, snapshot.rows, snapshot.run)
    if told != (manifest.account, manifest.rows, manifest.run):
        raise StateError(
            "the ledger and the manifest of a snapshot differ",
            where=where,
            next="compare the ledger with a backup: the manifest's hash is right",
        )
    files = {role: data_paths(stores.state, manifest, role) for role in Role}
    replayed = _replayed(stores, manifest)
    prefix = manifest.row_prefix
    reconcile(
        files,
        manifest.account,
        prefix=prefix,
        replayed=replayed,
        expired=snapshot.expired is not None,
        where=where,
    )


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


def _bad_extracts(
    stores: Stores, only: set[str] | None, found: Verified, step: Step
) -> Iterator[tuple[Extract, str]]:
    expired = stores.ledger.retention.expired_extracts()
    for extract in stores.ledger.extracts():
        if only is not None and extract.sha256 not in only:
            continue
        if gone_since(extract, expired) and not extract.path.is_file():
            continue
        step(f"{extract.source}, {extract.name}")
        found.extracts += 1
        if what := _what_is_wrong(extract):
            yield extract, what


def _what_is_wrong(extract: Extract) -> str:
    if not extract.path.is_file():
        return "is missing"
    same = extract.path.stat().st_size == extract.size and sha256_of(extract.path) == extract.sha256
    return "" if same else "is not what was landed"


def _damaged_extract(extract: Extract, what: str) -> DamagedFile:
    return DamagedFile(
        f"the extract {extract.name} of {extract.source} {what}",
        where=str(extract.path),
        next="restore this file from a backup, or have it delivered again",
    )


def _pointer_problem(stores: Stores, dataset: str) -> list[CleanholdError]:
    """The pointer that outside readers follow says what the ledger says."""
    current, path = stores.ledger.snapshot(dataset), stores.state.pointer(dataset)
    told = json.loads(path.read_bytes()) if path.is_file() else None
    real = {"dataset": dataset, "number": current.number, "manifest": current.manifest} if (
        current
    ) else None  # fmt: skip
    if told == real:
        return []
    return [
        StateError(
            f"the pointer of {dataset} names another snapshot than the ledger",
            where=str(path),
            next="`cleanhold recover` writes it again",
        )
    ]


def _quarantine_problems(stores: Stores) -> list[CleanholdError]:
    quarantine = Quarantine(stores.state)
    if missing := unfed(stores.ledger, quarantine):
        return [
            StateError(
                f"{missing} runs or decisions are not in the quarantine yet",
                where=str(stores.state.quarantine),
                next="`cleanhold recover` feeds them",
            )
        ]
    try:
        differing = quarantine.differences(items(stores.state, stores.ledger))
    except CleanholdError as error:
        return [error]
    except pl.exceptions.PolarsError as error:  # of a dataset that was not asked for
        return [
            DamagedFile(
                f"a file that the quarantine is made from cannot be read: {error}",
                where=str(stores.state.snapshots),
                next="`cleanhold verify` says which",
            )
        ]
    return [
        StateError(
            f"{count:,} rows of the table {table!r} are not as the held rows' files make them",
            where=str(stores.state.quarantine),
            next="`cleanhold recover --quarantine` makes it again from those files",
        )
        for table, count in differing.items()
    ]


def damaged(stores: Stores) -> Iterator[tuple[Snapshot, DamagedFile]]:
    """Snapshots whose manifest or files no longer match their hashes."""
    for snapshot in stores.ledger.snapshots():
        try:
            _require_files(stores, snapshot, stores.manifest(snapshot))
        except DamagedFile as error:
            yield snapshot, error


def damaged_extracts(stores: Stores) -> Iterator[tuple[Extract, str]]:
    """Landed extracts whose bytes are gone, or no longer match their hash; and which it is."""
    expired = stores.ledger.retention.expired_extracts()
    for extract in stores.ledger.extracts():
        if gone_since(extract, expired) and not extract.path.is_file():
            continue
        if what := _what_is_wrong(extract):
            yield extract, what


def audit_log_problem(stores: Stores) -> CleanholdError | None:
    """What is wrong with the chain of the audit log, if anything is."""
    try:
        stores.ledger.verify_audit()
    except CleanholdError as error:
        return error
    return None


def unfed_batches(stores: Stores) -> int:
    """Committed runs and decisions that are not in the quarantine database yet."""
    return unfed(stores.ledger, Quarantine(stores.state))
