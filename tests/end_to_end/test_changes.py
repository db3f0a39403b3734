"""Checks against what the dataset itself has published, from delivery to delivery."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cleanhold import Workspace
from cleanhold.core.snapshot import Role, Snapshot
from cleanhold.store.snapshots import data_paths

Conserved = Callable[[Path], int]
FILE = "contracts/shop_orders.py"


def contract(
    small: Any,
    checks: str = 'does_not_decrease("amount")',
    dataset: str = "shop.orders",
    **terms: Any,
) -> Any:
    """The small contract, with checks of changes."""
    small.contract(dataset, **terms)
    path = small.root / "contracts" / f"{dataset.replace('.', '_')}.py"
    text = path.read_text().replace("tolerance=", f"checks=[{checks}], tolerance=")
    path.write_text("from cleanhold.checks import *\n" + text)
    return small


def snapshots(small: Any, dataset: str = "shop.orders") -> list[Snapshot]:
    return Workspace.find(small.root).snapshots(dataset)


def held(small: Any, number: int, dataset: str = "shop.orders") -> list[str]:
    """The sentences of the rows that a run held."""
    with Workspace.find(small.root).open() as stores:
        snapshot = stores.ledger.snapshot(dataset, number)
        assert snapshot is not None
        paths = data_paths(stores.state, stores.manifest(snapshot), Role.HELD)
        rows = [pl.read_parquet(path, columns=["findings"]) for path in paths]
    found = [f for frame in rows for row in frame["findings"].to_list() for f in row]
    return [f["message"] for f in found]


def skipped(small: Any, number: int, dataset: str = "shop.orders") -> int:
    """Rows that the check of changes was not asked about."""
    with Workspace.find(small.root).open() as stores:
        snapshot = stores.ledger.snapshot(dataset, number)
        assert snapshot is not None
        counts = {c["check"]: c["skipped"] for c in stores.manifest(snapshot).checks}
    return int(counts["does_not_decrease"])


@pytest.mark.parametrize("load", ["upsert", "replace"])
def test_a_delivery_is_compared_with_the_one_before(
    small: Any, conserved: Conserved, load: str
) -> None:
    contract(small, load=load)
    small.deliver("02", "a,5,", "b,5,")
    assert small.states() == ["published"]
    assert skipped(small, 1) == 2
    small.deliver("03", "a,4,", "b,6,", "c,1,")
    assert small.states() == ["unchanged", "published"]
    assert held(small, 2) == ["amount is 4, and was 5 before; it may not go back"]
    assert skipped(small, 2) == 0
    assert small.ids() == {"b": 6, "c": 1} | ({"a": 5} if load == "upsert" else {})
    assert conserved(small.root) == 2


def test_a_run_again_changes_nothing(small: Any) -> None:
    contract(small)
    small.deliver("02", "a,5,")
    small.deliver("03", "a,6,", "b,1,")
    small.deliver("04", "a,5,", "b,2,")
    assert small.states() == ["published"] * 3
    made = snapshots(small)
    for _ in range(2):
        assert small.states() == ["unchanged"] * 3
    assert snapshots(small) == made
    assert small.ids() == {"a": 6, "b": 2}


def test_a_backlog_gives_what_running_every_day_gives(
    small: Any, new_small: Callable[[Path], Any], tmp_path: Path
) -> None:
    daily = contract(new_small(tmp_path / "daily"))
    contract(small)
    for day, rows in {"02": ["a,5,"], "03": ["a,4,", "b,1,"], "04": ["a,6,", "b,0,"]}.items():
        small.deliver(day, *rows)
        daily.deliver(day, *rows)
        daily.run()
    small.run()
    assert [s.manifest for s in snapshots(small)] == [s.manifest for s in snapshots(daily)]


def test_the_snapshot_compared_with_is_an_input_of_the_run(small: Any) -> None:
    contract(small)
    small.deliver("02", "a,5,")
    small.deliver("03", "a,6,")
    small.run()
    first, second = snapshots(small)
    assert [str(i.kind) for i in first.inputs] == ["extract"]
    assert [(i.name, i.number) for i in second.inputs[1:]] == [("shop.orders", 1)]
    assert second.inputs[1].sha256 == first.manifest
    small.contract()  # without checks of changes, nothing is compared
    small.deliver("04", "a,1,")
    small.run()
    assert [str(i.kind) for i in snapshots(small)[-1].inputs] == ["extract"]


def test_a_stopped_delivery_is_judged_again_only_beside_another_snapshot(small: Any) -> None:
    contract(small, tolerance="10%")
    small.deliver("02", "a,5,", "b,5,")
    small.run()
    small.deliver("03", "a,4,", "z,1,")
    assert small.states() == ["unchanged", "candidate"]
    assert small.states() == ["unchanged", "candidate"]
    assert len(snapshots(small)) == 2
    small.deliver("04", "b,6,")
    assert small.states() == ["unchanged", "candidate", "published"]
    for _ in range(2):  # it is late now, and no better
        assert small.states() == ["unchanged", "overtaken", "unchanged"]
        assert len(snapshots(small)) == 4
    assert small.ids() == {"a": 5, "b": 6}


def test_a_late_delivery_is_compared_with_what_came_before_it(
    small: Any, conserved: Conserved
) -> None:
    contract(small)
    small.deliver("02", "a,5,", "b,5,")
    small.deliver("04", "b,9,", "c,9,")
    small.run()
    small.deliver("03", "a,4,", "b,7,", "c,7,", "d,7,")
    assert small.states() == ["unchanged", "published", "unchanged"]
    assert held(small, 3) == ["amount is 4, and was 5 before; it may not go back"]
    assert small.ids() == {"a": 5, "b": 9, "c": 9, "d": 7}
    assert snapshots(small)[-1].account.superseded == 2
    assert conserved(small.root) == 3
    assert small.states() == ["unchanged"] * 3


def test_a_late_row_of_a_key_that_a_newer_one_brought_is_not_taken_for_new(small: Any) -> None:
    contract(small, 'allowed_transitions("amount", {1: [2]}, initial=[1])')
    small.deliver("02", "a,1,")
    small.deliver("04", "b,1,")
    small.run()
    small.deliver("03", "b,2,", "c,2,")
    small.run()
    assert held(small, 3) == [
        "amount is 2 and was not published before, which is no allowed change"
    ]
    assert small.ids() == {"a": 1, "b": 1}


def test_a_reference_to_the_own_dataset_is_not_judged_by_what_was_published(small: Any) -> None:
    more = 'parent: str = field(nullable=True, references="shop.orders.id")'
    contract(small, more=more)
    for day in ("02", "03"):
        small.deliver(day, f"a{day},1,,", f"b{day},1,,a{day}", header="id,amount,note,parent")
    assert small.states() == ["published", "published"]
    assert len(small.ids()) == 4


def test_a_column_that_the_contract_gains_is_compared_from_the_next_delivery_on(
    small: Any,
) -> None:
    small.contract()
    small.deliver("02", "a,5,")
    small.run()
    contract(small, 'stays("colour")', version="2", more="colour: str = field(nullable=True)")
    header = "id,amount,note,colour"
    small.deliver("03", "a,5,,red", header=header)
    assert small.states() == ["unchanged", "published"]
    small.deliver("04", "a,5,,blue", header=header)
    small.run()
    assert held(small, 3) == ["colour is blue, and was red before; it must stay"]


FEATURE = """
import polars as pl
from cleanhold import feature

@feature("features.totals", orders="shop.orders")
def totals(orders: pl.LazyFrame) -> pl.LazyFrame:
    return orders.select("id", "amount", "note")
"""


def test_a_feature_table_is_compared_with_itself_and_built_once(small: Any) -> None:
    small.contract()
    contract(small, dataset="features.totals", load="replace")
    small.write("flows/features.py", FEATURE)
    small.deliver("02", "a,5,", "b,5,")
    assert small.states() == ["published", "published"]
    assert small.states() == ["unchanged", "unchanged"]
    small.deliver("03", "a,4,", "b,6,")
    assert small.states() == ["unchanged", "published", "published"]
    assert held(small, 2, "features.totals") == [
        "amount is 4, and was 5 before; it may not go back"
    ]
    assert small.ids("features.totals") == {"b": 6}
    assert small.states() == ["unchanged", "unchanged", "unchanged"]


def test_one_file_is_checked_against_the_table_that_is_given(
    small: Any, cleanhold: Callable[..., Any], tmp_path: Path
) -> None:
    contract(small)
    file = small.deliver("03", "a,4,", "b,6,")
    was = tmp_path / "was.csv"
    was.write_text("id,amount,note\na,5,\n")
    given = ("check", file, "--contract", small.root / FILE, "--json")
    said = cleanhold(*given, "--reference", f"shop.orders={was}").json
    assert (said["held"], said["notes"]) == (1, [])
    said = cleanhold(*given).json
    assert said["held"] == 0
    assert said["notes"] == [
        "not checked: amount.does_not_decrease, for no published snapshot of shop.orders is at hand"
    ]
