"""Rollbacks and promotions: what readers were given, what was taken back, what runs build on."""

from __future__ import annotations

from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.core.snapshot import Channel
from cleanhold.gates import NAMES
from cleanhold.pipeline.promote import promote
from cleanhold.pipeline.rollback import rollback
from cleanhold.pipeline.verify import verify

ORDERS = "shop.orders"


@pytest.fixture
def gated(small: Any) -> Any:
    """Runs publish to a pilot; nothing closes a gate."""
    off = ", ".join(f"'{name}'" for name in NAMES)
    gates = f"[tool.cleanhold.gates]\ndatasets = ['{ORDERS}']\noff = [{off}]\n"
    small.contract().write("pyproject.toml", f"[tool.cleanhold]\n{gates}")
    return small


def day(small: Any, number: int) -> None:
    small.deliver(f"{number:02}", f"a,{number},", f"b{number},1,")
    small.run()


def test_without_gates_a_rollback_is_what_the_next_run_builds_on(gated: Any) -> None:
    day(gated, 2)
    with Workspace.find(gated.root).open() as stores:
        assert promote(stores, ORDERS).is_new
    gated.write("pyproject.toml", "[tool.cleanhold]\n")
    day(gated, 3)
    with Workspace.find(gated.root).open() as stores:
        rollback(stores, ORDERS, 1, "the third day is bad")
    day(gated, 4)
    assert set(gated.ids()) == {"a", "b2", "b4"}
    with Workspace.find(gated.root).open() as stores:
        assert verify(stores).problems == []


def test_a_rollback_of_the_pilot_is_no_rehearsal(gated: Any) -> None:
    day(gated, 2)
    day(gated, 3)
    with Workspace.find(gated.root).open() as stores:
        rollback(stores, ORDERS, 1, "bad", Channel.PILOT)
        assert stores.ledger.promotions.last_rehearsal(ORDERS, "rollback") is None


def test_what_a_promotion_gives_back_is_not_taken_any_more(gated: Any) -> None:
    for number in (2, 3):
        day(gated, number)
        with Workspace.find(gated.root).open() as stores:
            promote(stores, ORDERS)
    with Workspace.find(gated.root).open() as stores:
        rollback(stores, ORDERS, 1, "wrong")
        assert stores.ledger.taken_back(ORDERS) == {2}
        promote(stores, ORDERS, 2)
        assert stores.ledger.taken_back(ORDERS) == set()
        assert [c.back for c in stores.ledger.changes(ORDERS)] == [False, False, True, True]
