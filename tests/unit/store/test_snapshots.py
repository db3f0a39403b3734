from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from cleanhold.core.snapshot import Manifest, Role
from cleanhold.errors import DamagedFile
from cleanhold.store.layout import StateFolder
from cleanhold.store.snapshots import (
    count_rows,
    data_paths,
    publish_files,
    read_manifest,
    scan,
    verify_files,
    write_manifest,
)
from tests.conformance.ledgers import manifest_of

from .tiny import DATASET


@pytest.fixture
def staged(state: StateFolder) -> dict[Role, Path]:
    files = {Role.HELD: state.staging / "held", Role.DATA: state.staging / "data"}
    for rows, path in enumerate(files.values(), start=2):
        pl.DataFrame({"row_id": [str(i) for i in range(rows)]}).write_parquet(path)
    return files


@pytest.fixture
def manifest(state: StateFolder, staged: dict[Role, Path]) -> Manifest:
    from cleanhold.store.claims import Claim

    blank = manifest_of(Claim("r1", DATASET, 1))
    return replace(blank, files=publish_files(state, DATASET, staged))


def test_files_are_named_by_what_is_in_them(state: StateFolder, manifest: Manifest) -> None:
    assert [(file.role, file.rows) for file in manifest.files] == [(Role.DATA, 3), (Role.HELD, 2)]
    for file in manifest.files:
        path = state.dataset(DATASET) / file.name
        assert hashlib.sha256(path.read_bytes()).hexdigest() == file.sha256
        assert path.stat().st_size == file.size
        assert count_rows(path) == file.rows
    verify_files(state, manifest)
    assert data_paths(state, manifest) == (state.dataset(DATASET) / manifest.files[0].name,)


def test_publishing_the_same_bytes_again_changes_nothing(
    state: StateFolder, manifest: Manifest
) -> None:
    copy = state.staging / "data"
    copy.write_bytes(data_paths(state, manifest)[0].read_bytes())
    assert publish_files(state, DATASET, {Role.DATA: copy}) == manifest.files[:1]
    assert not copy.exists()
    verify_files(state, manifest)


def test_a_manifest_is_read_as_it_was_written(state: StateFolder, manifest: Manifest) -> None:
    sha256 = write_manifest(state, manifest)
    assert write_manifest(state, manifest) == sha256
    assert read_manifest(state, sha256) == manifest
    assert json.loads(state.manifest(sha256).read_bytes()) == manifest.as_dict()


def test_a_changed_or_missing_manifest_is_damage(state: StateFolder, manifest: Manifest) -> None:
    sha256 = write_manifest(state, manifest)
    path = state.manifest(sha256)
    path.write_bytes(path.read_bytes().replace(b'"held":1', b'"held":0'))
    with pytest.raises(DamagedFile, match="not what was published"):
        read_manifest(state, sha256)
    path.unlink()
    with pytest.raises(DamagedFile, match="missing"):
        read_manifest(state, sha256)


@pytest.mark.parametrize("size_changes", [True, False])
def test_changed_files_are_damage(
    state: StateFolder, manifest: Manifest, size_changes: bool
) -> None:
    path = data_paths(state, manifest, Role.HELD)[0]
    path.chmod(0o644)
    data = path.read_bytes()
    path.write_bytes(data[:-1] + (b"" if size_changes else b"\0"))
    with pytest.raises(DamagedFile, match="not what was published") as caught:
        verify_files(state, manifest)
    assert str(path) in str(caught.value)
    path.unlink()
    with pytest.raises(DamagedFile, match="missing"):
        verify_files(state, manifest)


def test_names_are_never_patterns(tmp_path: Path) -> None:
    for name in ("a[1].parquet", "a1.parquet"):
        pl.DataFrame({"name": [name]}).write_parquet(tmp_path / name)
    assert scan([tmp_path / "a[1].parquet"]).collect()["name"].to_list() == ["a[1].parquet"]
