"""Readers get another snapshot, for a reason; the next runs do not undo it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cleanhold
from cleanhold import Workspace
from cleanhold.errors import DamagedFile, NeverPublished, RunInProgress, UsageError
from cleanhold.pipeline.publish import Outcome
from cleanhold.pipeline.rollback import RolledBack, rollback
from cleanhold.pipeline.verify import verify

WHY = "the second day lacks a region"


def back(root: Path, dataset: str, to: int, reason: str = WHY) -> RolledBack:
    with Workspace.find(root).open() as stores:
        return rollback(stores, dataset, to, reason)


def run(root: Path) -> list[Outcome]:
    return list(Workspace.find(root).run())


def rows(root: Path, dataset: str = "crm.contacts") -> int:
    return cleanhold.read(dataset, workspace=root).collect().height


def test_readers_get_the_other_snapshot_at_once(ran: Path) -> None:
    first = cleanhold.read("crm.contacts", snapshot=1, workspace=ran).collect()
    done = back(ran, "crm.contacts", 1)
    assert (done.before.number, done.now.number) == (2, 1)
    assert done.built_from == ("features.customer_churn",)
    assert cleanhold.read("crm.contacts", workspace=ran).collect().equals(first)
    pointer = json.loads((ran / ".cleanhold" / "current" / "crm.contacts.json").read_text())
    assert pointer["number"] == 1
    with Workspace.find(ran).open() as stores:
        entry = stores.ledger.audit_log()[-1].body
        assert (entry["act"], entry["from"], entry["to"]) == ("rolled_back", 2, 1)
        assert entry["why"] == WHY
        assert entry["who"]
        assert verify(stores).problems == []


def test_a_run_leaves_it_so_and_builds_features_again(ran: Path) -> None:
    back(ran, "crm.contacts", 1)
    outcomes = {o.what: o for o in run(ran)}
    late = outcomes["contacts_2026-11-03.csv"]
    assert str(late.state) == "unchanged"
    assert late.reasons == ("readers were rolled back from snapshot 2 to 1",)
    assert str(outcomes["features.customer_churn"].state) == "published"
    assert rows(ran, "features.customer_churn") == rows(ran)
    assert {str(o.state) for o in run(ran)} == {"unchanged"}


def test_the_next_delivery_builds_on_it(small: Any) -> None:
    small.contract().deliver("02", "a,1,", "b,1,")
    small.deliver("03", "c,1,")
    run(small.root)
    back(small.root, "shop.orders", 1)
    small.deliver("04", "d,1,")
    run(small.root)
    ids = cleanhold.read("shop.orders", workspace=small.root).collect()["id"].to_list()
    assert sorted(ids) == ["a", "b", "d"]


def test_rolling_forward_is_the_same_command(ran: Path) -> None:
    before = rows(ran)
    back(ran, "crm.contacts", 1)
    back(ran, "crm.contacts", 2, "it was right after all")
    assert rows(ran) == before


def test_a_feature_table_stays_rolled_back(ran: Path) -> None:
    back(ran, "crm.contacts", 1)
    run(ran)
    back(ran, "features.customer_churn", 1)
    outcome = run(ran)[-1]
    assert str(outcome.state) == "unchanged"
    assert outcome.reasons == ("readers were rolled back from snapshot 2 to 1",)
    back(ran, "crm.contacts", 2)  # its inputs change: these are those of snapshot 1
    assert str(run(ran)[-1].state) == "unchanged"


def test_what_cannot_be_rolled_back_to(ran: Path) -> None:
    with pytest.raises(UsageError, match="have snapshot 2 already"):
        back(ran, "crm.contacts", 2)
    with pytest.raises(NeverPublished, match="no published snapshot 9"):
        back(ran, "crm.contacts", 9)
    with pytest.raises(NeverPublished):
        back(ran, "crm.nobody", 1)
    with pytest.raises(UsageError, match="needs a reason"):
        back(ran, "crm.contacts", 1, "  ")
    with Workspace.find(ran).open() as stores:
        stores.ledger.claim("f" * 64, "crm.contacts")
        with pytest.raises(RunInProgress, match="builds on snapshot 2"):
            rollback(stores, "crm.contacts", 1, WHY)


def test_a_damaged_snapshot_is_not_given_to_readers(ran: Path) -> None:
    with Workspace.find(ran).open() as stores:
        (path,) = stores.data_files(stores.ledger.snapshots("crm.contacts")[-1])
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DamagedFile):
        back(ran, "crm.contacts", 1)


def test_a_candidate_is_no_place_to_go(small: Any) -> None:
    small.contract(tolerance="1%").deliver("02", "a,1,", "b,1,")
    small.deliver("03", "c,-1,")
    run(small.root)
    with pytest.raises(NeverPublished, match="no published snapshot 2"):
        back(small.root, "shop.orders", 2)


def test_the_command(ran: Path, cleanhold: Callable[..., Any]) -> None:
    said = cleanhold("rollback", "crm.contacts", "--to", "1", "--reason", WHY, "-w", ran)
    assert said.code == 0
    assert "readers of crm.contacts have snapshot 1" in said.out
    assert "features.customer_churn was built from snapshot 2" in said.out
    assert cleanhold("rollback", "crm.contacts", "--to", "1", "--reason", WHY, "-w", ran).code == 2
    assert cleanhold("rollback", "crm.contacts", "--to", "1", "-w", ran).code == 2
