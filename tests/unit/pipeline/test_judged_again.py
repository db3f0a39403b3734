"""What was stopped is judged again when what it was compared with is another, and only then."""

from __future__ import annotations

from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.pipeline.baseline import name_baseline
from cleanhold.pipeline.overrule import overrule, stopped
from cleanhold.pipeline.rollback import rollback


def rows(small: Any, day: int, count: int, most: int = 100) -> None:
    small.deliver(f"{day:02}", *(f"d{day}x{n},{n * 17 % most}," for n in range(count)))


def snapshots(small: Any) -> int:
    with Workspace.find(small.root).open() as stores:
        return len(stores.ledger.snapshots("shop.orders"))


def publish(small: Any, number: int) -> None:
    workspace = Workspace.find(small.root)
    with workspace.open() as stores:
        overrule(stores, stopped(stores, "shop.orders", number), workspace.selected()[1], "known")


@pytest.fixture
def few(small: Any) -> Any:
    """Two deliveries that are too few beside the one before them."""
    small.contract(load="append", volume="stop")
    rows(small, 1, 200)
    rows(small, 2, 15)
    rows(small, 3, 15)
    assert small.states() == ["published", "candidate", "candidate"]
    return small


def test_it_is_published_when_what_stopped_it_is_no_longer_beneath(
    few: Any, conserved: Any
) -> None:
    publish(few, 2)  # so few are usual now
    assert few.states() == ["unchanged", "unchanged", "published"]
    assert len(few.read()) == 230
    assert few.states() == ["unchanged"] * 3
    assert snapshots(few) == 5
    conserved(few.root)


def test_with_nothing_new_nothing_is_judged(few: Any) -> None:
    for _ in range(2):
        assert few.states() == ["unchanged", "candidate", "candidate"]
    assert snapshots(few) == 3


def test_it_is_judged_once_for_each_change_beneath(few: Any) -> None:
    few.contract(load="append", volume="stop", rows=(100, None))
    assert few.states() == ["unchanged", "candidate", "candidate"]  # under the new contract
    publish(few, 4)
    before = snapshots(few)
    for _ in range(3):
        assert few.states() == ["unchanged", "unchanged", "candidate"]
    assert snapshots(few) == before + 1
    with Workspace.find(few.root).open() as stores:
        rollback(stores, "shop.orders", 1, "not those")
    for _ in range(2):
        assert few.states()[-1] == "candidate"
    assert snapshots(few) == before + 1  # it was judged beside this before


@pytest.mark.parametrize("load", ["append", "upsert", "replace"])
def test_what_is_published_after_it_has_it_judged_never(small: Any, load: str) -> None:
    small.contract(load=load, drift="stop")
    rows(small, 1, 300)
    small.run()
    with Workspace.find(small.root).open() as stores:
        name_baseline(stores, "shop.orders", 1, "a model was trained on it")
    rows(small, 2, 300, most=900)
    assert small.states()[-1] == "candidate"
    for day in (3, 4):
        rows(small, day, 300)
        assert small.states()[-1] == "published"
        assert small.states()[1] == "overtaken"
    assert snapshots(small) == 4
