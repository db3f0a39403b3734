"""Snapshots on disk: immutable Parquet files, and the manifests that describe them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from cleanhold.core.extract import sha256_of
from cleanhold.core.run import canonical_json
from cleanhold.core.snapshot import DataFile, Manifest, Role
from cleanhold.errors import DamagedFile
from cleanhold.store.crashpoints import crash_point
from cleanhold.store.files import atomic_write, fsync_folder, make_folder, promote
from cleanhold.store.layout import StateFolder

#: Order in which the files of a snapshot are promoted and listed.
ROLES = tuple(Role)


def publish_files(
    state: StateFolder, dataset: str, staged: Mapping[Role, Path]
) -> tuple[DataFile, ...]:
    """Move staged Parquet files to their immutable names; nothing refers to them yet.

    Rows are counted in the files themselves.
    """
    folder = state.dataset(dataset)
    make_folder(folder)
    files: list[DataFile] = []
    for role in (role for role in ROLES if role in staged):
        path = staged[role]
        file = DataFile(role, sha256_of(path), count_rows(path), path.stat().st_size)
        promote(path, folder / file.name)
        crash_point(f"promoted-{role}")
        files.append(file)
    fsync_folder(folder)
    crash_point("promoted")
    return tuple(files)


def count_rows(path: Path) -> int:
    """Rows of a Parquet file, from its footer."""
    return int(scan([path]).select(pl.len()).collect().item())


def scan(paths: Iterable[Path]) -> pl.LazyFrame:
    """The rows of Parquet files, lazily; names are taken literally, never as patterns."""
    return pl.scan_parquet(list(paths), glob=False)


def write_manifest(state: StateFolder, manifest: Manifest) -> str:
    """Write the manifest under its own hash, durably; returns that SHA-256 (hex)."""
    data = canonical_json(manifest.as_dict())
    sha256 = hashlib.sha256(data).hexdigest()
    atomic_write(state.manifest(sha256), data)
    crash_point("manifest-written")
    return sha256


def read_manifest(state: StateFolder, sha256: str) -> Manifest:
    """The manifest of that hash.

    Raises:
        DamagedFile: it is missing, or its bytes are not those that were published.
    """
    path = state.manifest(sha256)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise _damaged(path, "a manifest is missing") from None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise _damaged(path, "a manifest is not what was published")
    return Manifest.from_dict(json.loads(data))


def data_paths(state: StateFolder, manifest: Manifest, role: Role = Role.DATA) -> tuple[Path, ...]:
    """Where the files of one role lie."""
    folder = state.dataset(manifest.dataset)
    return tuple(folder / file.name for file in manifest.of(role))


def verify_files(
    state: StateFolder,
    manifest: Manifest,
    seen: set[str] | None = None,
    *,
    expired: bool = False,
) -> None:
    """Read every file of the snapshot and compare it with its hash.

    Args:
        seen: paths of files that were read already, which are not read again; those that are
            found right are added.
        expired: its rows are gone on purpose; what its run held back must be there.

    Raises:
        DamagedFile: one is missing, or its bytes are not those that were published.
    """
    for file in manifest.files:
        if expired and file.role is Role.DATA:
            continue
        path = state.dataset(manifest.dataset) / file.name
        if seen is not None and str(path) in seen:
            continue
        if not path.is_file():
            raise _damaged(path, "a file of a snapshot is missing")
        if path.stat().st_size != file.size or sha256_of(path) != file.sha256:
            raise _damaged(path, "a file of a snapshot is not what was published")
        if seen is not None:
            seen.add(str(path))


def _damaged(path: Path, what: str) -> DamagedFile:
    return DamagedFile(
        what, where=str(path), next="restore this file from a backup: its name is its SHA-256"
    )
