"""What people decided on a content holds for it when it comes again; waivers end on their day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.core.correction import Correction
from cleanhold.core.decision import Act
from cleanhold.errors import UsageError
from cleanhold.pipeline.decide import Intent, Selection, apply
from cleanhold.pipeline.recover import recover
from cleanhold.pipeline.replay import replay
from cleanhold.pipeline.rollback import rollback
from cleanhold.pipeline.verify import verify
from cleanhold.store import quarantine as store
from cleanhold.store.quarantine import Quarantine

ORDERS = "shop.orders"
TWO = Intent(Act.CORRECT, Correction({"amount": "2"}, {}, {}))


@pytest.fixture
def held(small: Any) -> Any:
    """A good row, and two with amounts that are not."""
    small.contract().deliver("02", "a,1,", "b,-2,x", "c,-3,y")
    small.run()
    return small


def rows(small: Any, key: str) -> list[dict[str, Any]]:
    """Latest delivery first."""
    with Workspace.find(small.root).open() as stores:
        return Quarantine(stores.state).find(key).to_dicts()


def status(small: Any, key: str) -> list[str]:
    return [row["status"] for row in rows(small, key)]


def decide(small: Any, intent: Intent, key: str) -> None:
    with Workspace.find(small.root).open() as stores:
        row = rows(small, key)[0]["row_id"]
        apply(stores, Selection(ORDERS, rows=(row,)), intent, "because")


def replayed(small: Any) -> None:
    with Workspace.find(small.root).open() as stores:
        assert list(replay(stores))


def decisions(small: Any) -> list[tuple[str, str, Any]]:
    with Workspace.find(small.root).open() as stores:
        assert verify(stores).problems == []
        made = stores.ledger.decisions()
    return [(str(d.act), d.who, d.terms.get("again")) for d in made][1:]


def what(small: Any) -> list[tuple[str, str]]:
    """What healed in a run."""
    done = [(str(o.state), o.what) for o in small.run()]
    return [(state, said) for state, said in done if said.startswith("held rows")]


def test_a_correction_holds_for_the_same_content(held: Any) -> None:
    decide(held, TWO, "b")
    replayed(held)
    assert what(held) == []
    for day in ("03", "04"):
        held.deliver(day, f"d{day},1,", "b,-2,x", "c,-4,y")
        assert what(held) == [("published", "held rows: 1 decided on before")]
    assert held.ids() == {"a": 1, "b": 2, "d03": 1, "d04": 1}
    assert status(held, "b") == ["released"] * 3
    assert rows(held, "b")[0]["times_seen"] == 3
    assert decisions(held) == [("correct", "cleanhold", 1)] * 2
    assert what(held) == []


def test_a_correction_holds_for_the_same_bytes_under_another_name(held: Any) -> None:
    decide(held, TWO, "b")
    replayed(held)
    held.deliver("03", "d,1,", "b,-2,x")
    assert len(what(held)) == 1
    for name in ("03b", "03c"):
        held.deliver(name, "d,1,", "b,-2,x")
        assert what(held) == [("published", "held rows: 1 decided on before")]
        assert held.ids() == {"a": 1, "b": 2, "d": 1}
    assert what(held) == []


def test_a_correction_that_no_replay_released_does_not_hold(held: Any) -> None:
    decide(held, TWO, "b")
    held.deliver("03", "b,-2,x")
    assert what(held) == []
    assert status(held, "b") == ["held", "superseded"]


def test_a_correction_that_is_not_enough_any_more_is_not_tried_for_ever(held: Any) -> None:
    decide(held, TWO, "b")
    replayed(held)
    text = (held.root / "contracts/shop_orders.py").read_text().replace("ge=0", "ge=5")
    held.write("contracts/shop_orders.py", text.replace('"1.0.0"', '"1.1.0"'))
    held.deliver("03", "b,-2,x")
    assert what(held) == [("published", "held rows: 1 decided on before")]
    assert status(held, "b") == ["held", "released"]
    assert what(held) == []
    held.deliver("04", "e,9,", "b,-2,x")
    assert what(held) == []


def test_a_rejection_holds_until_it_is_reopened(held: Any) -> None:
    decide(held, Intent(Act.REJECT), "b")
    held.deliver("03", "b,-2,x")
    assert what(held) == [("unchanged", "held rows: 1 rejected again, as in decision 1")]
    assert status(held, "b") == ["rejected", "rejected"]
    held.deliver("04", "d,1,", "b,-2,x")
    assert len(what(held)) == 1
    assert decisions(held) == [("reject", "cleanhold", 1)] * 2
    decide(held, Intent(Act.REOPEN), "b")
    held.deliver("05", "e,1,", "b,-2,x")
    assert what(held) == []
    assert status(held, "b")[0] == "held"


def test_a_later_decision_counts(held: Any) -> None:
    decide(held, TWO, "b")
    replayed(held)
    text = (held.root / "contracts/shop_orders.py").read_text().replace("ge=0", "ge=5")
    held.write("contracts/shop_orders.py", text.replace('"1.0.0"', '"1.1.0"'))
    held.deliver("03", "b,-2,x")
    what(held)
    decide(held, Intent(Act.REJECT), "b")
    held.deliver("04", "e,9,", "b,-2,x")
    assert what(held) == [("unchanged", "held rows: 1 rejected again, as in decision 3")]


def test_two_answers_to_one_content_hold_for_neither(small: Any) -> None:
    small.contract().deliver("02", "b,-2,x", "b,-2,x")
    small.run()
    decide(small, Intent(Act.REJECT), "b")
    small.deliver("03", "b,-2,x")
    assert what(small) == []
    assert sorted(status(small, "b")) == ["held", "rejected", "superseded"]


def waived(small: Any, until: date) -> None:
    decide(small, Intent(Act.WAIVE, until=until), "b")


@pytest.fixture
def tomorrow(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes it ten days later for whoever asks which waivers are over."""

    class Later(store.datetime):  # type: ignore[misc, name-defined]
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return super().now(tz) + timedelta(days=10)

    return lambda: monkeypatch.setattr(store, "datetime", Later)


def soon() -> date:
    return store.datetime.now(store.UTC).date() + timedelta(days=3)


def test_a_waiver_holds_for_the_same_content_until_it_is_over(held: Any, tomorrow: Any) -> None:
    waived(held, soon())
    replayed(held)
    held.deliver("03", "b,-2,x")
    assert what(held) == [("published", "held rows: 1 decided on before")]
    assert held.ids() == {"a": 1, "b": -2}
    assert decisions(held) == [("waive", "cleanhold", 1)]
    tomorrow()
    held.deliver("04", "d,1,", "b,-2,x")
    # The row of the third, which is published; that of the fourth waits.
    assert what(held) == [("published", "held rows: 1 whose waiver is over")]
    assert held.ids() == {"a": 1, "d": 1}
    assert status(held, "b") == ["held", "held", "released"]
    assert decisions(held) == [("waive", "cleanhold", 1)]
    assert what(held) == []


def test_what_passes_without_its_waiver_stays(held: Any, tomorrow: Any) -> None:
    waived(held, soon())
    replayed(held)
    text = (held.root / "contracts/shop_orders.py").read_text().replace("ge=0", "ge=-2")
    held.write("contracts/shop_orders.py", text.replace('"1.0.0"', '"1.1.0"'))
    tomorrow()
    assert what(held) == [("published", "held rows: 1 whose waiver is over")]
    assert held.ids() == {"a": 1, "b": -2}
    assert status(held, "b") == ["released"]
    assert what(held) == []
    assert decisions(held) == []


def test_a_waived_row_that_was_replaced_since_is_left_alone(held: Any, tomorrow: Any) -> None:
    waived(held, soon())
    replayed(held)
    held.deliver("03", "b,7,x")
    held.run()
    tomorrow()
    assert what(held) == []
    assert held.ids() == {"a": 1, "b": 7}


def test_a_release_has_no_end(held: Any, tomorrow: Any) -> None:
    decide(held, Intent(Act.RELEASE), "b")
    replayed(held)
    tomorrow()
    held.deliver("03", "b,-2,x")
    assert what(held) == [("published", "held rows: 1 decided on before")]
    assert held.ids() == {"a": 1, "b": -2}


def test_a_released_row_that_is_reopened_leaves_the_table_at_the_next_run(held: Any) -> None:
    decide(held, Intent(Act.RELEASE), "b")
    replayed(held)
    decide(held, Intent(Act.REOPEN), "b")
    assert (held.ids(), status(held, "b")) == ({"a": 1, "b": -2}, ["released"])
    assert what(held) == [("published", "held rows: 1 reopened since they were released")]
    assert (held.ids(), status(held, "b")) == ({"a": 1}, ["held"])
    assert what(held) == []
    held.deliver("03", "d,1,", "b,-2,x")
    assert what(held) == []
    assert decisions(held) == [("reopen", decisions(held)[0][1], None)]


@pytest.mark.parametrize("delivered", [False, True])
def test_a_row_that_waits_again_leaves_a_table_that_was_rolled_back(
    held: Any, tomorrow: Any, delivered: bool
) -> None:
    waived(held, soon())
    replayed(held)
    tomorrow()
    assert what(held) == [("published", "held rows: 1 whose waiver is over")]
    for times in (1, 2):  # the same replay, of the same table, is done again each time
        with Workspace.find(held.root).open() as stores:
            rollback(stores, ORDERS, 2, "the run of last night was wrong")
        assert (held.ids(), status(held, "b")) == ({"a": 1, "b": -2}, ["held"])
        if delivered and times == 1:
            held.deliver("03", "d,1,")
        assert what(held) == [
            ("published", "held rows: 1 that wait, and that a rollback brought back")
        ]
        assert held.ids().keys() == ({"a", "d"} if delivered and times == 1 else {"a"})
        assert status(held, "b") == ["held"]
        assert what(held) == []
    with Workspace.find(held.root).open() as stores:
        assert verify(stores).problems == []


@pytest.mark.parametrize("least", [0, -2], ids=["it fails", "it would pass"])
def test_a_row_that_was_rejected_leaves_a_table_that_was_rolled_back(held: Any, least: int) -> None:
    decide(held, TWO, "b")
    replayed(held)
    decide(held, Intent(Act.REOPEN), "b")
    assert len(what(held)) == 1
    decide(held, Intent(Act.REJECT), "b")
    for _ in (1, 2):
        with Workspace.find(held.root).open() as stores:
            rollback(stores, ORDERS, 2, "the run of last night was wrong")
        assert (held.ids(), status(held, "b")) == ({"a": 1, "b": 2}, ["rejected"])
        text = (held.root / "contracts/shop_orders.py").read_text().replace("ge=0", f"ge={least}")
        held.write("contracts/shop_orders.py", text)
        assert what(held) == [
            ("published", "held rows: 1 rejected, and that a rollback brought back")
        ]
        assert (held.ids(), status(held, "b")) == ({"a": 1}, ["rejected"])
        assert what(held) == []
    with Workspace.find(held.root).open() as stores:
        assert verify(stores).problems == []
        recover(stores, rebuild_quarantine=True)
    assert status(held, "b") == ["rejected"]


def test_nothing_that_waits_stays_in_a_table_that_was_rolled_back(held: Any) -> None:
    """It was published by the contract of then, and held by the one of today."""
    text = (held.root / "contracts/shop_orders.py").read_text()
    held.write("contracts/shop_orders.py", text.replace("ge=0", "ge=-2").replace("1.0", "1.1"))
    held.deliver("03", "d,-2,")
    held.run()
    assert held.ids()["d"] == -2
    with Workspace.find(held.root).open() as stores:
        then = stores.ledger.snapshot(ORDERS)
        assert then is not None
    held.write("contracts/shop_orders.py", text.replace("1.0", "1.2"))
    held.deliver("04", "e,1,")
    held.run()
    held.deliver("05", "d,-2,")  # the same bytes again
    held.run()
    assert (status(held, "d"), "d" in held.ids()) == (["held"], False)
    with Workspace.find(held.root).open() as stores:
        rollback(stores, ORDERS, then.number, "the contract of today is wrong")
    assert held.ids()["d"] == -2
    assert what(held) == [("published", "held rows: 1 that wait, and that a rollback brought back")]
    assert (status(held, "d"), "d" in held.ids()) == (["held"], False)
    assert what(held) == []


def test_a_reopened_row_that_passes_by_now_stays(held: Any) -> None:
    decide(held, TWO, "b")
    replayed(held)
    decide(held, Intent(Act.REOPEN), "b")
    text = (held.root / "contracts/shop_orders.py").read_text().replace("ge=0", "ge=-2")
    held.write("contracts/shop_orders.py", text.replace('"1.0.0"', '"1.1.0"'))
    assert len(what(held)) == 1
    assert (held.ids(), status(held, "b")) == ({"a": 1, "b": -2}, ["released"])
    assert what(held) == []


def test_a_reopened_row_that_was_replaced_since_is_left_alone(held: Any) -> None:
    decide(held, TWO, "b")
    replayed(held)
    held.deliver("03", "b,7,x")
    held.run()
    decide(held, Intent(Act.REOPEN), "b")
    assert what(held) == []
    assert held.ids() == {"a": 1, "b": 7}


def test_released_rows_are_only_reopened_by_name(held: Any) -> None:
    decide(held, TWO, "b")
    replayed(held)
    with Workspace.find(held.root).open() as stores, pytest.raises(UsageError, match="no rows"):
        apply(stores, Selection(ORDERS), Intent(Act.REOPEN), "because")
