"""read: what a model may see."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence

import polars as pl

from cleanhold.core.finding import RECORD_NUMBER, ROW_ID
from cleanhold.core.snapshot import Channel, Manifest, Snapshot
from cleanhold.errors import DamagedFile, NeverPublished, UnknownDataset, UsageError
from cleanhold.pipeline.waived import waived_in
from cleanhold.store.kept import require_kept
from cleanhold.store.layout import StateFolder
from cleanhold.store.opening import has_ledger, open_ledger
from cleanhold.store.seals import require_signed
from cleanhold.store.snapshots import data_paths, read_manifest, scan, verify_files

#: Gives the names of declared datasets, for messages.
Declared = Callable[[], list[str]]


def read_snapshot(
    folder: StateFolder,
    dataset: str,
    *,
    snapshot: int | None,
    channel: str,
    columns: Sequence[str] | None,
    provenance: bool,
    declared: Declared,
) -> pl.LazyFrame:
    """The rows of one snapshot; see `cleanhold.read`."""
    manifest = _verified(folder, _found(folder, dataset, snapshot, channel, declared))
    rows = scan(data_paths(folder, manifest))
    hidden = [] if provenance else [ROW_ID, RECORD_NUMBER]
    if columns is None:
        return rows.drop(hidden)
    have = [name for name in rows.collect_schema().names() if name not in hidden]
    _require_columns(dataset, columns, have)
    identity = [ROW_ID, RECORD_NUMBER] if provenance else []
    return rows.select([*identity, *(c for c in columns if c not in identity)])


def waived_rows(
    folder: StateFolder, dataset: str, *, snapshot: int | None, channel: str, declared: Declared
) -> pl.DataFrame:
    """The rows of one snapshot that were let through; see `cleanhold.waived`."""
    found = _found(folder, dataset, snapshot, channel, declared)
    manifest = read_manifest(folder, found.manifest)
    require_signed(folder, found.manifest, _which(found))
    return waived_in(manifest)


def _which(snapshot: Snapshot) -> str:
    return f"{snapshot.dataset} snapshot {snapshot.number}"


def _found(
    folder: StateFolder, dataset: str, snapshot: int | None, channel: str, declared: Declared
) -> Snapshot:
    wanted = _channel(channel)
    found = None
    if has_ledger(folder):
        with open_ledger(folder) as ledger:
            found = ledger.snapshot(dataset, snapshot, wanted)
            if found and _is_beyond(found.channel, wanted):
                how = "was stopped at candidate" if not found.is_published else "is in pilot only"
                raise NeverPublished(
                    f"snapshot {found.number} of {dataset} {how}",
                    next=f"to look at it all the same, name the channel: "
                    f"read({dataset!r}, snapshot={found.number}, channel='{found.channel}')",
                )
    if found is None:
        raise refusal(folder, dataset, snapshot, wanted, declared)
    return found


def _is_beyond(came: Channel, wanted: Channel) -> bool:
    """Whether a snapshot never came as far as the channel that a reader names."""
    ways = list(Channel)
    return wanted is not Channel.BASELINE and ways.index(came) < ways.index(wanted)


def _verified(folder: StateFolder, snapshot: Snapshot) -> Manifest:
    """Its manifest; its files are there, and are what was published."""
    require_kept(snapshot)
    try:
        manifest = read_manifest(folder, snapshot.manifest)
        verify_files(folder, manifest)
        require_signed(folder, snapshot.manifest, _which(snapshot))
    except (DamagedFile, OSError):
        with open_ledger(folder) as ledger:
            now = ledger.snapshot(snapshot.dataset, snapshot.number)
        require_kept(now or snapshot)  # it expired a moment ago
        raise
    return manifest


def _require_columns(dataset: str, wanted: Sequence[str], have: Sequence[str]) -> None:
    if isinstance(wanted, str):
        raise UsageError("columns must be a list of names", next=f"write columns=[{wanted!r}]")
    for name in wanted:
        if name in have:
            continue
        hint = "use " + ", ".join(have)
        if name in (ROW_ID, RECORD_NUMBER):
            hint = "it is not data; add provenance=True to have it"
        raise UsageError(f"{dataset} has no column {name!r}", next=hint)


def list_snapshots(folder: StateFolder, dataset: str, *, declared: Declared) -> list[Snapshot]:
    """Versions of a dataset, oldest first; empty if it was never run."""
    found: list[Snapshot] = []
    if has_ledger(folder):
        with open_ledger(folder) as ledger:
            found = ledger.snapshots(dataset)[::-1]
    if not found and dataset not in declared():
        raise refusal(folder, dataset, None, Channel.PRODUCTION, declared)
    return found


def _channel(name: str) -> Channel:
    try:
        return Channel(name)
    except ValueError:
        raise UsageError(
            f"there is no channel {name!r}", next="use " + " or ".join(Channel)
        ) from None


def refusal(
    folder: StateFolder, dataset: str, snapshot: int | None, channel: Channel, declared: Declared
) -> UnknownDataset | NeverPublished:
    """Why there is nothing to read under that name."""
    have: list[Snapshot] = []
    names = set(declared())
    if has_ledger(folder):
        with open_ledger(folder) as ledger:
            have = ledger.snapshots(dataset)
            names |= set(ledger.datasets())
    if dataset not in names:
        close = difflib.get_close_matches(dataset, names, n=1)
        hint = f"did you mean {close[0]!r}?" if close else "use one of " + ", ".join(sorted(names))
        return UnknownDataset(
            f"there is no dataset {dataset!r}",
            where=str(folder.root),
            next=hint if names else "declare a contract for it and run `cleanhold run`",
        )
    numbers = ", ".join(f"{s.number} ({s.channel})" for s in have if s.expired is None)
    if snapshot is not None and have:
        return NeverPublished(
            f"{dataset} has no snapshot {snapshot} in {channel}", next=f"there are {numbers}"
        )
    if have:
        waits = channel is Channel.PRODUCTION and any(s.channel is Channel.PILOT for s in have)
        asks = "gates" if waits else "snapshots"
        return NeverPublished(
            f"nothing of {dataset} is in {channel}",
            where=str(folder.root),
            next=f"there are {numbers}; `cleanhold {asks} {dataset}` says why",
        )
    return NeverPublished(
        f"{dataset} was never published", where=str(folder.root), next="run `cleanhold run`"
    )
