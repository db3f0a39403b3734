"""What a source says that its extracts come to, and what they came to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cleanhold import Workspace

SOURCES = """
import json
from pathlib import Path
from cleanhold import Source, delimited

IN = Path(__file__).parents[1] / "in"

def totals(extract):
    return json.loads((IN / Path(extract.name).with_suffix(".ctl")).read_text())

sources = [
    Source(name="shop.orders", arrives="in", pattern="orders_*.csv", control=totals,
           dated=r"_([0-9]{4}-[0-9]{2}-[0-9]{2})", reader=delimited())
]
"""

MORE = """
    paid: Decimal = field(nullable=True)
    weight: float = field(nullable=True)
    cents: pl.Int32 = field(nullable=True)

from decimal import Decimal
"""

HEADER = "id,amount,note,paid,weight,cents"
ROWS = ("a,1,,0.10,0.1,2000000000", "b,2,,0.20,0.2,2000000000", "c,3,,,0.3,")


@pytest.fixture
def counted(small: Any) -> Any:
    """A workspace whose source has control totals; what they are is in `in/orders_….ctl`."""
    small.contract(load="upsert", more=MORE.strip())
    path = small.root / "contracts" / "shop_orders.py"
    text = path.read_text().replace("from decimal import Decimal\n", "")
    path.write_text("import polars as pl\nfrom decimal import Decimal\n" + text)
    small.write("flows/sources.py", SOURCES)
    return small


def say(small: Any, totals: object, day: str = "02") -> None:
    small.write(f"in/orders_2026-11-{day}.ctl", json.dumps(totals))


def evidence(root: Path) -> dict[str, list[Any]]:
    with Workspace.find(root).open() as stores:
        snapshot = stores.ledger.snapshots("shop.orders")[0]
        audits = stores.manifest(snapshot).details["audits"]
    answer = next(a for a in audits if a["audit"] == "reconciliation")
    return {line[0]: line[1:] for line in answer["evidence"]["rows"]}


def test_an_extract_that_comes_to_its_totals_is_published(counted: Any) -> None:
    counted.deliver("02", *ROWS, header=HEADER)
    say(counted, {"records": 3, "amount": 6, "paid": "0.30", "weight": 0.6, "cents": 4 * 10**9})
    assert counted.states() == ["published"]
    assert counted.states() == ["unchanged"]
    assert evidence(counted.root)["records"] == ["3", "3", "0", 0]


@pytest.mark.parametrize(
    ("totals", "why"),
    [
        ({"records": 4}, "3 records, and its source says 4"),
        ({"amount": 7}, "amount comes to 6, and its source says 7: -1"),
        ({"paid": "0.31"}, "paid comes to 0.300000, and its source says 0.31: -0.010000"),
        ({"weight": 0.7, "records": 3}, "weight comes to 0.6"),
    ],
)
def test_one_that_does_not_is_stopped_until_the_totals_are_right(
    counted: Any, totals: dict[str, Any], why: str
) -> None:
    counted.deliver("02", *ROWS, header=HEADER)
    say(counted, totals)
    (stopped,) = counted.run()
    assert str(stopped.state) == "candidate"
    assert stopped.reasons[0].startswith(why)
    assert counted.states() == ["candidate"]
    say(counted, {"records": 3, "amount": 6})  # the source mends its totals
    assert counted.states() == ["published"]


def test_a_total_may_be_off_by_what_is_stated(counted: Any) -> None:
    counted.deliver("02", *ROWS, header=HEADER)
    say(counted, {"paid": ["0.31", 0.01], "amount": [4, 2]})
    assert counted.states() == ["published"]


def test_held_and_refused_records_count_as_far_as_they_were_read(counted: Any) -> None:
    held = "b,-2,,0.20,0.2,"  # its amount was read; it may not be negative
    counted.deliver("02", ROWS[0], held, ROWS[2], "d,4,,1.00,1,,one,too,many", header=HEADER)
    say(counted, {"records": 4, "amount": 2, "paid": "1.30"})
    (run,) = counted.run()
    assert str(run.state) == "published"
    assert (run.run.account.clean, run.run.account.held, run.run.account.refused) == (2, 1, 1)
    assert run.warnings == (
        "paid comes to 0.300000, and its source says 1.30: -1.000000 (1 value could not be read)",
    )
    assert evidence(counted.root)["amount"] == ["2", "2", "0", 1]


def test_none_are_needed(counted: Any) -> None:
    counted.deliver("02", *ROWS, header=HEADER)
    say(counted, None)
    assert counted.states() == ["published"]


@pytest.mark.parametrize(
    ("totals", "why"),
    [
        (5, "TypeError: it gives int, not a mapping"),
        ({"amont": 1}, "'amont', which is no column of numbers"),
        ({"note": 1}, "'note', which is no column of numbers"),
        ({"amount": "many"}, "amount='many' is not a number"),
        ({"amount": "nan"}, "amount='nan' is not a number"),
        ({"amount": [1, -1]}, "is not a number"),
        ({"amount": True}, "is not a number"),
    ],
)
def test_totals_that_cannot_be_used_fail_the_run(counted: Any, totals: object, why: str) -> None:
    counted.deliver("02", *ROWS, header=HEADER)
    say(counted, totals)
    (failed,) = counted.run()
    assert str(failed.state) == "failed"
    assert why in failed.error.what
    assert failed.error.next
    say(counted, {"records": 3})
    assert counted.states() == ["published"]


def test_totals_that_are_not_there_yet_fail_the_run(counted: Any) -> None:
    counted.deliver("02", *ROWS, header=HEADER)
    (failed,) = counted.run()
    assert str(failed.state) == "failed"
    assert "the control totals of orders_2026-11-02.csv cannot be had" in failed.error.what
