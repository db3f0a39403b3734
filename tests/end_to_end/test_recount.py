"""Deliveries day after day, with everything that happens to them, recounted from the files."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

import cleanhold.store.quarantine as quarantine_module
from cleanhold import Workspace
from cleanhold.core.correction import Correction
from cleanhold.core.decision import Act
from cleanhold.errors import UsageError
from cleanhold.pipeline.decide import Intent, Selection, apply
from cleanhold.pipeline.diff import diff
from cleanhold.pipeline.replay import replay
from cleanhold.pipeline.rollback import rollback
from cleanhold.pipeline.verify import verify

from .recount import Recount

ORDERS, PARTS, STOCK = "shop.orders", "shop.parts", "shop.stock"
FEATURE = """
from datetime import date

import polars as pl

from cleanhold import feature


@feature("features.spend", orders="shop.orders", stock="shop.stock")
def spend(orders: pl.LazyFrame, stock: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    return orders.select("id", "amount").join(stock.select("id"), on="id", how="semi")
"""
FEATURE_CONTRACT = """
import pandera.polars as pa
from cleanhold import contract, field


@contract("features.spend", version="1.0.0", owner="owner@example.org", key="id")
class Spend(pa.DataFrameModel):
    id: str = field()
    amount: int = field(nullable=True)
"""
VALUES = {"id": str, "amount": int, "note": str}


class Days:
    """A small shop, lived through day by day."""

    def __init__(self, small: Any, seed: int, cleanhold: Callable[..., Any], folder: Path) -> None:
        self.small, self.random = small, random.Random(seed)
        self.cleanhold, self.folder = cleanhold, folder
        self.kept: dict[Path, str] = {}
        self.read: dict[tuple[str, int], pl.DataFrame] = {}
        for dataset, load in ((ORDERS, "upsert"), (PARTS, "append"), (STOCK, "replace")):
            small.contract(dataset, load=load)
        small.write("contracts/features_spend.py", FEATURE_CONTRACT)
        small.write("flows/features.py", FEATURE)
        text = (small.root / "flows/sources.py").read_text()
        small.write("flows/sources.py", text.replace("'features.spend', ", ""))

    @property
    def state(self) -> Path:
        return Path(self.small.root) / ".cleanhold"

    def rows(self, dataset: str, day: int) -> list[str]:
        """Good rows, bad rows, and the same bad rows every night."""
        keys = [f"k{self.random.randrange(30)}" for _ in range(8)]
        if dataset == PARTS:  # appended: keys that nobody has had
            keys = [f"d{day}x{n}" for n in range(8)]
        rows = [f"{key},{self.random.randrange(100)},n" for key in dict.fromkeys(keys)]
        rows += [f"bad{n},-{n},again" for n in (1, 2, 3)]  # every night
        rows += [f"odd{day},seven,", f"{dataset[5]}UP{day},5,", f"short{day},5"]
        self.random.shuffle(rows)
        return rows

    def deliver(self, day: int) -> None:
        what = {dataset: dataset.partition(".")[2] for dataset in (ORDERS, PARTS, STOCK)}
        for dataset, name in what.items():
            self.small.deliver(f"{day:02}", *self.rows(dataset, day), what=name)
        earlier = sorted((self.small.root / "in").glob("orders_*"))
        if day % 4 == 0:  # a late one, and an old one delivered again
            late = f"2026-10-{day:02}"
            rows = "\n".join(["id,amount,note", *self.rows(ORDERS, day)])
            self.small.write(f"in/orders_{late}.csv", rows + "\n")
            self.small.write(f"in/orders_2026-11-{day:02}.csv", earlier[0].read_bytes())
        if day % 5 == 0:  # yesterday, corrected at its source
            path = self.small.root / f"in/stock_2026-11-{day - 1:02}.csv"
            text = path.read_text().replace("seven", "7").replace("-1", "1")
            self.small.write(f"in/stock_2026-11-{day:02}.csv", text)

    def decide(self, day: int) -> None:
        """Every act, by check, by row, by case, and by spreadsheet."""
        acts: dict[int, Callable[[Any], object]] = {
            2: lambda s: self._correct(s, ORDERS, {"amount": {"-1": "1"}}),
            3: lambda s: self._waive(s, PARTS),
            4: lambda s: self._sheet(),
            5: lambda s: self._one(s, ORDERS, Act.REJECT),
            6: lambda s: self._one(s, STOCK, Act.RELEASE),
            7: lambda s: self._by_case(s, ORDERS),
            8: lambda s: rollback(s, PARTS, 3, "a wrong day"),
            9: lambda s: self._one(s, ORDERS, Act.ASSIGN),
            10: lambda s: self._one(s, PARTS, Act.COMMENT),
        }
        with Workspace.find(self.small.root).open() as stores:
            if day in acts:
                acts[day](stores)
            if day == 6:
                waiting = self.ids(ORDERS, "rejected")
                apply(stores, Selection(ORDERS, rows=waiting), Intent(Act.REOPEN), "it is real")
            if day % 2 == 0:
                list(replay(stores))

    def ids(self, dataset: str, status: str = "held") -> tuple[str, ...]:
        question = (
            f"select row_id from held where dataset = '{dataset}' and status = '{status}' "
            "order by row_id limit 2"
        )
        return tuple(row["row_id"] for row in Recount(self.state).quarantine(question))

    def _correct(self, stores: Any, dataset: str, mapped: Any) -> None:
        intent = Intent(Act.CORRECT, correction=Correction({}, mapped, {}))
        apply(stores, Selection(dataset), intent, "the sign was lost")

    def _waive(self, stores: Any, dataset: str) -> None:
        today = quarantine_module.datetime.now(quarantine_module.UTC).date()
        apply(
            stores,
            Selection(dataset, check="greater_than_or_equal_to"),
            Intent(Act.WAIVE, until=today),
            "returns count as sales for now",
        )

    def _one(self, stores: Any, dataset: str, act: Act) -> None:
        intent = Intent(act, to="ada") if act is Act.ASSIGN else Intent(act)
        apply(stores, Selection(dataset, rows=self.ids(dataset)[:1]), intent, "asked the shop")

    def _by_case(self, stores: Any, dataset: str) -> None:
        question = (
            f"select case_id from held where dataset = '{dataset}' and status = 'held' "
            "group by 1 order by count(*) desc, 1 limit 1"
        )
        case = Recount(self.state).quarantine(question)[0]["case_id"]
        apply(stores, Selection(dataset, case=case), Intent(Act.REJECT), "never right")

    def _sheet(self) -> None:
        file = self.folder / "held.xlsx"
        done = self.cleanhold(
            "quarantine", "export", "-d", STOCK, "--for-correction", "--out", file,
            "-w", self.small.root,
        )  # fmt: skip
        assert done.code == 0, done.err
        page = CalamineWorkbook.from_path(file).get_sheet_by_name(STOCK)
        headings, *lines = page.to_python(skip_empty_area=False)
        lines[0][headings.index("decision")] = "reject"
        lines[0][headings.index("reason")] = "a test record"
        with xlsxwriter.Workbook(file) as book:
            sheet = book.add_worksheet(STOCK)
            for number, line in enumerate([headings, *lines]):
                sheet.write_row(number, 0, [str(cell) for cell in line])
        done = self.cleanhold("quarantine", "import", file, "--yes", "-w", self.small.root)
        assert done.code == 0, done.out + done.err

    def change(self, day: int, later: Callable[[], None]) -> None:
        """Contracts change, and waivers run out."""
        if day == 7:  # the odd upper-case keys are allowed from now on
            for dataset, load in ((ORDERS, "upsert"), (STOCK, "replace")):
                self.small.contract(dataset, load=load, version="1.1.0")
                path = f"contracts/{dataset.replace('.', '_')}.py"
                text = (self.small.root / path).read_text()
                self.small.write(path, text.replace("[a-z0-9]+", "[A-Za-z0-9]+"))
            text = (self.small.root / "flows/sources.py").read_text()
            self.small.write("flows/sources.py", text.replace("'features.spend', ", ""))
        if day == 9:
            later()

    def run(self) -> None:
        """Every day's commands twice: the second time nothing is new."""
        for outcome in self.small.run():
            assert outcome.error is None, outcome.error
        if self._replayed():  # another version of the contract takes them
            self.small.run()
        before = (self._versions(), Recount(self.state).fingerprints())
        assert {str(o.state) for o in self.small.run()} <= {"unchanged"}
        assert not self._replayed()
        assert (self._versions(), Recount(self.state).fingerprints()) == before

    def _replayed(self) -> list[Any]:
        with Workspace.find(self.small.root).open() as stores:
            return list(replay(stores))

    def _versions(self) -> list[Any]:
        found = Recount(self.state).ledger("select dataset, number, manifest from snapshots")
        return sorted(tuple(row.values()) for row in found)

    def check(self, *, thorough: bool) -> Any:
        """Recount, and hold it against every earlier day."""
        recount = Recount(self.state)
        counted = recount.count()
        for dataset in (ORDERS, PARTS, STOCK):
            assert recount.values(dataset, VALUES)
        now = recount.fingerprints()
        assert {path: now.get(path) for path in self.kept} == self.kept
        self.kept = now
        for row in recount.snapshots:
            name = (row["dataset"], row["number"])
            if row["state"] == "published" and (thorough or name not in self.read):
                frame = self.small.read(name[0], snapshot=name[1])
                assert frame.equals(self.read.setdefault(name, frame))
        if thorough:
            with Workspace.find(self.small.root).open() as stores:
                done = verify(stores)
            assert (done.problems, done.notes) == ([], [])
        return counted

    def compare(self) -> None:
        """What `diff` says of any two versions in a row is what their rows say."""
        recount = Recount(self.state)
        with Workspace.find(self.small.root).open() as stores:
            for dataset in (ORDERS, PARTS, STOCK):
                numbers = sorted(number for name, number in self.read if name == dataset)
                for before, after in pairwise(numbers):
                    told = diff(stores, dataset, before, after).as_dict()
                    counts = recount.diff(dataset, before, after)
                    assert {name: told[name] for name in counts} == counts


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Three days pass, for waivers."""

    class Later(quarantine_module.datetime):  # type: ignore[misc, name-defined]
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return super().now(tz) + timedelta(days=3)

    return lambda: monkeypatch.setattr(quarantine_module, "datetime", Later)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", [1, 2])
def test_twelve_days_of_a_shop(
    small: Any, cleanhold: Any, tmp_path: Path, later: Any, seed: int
) -> None:
    days = Days(small, seed, cleanhold, tmp_path)
    for day in range(1, 13):
        days.change(day, later)
        days.deliver(day)
        days.run()
        with suppress(UsageError):  # with some seeds, nothing of a kind waits on a day
            days.decide(day)
        counted = days.check(thorough=day % 4 == 0)
        print(f"day {day}: {counted.records} {counted.homes}")
    days.compare()
