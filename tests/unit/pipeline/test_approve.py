"""Above the contract's limit a decision is proposed, and another person approves or declines it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.core.correction import Correction
from cleanhold.core.decision import Act, Decision
from cleanhold.errors import ContractError, Overtaken, UsageError
from cleanhold.pipeline.approve import approve, decline, look_at_proposal, proposals
from cleanhold.pipeline.decide import Intent, Selection, apply, preview
from cleanhold.pipeline.person import same_person, who_acts
from cleanhold.pipeline.recover import recover
from cleanhold.pipeline.replay import replay
from cleanhold.pipeline.verify import verify
from cleanhold.store.ledger import Ledger
from cleanhold.store.quarantine import Quarantine

ORDERS = "shop.orders"
ADA, BOB = who_acts("Ada"), who_acts("Bob")
TWO = Intent(Act.CORRECT, Correction({"amount": "2"}, {}, {}))


@pytest.fixture
def held(small: Any) -> Any:
    """A good row, and three with amounts that are not; one person may decide on two of them."""
    small.contract(approval_above=2).deliver("02", "a,1,", "b,-2,x", "c,-3,y", "d,-4,z")
    small.run()
    return small


def status(small: Any) -> dict[str, str]:
    with Workspace.find(small.root).open() as stores:
        assert verify(stores).problems == []
        rows = Quarantine(stores.state).rows(status=None)
    return dict(sorted(rows.select("business_key", "status").iter_rows()))


def decide(small: Any, intent: Intent = TWO, who: str = ADA, **which: Any) -> Decision:
    with Workspace.find(small.root).open() as stores:
        return apply(stores, Selection(ORDERS, **which), intent, "because", who=who)


def rows_of(small: Any, *keys: str) -> tuple[str, ...]:
    with Workspace.find(small.root).open() as stores:
        return tuple(Quarantine(stores.state).find(key)["row_id"][0] for key in keys)


def within(small: Any, what: Callable[..., Any], *given: Any, **named: Any) -> Any:
    with Workspace.find(small.root).open() as stores:
        return what(stores, *given, **named)


def replayed(small: Any) -> list[int]:
    return [done.account.clean for done in within(small, lambda s: list(replay(s)))]


WAITS = {"b": "held", "c": "held", "d": "held"}


def test_more_rows_than_one_person_may_decide_on_wait_for_another(held: Any) -> None:
    seen = within(held, preview, Selection(ORDERS), TWO)
    assert "3 rows are more than the 2" in seen.approval
    made = decide(held)
    assert (made.act, made.rows, made.terms["does"]) == (Act.PROPOSE, 3, "correct")
    assert status(held) == WAITS
    assert replayed(held) == []
    (waiting,) = within(held, proposals)
    assert (waiting.decision.id, waiting.does, waiting.is_current) == (1, Act.CORRECT, True)

    looked = within(held, look_at_proposal, 1)
    assert (looked.rows, looked.released, looked.still) == (3, 3, {})
    assert list(looked.samples.values()) == [{"amount": (f"-{n}", "2")} for n in (2, 3, 4)]
    done = within(held, approve, 1, "looked at them", who=BOB)
    assert (done.act, done.who, done.terms["proposed_by"]) == (Act.CORRECT, BOB, ADA)
    assert done.terms["same_account"] is True
    assert done.terms["rule"] == {"set": {"amount": "2"}}
    assert within(held, proposals) == []
    assert status(held) == dict.fromkeys("bcd", "corrected")
    assert replayed(held) == [3]
    assert held.ids() == {"a": 1, "b": 2, "c": 2, "d": 2}
    within(held, recover, rebuild_quarantine=True)
    assert status(held) == dict.fromkeys("bcd", "released")


def test_who_proposed_it_cannot_approve_it_whatever_case_their_name_is_in(held: Any) -> None:
    decide(held)
    for who in (ADA, who_acts("ada")):
        with pytest.raises(UsageError, match="somebody else must approve it"):
            within(held, approve, 1, "I am sure", who=who)
    assert status(held) == WAITS
    within(held, decline, 1, "I was wrong", who=ADA)
    assert within(held, proposals) == []
    with pytest.raises(UsageError, match="proposal 1 was declined by Ada"):
        within(held, approve, 1, "I like it", who=BOB)


def test_an_approval_is_refused_once_the_rows_have_changed(held: Any) -> None:
    decide(held)
    decide(held, Intent(Act.REJECT), BOB, rows=rows_of(held, "c"))
    (waiting,) = within(held, proposals)
    assert not waiting.is_current
    for what in (look_at_proposal, lambda s, n: approve(s, n, "fine", who=BOB)):
        with pytest.raises(Overtaken, match=r"what was proposed: decision 2 \(reject 1 row"):
            within(held, what, 1)
    within(held, decline, 1, "too late", who=BOB)
    assert status(held) == {**WAITS, "c": "rejected"}


def test_a_delivery_that_brings_a_row_again_changes_a_proposal(held: Any) -> None:
    decide(held)
    held.deliver("03", "b,7,x")
    held.run()
    with pytest.raises(Overtaken, match="snapshot 2 came between"):
        within(held, approve, 1, "fine", who=BOB)


def test_pieces_count_together_within_a_day(held: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert decide(held, rows=rows_of(held, "b")).act is Act.CORRECT
    assert decide(held, rows=rows_of(held, "c")).act is Act.CORRECT
    third = decide(held, rows=rows_of(held, "d"))
    assert third.act is Act.PROPOSE
    assert decide(held, who=BOB, rows=rows_of(held, "d")).act is Act.CORRECT
    assert decide(held, Intent(Act.REJECT), rows=rows_of(held, "d")).act is Act.REJECT
    now = Ledger.now
    monkeypatch.setattr(Ledger, "now", lambda self: now(self) + timedelta(hours=25))
    three = Intent(Act.CORRECT, Correction({"amount": "3"}, {}, {}))
    assert decide(held, three, rows=rows_of(held, "b", "c")).act is Act.CORRECT


def test_a_remark_a_task_and_taking_back_need_nobody_else(held: Any) -> None:
    assert decide(held, Intent(Act.COMMENT)).act is Act.COMMENT
    assert decide(held, Intent(Act.ASSIGN, to="Bob")).act is Act.ASSIGN
    decide(held, Intent(Act.REJECT))
    within(held, approve, 3, "fine", who=BOB)
    assert decide(held, Intent(Act.REOPEN)).act is Act.REOPEN
    assert status(held) == WAITS


def test_history_and_the_audit_log_have_both_people(held: Any) -> None:
    decide(held, Intent(Act.REJECT))
    within(held, approve, 1, "test records", who=BOB)
    (row,) = rows_of(held, "b")
    with Workspace.find(held.root).open() as stores:
        told = Quarantine(stores.state).row(row)
        log = [e.body for e in stores.ledger.audit_log() if e.body["act"] == "decided"]
    assert told is not None
    assert [(h["what"], h["who"]) for h in told["history"]] == [
        ("propose", ADA),
        ("reject", BOB),
    ]
    assert [(e["does"], e["who"], e["why"]) for e in log] == [
        ("propose", ADA, "because"),
        ("reject", BOB, "test records"),
    ]


def test_corrections_of_personal_values_are_masked_in_the_audit_log(held: Any) -> None:
    rule = Correction({"note": "secret"}, {}, {})
    decide(held, Intent(Act.CORRECT, rule), rows=rows_of(held, "b"))
    rule = Correction({}, {"note": {"y": "hidden"}}, {})
    decide(held, Intent(Act.CORRECT, rule), rows=rows_of(held, "c"))
    with Workspace.find(held.root).open() as stores:
        told = repr(stores.ledger.audit_log()) + repr(stores.ledger.decisions())
    assert "secret" not in told
    assert "hidden" not in told


def test_a_person_is_a_name_and_the_account_is_kept_beside_it() -> None:
    assert same_person(ADA, who_acts("ADA"))
    assert not same_person(ADA, who_acts())
    assert ADA.startswith("Ada (as they say, from the account ")
    assert "user id" in who_acts()
    for name in ("", " Ada", "cleanhold", "a(b)", "x\ny"):
        with pytest.raises(UsageError, match="is not the name of a person"):
            who_acts(name)


def test_no_decision_lets_some_checks_fail_or_lasts_longer_than_the_contract_says(
    small: Any,
) -> None:
    small.contract(never_waived="id.str_matches", longest_waiver="2w")
    small.deliver("02", "F!,1,", "b,-2,x")
    small.run()
    soon = date.today() + timedelta(days=10)
    for intent in (Intent(Act.WAIVE, until=soon), Intent(Act.RELEASE)):
        with pytest.raises(UsageError, match=r"does not let 'id\.str_matches' fail"):
            decide(small, intent)
    only = {"check": "greater_than_or_equal_to"}
    with pytest.raises(UsageError, match="14 days at most, and a release has no end"):
        decide(small, Intent(Act.RELEASE), **only)
    with pytest.raises(UsageError, match="14 days at most"):
        decide(small, Intent(Act.WAIVE, until=soon + timedelta(days=10)), **only)
    assert decide(small, Intent(Act.WAIVE, until=soon), **only).act is Act.WAIVE


@pytest.mark.parametrize(
    ("terms", "what"),
    [
        ({"never_waived": "amuont.nonsense"}, "which is not a check"),
        ({"approval_above": -1}, "is not a number of rows"),
        ({"approval_above": "many"}, "is not a number of rows"),
        ({"longest_waiver": "3h"}, "is not a number of days or weeks"),
    ],
)
def test_mistaken_terms_are_refused(small: Any, terms: dict[str, Any], what: str) -> None:
    small.contract(**terms)
    with pytest.raises(ContractError, match=what):
        small.run()


def test_the_command_line_asks_a_second_person(held: Any, cleanhold: Any) -> None:
    here = ("-w", held.root)
    said = cleanhold(
        "quarantine", "reject", "-d", ORDERS, "--reason", "r", "--yes", "--as", "Ada", *here
    )
    assert "proposal 1: reject 3 rows of shop.orders; they stay held" in said.out
    assert "by Ada (as they say" in cleanhold("quarantine", "proposals", *here).out
    approving = ("quarantine", "approve", "1", "--yes", *here)
    assert "a decision needs a reason" in cleanhold(*approving).err
    assert "somebody else" in cleanhold(*approving, "--reason", "r", "--as", "Ada").err
    seen = cleanhold("quarantine", "approve", "1", "--preview", *here)
    assert "held → rejected" in seen.out
    done = cleanhold(*approving, "--reason", "r", "--as", "Bob", "--json")
    assert (done.code, done.json["act"]) == (0, "reject")
    assert cleanhold("quarantine", "proposals", "--json", *here).json == []
    assert (
        "was approved by Bob" in cleanhold("quarantine", "decline", "1", *here, "--reason", "r").err
    )
