from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cleanhold.core.run import Input, InputKind
from cleanhold.errors import StateError
from cleanhold.store.claims import Claim
from cleanhold.store.feeding import batch_of, catch_up, items
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger
from cleanhold.store.publication import open_staging, publish
from cleanhold.store.quarantine import Quarantine

from . import tiny
from .batches import picture
from .conftest import Deliver


@pytest.fixture(autouse=True)
def three_runs(state: StateFolder, ledger: Ledger, deliver: Deliver) -> None:
    tiny.publish_extract(state, ledger, deliver("a,1\nb,x\nc\nd,-4\n", day=1))
    tiny.publish_extract(state, ledger, deliver("e,y\nb,2\n", day=2))
    tiny.publish_extract(state, ledger, deliver("e,y\nf,z\n", day=3), published=False)


def test_a_batch_is_read_from_the_ledger(state: StateFolder, ledger: Ledger) -> None:
    (first, _, last) = items(state, ledger)
    assert first.run_id == ledger.finished_run_keys()[0]
    assert (first.dataset, first.source, first.load, first.key) == (
        tiny.DATASET,
        "crm",
        "upsert",
        ("key",),
    )
    assert (first.extract_name, first.contract_version) == ("crm-1.csv", "1")
    assert (first.published, last.published) == (True, False)
    assert first.order.startswith("2026-01-01 ")
    assert [batch.order for batch in items(state, ledger)] == sorted(
        batch.order for batch in items(state, ledger)
    )


def test_missing_batches_are_fed(
    state: StateFolder, ledger: Ledger, quarantine: Quarantine
) -> None:
    one, *_ = items(state, ledger)
    quarantine.feed(one)
    assert catch_up(state, ledger, quarantine) == 2
    assert catch_up(state, ledger, quarantine) == 0
    assert quarantine.fed() == ledger.finished_run_keys()
    assert quarantine.counts()["held"] == 2
    for run_key in ledger.finished_run_keys():
        run = ledger.run(run_key)
        assert run is not None
        assert run.account is not None
        homes = quarantine.row_ids(run_key)["home"].to_list()
        assert homes.count("held") == run.account.held
        assert homes.count("refused") == run.account.refused


def test_a_gap_in_the_middle_means_everything_anew(
    state: StateFolder, ledger: Ledger, quarantine: Quarantine
) -> None:
    catch_up(state, ledger, quarantine)
    whole = picture(quarantine)
    first, _, last = items(state, ledger)
    quarantine.rebuild([first, last])
    assert catch_up(state, ledger, quarantine) == 3
    assert picture(quarantine) == whole


def test_batches_the_ledger_does_not_know_mean_everything_anew(
    state: StateFolder, ledger: Ledger, quarantine: Quarantine, deliver: Deliver
) -> None:
    catch_up(state, ledger, quarantine)
    with Ledger(state.root / "restored.db") as restored:
        assert catch_up(state, restored, quarantine) == 0
    assert quarantine.fed() == []


def test_a_built_table_has_a_batch_of_its_own(state: StateFolder, ledger: Ledger) -> None:
    snapshot = ledger.snapshot(tiny.DATASET)
    assert snapshot is not None
    read = Input(InputKind.SNAPSHOT, tiny.DATASET, snapshot.manifest, snapshot.number)
    run_key = "fe" * 32
    claimed = ledger.claim(run_key, "features.tiny", inputs=(read,))
    assert isinstance(claimed, Claim)
    built = tiny.Extract(
        run_key,
        "",
        state.extract(ledger.extracts()[0].sha256),
        0,
        "",
        datetime(2026, 1, 1, tzinfo=UTC),
    )
    staged, account = tiny.split(built, open_staging(state, claimed))
    publish(
        state,
        ledger,
        claimed,
        staged,
        account=account,
        prefix=run_key[:16],
        contract_fingerprint="f",
        code="c",
        published=True,
    )
    batch = batch_of(state, ledger, run_key)
    assert (batch.extract_sha256, batch.extract_name, batch.load) == (
        run_key,
        "features.tiny",
        "replace",
    )


def test_only_finished_runs_have_a_batch(state: StateFolder, ledger: Ledger) -> None:
    ledger.claim("r1", "crm.other")
    for run_key in ("r1", "nobody"):
        with pytest.raises(StateError, match="only a finished run"):
            batch_of(state, ledger, run_key)
