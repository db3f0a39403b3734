"""A, then B, then A again: what came last is what readers get."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.pipeline.quarantine import review
from cleanhold.pipeline.verify import verify

from .recount import Recount


def held(small: Any) -> dict[str, int]:
    with Workspace.find(small.root).open() as stores:
        return dict(review(stores).counts())


@pytest.mark.parametrize(
    ("load", "ids", "waiting"), [("replace", {"a": 1}, 1), ("upsert", {"a": 1, "b": 5}, 2)]
)
@pytest.mark.parametrize("nightly", [True, False])
def test_the_same_bytes_on_a_later_day_count_as_that_day(
    small: Any,
    load: str,
    ids: dict[str, int],
    waiting: int,
    nightly: bool,
    conserved: Callable[[Path], int],
) -> None:
    small.contract(load=load)
    days = {"02": ["a,1,", "x,-1,"], "03": ["a,2,", "b,5,", "x,-2,"], "04": ["a,1,", "x,-1,"]}
    for day, rows in days.items():
        small.deliver(day, *rows)
        if nightly:
            assert small.states()[-1] == "published"
    small.run()
    assert small.ids() == ids
    assert set(small.states()) == {"unchanged"}
    assert conserved(small.root)
    assert held(small)["held"] == waiting


def test_one_file_that_is_overwritten(small: Any, conserved: Callable[[Path], int]) -> None:
    small.contract(load="replace")
    source = (small.root / "flows/sources.py").read_text()
    small.write("flows/sources.py", source.replace('dated=r"_([0-9]{4}-[0-9]{2}-[0-9]{2})", ', ""))
    for amount, seen in ((1, 1), (2, 2), (1, 1), (1, 1), (2, 2)):
        small.write("in/orders_all.csv", f"id,amount,note\na,{amount},\n")
        small.run()
        assert small.ids() == {"a": seen}
        assert small.states() == ["unchanged"]
    assert conserved(small.root) == 4


def test_appended_rows_stay_once(small: Any) -> None:
    small.contract(load="append")
    for day, row in (("02", "a,1,"), ("03", "b,2,"), ("04", "a,1,")):
        small.deliver(day, row)
        small.run()
    assert small.ids() == {"a": 1, "b": 2}


def test_a_late_copy_of_an_old_day_changes_nothing(small: Any) -> None:
    small.contract()
    for day, row in (("05", "a,1,"), ("06", "a,2,"), ("04", "a,1,")):
        small.deliver(day, row)
        small.run()
    assert small.ids() == {"a": 2}


def test_files_that_were_only_touched_are_no_new_deliveries(small: Any) -> None:
    small.contract()
    for day, row in (("02", "a,1,"), ("03", "a,2,")):
        small.deliver(day, row)
        small.run()
    for file in (small.root / "in").iterdir():
        content = file.read_bytes()
        file.unlink()
        file.write_bytes(content)
    assert small.states() == ["unchanged", "unchanged"]
    assert small.ids() == {"a": 2}


def test_rows_that_the_contract_no_longer_takes_are_judged_anew(
    small: Any, conserved: Callable[[Path], int]
) -> None:
    small.contract().deliver("02", "a,1,", "b,1,")
    small.run()
    small.deliver("03", "a,2,")
    small.run()
    small.deliver("04", "a,1,", "b,1,")
    text = (small.root / "contracts/shop_orders.py").read_text()
    small.write("contracts/shop_orders.py", text.replace("[a-z0-9]+", "a"))  # b is held now
    assert small.states()[-1] == "published"
    assert small.ids() == {"a": 1}
    assert conserved(small.root)


@pytest.mark.slow
@pytest.mark.parametrize("load", ["replace", "upsert"])
def test_rows_that_are_held_again_are_told_and_the_quarantine_can_be_made_again(
    small: Any, load: str
) -> None:
    """What an earlier run fed does not depend on when its bytes were delivered again."""
    small.contract(load=load)
    days = {"02": ["a,1,", "x,-1,", "y,-1,"], "03": ["a,2,", "y,-1,"]}
    for day, rows in {**days, "04": days["02"]}.items():
        small.deliver(day, *rows)
        small.run()
    recount = Recount(small.root / ".cleanhold")
    seen = {
        row["business_key"]: (row["status"], row["times_seen"])
        for row in recount.quarantine("select * from held where status = 'held'")
    }
    assert seen == {"x": ("held", 2), "y": ("held", 3)}
    recount.count()
    with Workspace.find(small.root).open() as stores:
        assert verify(stores).problems == []


def test_a_late_delivery_whose_rows_are_all_overtaken_is_published_with_its_warnings(
    small: Any, conserved: Callable[[Path], int]
) -> None:
    small.contract(more="size: int = field(nullable=True, ge=0, severity='warn')")
    header = "id,amount,note,size"
    small.deliver("03", "a,3,,1", header=header)
    small.run()
    small.deliver("02", "a,2,,-1", "b,-1,,1", header=header)
    late, current = small.run()
    assert str(late.state) == "published"
    assert late.run.account.as_dict() == {
        "records": 2, "clean": 0, "held": 1, "refused": 0, "superseded": 1, "warned": 1,
    }  # fmt: skip
    assert str(current.state) == "unchanged"
    assert small.ids() == {"a": 3}
    conserved(small.root)
