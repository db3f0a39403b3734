"""A dataset with gates: runs publish to the pilot, people move production."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.core.decision import Act
from cleanhold.core.snapshot import Channel
from cleanhold.errors import DamagedFile, GatesClosed, NeverPublished, Overtaken, UsageError
from cleanhold.pipeline import promote as promoting
from cleanhold.pipeline.decide import Intent, Selection, apply
from cleanhold.pipeline.expire import expire
from cleanhold.pipeline.gates import fallback_tested, scorecard
from cleanhold.pipeline.override import ask_override, confirm_override, withdraw_override
from cleanhold.pipeline.promote import promote
from cleanhold.pipeline.recover import recover
from cleanhold.pipeline.rehearse import rehearse
from cleanhold.pipeline.replay import replay
from cleanhold.pipeline.rollback import rollback
from cleanhold.pipeline.stores import Stores
from cleanhold.pipeline.verify import verify
from cleanhold.store.ledger import Ledger

ORDERS = "shop.orders"
#: What the small contract does not say about its columns.
LENIENT = 'off = ["columns", "privacy", "baseline", "consumers", "cost"]'
SETTINGS = (
    '[tool.cleanhold]\nname = "small"\n[tool.cleanhold.gates]\ndatasets = ["{names}"]\n{more}\n'
)
READY = {
    "tolerance": "60%",
    "freshness": "26h",
    "responder": "oncall@example.org",
    "goal": ("orders that arrive in time", "95 %"),
    "fallback": "last good",
}


@pytest.fixture
def gated(small: Any) -> Any:
    small.write("pyproject.toml", SETTINGS.format(names="shop.*", more=LENIENT))
    return small.contract(**READY)


@contextmanager
def at(small: Any) -> Iterator[Stores]:
    with Workspace.find(small.root).open() as stores:
        yield stores


def days(small: Any, *numbers: int) -> None:
    for day in numbers:
        small.deliver(f"{day:02}", f"a,{day},", f"b{day},1,")
        small.run()


def ready(small: Any) -> None:
    """Three runs, a rehearsal and a test: every gate is open."""
    days(small, 2, 3, 4)
    with at(small) as stores:
        rehearse(stores, ORDERS, why="a drill")
        fallback_tested(stores, ORDERS, "the feed was off for a day")


def given(small: Any, *arguments: Any, **options: Any) -> promoting.Promoted:
    with at(small) as stores:
        return promote(stores, ORDERS, *arguments, **options)


def closed(small: Any) -> list[str]:
    with at(small) as stores:
        return [answer.gate for answer in scorecard(stores, ORDERS).closed]


def sound(small: Any) -> bool:
    with at(small) as stores:
        return verify(stores).problems == []


def test_readers_have_nothing_until_it_is_promoted(gated: Any) -> None:
    days(gated, 2)
    with pytest.raises(NeverPublished, match=r"cleanhold gates shop\.orders"):
        gated.read()
    with pytest.raises(NeverPublished, match="channel='pilot'"):
        gated.read(snapshot=1)
    assert gated.ids(channel="pilot") == {"a": 2, "b2": 1}
    assert gated.ids(snapshot=1, channel="pilot") == {"a": 2, "b2": 1}
    assert closed(gated) == ["audits", "fallback", "rollback"]
    with pytest.raises(GatesClosed, match=r"3 gates are closed: audits: .*; fallback: .*rollback"):
        given(gated)
    assert not (gated.root / ".cleanhold" / "current" / "shop.orders.json").exists()


def test_open_gates_let_it_go_and_the_certificate_says_so(gated: Any) -> None:
    ready(gated)
    assert closed(gated) == []
    done = given(gated, why="the campaign starts")
    assert done.is_new
    made = done.promotion
    assert made is not None
    assert (made.before, made.number, made.why) == (None, 3, "the campaign starts")
    assert all(gate["passed"] for gate in made.certificate["gates"])
    assert made.overridden == ()
    assert gated.ids() == gated.ids(channel="pilot")
    pointer = json.loads((gated.root / ".cleanhold" / "current" / "shop.orders.json").read_text())
    assert (pointer["number"], pointer["manifest"]) == (3, made.manifest)
    assert sound(gated)


def test_promoting_twice_changes_nothing(gated: Any) -> None:
    ready(gated)
    first = given(gated)
    with at(gated) as stores:
        before = stores.ledger.audit_log()
    again = given(gated)
    assert not again.is_new
    assert again.promotion == first.promotion
    with at(gated) as stores:
        assert stores.ledger.audit_log() == before


def test_runs_go_on_upon_the_pilot_and_readers_keep_theirs(gated: Any) -> None:
    ready(gated)
    given(gated)
    days(gated, 5)
    assert gated.ids()["a"] == 4
    assert gated.ids(channel="pilot") == {"a": 5, "b2": 1, "b3": 1, "b4": 1, "b5": 1}
    assert gated.states() == ["unchanged"] * 4
    done = given(gated)
    assert done.promotion is not None
    assert (done.promotion.before, done.promotion.number) == (3, 4)
    assert gated.ids()["a"] == 5


def test_what_is_built_from_it_reads_production_only(gated: Any) -> None:
    gated.write("pyproject.toml", SETTINGS.format(names=ORDERS, more=LENIENT))
    gated.contract("features.sums", load="replace")
    gated.write(
        "flows/features.py",
        "import polars as pl\nfrom cleanhold import feature\n\n\n"
        "@feature('features.sums', orders='shop.orders')\n"
        "def sums(orders: pl.LazyFrame) -> pl.LazyFrame:\n"
        "    return orders.select('id', 'amount', 'note')\n",
    )
    gated.deliver("02", "a,2,")
    assert gated.states() == ["published", "waiting"]
    for day in (3, 4):
        gated.deliver(f"{day:02}", f"a,{day},")
    gated.run()
    with at(gated) as stores:
        rehearse(stores, ORDERS)
        fallback_tested(stores, ORDERS, "tried")
        promote(stores, ORDERS, 2 + 1)
    gated.deliver("05", "a,5,")
    gated.run()
    assert gated.ids("features.sums") == {"a": 4}
    assert gated.ids(channel="pilot") == {"a": 5}


def test_a_rollback_of_production_leaves_the_pilot(gated: Any) -> None:
    ready(gated)
    given(gated, 3)
    days(gated, 5)
    given(gated)
    with at(gated) as stores:
        rollback(stores, ORDERS, 3, "region R07 is missing")
    assert gated.ids()["a"] == 4
    with pytest.raises(UsageError, match="were rolled back from snapshot 4"):
        given(gated)
    days(gated, 6)
    assert gated.ids(channel="pilot")["b5"] == 1
    assert gated.ids()["a"] == 4
    assert given(gated).snapshot.number == 5
    assert sound(gated)


def test_what_was_rolled_back_comes_again_by_its_number(gated: Any) -> None:
    ready(gated)
    given(gated)
    days(gated, 5)
    given(gated)
    with at(gated) as stores:
        rollback(stores, ORDERS, 3, "a mistake")
    assert given(gated, 4).is_new
    assert gated.ids()["a"] == 5


def test_the_next_run_builds_on_a_pilot_that_was_rolled_back(gated: Any) -> None:
    days(gated, 2, 3)
    with at(gated) as stores:
        rollback(stores, ORDERS, 1, "the second day is wrong", Channel.PILOT)
    assert gated.ids(channel="pilot") == {"a": 2, "b2": 1}
    days(gated, 4)
    assert gated.ids(channel="pilot") == {"a": 4, "b2": 1, "b4": 1}
    assert sound(gated)


def test_two_people_open_a_gate_until_a_day(gated: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    days(gated, 2, 3, 4)
    with at(gated) as stores:
        fallback_tested(stores, ORDERS, "tried")
        asked = ask_override(stores, ORDERS, "rollback", "the drill is on Monday", who="ada")
        assert [a.gate for a in scorecard(stores, ORDERS).closed] == ["rollback"]
        with pytest.raises(UsageError, match="somebody else must confirm"):
            confirm_override(stores, ORDERS, "rollback", "me again", who="Ada")
        with pytest.raises(UsageError, match="waits for a second person"):
            ask_override(stores, ORDERS, "rollback", "anew", who="cy")
        done = confirm_override(stores, ORDERS, "rollback", "seen", who="bo")
        assert (done.until, done.asked_by, done.confirmed_by) == (asked.until, "ada", "bo")
        promoted = promote(stores, ORDERS)
    assert promoted.promotion is not None
    assert promoted.promotion.overridden == ("rollback",)
    (kept,) = promoted.promotion.certificate["overrides"]
    assert (kept["asked_by"], kept["confirmed_by"], kept["why"]) == (
        "ada",
        "bo",
        "the drill is on Monday",
    )
    days(gated, 5)
    real = Ledger.now
    later = timedelta(days=(done.until - done.asked_at.date()).days + 1)
    monkeypatch.setattr(Ledger, "now", lambda self: real(self) + later)
    assert closed(gated) == ["rollback"]
    with pytest.raises(GatesClosed, match="a gate is closed: rollback"):
        given(gated)
    assert gated.ids()["a"] == 4  # what was promoted stays


def test_an_override_is_withdrawn_by_one(gated: Any) -> None:
    days(gated, 2)
    with at(gated) as stores:
        ask_override(stores, ORDERS, "audits", "first days", who="ada")
        confirm_override(stores, ORDERS, "audits", "seen", who="bo")
        assert "audits" not in [a.gate for a in scorecard(stores, ORDERS).closed]
        withdraw_override(stores, ORDERS, "audits", "no", who="bo")
        assert "audits" in [a.gate for a in scorecard(stores, ORDERS).closed]
        with pytest.raises(UsageError, match="no override of audits is asked for"):
            confirm_override(stores, ORDERS, "audits", "late", who="cy")


@pytest.mark.parametrize(
    ("gate", "why", "days_ahead", "says"),
    [
        ("rolback", "x", 1, "there is no gate 'rolback'"),
        ("privacy", "x", 1, "there is no gate 'privacy'"),  # it is off
        ("rollback", " ", 1, "needs a reason"),
        ("rollback", "x", 31, "is not allowed"),
        ("rollback", "x", -1, "is not allowed"),
    ],
)
def test_an_override_that_is_refused(
    gated: Any, gate: str, why: str, days_ahead: int, says: str
) -> None:
    days(gated, 2)
    with at(gated) as stores:
        until = stores.ledger.now().date() + timedelta(days=days_ahead)
        with pytest.raises(UsageError, match=says):
            ask_override(stores, ORDERS, gate, why, until=until, who="ada")
        assert stores.ledger.overrides.of(ORDERS) == {}


def test_gates_are_asked_again_where_something_comes_between(
    gated: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready(gated)
    asked: list[int] = []
    real = promoting.scorecard

    def meanwhile(stores: Stores, dataset: str, number: int | None = None) -> Any:
        card = real(stores, dataset, number)
        asked.append(card.snapshot.number)
        if len(asked) == 1:
            days(gated, 5)  # a run publishes to the pilot at this very moment
        return card

    monkeypatch.setattr(promoting, "scorecard", meanwhile)
    assert given(gated).snapshot.number == 3
    assert asked == [3, 3]
    assert (gated.ids()["a"], gated.ids(channel="pilot")["a"]) == (4, 5)


def test_a_promotion_gives_up_where_something_always_comes_between(
    gated: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready(gated)
    real = promoting.scorecard

    def busy(stores: Stores, dataset: str, number: int | None = None) -> Any:
        card = real(stores, dataset, number)
        fallback_tested(stores, ORDERS, "again")
        return card

    monkeypatch.setattr(promoting, "scorecard", busy)
    with pytest.raises(Overtaken):
        given(gated)
    with pytest.raises(NeverPublished):
        gated.read()


def test_a_damaged_snapshot_is_not_promoted(gated: Any) -> None:
    ready(gated)
    for file in gated.root.glob(".cleanhold/**/data-*.parquet"):
        file.chmod(0o644)
        file.write_bytes(b"damaged")
    with pytest.raises(DamagedFile):
        given(gated)


def test_a_replay_goes_to_the_pilot(gated: Any) -> None:
    days(gated, 2)
    gated.deliver("03", "c,-1,", "d,1,")
    gated.run()
    with at(gated) as stores:
        held = Selection(ORDERS)
        apply(stores, held, Intent(Act.RELEASE), "it is a return")
        (done,) = replay(stores, dataset=ORDERS)
    assert done.account.clean == 1
    assert gated.ids(channel="pilot")["c"] == -1
    with pytest.raises(NeverPublished):
        gated.read()
    assert sound(gated)


def test_what_channels_have_is_kept_and_recovery_makes_the_pointer(gated: Any) -> None:
    gated.write(
        "pyproject.toml",
        SETTINGS.format(names="shop.*", more=LENIENT)
        + "[tool.cleanhold.retention]\nsnapshots = 1\ngrace_hours = 0\n",
    )
    ready(gated)
    given(gated)
    days(gated, 5, 6, 7)
    with at(gated) as stores:
        gone = expire(stores)
        assert sorted(s.number for s in stores.ledger.snapshots() if s.expired) == [1, 2, 4]
        assert gone
        stores.state.pointer(ORDERS).unlink()
        recover(stores)
        assert json.loads(stores.state.pointer(ORDERS).read_text())["number"] == 3
    assert (gated.ids()["a"], gated.ids(channel="pilot")["a"]) == (4, 7)
    assert sound(gated)


def test_without_gates_it_publishes_at_once_again(gated: Any) -> None:
    days(gated, 2)
    gated.write("pyproject.toml", '[tool.cleanhold]\nname = "small"\n')
    assert given(gated).is_new  # nothing is asked any more
    days(gated, 3)
    assert gated.ids() == {"a": 3, "b2": 1, "b3": 1}
    with pytest.raises(NeverPublished, match=r"nothing of shop\.orders is in pilot"):
        gated.ids(channel="pilot")
    assert sound(gated)


def test_a_rehearsal_changes_nothing_but_the_log(gated: Any) -> None:
    days(gated, 2, 3)
    with at(gated) as stores:
        done = rehearse(stores, ORDERS)
        assert (done.now.number, done.to.number) == (2, 1)
        assert stores.ledger.head(ORDERS) == done.now
        with pytest.raises(NeverPublished, match="no snapshot 9"):
            rehearse(stores, ORDERS, 9)


def test_one_snapshot_is_nothing_to_go_back_to(gated: Any) -> None:
    days(gated, 2)
    with at(gated) as stores, pytest.raises(NeverPublished, match="to go back to"):
        rehearse(stores, ORDERS)


def test_what_waits_and_is_let_through_is_asked_about(gated: Any) -> None:
    days(gated, 2)
    gated.deliver("03", "c,-1,", "d,1,")
    gated.run()
    with at(gated) as stores:
        answer = next(a for a in scorecard(stores, ORDERS).answers if a.gate == "quarantine")
    assert answer.evidence is not None
    (row,) = answer.evidence.rows
    assert row[1] == 1
    assert row[0].startswith("amount.")
