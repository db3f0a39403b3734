"""A delivery beside the baseline that a person named: told, stopped, and judged again."""

from __future__ import annotations

from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.pipeline.audited import audited
from cleanhold.pipeline.baseline import clear_baseline, name_baseline


def deliver(small: Any, day: int, most: int) -> list[str]:
    small.deliver(f"{day:02}", *(f"r{n},{n * 17 % most}," for n in range(300)))
    return small.states()  # type: ignore[no-any-return]


def told(small: Any) -> dict[str, Any]:
    with Workspace.find(small.root).open() as stores:
        answers = audited(stores, "shop.orders").answers
    return next(dict(a) for a in answers if a["audit"] == "drift")


def name(small: Any, number: int) -> None:
    with Workspace.find(small.root).open() as stores:
        name_baseline(stores, "shop.orders", number, "a model was trained on it")


def test_a_table_that_drifted_is_published_and_told(small: Any) -> None:
    small.contract(load="replace")
    deliver(small, 1, 100)
    assert "no snapshot is named" in told(small)["what"]
    name(small, 1)
    assert deliver(small, 2, 101)[-1] == "published"
    assert told(small)["verdict"] == "pass"
    small.deliver("03", *(f"r{n},{n * 17 % 300}," for n in range(300)))
    (outcome,) = (o for o in small.run() if str(o.state) == "published")
    assert outcome.warnings[0].startswith("amount has drifted, 1 of 2 columns since the baseline")
    assert told(small)["verdict"] == "warn"


def test_what_was_stopped_is_judged_again_beside_another_baseline(small: Any) -> None:
    small.contract(load="replace", drift="stop")
    deliver(small, 1, 100)
    deliver(small, 2, 300)
    name(small, 1)
    assert deliver(small, 3, 301)[-1] == "candidate"
    assert told(small)["verdict"] == "stop"
    assert small.states()[-1] == "candidate"
    assert len(small.read()) == 300
    with Workspace.find(small.root).open() as stores:
        assert len(stores.ledger.snapshots("shop.orders")) == 3  # nothing is judged twice
    name(small, 2)
    assert small.states()[-1] == "published"
    assert set(small.states()) == {"unchanged"}


def test_what_was_stopped_is_published_once_nothing_is_compared(small: Any) -> None:
    small.contract(load="replace", drift="stop")
    deliver(small, 1, 100)
    name(small, 1)
    assert deliver(small, 2, 300)[-1] == "candidate"
    with Workspace.find(small.root).open() as stores:
        clear_baseline(stores, "shop.orders", "retired")
    assert small.states()[-1] == "published"


@pytest.mark.parametrize(("word", "state"), [("off", "published"), ("stop", "candidate")])
def test_the_contract_decides(small: Any, word: str, state: str) -> None:
    small.contract(load="replace", drift=word)
    deliver(small, 1, 100)
    name(small, 1)
    assert deliver(small, 2, 300)[-1] == state
