"""Each gate, open and closed: what it says, and what it tells people to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from cleanhold.core.account import Account
from cleanhold.core.audit import Verdict
from cleanhold.core.contract import Column, Contract, Privacy
from cleanhold.core.cost import DatasetCost, RunCost, Usage
from cleanhold.core.gate import Answer, Done, Gates, Judged, LetThrough, Origin, Pilot, Waiting
from cleanhold.core.pact import PactAnswer
from cleanhold.core.readiness import Fallback, Goal, Readiness
from cleanhold.core.retention import Rule
from cleanhold.core.snapshot import Baseline, Channel, Snapshot
from cleanhold.gates import GATES, NAMES, answers

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SAID = Readiness(
    "oncall@example.org", Goal("kept", "82 %"), "to call customers", Fallback.LAST_GOOD
)
CONTRACT = Contract(
    "shop.orders",
    (
        Column("id", pl.String(), description="of the order", classified=True),
        Column("note", pl.String(), description="of the buyer", privacy=Privacy.DIRECT,
               classified=True),
    ),
    (),
    version="1.0.0",
    owner="orders@example.org",
    key=("id",),
    tolerance=0.01,
    freshness=timedelta(hours=26),
    readiness=SAID,
)  # fmt: skip
SNAPSHOT = Snapshot(
    "shop.orders", 3, Channel.PILOT, "a" * 64, "r", 10, "1.0.0", NOW, Account(10, 10, 0, 0)
)
DONE = Done("rehearsed: snapshot 2", "ada", "a drill", NOW - timedelta(days=3))
RUN = RunCost("r", "published", NOW, 3, 1000, Usage(1.0, 1.0, 1), 1, 1, money=0.02)
COST = DatasetCost("shop.orders", "EUR", (RUN,), 1, 0.0, budget=0.03)
READY = Pilot(
    CONTRACT,
    SNAPSHOT,
    Gates(("shop.*",)),
    NOW,
    retention=Rule(days=90),
    baseline=Baseline(SNAPSHOT, "ada", "trained on it", NOW),
    judged=tuple(Judged(n, Channel.PILOT, {"keys": Verdict.PASS}) for n in (3, 2, 1)),
    waiting=(Waiting("note.matches", 4, NOW - timedelta(days=13)),),
    let_through=(LetThrough(7, 2, date(2026, 11, 22)),),
    origins=(Origin("shop.orders 3", "orders.csv"),),
    rollback=DONE,
    fallback_test=DONE,
    pacts=(PactAnswer("churn-model", "ada", "f"),),
    cost=COST,
)


def judged(number: int, verdict: Verdict, **more: Any) -> Judged:
    return Judged(number, more.pop("channel", Channel.PILOT), {"drift": verdict}, **more)


def of(gate: str, pilot: Pilot) -> Answer:
    return next(answer for answer in answers(pilot) if answer.gate == gate)


def test_a_dataset_that_is_ready_opens_all() -> None:
    assert [a.gate for a in answers(READY)] == list(NAMES)
    assert [a.gate for a in answers(READY) if not a.passed or a.do] == []


def test_what_is_off_is_not_asked() -> None:
    without = replace(READY, rules=Gates(off=("goal", "baseline")))
    assert [a.gate for a in answers(without)] == [n for n in NAMES if n not in ("goal", "baseline")]


def test_each_is_called_as_its_function() -> None:
    assert [gate(READY).gate for gate in GATES] == list(NAMES)


def contract(**terms: Any) -> dict[str, Any]:
    return {"contract": replace(CONTRACT, **terms)}


def said(**terms: Any) -> dict[str, Any]:
    return contract(readiness=replace(SAID, **terms))


NO_PII = replace(CONTRACT.columns[0], classified=False)
UNTOLD = replace(CONTRACT.columns[0], description=" ")
OLD = replace(DONE, at=NOW - timedelta(days=91))


@pytest.mark.parametrize(
    ("gate", "change", "what", "do"),
    [
        ("owner", contract(owner=""), "no owner", "write owner="),
        ("owner", said(responder=""), "no responder", "write responder="),
        ("goal", said(goal=None), "no measure", "write goal=('"),
        ("contract", contract(key=()), "no key", "write key="),
        ("contract", contract(freshness=None), "no freshness", "write freshness='26h'"),
        ("contract", contract(tolerance=None), "no tolerance", "write tolerance='1%'"),
        ("contract", contract(version="0"), "no version", "write version="),
        ("contract", {"outdated": True}, "the contract was changed since", "cleanhold run"),
        ("contract", contract(version="1.1.0"), "judged by version 1.0.0", "cleanhold run"),
        ("columns", contract(columns=(UNTOLD,)), "1 of 1 columns", "write field(description="),
        ("privacy", contract(columns=(NO_PII,)), "not classified: id", "write field(pii='none')"),
        ("privacy", said(purpose=""), "for what", "write purpose="),
        ("privacy", {"retention": Rule()}, "kept for ever", "write days = 90 in [tool."),
        ("baseline", {"baseline": None}, "no snapshot is named", "cleanhold baseline shop.orders"),
        ("audits", {"judged": READY.judged[:2]}, "in 2 of the 3", "cleanhold run"),
        (
            "audits",
            {"judged": (READY.judged[0], judged(2, Verdict.WARN), READY.judged[2])},
            "did not all pass in 2",
            "cleanhold audit show shop.orders 2",
        ),
        (
            "audits",
            {"judged": (judged(3, Verdict.PASS, overruled=("drift",)), *READY.judged[1:])},
            "did not all pass in 3",
            "cleanhold audit show shop.orders 3",
        ),
        (
            "audits",
            {"judged": (*READY.judged[:2], judged(1, Verdict.PASS, channel=Channel.CANDIDATE))},
            "did not all pass in 1",
            "cleanhold audit show shop.orders 1",
        ),
        (
            "quarantine",
            {"waiting": (Waiting("note.matches", 4, NOW - timedelta(days=15)),)},
            "more than 14 days",
            "cleanhold quarantine --dataset shop.orders",
        ),
        (
            "quarantine",
            {"let_through": (LetThrough(7, 2, date(2026, 11, 21)),)},
            "2 rows whose waiver is over",
            "cleanhold quarantine waivers",
        ),
        ("lineage", {"origins": ()}, "nothing that is known", "cleanhold verify"),
        (
            "lineage",
            {"origins": (Origin("crm.contacts 4", "a.csv", "has no receipt"),)},
            "a.csv, which crm.contacts 4 was made from, has no receipt",
            "cleanhold verify",
        ),
        ("consumers", {"pacts": ()}, "nobody has said", "write contracts/pacts/"),
        (
            "consumers",
            {"pacts": (*READY.pacts, PactAnswer("pricing", "", "f", ("too few",)))},
            "not what pricing needs",
            "cleanhold pacts shop.orders",
        ),
        ("cost", {"cost": replace(COST, budget=None)}, "nobody has said", "write prices"),
        ("cost", {"cost": replace(COST, runs=())}, "was measured", "cleanhold run"),
        (
            "cost",
            {"cost": replace(COST, budget=0.01)},
            "cost 0.02 EUR, and may cost 0.01 EUR",
            "cleanhold cost shop.orders",
        ),
        ("fallback", said(fallback=None), "does not say", "write fallback='last good'"),
        ("fallback", {"fallback_test": OLD}, "nobody has tried that in 90 days", "try it, then:"),
        ("rollback", {"rollback": None}, "in 90 days", "cleanhold rollback shop.orders --rehearse"),
        ("rollback", {"rollback": OLD}, "in 90 days", "cleanhold rollback shop.orders --rehearse"),
    ],
)
def test_what_closes_it(gate: str, change: dict[str, Any], what: str, do: str) -> None:
    pilot = replace(READY, **change)
    found = of(gate, pilot)
    assert not found.passed
    assert what in found.what
    assert any(line.startswith(do) for line in found.do), found.do
    assert [a.gate for a in answers(pilot) if not a.passed] == [gate]


def test_nothing_personal_needs_no_purpose_and_no_end() -> None:
    plain = replace(CONTRACT, columns=CONTRACT.columns[:1], readiness=replace(SAID, purpose=""))
    assert of("privacy", replace(READY, contract=plain, retention=Rule())).passed


def test_a_release_has_no_end_to_pass() -> None:
    assert of("quarantine", replace(READY, let_through=(LetThrough(7, 2, None),))).passed
