"""Whatever people, deliveries, contracts and the calendar do to held rows, the state stays true."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import polars as pl
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cleanhold import Workspace, waived
from cleanhold.core.correction import Correction
from cleanhold.core.decision import Act
from cleanhold.errors import Overtaken, UsageError
from cleanhold.pipeline.approve import approve, decline, proposals
from cleanhold.pipeline.decide import Intent, Selection, apply, preview
from cleanhold.pipeline.person import who_acts
from cleanhold.pipeline.recover import recover
from cleanhold.pipeline.replay import replay
from cleanhold.pipeline.stores import Stores
from cleanhold.pipeline.verify import verify
from cleanhold.store import quarantine as store
from cleanhold.store.ledger import Ledger
from cleanhold.store.quarantine import Quarantine

ORDERS = "shop.orders"
ADA, BOB = who_acts("Ada"), who_acts("Bob")
PEOPLE = st.sampled_from([ADA, BOB])
KEYS = st.sampled_from("abc")
AMOUNTS = st.integers(-3, 3)
LOADS = st.sampled_from(["upsert", "append", "replace"])
OPEN = {"held", "corrected", "waived", "rejected"}

#: Ways that no row goes, in however many steps, but through being held again.
NEVER = {
    *itertools.product(["rejected"], ["corrected", "waived", "released"]),
    *itertools.product(["released"], ["corrected", "waived", "rejected"]),
    *itertools.product(["superseded"], ["corrected", "waived", "rejected", "released"]),
}


class Life(RuleBasedStateMachine):
    """One workspace, two people, and a calendar."""

    new_small: Callable[[Path], Any]

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.small = self.new_small(self.folder / "small")
        self.now = datetime(2026, 11, 1, 12, tzinfo=UTC)
        self.day, self.version, self.least = 1, 0, 0
        self.stood: dict[str, str] = {}
        self.told: list[Any] = []
        machine = self

        class Clock(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return machine.now.astimezone(tz)

        self.patches = [
            patch.object(store, "datetime", Clock),
            patch.object(Ledger, "now", lambda _: machine.now),
        ]
        for each in self.patches:
            each.start()
        self._contract(0)
        self.small.deliver("01", "a,-1,", "b,-2,", "c,3,")
        self.small.run()

    def teardown(self) -> None:
        for each in self.patches:
            each.stop()
        shutil.rmtree(self.folder)

    def _contract(self, least: int, load: str = "upsert") -> None:
        self.version += 1
        self.least = min(self.least, least)
        self.small.contract(version=f"1.{self.version}.0", approval_above=1, load=load)
        path = self.small.root / "contracts/shop_orders.py"
        path.write_text(path.read_text().replace("ge=0", f"ge={least}"))

    @contextmanager
    def _stores(self) -> Iterator[Stores]:
        with Workspace.find(self.small.root).open() as stores:
            yield stores

    @rule(rows=st.lists(st.tuples(KEYS, AMOUNTS), max_size=3))
    def deliver(self, rows: list[tuple[str, int]]) -> None:
        self.day += 1
        lines = [f"{key},{amount}," for key, amount in rows]
        self.small.deliver(f"{self.day:02}", f"day{self.day},1,", *lines)
        assert not [o for o in self.small.run() if o.error]

    @rule(least=st.sampled_from([-2, 0, 2]), load=LOADS)
    def change_the_contract(self, least: int, load: str) -> None:
        self._contract(least, load)

    @rule(
        act=st.sampled_from([a for a in Act if a not in (Act.PROPOSE, Act.DECLINE)]),
        key=st.one_of(st.none(), KEYS),
        who=PEOPLE,
        amount=AMOUNTS,
        days=st.integers(0, 3),
    )
    def decide(self, act: Act, key: str | None, who: str, amount: int, days: int) -> None:
        correction = Correction({"amount": str(amount)}, {}, {}) if act is Act.CORRECT else None
        waiver = {"until": (self.now + timedelta(days=days)).date(), "at_most": 4}
        intent = Intent(
            act, correction, to="Cy" if act is Act.ASSIGN else None,
            **(waiver if act is Act.WAIVE else {}),
        )  # fmt: skip
        with self._stores() as stores:
            which = Selection(ORDERS, rows=self._open_rows(stores, key) if key else None)
            try:
                seen = preview(stores, which, intent, who=who)
                made = apply(stores, which, intent, "because", token=seen.token, who=who)
            except UsageError:  # there are no such rows, or it changes none
                return
            assert (made.act is Act.PROPOSE) == bool(seen.approval)
            assert made.rows == seen.rows

    def _open_rows(self, stores: Stores, key: str) -> tuple[str, ...]:
        found = Quarantine(stores.state).find(key)
        return tuple(found.filter(pl.col("status").is_in(list(OPEN)))["row_id"])

    @rule(who=PEOPLE, agrees=st.booleans())
    def answer_a_proposal(self, who: str, agrees: bool) -> None:
        with self._stores() as stores:
            for each in proposals(stores)[:1]:
                answer = approve if agrees else decline
                try:
                    answer(stores, each.decision.id, "I looked", who=who)
                except Overtaken:
                    assert not each.is_current
                except UsageError:
                    assert agrees
                    over = each.decision.terms.get("until", "9") < str(self.now.date())
                    assert each.decision.who == who or over

    @rule()
    def replay(self) -> None:
        with self._stores() as stores:
            list(replay(stores))
            assert list(replay(stores)) == []

    @rule(days=st.integers(1, 3))
    def days_pass(self, days: int) -> None:
        self.now += timedelta(days=days)
        assert not [o for o in self.small.run() if o.error]

    @rule()
    def rebuild(self) -> None:
        with self._stores() as stores:
            recover(stores, rebuild_quarantine=True)

    @invariant()
    def the_state_is_true(self) -> None:
        with self._stores() as stores:
            # Every row id in one home, and the quarantine as a rebuild makes it.
            assert verify(stores).problems == []
            quarantine = Quarantine(stores.state)
            rows = quarantine.rows(status=None, limit=None)
            with duckdb.connect(str(stores.state.quarantine), read_only=True) as connection:
                told = connection.execute("select * from history order by rowid").fetchall()
        stands = dict(rows.select("row_id", "status").iter_rows())
        assert not {(old, stands[row]) for row, old in self.stood.items()} & NEVER
        assert self.stood.keys() <= stands.keys()
        assert told[: len(self.told)] == self.told
        self.stood, self.told = stands, told
        self._require_published(stands)

    def _require_published(self, stands: dict[str, str]) -> None:
        rows = self.small.read(provenance=True)
        assert rows["row_id"].is_unique().all()
        assert not {r for r, status in stands.items() if status in OPEN} & set(rows["row_id"])
        listed = waived(ORDERS, workspace=self.small.root)
        failing = rows.filter(pl.col("amount") < self.least)["row_id"]
        assert set(failing) <= set(listed["row_id"]) <= set(rows["row_id"])
        today = self.now.date()
        assert (listed["until"].drop_nulls() >= today - timedelta(days=3)).all()


@pytest.mark.slow
def test_the_state_stays_true(new_small: Callable[[Path], Any]) -> None:
    machine = type("Life", (Life,), {"new_small": staticmethod(new_small)})
    machine.TestCase.settings = settings(max_examples=6, stateful_step_count=10, deadline=None)
    machine.TestCase("runTest").runTest()
