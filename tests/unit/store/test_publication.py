from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from cleanhold.core.run import Run
from cleanhold.core.snapshot import Channel, Role
from cleanhold.errors import AccountUnbalanced, RunInProgress, StateError
from cleanhold.store import publication
from cleanhold.store.claims import Claim
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger
from cleanhold.store.publication import open_staging, publish
from cleanhold.store.snapshots import data_paths, read_manifest, scan, verify_files

from . import tiny
from .conftest import Deliver

TEXT = "a,1\nb,x\nc\nd,-4\n"


def read(state: StateFolder, ledger: Ledger) -> dict[str, int]:
    """What a reader gets."""
    current = ledger.snapshot(tiny.DATASET)
    assert current is not None
    rows = scan(data_paths(state, read_manifest(state, current.manifest))).collect()
    return dict(zip(rows["key"], rows["value"], strict=True))


def test_a_run_publishes_and_its_manifest_tells_all(
    state: StateFolder, ledger: Ledger, deliver: Deliver
) -> None:
    extract = deliver(TEXT)
    snapshot = tiny.publish_extract(state, ledger, extract)
    assert snapshot is not None
    assert (snapshot.number, snapshot.rows, snapshot.channel) == (1, 2, Channel.PRODUCTION)
    manifest = read_manifest(state, snapshot.manifest)
    verify_files(state, manifest)
    assert {file.role: file.rows for file in manifest.files} == {
        Role.DATA: 2,
        Role.HELD: 1,
        Role.WARNED: 1,
        Role.REFUSED: 1,
        Role.SUPERSEDED: 0,
    }
    assert manifest.schema == {
        "row_id": "String",
        "record": "UInt64",
        "key": "String",
        "value": "Int64",
    }
    assert (manifest.account, manifest.inputs) == (snapshot.account, snapshot.inputs)
    assert read(state, ledger) == {"a": 1, "d": -4}
    assert list(state.staging.iterdir()) == []


def test_the_same_run_again_changes_nothing(
    state: StateFolder, ledger: Ledger, deliver: Deliver
) -> None:
    extract = deliver(TEXT)
    tiny.publish_extract(state, ledger, extract)
    assert tiny.publish_extract(state, ledger, extract) is None
    assert len(ledger.snapshots()) == 1


def test_later_deliveries_are_merged_over_earlier_ones(
    state: StateFolder, ledger: Ledger, deliver: Deliver
) -> None:
    tiny.publish_extract(state, ledger, deliver(TEXT, day=1))
    tiny.publish_extract(state, ledger, deliver("b,2\nd,9\n", day=2))
    assert read(state, ledger) == {"a": 1, "b": 2, "d": 9}


def test_a_candidate_does_not_reach_readers(
    state: StateFolder, ledger: Ledger, deliver: Deliver
) -> None:
    tiny.publish_extract(state, ledger, deliver(TEXT, day=1))
    stopped = tiny.publish_extract(state, ledger, deliver("x,y\nb,1\n", day=2), published=False)
    assert stopped is not None
    assert stopped.channel is Channel.CANDIDATE
    assert read(state, ledger) == {"a": 1, "d": -4}
    assert tiny.project(state, ledger) == []
    pointer = json.loads(state.pointer(tiny.DATASET).read_bytes())
    assert pointer["number"] == 1
    assert pointer["manifest"] == ledger.snapshots()[1].manifest


def staged_run(
    state: StateFolder, ledger: Ledger, deliver: Deliver
) -> tuple[Claim, dict[Role, Path], dict[str, object]]:
    extract = deliver(TEXT)
    claimed = tiny.claim(ledger, extract)
    assert not isinstance(claimed, Run)
    staged, account = tiny.split(extract, open_staging(state, claimed))
    terms = {
        "account": account,
        "prefix": extract.sha256[:16],
        "contract_fingerprint": "f",
        "code": "c",
        "published": True,
    }
    return claimed, staged, terms


def nothing_happened(state: StateFolder, ledger: Ledger) -> None:
    assert ledger.snapshots() == []
    assert list(state.manifests.iterdir()) == []
    assert not state.snapshots.exists() or list(state.snapshots.iterdir()) == []


def test_a_lost_row_stops_the_run_before_anything_is_promoted(
    state: StateFolder, ledger: Ledger, deliver: Deliver
) -> None:
    claimed, staged, terms = staged_run(state, ledger, deliver)
    pl.read_parquet(staged[Role.DATA]).head(1).write_parquet(staged[Role.DATA])
    with pytest.raises(AccountUnbalanced):
        publish(state, ledger, claimed, staged, **terms)  # type: ignore[arg-type]
    nothing_happened(state, ledger)


def test_a_run_without_a_data_file_is_refused(
    state: StateFolder, ledger: Ledger, deliver: Deliver
) -> None:
    claimed, staged, terms = staged_run(state, ledger, deliver)
    del staged[Role.DATA]
    with pytest.raises(StateError, match="needs a data file"):
        publish(state, ledger, claimed, staged, **terms)  # type: ignore[arg-type]
    nothing_happened(state, ledger)


def test_a_lost_claim_publishes_nothing(
    state: StateFolder, ledger: Ledger, deliver: Deliver
) -> None:
    claimed, staged, terms = staged_run(state, ledger, deliver)
    with pytest.raises(RunInProgress):
        publish(state, ledger, replace(claimed, attempt=7), staged, **terms)  # type: ignore[arg-type]
    assert ledger.snapshots() == []


def test_an_appended_dataset_keeps_the_earlier_data_and_only_that(
    state: StateFolder, ledger: Ledger, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiny, "upsert", lambda *_: None)
    first = tiny.publish_extract(state, ledger, deliver(TEXT, day=1))
    assert first is not None
    files = read_manifest(state, first.manifest).files
    real = publication.publish
    monkeypatch.setattr(tiny, "publish", lambda *a, **k: real(*a, **k, reuse=files))
    second = tiny.publish_extract(state, ledger, deliver("b,2\nz,q\n", day=2))
    assert second is not None
    assert read(state, ledger) == {"a": 1, "d": -4, "b": 2}
    manifest = read_manifest(state, second.manifest)
    assert [file.rows for file in manifest.of(Role.DATA)] == [2, 1]
    assert [file.rows for file in manifest.of(Role.HELD)] == [1]
    # The same extract under another contract would put its rows there twice.
    with pytest.raises(AccountUnbalanced, match="in the dataset already"):
        tiny.publish_extract(state, ledger, deliver(TEXT, day=1), contract="2")


def test_two_empty_data_files_are_one(
    state: StateFolder, ledger: Ledger, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiny, "upsert", lambda *_: None)
    first = tiny.publish_extract(state, ledger, deliver("x,y\n", day=1))
    assert first is not None
    files = read_manifest(state, first.manifest).files
    real = publication.publish
    monkeypatch.setattr(tiny, "publish", lambda *a, **k: real(*a, **k, reuse=files))
    second = tiny.publish_extract(state, ledger, deliver("z,w\n", day=2))
    assert second is not None
    assert len(read_manifest(state, second.manifest).of(Role.DATA)) == 1
