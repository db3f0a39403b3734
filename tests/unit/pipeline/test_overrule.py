"""Publishing what audits stopped: by whom, why, and what nobody may overrule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.errors import Overtaken, UsageError
from cleanhold.pipeline.overrule import overrule, stopped
from cleanhold.pipeline.verify import verify

Run = Callable[..., Any]

FEATURE = """
import polars as pl
from cleanhold import feature

@feature("features.totals", orders="shop.orders")
def totals(orders: pl.LazyFrame) -> pl.LazyFrame:
    return orders.select("id", "amount", note=pl.lit("n"))
"""


def accept(root: Path, dataset: str = "shop.orders", number: int | None = None) -> Any:
    workspace = Workspace.find(root)
    with workspace.open() as stores:
        _, features = workspace.selected()
        return overrule(stores, stopped(stores, dataset, number), features, "known", who="ann")


@pytest.fixture
def lossy(small: Any) -> Any:
    """A table that lost half of its second delivery, where 10 % are allowed."""
    small.contract(tolerance="10%")
    small.deliver("02", "a,1,", "b,2,")
    small.run()
    small.deliver("03", "a,3,", "b,-4,")
    assert small.states() == ["unchanged", "candidate"]
    return small


def test_a_person_publishes_what_an_audit_stopped(lossy: Any, conserved: Run) -> None:
    outcome = accept(lossy.root)
    assert str(outcome.state) == "published"
    (warning,) = outcome.warnings
    assert warning.startswith("overruled: 50.00 % (1 of 2) of the records were held")
    assert lossy.ids() == {"a": 3, "b": 2}
    assert lossy.states() == ["unchanged", "unchanged"]
    conserved(lossy.root)
    with Workspace.find(lossy.root).open() as stores:
        assert not verify(stores).problems
        (entry,) = [e.body for e in stores.ledger.audit_log() if "overruled" in str(e.body)]
        told = {"who": "ann", "why": "known", "number": 2, "stops": ["tolerance"]}
        assert told.items() <= entry["details"]["overruled"].items()
        snapshot = stores.ledger.snapshot("shop.orders")
        assert snapshot
        assert stores.manifest(snapshot).details["overruled"] == entry["details"]["overruled"]


def test_it_is_shown_who_overruled_what(cleanhold: Run, lossy: Any) -> None:
    arguments = ("audit", "overrule", "shop.orders", "-w", lossy.root)
    assert "a reason" in cleanhold(*arguments).err
    shown = cleanhold(*arguments, "--preview")
    assert "snapshot 2 was stopped by" in shown.out
    assert "tolerance: 50.00 %" in shown.out
    assert lossy.ids() == {"a": 1, "b": 2}
    said = cleanhold(*arguments, "--reason", "a branch was closed", "--as", "Ann Lee", "-y")
    assert said.code == 0
    assert "published  shop.orders" in said.out
    shown = cleanhold("audit", "show", "shop.orders", "-w", lossy.root)
    assert shown.code == 0
    assert "published, though tolerance stopped it" in shown.out
    assert "overruled by Ann Lee (as they say, from the account" in shown.out
    assert "because: a branch was closed" in shown.out


def test_what_did_not_stop_it_then_stops_it_now(lossy: Any) -> None:
    with Workspace.find(lossy.root).open() as stores:
        chosen = stopped(stores, "shop.orders")
        another = replace(chosen, stops={"volume": "half of it"})
        outcome = overrule(stores, another, [], "known", who="ann")
    assert str(outcome.state) == "candidate"
    assert lossy.ids() == {"a": 1, "b": 2}


def test_a_feature_table_is_published_too(small: Any) -> None:
    small.contract().contract("features.totals", load="replace", tolerance="10%")
    small.write("flows/features.py", FEATURE.replace('"amount"', 'amount=-pl.col("amount")'))
    small.deliver("02", "a,1,", "b,0,")
    assert small.states() == ["published", "candidate"]
    assert str(accept(small.root, "features.totals").state) == "published"
    assert small.states() == ["unchanged", "unchanged"]
    assert small.read("features.totals").height == 1


def test_what_was_published_needs_nobody(lossy: Any) -> None:
    with pytest.raises(UsageError, match="nothing stopped it"):
        accept(lossy.root, number=1)


def test_nobody_overrules_a_promise(small: Any) -> None:
    small.contract().deliver("02", "a,1,", header="id,amount,note")
    small.run()
    small.deliver("03", "b,2", header="id,sum")
    assert small.states()[-1] == "candidate"
    with pytest.raises(UsageError, match="breaks a promise of the contract"):
        accept(small.root)


def test_a_contract_that_changed_is_judged_anew_first(lossy: Any) -> None:
    lossy.contract(tolerance="20%")
    with pytest.raises(Overtaken, match="the contract has changed"):
        accept(lossy.root)
    lossy.run()
    with pytest.raises(Overtaken, match="snapshot 3"):
        accept(lossy.root, number=2)
    assert str(accept(lossy.root).state) == "published"
