"""What every ledger does, wherever it is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cleanhold.core.run import Run, RunState
from cleanhold.core.snapshot import Channel, Snapshot
from cleanhold.errors import AccountUnbalanced, DeliveryError, RunInProgress, StateError, UsageError
from cleanhold.store.claims import INTERRUPTED
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger
from cleanhold.store.owner import Owner
from tests.conformance.ledgers import (
    ACCOUNT,
    EXTRACT_INPUT,
    MOMENT,
    Clock,
    claim,
    commit,
    extract,
    manifest_of,
)

Opener = Callable[..., Ledger]


# Extracts


def test_the_first_receipt_of_a_source_stays(state: StateFolder, ledger: Ledger) -> None:
    first = extract(state, "ab" * 32, day=1)
    assert ledger.record_extract(first, {"mode": "0644"}) == first
    again = replace(first, name="renamed.csv", landed_at=MOMENT + timedelta(days=1))
    assert ledger.record_extract(again) == first
    assert ledger.extracts() == [first]


def test_two_sources_may_deliver_the_same_bytes(state: StateFolder, ledger: Ledger) -> None:
    crm, erp = (extract(state, "ab" * 32, source=source) for source in ("crm", "erp"))
    ledger.record_extract(crm)
    assert ledger.record_extract(erp) == erp
    assert ledger.extracts("erp") == [erp]
    assert ledger.extract("ab" * 32, "erp") == erp
    assert len(ledger.extracts()) == 2
    assert ledger.extract_order() == {"ab" * 8: 0}


def test_digests_with_the_same_beginning_are_refused(state: StateFolder, ledger: Ledger) -> None:
    ledger.record_extract(extract(state, "ab" * 32))
    with pytest.raises(DeliveryError, match="same beginning"):
        ledger.record_extract(extract(state, "ab" * 31 + "cd", source="erp"))
    assert len(ledger.extracts()) == 1


def test_extracts_rank_by_business_date_then_landing(state: StateFolder, ledger: Ledger) -> None:
    late_day_1 = extract(state, "aa" * 32, day=1, hour=9)
    day_2 = extract(state, "bb" * 32, day=2, hour=1)
    early_day_1 = extract(state, "cc" * 32, day=1, hour=2)
    for item in (late_day_1, day_2, early_day_1):
        ledger.record_extract(item)
    assert ledger.extracts() == [early_day_1, late_day_1, day_2]
    assert ledger.extract_order() == {"cc" * 8: 0, "aa" * 8: 1, "bb" * 8: 2}


def test_a_moved_workspace_finds_its_extracts(tmp_path: Path, opened: Opener) -> None:
    state = StateFolder(tmp_path / "old").create()
    with opened(root=state.root) as ledger:
        ledger.record_extract(extract(state, "ab" * 32))
    moved = StateFolder(state.root.rename(tmp_path / "new"))
    with opened(root=moved.root) as ledger:
        assert ledger.extracts()[0].path == moved.extract("ab" * 32)


# Claims


def test_a_run_is_claimed_once(ledger: Ledger) -> None:
    claimed = claim(ledger)
    assert (claimed.attempt, claimed.folder) == (1, "r1-1")
    with pytest.raises(RunInProgress, match="this run is in progress") as caught:
        claim(ledger)
    assert f"process {Owner.current().pid}" in str(caught.value)


def test_a_dataset_has_one_run_at_a_time(ledger: Ledger) -> None:
    claim(ledger)
    with pytest.raises(RunInProgress, match=r"another run of crm\.tiny is in progress"):
        claim(ledger, "r2")
    assert claim(ledger, "r3", "crm.other").attempt == 1


def test_a_finished_run_is_returned_not_claimed(ledger: Ledger) -> None:
    commit(ledger, claim(ledger))
    done = ledger.claim("r1", "crm.tiny")
    assert isinstance(done, Run)
    assert done == ledger.run("r1")
    assert done.state is RunState.PUBLISHED


def test_a_failed_run_may_be_claimed_again(ledger: Ledger) -> None:
    assert ledger.fail(claim(ledger), ["disk full"])
    failed = ledger.run("r1")
    assert failed is not None
    assert (failed.state, failed.reasons) == (RunState.FAILED, ("disk full",))
    again = claim(ledger)
    assert again.attempt == 2
    run = ledger.run("r1")
    assert run is not None
    assert (run.state, run.reasons, run.finished_at) == (RunState.STAGING, (), None)


def test_a_lease_that_ran_out_is_taken_over_and_the_late_holder_is_fenced(
    opened: Opener,
) -> None:
    clock = Clock()
    with opened(clock=clock) as ledger:
        late = claim(ledger, lease_seconds=60)
        clock.now += timedelta(seconds=61)
        new = claim(ledger, lease_seconds=60)
        assert new.attempt == 2
        for lost in (
            lambda: commit(ledger, late),
            lambda: ledger.renew(late),
        ):
            with pytest.raises(RunInProgress, match="claim was lost"):
                lost()
        assert not ledger.fail(late, ["too late"])
        assert ledger.snapshots() == []
        assert commit(ledger, new).number == 1


def test_another_run_of_the_dataset_takes_over_as_well(opened: Opener) -> None:
    clock = Clock()
    with opened(clock=clock) as ledger:
        late = claim(ledger, "r1", lease_seconds=60)
        clock.now += timedelta(seconds=61)
        claim(ledger, "r2")
        stale = ledger.run("r1")
        assert stale is not None
        assert (stale.state, stale.reasons) == (RunState.FAILED, (INTERRUPTED,))
        with pytest.raises(RunInProgress, match="claim was lost"):
            commit(ledger, late)


def test_a_renewed_lease_is_kept(opened: Opener) -> None:
    clock = Clock()
    with opened(clock=clock) as ledger:
        claimed = claim(ledger, lease_seconds=60)
        clock.now += timedelta(seconds=50)
        ledger.renew(claimed, lease_seconds=60)
        clock.now += timedelta(seconds=50)
        with pytest.raises(RunInProgress):
            claim(ledger)
        assert commit(ledger, claimed).number == 1


def test_a_dead_holder_loses_its_claim_at_once(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Owner.current()
    gone = replace(here, started="1")
    with monkeypatch.context() as patch:
        patch.setattr(Owner, "current", classmethod(lambda cls: gone))
        patch.setattr(Owner, "is_gone", lambda self: False)
        dead = claim(ledger)
    assert ledger.live_claims()[0].folder == dead.folder
    assert [stale.run for stale in ledger.fence_stale()] == ["r1"]
    assert ledger.live_claims() == ()
    with pytest.raises(RunInProgress, match="claim was lost"):
        commit(ledger, dead)


def test_nobody_can_claim_while_the_ledger_is_at_rest(ledger: Ledger) -> None:
    with ledger.at_rest() as nobody:
        assert nobody
    claim(ledger)
    with ledger.at_rest() as nobody:
        assert not nobody


def test_unsafe_dataset_names_cannot_be_claimed(ledger: Ledger) -> None:
    with pytest.raises(UsageError):
        ledger.claim("r1", "../x")


# Commits


def test_a_commit_is_seen_whole(ledger: Ledger) -> None:
    snapshot = commit(ledger, claim(ledger, details={"note": "first"}))
    assert snapshot == Snapshot(
        dataset="crm.tiny",
        number=1,
        channel=Channel.PRODUCTION,
        manifest=f"{'r1':0>64}",
        run="r1",
        rows=7,
        contract_version="1",
        created_at=MOMENT,
        account=ACCOUNT,
        inputs=(EXTRACT_INPUT,),
    )
    assert ledger.snapshot("crm.tiny") == snapshot
    run = ledger.run("r1")
    assert run is not None
    assert (run.account, run.snapshot, run.inputs) == (ACCOUNT, 1, (EXTRACT_INPUT,))
    assert (run.finished_at, run.details) == (MOMENT, {"note": "first"})
    assert ledger.published_extracts("crm.tiny") == {"ab" * 32}
    assert ledger.manifests() == {snapshot.manifest}
    assert [(event.kind, event.payload, event.run) for event in ledger.pending()] == [
        ("pointer", {"x": 1}, "r1"),
        ("lineage", {}, "r1"),
    ]


def test_a_candidate_leaves_readers_where_they_are(ledger: Ledger) -> None:
    first = commit(ledger, claim(ledger, "r1"))
    second = commit(ledger, claim(ledger, "r2"), published=False)
    assert (second.number, second.channel) == (2, Channel.CANDIDATE)
    assert ledger.snapshot("crm.tiny") == first
    assert ledger.snapshot("crm.tiny", channel=Channel.CANDIDATE) == second
    third = commit(ledger, claim(ledger, "r3"))
    for channel in (Channel.CANDIDATE, Channel.PRODUCTION):
        assert ledger.snapshot("crm.tiny", channel=channel) == third
    stopped = ledger.run("r2")
    assert stopped is not None
    assert (stopped.state, stopped.reasons) == (RunState.CANDIDATE, ("50 % held",))


def test_a_candidate_alone_is_not_published(ledger: Ledger) -> None:
    commit(ledger, claim(ledger), published=False)
    assert ledger.snapshot("crm.tiny") is None
    assert ledger.published_extracts("crm.tiny") == set()
    assert ledger.datasets() == ["crm.tiny"]


def test_numbers_are_counted_per_dataset_and_commits_in_order(ledger: Ledger) -> None:
    for key, dataset in (("r9", "crm.b"), ("r1", "crm.a"), ("r5", "crm.b")):
        commit(ledger, claim(ledger, key, dataset))
    assert [(s.dataset, s.number) for s in ledger.snapshots()] == [
        ("crm.a", 1),
        ("crm.b", 2),
        ("crm.b", 1),
    ]
    assert ledger.finished_run_keys() == ["r9", "r1", "r5"]
    assert ledger.finished_run_keys("crm.b") == ["r9", "r5"]
    assert [event.run for event in ledger.pending("pointer")] == ["r9", "r1", "r5"]
    numbered = ledger.snapshot("crm.b", 1)
    assert numbered is not None
    assert numbered.run == "r9"
    assert ledger.snapshot("crm.b", 3) is None


def test_an_unbalanced_account_commits_nothing(ledger: Ledger) -> None:
    claimed = claim(ledger)
    lost_a_row = manifest_of(claimed, replace(ACCOUNT, clean=1))
    with pytest.raises(AccountUnbalanced):
        ledger.commit(claimed, lost_a_row, "m", published=True)
    assert ledger.snapshots() == []
    assert ledger.audit_log() == []
    assert ledger.pending() == []


def test_a_manifest_of_another_run_commits_nothing(ledger: Ledger) -> None:
    claimed = claim(ledger)
    with pytest.raises(StateError, match="another run"):
        ledger.commit(claimed, manifest_of(replace(claimed, run="r2")), "m", published=True)
    assert ledger.snapshots() == []


def test_a_run_commits_once(ledger: Ledger) -> None:
    claimed = claim(ledger)
    commit(ledger, claimed)
    with pytest.raises(RunInProgress):
        commit(ledger, claimed)
    assert len(ledger.snapshots()) == len(ledger.audit_log()) == 1


def test_lists_can_be_cut_and_narrowed(ledger: Ledger) -> None:
    for key in ("r1", "r2", "r3"):
        commit(ledger, claim(ledger, key))
    commit(ledger, claim(ledger, "r4", "crm.other"))
    assert len(ledger.runs(limit=2)) == 2
    assert [run.id for run in ledger.runs("crm.tiny")][-1] == "r1"
    assert [s.number for s in ledger.snapshots("crm.tiny", limit=2)] == [3, 2]
    assert len(ledger.pending(limit=3)) == 3
    assert ledger.run("nobody") is None


def test_done_events_do_not_come_back(ledger: Ledger) -> None:
    commit(ledger, claim(ledger))
    first, second = ledger.pending()
    ledger.done(first.id)
    ledger.done(first.id)
    assert ledger.pending() == [second]


def test_the_audit_log_backwards_and_by_its_hashes(ledger: Ledger) -> None:
    for number in range(3):
        commit(ledger, claim(ledger, f"r{number}"))
    forwards = ledger.audit_log()
    backwards = ledger.audit_backwards()
    assert next(backwards) == forwards[-1]
    backwards.close()
    assert list(ledger.audit_backwards()) == forwards[::-1]
    assert ledger.audit_hashes() == [entry.hash for entry in forwards]


def test_a_configuration_is_told_when_it_changes(ledger: Ledger) -> None:
    for number, version in enumerate(("1", "1", "2")):
        claimed = replace(claim(ledger, f"r{number}"), who="ada", configuration={"code": version})
        commit(ledger, claimed)
    commit(ledger, claim(ledger, "r3"))  # which says nothing of it
    acts = [entry.body["act"] for entry in ledger.audit_log()]
    assert acts.count("configuration_changed") == 2
    changed = [e.body for e in ledger.audit_log() if e.body["act"] == "configuration_changed"]
    assert changed[0]["first"]
    assert changed[1]["changed"] == [["code", "1", "2"]]
    assert changed[1]["who"] == "ada"
    ledger.verify_audit()
