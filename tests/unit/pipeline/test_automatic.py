"""What a contract lets be corrected by itself: as a decision, only what then passes, once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.core.correction import Correction
from cleanhold.core.decision import Act
from cleanhold.pipeline.decide import Intent, Selection, apply
from cleanhold.pipeline.replay import replay
from cleanhold.pipeline.verify import verify
from cleanhold.store.quarantine import Quarantine

ORDERS = "shop.orders"
STATE = "state: str = field(isin=['open', 'closed'], automatic={})"
HEADER = "id,amount,note,state"


def shop(small: Any, automatic: str = "('trim', 'writing', 'nearest')", limit: str = "") -> Any:
    small.contract(more=STATE.format(automatic))
    if limit:
        file = small.root / "contracts" / "shop_orders.py"
        text = file.read_text(encoding="utf-8").replace(
            'key="id"', f'key="id", automatic_limit={limit}'
        )
        file.write_text(text, encoding="utf-8")
    return small


def deliver(small: Any, day: str, *rows: str) -> list[str]:
    """What the run said of held rows."""
    small.deliver(day, *rows, header=HEADER)
    return run(small)


def run(small: Any) -> list[str]:
    done = [(o.what, *o.reasons) for o in small.run()]
    return [": ".join(said) for said in done if said[0].startswith("held rows")]


def states(small: Any) -> dict[str, str]:
    return dict(small.read().select("id", "state").iter_rows())


def rows(small: Any, key: str) -> list[dict[str, Any]]:
    """Latest delivery first."""
    with Workspace.find(small.root).open() as stores:
        return Quarantine(stores.state).find(key).to_dicts()


def decide(small: Any, intent: Intent, key: str) -> None:
    with Workspace.find(small.root).open() as stores:
        row = rows(small, key)[0]["row_id"]
        apply(stores, Selection(ORDERS, rows=(row,)), intent, "because")


def decisions(small: Any) -> list[tuple[str, int, Any]]:
    with Workspace.find(small.root).open() as stores:
        assert verify(stores).problems == []
        return [(d.who, d.rows, d.terms.get("automatic")) for d in stores.ledger.decisions()]


def test_a_row_is_corrected_by_a_decision_and_published(small: Any) -> None:
    said = deliver(shop(small), "02", "a,1,,open", "b,2,,OPEN", "c,3,,colsed", "d,4,,gone")
    assert said == ["held rows: 2 corrected as the contract says"]
    assert states(small) == {"a": "open", "b": "open", "c": "closed"}
    assert decisions(small) == [
        ("cleanhold", 1, {"state": ["writing"]}),
        ("cleanhold", 1, {"state": ["nearest"]}),
    ]
    with Workspace.find(small.root).open() as stores:
        row = Quarantine(stores.state).row(rows(small, "b")[0]["row_id"])
        assert row is not None
        told = [event["what"] for event in row["history"]]
        assert [d.terms["contract"] for d in stores.ledger.decisions()] == ["1.0.0"] * 2
    assert told == ["correct", "released"]
    assert run(small) == []
    assert len(decisions(small)) == 2


def test_a_row_that_is_wrong_elsewhere_is_left_to_people(
    small: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert deliver(shop(small), "02", "a,1,,open", "b,-2,,OPEN") == []
    assert (rows(small, "b")[0]["status"], decisions(small)) == ("held", [])
    assert caplog.records == []


def test_nothing_is_corrected_that_the_contract_does_not_name(small: Any) -> None:
    assert deliver(shop(small, "'trim'"), "02", "a,1,,open", "b,2,,OPEN", "c,3,,op\u200ben") == [
        "held rows: 1 corrected as the contract says"
    ]
    assert states(small) == {"a": "open", "c": "open"}


def test_the_same_content_is_corrected_again_as_long_as_the_contract_says_so(small: Any) -> None:
    deliver(shop(small), "02", "b,2,,OPEN")
    assert deliver(small, "03", "c,3,,open", "b,2,,OPEN") == [
        "held rows: 1 corrected as the contract says"
    ]
    assert decisions(small) == [("cleanhold", 1, {"state": ["writing"]})] * 2
    small.contract(more=STATE.format("()"), version="1.1.0")
    assert deliver(small, "04", "d,4,,open", "b,2,,OPEN") == []
    assert rows(small, "b")[0]["status"] == "held"


def test_what_was_reopened_leaves_the_table_and_is_not_corrected_again(small: Any) -> None:
    deliver(shop(small), "02", "a,1,,open", "b,2,,OPEN")
    decide(small, Intent(Act.REOPEN), "b")
    assert states(small) == {"a": "open", "b": "open"}
    assert run(small) == ["held rows: 1 reopened since they were released"]
    assert states(small) == {"a": "open"}
    assert rows(small, "b")[0]["status"] == "held"
    assert run(small) == []
    assert deliver(small, "03", "c,3,,open", "b,2,,OPEN") == []
    assert len(decisions(small)) == 2


def test_what_a_person_decided_on_a_content_goes_before(small: Any) -> None:
    small.contract(more=STATE.format("()"))
    deliver(small, "02", "a,1,,open", "b,2,,OPEN")
    decide(small, Intent(Act.CORRECT, Correction({"state": "closed"}, {}, {})), "b")
    with Workspace.find(small.root).open() as stores:
        assert list(replay(stores))
    shop(small)
    assert deliver(small, "03", "c,3,,open", "b,2,,OPEN") == ["held rows: 1 decided on before"]
    assert states(small)["b"] == "closed"


def test_a_correction_that_would_make_a_double_is_not_made(small: Any) -> None:
    more = "code: str = field(unique=True, isin=['x', 'y'], automatic='writing')"
    small.contract(more=more)
    small.deliver("02", "a,1,,x", "b,2,,X", "c,3,,Y", header="id,amount,note,code")
    assert run(small) == ["held rows: 1 corrected as the contract says"]
    assert dict(small.read().select("id", "code").iter_rows()) == {"a": "x", "c": "y"}


def test_a_newer_row_of_the_key_stays(small: Any) -> None:
    small.contract(more=STATE.format("()"))
    deliver(small, "02", "b,2,,OPEN")
    small.contract(more=STATE.format("'writing'"))
    small.deliver("03", "b,9,,closed", header=HEADER)
    run(small)
    assert states(small) == {"b": "closed"}
    assert decisions(small) == []


@pytest.mark.parametrize(("limit", "are_corrected"), [("2", True), ("1", False), ("'40%'", False)])
def test_no_more_of_an_extract_than_the_limit(small: Any, limit: str, are_corrected: bool) -> None:
    said = deliver(
        shop(small, limit=limit), "02", "a,1,,open", "b,2,,OPEN", "c,3,,OPEN", "d,4,,open"
    )
    assert ("b" in states(small)) is are_corrected
    assert any("2 corrected" in line for line in said) is are_corrected
    if not are_corrected:
        assert "2 rows of orders_2026-11-02.csv are not corrected without asking" in said[0]
        assert decisions(small) == []


def test_a_run_that_ended_before_its_replay_is_finished_by_the_next(
    small: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any, **__: Any) -> Any:
        raise OSError("the machine went down")

    with monkeypatch.context() as now:
        now.setattr("cleanhold.pipeline.heal.replayed", killed)
        deliver(shop(small), "02", "a,1,,open", "b,2,,OPEN")
    assert rows(small, "b")[0]["status"] == "corrected"
    assert run(small) == ["held rows: 1 corrected as the contract says"]
    assert states(small) == {"a": "open", "b": "open"}
    assert len(decisions(small)) == 1


def test_what_is_somebodys_task_is_left_to_them(small: Any) -> None:
    small.contract(more=STATE.format("()"))
    deliver(small, "02", "a,1,,open", "b,2,,OPEN")
    decide(small, Intent(Act.ASSIGN, to="Ann"), "b")
    small.contract(more=STATE.format("'writing'"), version="1.1.0")
    assert run(small) == []
    assert rows(small, "b")[0]["status"] == "held"


def test_a_delivery_that_was_stopped_is_left_alone(small: Any) -> None:
    small.contract(more=STATE.format("'writing'"), tolerance="10%")
    assert deliver(small, "02", "a,1,,open", "b,2,,OPEN") == []
    assert decisions(small) == []


def test_a_reference_that_differs_in_writing(small: Any) -> None:
    small.contract("shop.shops")
    small.contract(more="shop: str = field(references='shop.shops.id', automatic='writing')")
    small.deliver("01", "ab012,1,", "cd3,1,", what="shops")
    small.deliver("02", "a,1,,AB-12", "b,1,,AB-13", header="id,amount,note,shop")
    assert run(small) == ["held rows: 1 corrected as the contract says"]
    assert dict(small.read().select("id", "shop").iter_rows()) == {"a": "ab012"}


def test_a_decision_is_reopened_by_its_number(small: Any, cleanhold: Callable[..., Any]) -> None:
    deliver(shop(small), "02", "a,1,,open", "b,2,,OPEN", "c,3,,CLOSED")
    at = ("-d", ORDERS, "-w", small.root)
    done = cleanhold("quarantine", "reopen", "--decision", "1", *at, "--reason", "other", "-y")
    assert "reopen 2 rows" in done.out
    run(small)
    assert states(small) == {"a": "open"}
    gone = cleanhold("quarantine", "reopen", "--decision", "9", *at, "--reason", "other", "-y")
    assert (gone.code, "no decision 9" in gone.err) == (2, True)
