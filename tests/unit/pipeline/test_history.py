"""What an extract is compared with: what was published before it, by the order of business."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from cleanhold import Workspace

Run = Callable[..., Any]


def rows(count: int, start: int = 0) -> list[str]:
    return [f"r{n},{n},{start}" for n in range(start, start + count)]


def answer(root: Path, number: int, dataset: str = "shop.orders") -> dict[str, Any]:
    """What the volume audit found in a snapshot."""
    with Workspace.find(root).open() as stores:
        snapshot = next(s for s in stores.ledger.snapshots(dataset) if s.number == number)
        audits = stores.manifest(snapshot).details["audits"]
    found: dict[str, Any] = next(a for a in audits if a["audit"] == "volume")
    return found


def before(root: Path, number: int, dataset: str = "shop.orders") -> list[list[Any]]:
    """Day and records of what a snapshot was compared with, newest first."""
    evidence = answer(root, number, dataset)["evidence"]
    return [line[1:] for line in evidence["rows"]] if evidence else []


def test_an_extract_is_compared_with_those_before_it(small: Any) -> None:
    small.contract(load="replace")
    for number, day in enumerate(("02", "09", "16"), 1):
        small.deliver(day, *rows(10 + number))
    small.run()
    small.deliver("23", *rows(1))
    outcome = small.run()[-1]
    assert str(outcome.state) == "published"
    assert outcome.warnings == (
        "1 record, far fewer than usual: the 3 before it had 11 to 13, median 12",
    )
    monday = "Mon 2026-11-"
    assert before(small.root, 4) == [[f"{monday}16", 13], [f"{monday}09", 12], [f"{monday}02", 11]]
    assert before(small.root, 1) == []


def test_a_late_delivery_is_compared_with_what_was_before_it(small: Any) -> None:
    small.contract(load="upsert")
    for day, count in (("02", 10), ("16", 30)):
        small.deliver(day, *rows(count))
    small.run()
    small.deliver("09", *rows(11))
    small.run()
    assert before(small.root, 3) == [["Mon 2026-11-02", 10]]


def test_records_count_whatever_became_of_them(small: Any) -> None:
    small.contract(load="append")
    small.deliver("02", "a,1,", "b,x,", "c,2,,,", "d,5,")
    small.deliver("09", "e,1,")
    small.run()
    assert before(small.root, 2) == [["Mon 2026-11-02", 4]]


def test_replays_and_what_was_stopped_or_taken_back_do_not_count(
    small: Any, cleanhold: Run
) -> None:
    small.contract(load="upsert", rows=(2, None))
    small.deliver("02", "a,1,", "b,x,", "c,3,")
    small.deliver("03", "a,1,")  # stopped
    small.run()
    small.deliver("04", *rows(4))
    corrected = ("quarantine", "correct", "-d", "shop.orders", "--set", "amount=2", "-y")
    assert cleanhold(*corrected, "--reason", "r", "-w", small.root).code == 0
    assert cleanhold("replay", "-w", small.root).code == 0
    small.run()
    small.deliver("05", *rows(5))
    small.run()
    newest = max(s.number for s in Workspace.find(small.root).snapshots("shop.orders"))
    assert before(small.root, newest) == [["Wed 2026-11-04", 4], ["Mon 2026-11-02", 3]]
    published = [s.number for s in Workspace.find(small.root).snapshots("shop.orders")]
    back = ("rollback", "shop.orders", "--to", str(published[0]), "--reason", "r")
    assert cleanhold(*back, "-w", small.root).code == 0
    small.deliver("06", *rows(6))
    small.run()
    newest = max(s.number for s in Workspace.find(small.root).snapshots("shop.orders"))
    assert before(small.root, newest) == [["Mon 2026-11-02", 3]]
    small.deliver("07", *rows(7))
    small.run()
    newest = max(s.number for s in Workspace.find(small.root).snapshots("shop.orders"))
    assert before(small.root, newest) == [["Fri 2026-11-06", 6], ["Mon 2026-11-02", 3]]


def test_a_stopped_extract_goes_on_once_the_contract_allows_it(small: Any) -> None:
    small.contract(load="replace", volume="stop")
    small.deliver("02", *rows(40))
    small.run()
    small.deliver("03", *rows(2))
    stopped = small.run()[-1]
    assert str(stopped.state) == "candidate"
    assert "far fewer than usual" in stopped.reasons[0]
    assert len(small.ids()) == 40
    assert small.states()[-1] == "candidate"
    small.contract(load="replace", volume="warn", version="1.0.1")
    assert small.states()[-1] == "published"
    assert len(small.ids()) == 2


FEATURE = """
import polars as pl
from cleanhold import feature

@feature("features.orders", orders="shop.orders")
def build(orders: pl.LazyFrame) -> pl.LazyFrame:
    return orders.select("id", "amount", "note")
"""


def test_a_feature_table_is_compared_with_itself(small: Any) -> None:
    small.contract(load="replace")
    small.contract("features.orders", load="replace")
    small.write("flows/features.py", FEATURE)
    small.deliver("02", *rows(30))
    small.run()
    small.deliver("03", *rows(1))
    built = small.run()[-1]
    assert built.dataset == "features.orders"
    assert built.warnings == ("1 record, far fewer than usual: the one before it had 30",)
