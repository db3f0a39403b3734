"""Eight nights of a CRM, against a model of them in plain Python that knows nothing of cleanhold.

The model is told what was delivered, decided and rolled back, and says what the table must be: the
newest clean version of each key in business order, with what people decided. After each day every
row id is recounted from the files as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import cleanhold.store.quarantine as quarantine_module
from cleanhold import Workspace
from cleanhold.core.correction import Correction
from cleanhold.core.decision import Act
from cleanhold.pipeline.decide import Intent, Selection, apply
from cleanhold.pipeline.replay import replay
from cleanhold.pipeline.rollback import rollback
from cleanhold.pipeline.verify import verify

from .recount import Recount

CONTACTS = "crm.contacts"
HEADER = "id,amount,note"

#: Every night again: what a rule corrects, what is rejected, what is waived, what is no number.
BAD = ("bad1,-1,again", "bad2,-2,again", "bad4,-4,again", "bad3,x,again")


@dataclass
class Model:
    """What the table must be: id → (day of its delivery, amount)."""

    least: int = 0
    table: dict[str, tuple[int, int]] = field(default_factory=dict)
    #: A line as delivered → the amount under which it is published: decided once, held for good.
    decided: dict[str, int] = field(default_factory=dict)
    kept: dict[int, dict[str, tuple[int, int]]] = field(default_factory=dict)

    def deliver(self, day: int, lines: list[str]) -> None:
        for line in lines:
            if line.count(",") != 2:
                continue  # refused
            key, text, _ = line.split(",")
            is_number = text.removeprefix("-").isdigit()
            if is_number and int(text) >= self.least:
                self.put(day, key, int(text))
            elif line in self.decided:
                self.put(day, key, self.decided[line])

    def put(self, day: int, key: str, amount: int) -> None:
        if key not in self.table or self.table[key][0] <= day:
            self.table[key] = (day, amount)


class Story:
    def __init__(self, small: Any) -> None:
        self.small, self.model = small, Model()
        self.contract("1.0.0", 0)

    @property
    def state(self) -> Path:
        return Path(self.small.root) / ".cleanhold"

    def contract(self, version: str, least: int) -> None:
        self.small.contract(CONTACTS, version=version)
        path = self.small.root / "contracts/crm_contacts.py"
        path.write_text(path.read_text().replace("ge=0", f"ge={least}"))
        self.model.least = least

    def deliver(self, day: int, *good: str, name: str = "", bad: tuple[str, ...] = BAD) -> None:
        lines = [*good, *bad, f"short{day},5"]
        text = "\n".join([HEADER, *lines]) + "\n"
        self.small.write(f"in/contacts_2026-11-{day:02}{name}.csv", text)
        self.model.deliver(day, lines)

    def decide(self, intent: Intent, line: str, amount: int | None = None) -> None:
        """About the newest row that was delivered as `line`; published as `amount`, if it is."""
        key = line.split(",")[0]
        (row, delivered), *_ = [
            (r["row_id"], r["delivered"])
            for r in Recount(self.state).quarantine(
                "select row_id, delivered from held where status in ('held', 'rejected') "
                f"and business_key = '{key}' order by delivered desc"
            )
        ]
        with Workspace.find(self.small.root).open() as stores:
            apply(stores, Selection(CONTACTS, rows=(row,)), intent, f"asked about {key}")
        if amount is not None:
            self.model.decided[line] = amount
            self.model.put(int(delivered[8:10]), key, amount)

    def run(self) -> None:
        outcomes = self.small.run()
        assert not [o.error for o in outcomes if o.error]

    def end(self, day: int) -> None:
        """Replay, twice; then everything is held against the model and recounted."""
        with Workspace.find(self.small.root).open() as stores:
            list(replay(stores))
            assert list(replay(stores)) == []
            snapshot = stores.ledger.snapshot(CONTACTS)
            assert snapshot is not None
        recount = Recount(self.state)
        counted = recount.count()
        print(f"day {day}: {counted.records} {counted.homes}")
        current = recount.current(CONTACTS)
        assert current is not None
        files = recount.files(current, "data")
        rows = [row for file in files for row in pq.read_table(file).to_pylist()]
        assert {row["id"]: row["amount"] for row in rows} == {
            key: amount for key, (_, amount) in self.model.table.items()
        }
        assert len(rows) == len(self.model.table)
        self.model.kept[snapshot.number] = dict(self.model.table)

    def roll_back(self) -> None:
        """To the table as it was at the end of the day before."""
        *_, before, _ = sorted(self.model.kept)
        with Workspace.find(self.small.root).open() as stores:
            rollback(stores, CONTACTS, before, "the release of yesterday was a mistake")
        self.model.table = dict(self.model.kept[before])


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Three days pass, for waivers."""

    class Later(quarantine_module.datetime):  # type: ignore[misc, name-defined]
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return super().now(tz) + timedelta(days=3)

    return lambda: monkeypatch.setattr(quarantine_module, "datetime", Later)


@pytest.mark.slow
def test_eight_nights_of_a_crm(small: Any, later: Callable[[], None]) -> None:
    story = Story(small)
    story.deliver(2, "a,1,", "b,2,", "c,3,")
    story.run()
    story.end(2)

    story.deliver(3, "a,10,", "d,4,")
    story.run()
    rule = Correction({}, {"amount": {"-1": "1"}}, {})
    story.decide(Intent(Act.CORRECT, correction=rule), BAD[0], 1)
    story.end(3)

    story.deliver(4, "b,20,", "e,5,", "once,-9,")
    story.run()
    story.decide(Intent(Act.REJECT), BAD[1])
    story.decide(Intent(Act.REJECT), "once,-9,")
    story.end(4)

    story.deliver(5, "a,11,")
    story.run()
    today = quarantine_module.datetime.now(quarantine_module.UTC).date() + timedelta(days=1)
    story.decide(Intent(Act.WAIVE, until=today), BAD[2], -4)
    story.end(5)

    story.deliver(6, "c,30,")
    story.deliver(1, "a,0,", "z,26,", bad=())  # late: `a` is older than what is there
    story.run()
    story.deliver(6, "c,30,", name="b")  # the same bytes again
    story.run()
    story.end(6)

    later()  # the waiver is over
    del story.model.decided[BAD[2]], story.model.table["bad4"]
    story.contract(
        "1.1.0", -2
    )  # what was corrected, and rejected, is right as it comes from now on
    story.deliver(7, "f,6,")
    story.run()
    story.end(7)

    story.decide(Intent(Act.REOPEN), "once,-9,")
    story.decide(Intent(Act.RELEASE), "once,-9,", -9)
    story.run()
    story.end(8)
    assert story.model.table["once"] == (4, -9)

    story.roll_back()
    assert "once" not in story.model.table
    story.deliver(9, "g,7,", "a,12,")
    story.run()
    story.end(9)
    story.run()
    story.end(9)
    with Workspace.find(small.root).open() as stores:
        assert (verify(stores).problems, verify(stores).notes) == ([], [])
