"""Publication: from staged files to a snapshot that readers see whole, or not at all.

The protocol, and why each step may be cut short by a power cut:

    stage      files in the run's own folder, synced
    reconcile  the account is proven from those files
    promote    content-addressed names; nothing refers to them yet
    manifest   under its own hash, and its seal; nothing refers to them yet
    commit     one transaction of the ledger: the snapshot exists
    project    from the outbox, as often as it takes
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.core.account import Account
from cleanhold.core.snapshot import Channel, DataFile, Manifest, Role, Snapshot
from cleanhold.errors import StateError
from cleanhold.store import pointer
from cleanhold.store.auditlog import GENESIS
from cleanhold.store.claims import Claim
from cleanhold.store.crashpoints import crash_point
from cleanhold.store.events import OutboxEvent
from cleanhold.store.files import fsync_file, fsync_folder, make_folder
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger
from cleanhold.store.reconcile import reconcile
from cleanhold.store.seals import seal
from cleanhold.store.snapshots import publish_files, scan, write_manifest


def open_staging(state: StateFolder, claim: Claim) -> Path:
    """The folder in which a claim writes its files, made when missing."""
    folder = state.staging / claim.folder
    make_folder(folder)
    return folder


def publish(
    state: StateFolder,
    ledger: Ledger,
    claim: Claim,
    staged: Mapping[Role, Path],
    *,
    account: Account,
    prefix: str,
    replayed: pl.Series | None = None,
    contract_fingerprint: str,
    code: str,
    published: bool,
    to: Channel = Channel.PRODUCTION,
    reasons: Sequence[str] = (),
    reuse: Sequence[DataFile] = (),
    checks: Sequence[Mapping[str, Any]] = (),
    details: Mapping[str, Any] | None = None,
    events: Sequence[OutboxEvent] = (),
    created_at: datetime | None = None,
) -> Snapshot:
    """Make a snapshot of the staged files. Repeat it after any interruption.

    The manifest's schema is read from the staged data file. Events are handled later by
    `outbox.drain`; one of kind `pointer` is always among them when something is published.

    Args:
        staged: Parquet files in the claim's staging folder. `Role.DATA` is required; a role
            without rows may be left out.
        account: what the run counted; proven from the files here.
        prefix: what the row ids of this run begin with (16 hex digits of the extract's SHA-256;
            for a built table those of the run key).
        replayed: for a replay, the ids of the rows that it judged again.
        published: False stops the snapshot at the channel `candidate`.
        to: the channel in which it is published.
        reasons: why it stopped there.
        reuse: files of earlier snapshots; the data files among them are kept (an appended
            dataset). What those runs held back stays with their own snapshots.
        checks: counts per check, JSON values.
        details: for the manifest, JSON values. `feeding.batch_of` reads `source`, `load`, `key`.

    Raises:
        AccountUnbalanced: the files do not agree with the account; nothing was published.
        RunInProgress: the claim was lost; nothing was published.
        StateError: no data file was staged.
    """
    where = f"{claim.dataset}, run {claim.run[:16]}"
    if Role.DATA not in staged:
        raise StateError(
            "a snapshot needs a data file, even an empty one",
            where=where,
            next="nothing was published; please report this",
        )
    folder = open_staging(state, claim)
    for path in staged.values():
        fsync_file(path)
    fsync_folder(folder)
    crash_point("staged")

    kept = tuple(file for file in reuse if file.role is Role.DATA)
    earlier = [state.dataset(claim.dataset) / file.name for file in kept]
    found = {role: [path] for role, path in staged.items()}
    reconcile(found, account, prefix=prefix, replayed=replayed, reused=earlier, where=where)
    schema = scan([staged[Role.DATA]]).collect_schema()
    crash_point("reconciled")

    files = publish_files(state, claim.dataset, staged)
    manifest = Manifest(
        dataset=claim.dataset,
        run=claim.run,
        contract_version=claim.contract_version,
        contract_fingerprint=contract_fingerprint,
        code=code,
        inputs=claim.inputs,
        account=account,
        # Empty files of two extracts are one file.
        files=tuple(dict.fromkeys((*kept, *files))),
        schema={name: str(dtype) for name, dtype in schema.items()},
        checks=tuple(checks),
        details=dict(details or {}),
    )
    sha256 = write_manifest(state, manifest)
    newest = next(iter(ledger.audit_log(newest=1)), None)
    entries, head = (newest.number, newest.hash) if newest else (0, GENESIS)
    seal(state, sha256, entries=entries, hash=head, signer=claim.signer)
    snapshot = ledger.commit(
        claim,
        manifest,
        sha256,
        published=published,
        to=to,
        reasons=reasons,
        created_at=created_at,
        sealed=entries,
        events=(*((OutboxEvent(pointer.KIND),) if published else ()), *events),
    )
    shutil.rmtree(folder, ignore_errors=True)
    crash_point("staging-removed")
    return snapshot
