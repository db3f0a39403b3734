from __future__ import annotations

from dataclasses import replace

import pytest

from cleanhold.core.run import Run, RunState
from cleanhold.core.snapshot import Role
from cleanhold.errors import RunInProgress
from cleanhold.store.claims import Claim
from cleanhold.store.files import temporary
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger
from cleanhold.store.owner import Owner
from cleanhold.store.publication import open_staging
from cleanhold.store.recovery import Recovered, recover
from cleanhold.store.snapshots import publish_files, read_manifest, verify_files, write_manifest
from tests.conformance.ledgers import claim, commit, manifest_of

from . import tiny
from .conftest import Deliver


def promoted(state: StateFolder, ledger: Ledger, deliver: Deliver) -> Claim:
    """A run of another dataset that was killed between its manifest and its commit."""
    claimed = claim(ledger, "f" * 64, "crm.other")
    staged, _ = tiny.split(deliver("q,1\nr,x\n", day=9), open_staging(state, claimed))
    files = publish_files(state, "crm.other", {Role.DATA: staged[Role.DATA]})
    write_manifest(state, replace(manifest_of(claimed), files=files))
    return claimed


def die(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Owner, "is_gone", lambda self: True)


def test_there_is_nothing_to_do_after_a_good_run(
    state: StateFolder, ledger: Ledger, deliver: Deliver
) -> None:
    snapshot = tiny.publish_extract(state, ledger, deliver("a,1\nb,x\n"))
    assert snapshot is not None
    assert recover(state, ledger) == recover(state, ledger, thorough=True) == Recovered()
    verify_files(state, read_manifest(state, snapshot.manifest))


def test_what_a_dead_run_left_is_fenced_and_removed(
    state: StateFolder, ledger: Ledger, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = tiny.publish_extract(state, ledger, deliver("a,1\nb,x\n"))
    assert snapshot is not None
    dead = promoted(state, ledger, deliver)
    (state.extracts / ".delivery.123.tmp").write_bytes(b"half")
    die(monkeypatch)
    assert recover(state, ledger) == Recovered(fenced=1, staging=1, files=2, temporary=1)
    assert list(state.staging.iterdir()) == []
    assert list(state.dataset("crm.other").iterdir()) == []
    verify_files(state, read_manifest(state, snapshot.manifest))
    assert len(ledger.extracts()) == 2
    run = ledger.run(dead.run)
    assert run is not None
    assert run.state is RunState.FAILED
    with pytest.raises(RunInProgress):
        commit(ledger, dead)
    assert recover(state, ledger, thorough=True) == Recovered()


def test_a_live_run_is_left_alone(state: StateFolder, ledger: Ledger, deliver: Deliver) -> None:
    live = promoted(state, ledger, deliver)
    stray = state.staging / "0000-1"
    stray.mkdir()
    with temporary(state.manifests / "m.json") as (draft, _):
        assert recover(state, ledger, thorough=True) == Recovered()
        assert draft.exists()
    assert len(list(state.dataset("crm.other").iterdir())) == 1
    assert (state.staging / live.folder).exists()
    # What nobody owns goes as soon as nobody works.
    ledger.fail(live, ["stopped"])
    assert recover(state, ledger) == Recovered(staging=2, files=2)
    assert not stray.exists()


def test_nothing_is_removed_while_a_manifest_is_damaged(
    state: StateFolder, ledger: Ledger, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = tiny.publish_extract(state, ledger, deliver("a,1\nb,x\n"))
    assert snapshot is not None
    promoted(state, ledger, deliver)
    state.manifest(snapshot.manifest).unlink()
    before = sorted(state.snapshots.rglob("*"))
    die(monkeypatch)
    (problem,) = recover(state, ledger).problems
    assert "manifest is missing" in problem
    assert sorted(state.snapshots.rglob("*")) == before


def test_an_interrupted_run_may_be_repeated(
    state: StateFolder, ledger: Ledger, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    extract = deliver("a,1\nb,x\n")
    claimed = tiny.claim(ledger, extract)
    assert not isinstance(claimed, Run)
    open_staging(state, claimed)
    with monkeypatch.context() as patch:
        die(patch)
        recover(state, ledger)
    snapshot = tiny.publish_extract(state, ledger, extract)
    assert snapshot is not None
    run = ledger.run(snapshot.run)
    assert run is not None
    assert (run.attempt, run.state) == (2, RunState.PUBLISHED)
