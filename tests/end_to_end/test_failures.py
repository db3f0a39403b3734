"""Deliveries, files and machines that fail: what is told, and what goes on all the same."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import cleanhold
from cleanhold import Workspace
from cleanhold.pipeline import report


def test_a_delivery_that_cannot_be_read_does_not_stop_the_others(small: Any) -> None:
    small.contract().contract("shop.people")
    small.write("in/orders_2026-11-02.csv", "id,amount".encode("utf-16"))
    small.deliver("03", "a,1,")
    small.deliver("02", "p,1,", what="people")
    outcomes = {(o.dataset, o.what[-6:-4]): o for o in small.run()}
    assert str(outcomes["shop.orders", "02"].state) == "failed"
    assert str(outcomes["shop.orders", "03"].state) == "published"
    assert str(outcomes["shop.people", "02"].state) == "published"
    assert report.exit_code(list(outcomes.values())) == 3
    with Workspace.find(small.root).open() as stores:
        assert [str(r.state) for r in stores.ledger.runs("shop.orders")].count("failed") == 1


def test_a_source_whose_folder_is_gone_does_not_stop_the_others(fresh: Path) -> None:
    shutil.rmtree(fresh / "data" / "samples" / "legacy")
    outcomes = list(Workspace.find(fresh).run())
    states = [(o.dataset, str(o.state)) for o in outcomes]
    assert ("legacy.policies", "failed") in states
    assert states.count(("crm.contacts", "published")) == 2
    assert ("features.customer_churn", "waiting") in states
    assert report.exit_code(outcomes) == 3


@pytest.mark.parametrize("name", ["orders_2026-11-31.csv", "orders_tomorrow.csv"])
def test_a_file_name_without_its_date_is_a_failure_that_says_so(small: Any, name: str) -> None:
    small.contract()
    small.write(f"in/{name}", "id,amount,note\n")
    (outcome,) = small.run()
    assert str(outcome.state) == "failed"
    assert name in outcome.reasons[0]


def test_unfinished_and_hidden_files_are_left_alone(small: Any) -> None:
    small.contract()
    for name in ("orders_x.csv.part", ".orders_2026-11-02.csv", "orders_2026-11-02.csv.tmp"):
        small.write(f"in/{name}", "id,amount,note\na,1,\n")
    (small.root / "in" / "orders_2026-11-03.csv").mkdir()
    assert small.run() == []


def test_a_symbolic_link_is_no_delivery(small: Any, tmp_path: Path) -> None:
    small.contract()
    outside = tmp_path / "secret.csv"
    outside.write_text("id,amount,note\na,1,\n")
    (small.root / "in" / "orders_2026-11-02.csv").symlink_to(outside)
    assert small.states() == ["failed"]


@pytest.mark.parametrize("name", ["a b [1] {x}", "stern * und ?", "zeile\nzwei", "äöü 'q\""])
def test_names_with_odd_characters(small: Any, name: str) -> None:
    small.contract()
    small.write("flows/sources.py", (small.root / "flows" / "sources.py").read_text()
                .replace('name.split(".")[1] + "_*.csv"', '"*.csv"'))  # fmt: skip
    small.write(f"in/{name}_2026-11-02.csv", "id,amount,note\na,1,\n")
    moved = small.root.rename(small.root.parent / name)
    (outcome,) = Workspace.find(moved).run()
    assert str(outcome.state) == "published"
    assert cleanhold.read("shop.orders", workspace=moved).collect().height == 1


def test_a_check_that_raises_on_the_data_fails_that_extract_only(small: Any) -> None:
    more = (
        "@check(says='the note is a date')\n"
        "    def note_is_a_date() -> Expr:\n"
        "        return col('note').str.to_date('%Y-%m-%d').is_not_null()\n"
    )
    small.contract(more=more).contract("shop.people")
    small.deliver("02", "a,1,2026-01-01", "b,1,not a date")
    small.deliver("02", "p,1,", what="people")
    outcomes = {o.dataset: o for o in small.run()}
    assert str(outcomes["shop.people"].state) == "published"
    assert str(outcomes["shop.orders"].state) == "failed"
    assert "raises InvalidOperationError" in outcomes["shop.orders"].reasons[0]
    assert "contracts/shop_orders.py" in outcomes["shop.orders"].error.where


def test_what_cannot_be_projected_is_told_and_tried_again(
    small: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from cleanhold.store.quarantine import Quarantine

    small.contract().deliver("02", "a,-1,")
    with monkeypatch.context() as patched, caplog.at_level(logging.WARNING):
        patched.setattr(Quarantine, "feed", _in_use)
        assert small.states() == ["published"]
    assert "quarantine is not up to date" in caplog.text
    with Workspace.find(small.root).open() as stores:
        assert [event.kind for event in stores.ledger.pending()] == ["quarantine"]
    assert small.states() == ["unchanged"]
    with Workspace.find(small.root).open() as stores:
        from cleanhold.pipeline.quarantine import review

        assert not stores.ledger.pending()
        assert review(stores).counts()["held"] == 1


def _in_use(*_: object) -> bool:
    raise OSError("the file is in use")


def test_a_full_disk_is_a_failure_of_each_step_it_hits(
    small: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cleanhold.pipeline import publish

    small.contract().deliver("02", "a,1,")
    with monkeypatch.context() as patched:
        patched.setattr(publish, "merge", _no_room)
        (outcome,) = small.run()
    assert str(outcome.state) == "failed"
    assert outcome.reasons == ("the system refuses: No space left on device",)
    assert small.states() == ["published"]


def _no_room(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_claim_that_the_ledger_does_not_take_back_keeps_nobody_of_this_process_waiting(
    small: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cleanhold.errors import LedgerError
    from cleanhold.pipeline import publish
    from cleanhold.store.ledger import Ledger

    def refuses(*_: object, **__: object) -> bool:
        monkeypatch.undo()  # the disk is well again when the next delivery is taken
        raise LedgerError("the ledger refused: disk I/O error", next="mend the disk")

    small.contract().deliver("02", "a,1,")
    small.deliver("03", "b,1,")
    monkeypatch.setattr(publish, "merge", _no_room)
    monkeypatch.setattr(Ledger, "fail", refuses)
    assert small.states() == ["failed", "published"]
    assert small.states() == ["published", "unchanged"]


def test_a_full_disk_that_the_engine_meets_is_no_mistake_in_a_check(
    small: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cleanhold.pipeline import divide

    small.contract().deliver("02", "a,1,")
    with monkeypatch.context() as patched:
        patched.setattr(divide, "look_ahead", _no_room_for_parquet)
        (outcome,) = small.run()
    assert str(outcome.state) == "failed"
    assert outcome.reasons == ("the system refuses: No space left on device",)
    assert small.states() == ["published"]


def _no_room_for_parquet(*_: object, **__: object) -> None:
    raise pl.exceptions.ComputeError(
        "parquet: File out of specification: underlying IO error: "
        "No space left on device (os error 28)"
    )
