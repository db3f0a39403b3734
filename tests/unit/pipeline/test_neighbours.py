"""A held row is judged again beside the rows of its extract that are published, or wait."""

from __future__ import annotations

from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.core.correction import Correction
from cleanhold.core.decision import Act
from cleanhold.pipeline.cases import cases
from cleanhold.pipeline.decide import Intent, Selection, apply, preview
from cleanhold.pipeline.replay import Replayed, replay
from cleanhold.pipeline.verify import verify
from cleanhold.store.quarantine import Quarantine

ORDERS = "shop.orders"
UNIQUE = "code: str = field(unique=True)"

GROUPS = """
from cleanhold import contract, field
from cleanhold.checks import group_size
import pandera.polars as pa


@contract(
    "shop.orders",
    version="1.0.0",
    key="id",
    load="upsert",
    checks=[group_size(by="code", least=2)],
)
class Orders(pa.DataFrameModel):
    id: str
    amount: int = field(ge=0)
    note: str = field(nullable=True)
    code: str
"""

APART = """
import pandera.polars as pa
import polars as pl
from cleanhold import contract, field


@contract("shop.orders", version="1.0.0", key="id", load="upsert")
class Orders(pa.DataFrameModel):
    id: str
    amount: int = field(ge=0)
    note: str = field(nullable=True)
    code: str

    @pa.dataframe_check
    def codes_come_in_pairs(cls, data: pa.PolarsData) -> pl.LazyFrame:
        frame = data.lazyframe.collect()
        return frame.select(frame["code"].is_duplicated()).lazy()
"""


def arrive(small: Any, *rows: str) -> None:
    small.deliver("02", *rows, header="id,amount,note,code")
    small.run()


def correct(small: Any, key: str, **values: str) -> tuple[int | None, dict[str, int]]:
    """Decide, and what the preview said: rows released, and what holds the others."""
    with Workspace.find(small.root).open() as stores:
        row = str(Quarantine(stores.state).find(key)["row_id"][0])
        chosen, intent = (
            Selection(ORDERS, rows=(row,)),
            Intent(Act.CORRECT, Correction(values, {}, {})),
        )
        seen = preview(stores, chosen, intent)
        apply(stores, chosen, intent, "because", token=seen.token)
    return seen.released, dict(seen.still)


def reject(small: Any, key: str) -> None:
    with Workspace.find(small.root).open() as stores:
        row = str(Quarantine(stores.state).find(key)["row_id"][0])
        apply(stores, Selection(ORDERS, rows=(row,)), Intent(Act.REJECT), "because")


def again(small: Any) -> Replayed:
    with Workspace.find(small.root).open() as stores:
        (done,) = replay(stores)
        assert list(replay(stores)) == []
        assert verify(stores).problems == []
    return done


def published(small: Any) -> set[str]:
    return set(small.ids())


def test_a_correction_to_a_value_that_is_published_stays_held(small: Any) -> None:
    small.contract(more=UNIQUE)
    arrive(small, "a,1,,x", "b,-2,,y")
    assert correct(small, "b", amount="2", code="x") == (0, {"code.unique": 1})
    done = again(small)
    assert (done.account.clean, done.account.held) == (0, 1)
    assert published(small) == {"a"}


def test_one_of_two_doubles_stays_held_while_the_other_waits(small: Any) -> None:
    small.contract(more=UNIQUE)
    arrive(small, "a,1,,x", "b,2,,y", "c,3,,y")
    assert correct(small, "b", amount="20") == (0, {"code.unique": 1})
    assert again(small).account.held == 2
    assert published(small) == {"a"}
    reject(small, "c")
    assert again(small).account.clean == 1
    assert published(small) == {"a", "b"}


def test_a_double_whose_twin_was_corrected_and_waits_is_no_double_any_more(small: Any) -> None:
    small.contract()
    small.deliver("02", "a,1,", "b,2,", "b,3,")
    small.run()
    with Workspace.find(small.root).open() as stores:
        first, second = Quarantine(stores.state).find("b")["row_id"].sort().to_list()
        for row, key in ((first, "c"), (second, "d")):
            intent = Intent(Act.CORRECT, Correction({"id": key}, {}, {}))
            apply(stores, Selection(ORDERS, rows=(row,)), intent, "because")
        (done,) = replay(stores, rows=[second])
    assert done.account.clean == 1
    assert published(small) == {"a", "d"}


@pytest.mark.parametrize("contract", [GROUPS, APART])
def test_a_row_completes_its_group_that_is_published_or_waits(small: Any, contract: str) -> None:
    small.contract().write("contracts/shop_orders.py", contract)
    arrive(small, "a,1,,x", "b,-2,,x", "c,-3,,y", "d,-4,,y", "e,-5,,z")
    assert published(small) == {"a"}
    assert correct(small, "b", amount="2") == (1, {})
    assert correct(small, "c", amount="3") == (1, {})
    assert correct(small, "e", amount="5")[0] == 0
    done = again(small)
    assert (done.account.clean, done.account.held) == (2, 1)
    assert published(small) == {"a", "b", "c"}


def test_what_waits_elsewhere_is_no_neighbour(small: Any) -> None:
    small.contract(more=UNIQUE)
    arrive(small, "a,-1,,x")
    small.deliver("03", "b,-2,,x", "c,3,,z", header="id,amount,note,code")
    small.run()
    assert correct(small, "a", amount="1") == (1, {})
    assert again(small).account.clean == 1
    assert published(small) == {"a", "c"}


def test_a_double_is_published_once_its_twin_is_corrected(small: Any) -> None:
    small.contract()
    small.deliver("02", "a,1,", "b,2,", "b,3,")
    small.run()
    with Workspace.find(small.root).open() as stores:
        first, _ = Quarantine(stores.state).find("b")["row_id"].sort().to_list()
        intent = Intent(Act.CORRECT, Correction({"id": "c"}, {}, {}))
        apply(stores, Selection(ORDERS, rows=(first,)), intent, "because")
    assert again(small).account.clean == 2
    assert small.ids() == {"a": 1, "b": 3, "c": 2}


def test_a_double_with_another_fault_is_left_alone(small: Any) -> None:
    small.contract()
    small.deliver("02", "a,1,", "b,2,x", "b,-3,y")
    small.run()
    with Workspace.find(small.root).open() as stores:
        first, _ = Quarantine(stores.state).find("b")["row_id"].sort().to_list()
        apply(stores, Selection(ORDERS, rows=(first,)), Intent(Act.REJECT), "because")
        assert list(replay(stores)) == []


def test_a_case_of_doubles_says_what_can_be_done(small: Any, cleanhold: Any) -> None:
    small.contract()
    small.deliver("02", "a,1,", "b,2,", "b,3,", "c,-4,")
    small.run()
    with Workspace.find(small.root).open() as stores:
        found = {case.checks: case for case in cases(stores, ORDERS)}
    assert [case.is_of_doubles for case in found.values()] == [
        checks == ("id.unique",) for checks in found
    ]
    told = cleanhold("quarantine", "case", found["id.unique",].id, "-w", small.root).out
    assert "reject those that are wrong" in told


def row_of(small: Any, key: str) -> str:
    with Workspace.find(small.root).open() as stores:
        return str(Quarantine(stores.state).find(key)["row_id"][0])


@pytest.mark.parametrize("bad", ["r2", "r10"])
def test_verdicts_are_of_the_rows_that_they_are_about(small: Any, bad: str) -> None:
    small.contract(more=UNIQUE)
    arrive(small, *(f"r{n},{-n if n in (2, 10) else n},,c{n}" for n in range(1, 13)))
    for key in ("r2", "r10"):
        correct(small, key, amount="7", **({"code": "c1"} if key == bad else {}))
    assert again(small).account.clean == 1
    assert published(small) == {f"r{n}" for n in range(1, 13)} - {bad}


def test_rows_delivered_under_other_headers_keep_their_values(small: Any) -> None:
    small.contract(more='code: str = field(source=("Code", "kode"), nullable=True)')
    small.deliver("02", "a,1,,x", "b,-2,,y", header="id,amount,note,Code")
    small.deliver("03", "c,3,,w", "d,-4,,z", header="id,amount,note,kode")
    small.run()
    for key in ("b", "d"):
        correct(small, key, amount="5")
    assert again(small).account.clean == 2
    rows = small.read().select("id", "code").sort("id").rows()
    assert rows == [("a", "x"), ("b", "y"), ("c", "w"), ("d", "z")]


def test_a_double_is_let_go_though_its_twin_is_held_for_another_fault(small: Any) -> None:
    small.contract()
    small.deliver("02", "a,1,", "b,2,", "b,3,")
    small.run()
    with Workspace.find(small.root).open() as stores:
        first, _ = Quarantine(stores.state).find("b")["row_id"].sort().to_list()
        intent = Intent(Act.CORRECT, Correction({"id": "c", "amount": "-5"}, {}, {}))
        apply(stores, Selection(ORDERS, rows=(first,)), intent, "because")
        (done,) = replay(stores, rows=[first])
    assert done.account.held == 1
    assert again(small).account.clean == 1
    assert small.ids() == {"a": 1, "b": 3}


def test_a_group_that_was_incomplete_is_published_together(small: Any) -> None:
    small.contract().write("contracts/shop_orders.py", GROUPS)
    arrive(small, "a,1,,x", "b,2,,x", "d,4,,y", "e,5,,z")
    assert published(small) == {"a", "b"}
    correct(small, "e", code="y")
    assert again(small).account.clean == 2
    assert published(small) == {"a", "b", "d", "e"}


def test_a_key_that_the_contract_reads_otherwise_now_is_a_double(small: Any) -> None:
    small.contract().deliver("02", "a,1,", "B,-2,", "b,-3,")
    small.run()
    file = small.root / "contracts" / "shop_orders.py"
    changed = file.read_text(encoding="utf-8").replace("1.0.0", "2.0.0")
    changed = changed.replace("field(matches", "field(parse=text(lower=True), matches", 1)
    file.write_text("from cleanhold import text\n" + changed, encoding="utf-8")
    row = row_of(small, "b")
    with Workspace.find(small.root).open() as stores:
        intent = Intent(Act.CORRECT, Correction({"amount": "3"}, {}, {}))
        apply(stores, Selection(ORDERS, rows=(row,)), intent, "because")
        (done,) = replay(stores, rows=[row])
    assert done.account.held == 1
