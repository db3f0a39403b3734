"""How deliveries become a table: replace, append, upsert, in order and late."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cleanhold import Workspace

Conserved = Callable[[Path], int]


def superseded_of(small: Any, number: int) -> int:
    return int(Workspace.find(small.root).snapshots("shop.orders")[number - 1].account.superseded)


def test_upsert_keeps_the_newest_row_of_each_key(small: Any, conserved: Conserved) -> None:
    small.contract(load="upsert")
    small.deliver("02", "a,1,", "b,1,")
    small.run()
    small.deliver("03", "b,2,", "c,2,")
    assert small.states() == ["unchanged", "published"]
    assert small.ids() == {"a": 1, "b": 2, "c": 2}
    assert small.ids(snapshot=1) == {"a": 1, "b": 1}
    assert conserved(small.root) == 2


def test_a_late_older_delivery_does_not_overwrite_newer_rows(
    small: Any, conserved: Conserved
) -> None:
    small.contract(load="upsert")
    small.deliver("03", "a,3,", "b,3,")
    small.run()
    small.deliver("02", "a,2,", "z,2,", "q?,1,")
    assert small.states() == ["published", "unchanged"]
    assert small.ids() == {"a": 3, "b": 3, "z": 2}
    assert superseded_of(small, 2) == 1
    assert conserved(small.root) == 2
    # Day 3 again, as a newer delivery, wins over both.
    small.deliver("04", "a,4,", "z,4,")
    small.run()
    assert small.ids() == {"a": 4, "b": 3, "z": 4}


def test_replace_takes_the_newest_delivery_only(small: Any, conserved: Conserved) -> None:
    small.contract(load="replace")
    small.deliver("03", "a,3,")
    small.run()
    small.deliver("02", "a,2,", "b,2,")
    assert small.states() == ["published", "unchanged"]
    assert small.ids() == {"a": 3}
    assert superseded_of(small, 2) == 2
    small.deliver("04", "c,4,")
    small.run()
    assert small.ids() == {"c": 4}
    assert conserved(small.root) == 3


def test_a_late_delivery_does_not_replace_a_newer_empty_one(small: Any) -> None:
    small.contract(load="replace")
    small.deliver("03")
    small.run()
    small.deliver("02", "a,2,")
    small.run()
    assert small.ids() == {}


def test_append_adds_rows_and_keeps_the_files(small: Any, conserved: Conserved) -> None:
    small.contract(load="append")
    for day, key in (("02", "a"), ("03", "b"), ("04", "c")):
        small.deliver(day, f"{key},{day},")
        small.run()
    assert small.ids() == {"a": 2, "b": 3, "c": 4}
    assert small.ids(snapshot=2) == {"a": 2, "b": 3}
    files = list((small.root / ".cleanhold" / "snapshots" / "shop.orders").glob("data-*"))
    assert len(files) == 3
    assert conserved(small.root) == 3


def test_append_stops_a_key_that_is_there_already(small: Any) -> None:
    small.contract(load="append")
    small.deliver("02", "a,1,")
    small.run()
    small.deliver("03", "a,2,")
    _, outcome = small.run()
    assert str(outcome.state) == "candidate"
    assert "2 rows share their key (id)" in outcome.reasons[0]
    assert small.ids() == {"a": 1}


@pytest.mark.parametrize("load", ["upsert", "append"])
def test_a_contract_that_gains_a_nullable_column(small: Any, load: str) -> None:
    small.contract(load=load)
    small.deliver("02", "a,1,x", "b,1,y")
    small.run()
    small.contract(load=load, version="1.1.0", more="colour: str = field(nullable=True)")
    small.deliver("03", "c,2,z,red", header="id,amount,note,colour")
    assert small.states() == ["unchanged", "published"]
    rows = small.read().sort("id")
    assert rows["colour"].to_list() == [None, None, "red"]
    assert rows["amount"].to_list() == [1, 1, 2]
    assert small.read(snapshot=1).columns == ["id", "amount", "note"]


def test_a_column_gained_with_a_default(small: Any) -> None:
    small.contract()
    small.deliver("02", "a,1,x")
    small.run()
    small.contract(more='colour: str = field(default="grey")')
    small.deliver("03", "b,2,z,red", header="id,amount,note,colour")
    small.run()
    assert dict(small.read().select("id", "colour").iter_rows()) == {"a": "grey", "b": "red"}


def test_a_promised_column_that_published_rows_lack_stops_at_candidate(small: Any) -> None:
    small.contract()
    small.deliver("02", "a,1,x")
    small.run()
    small.contract(more="colour: str = field()")
    small.deliver("03", "b,2,z,red", header="id,amount,note,colour")
    outcome = small.run()[-1]
    assert str(outcome.state) == "candidate"
    assert "colour in 1" in outcome.reasons[0]
    assert small.ids() == {"a": 1}


def test_a_column_that_a_contract_loses_is_left_out(small: Any) -> None:
    small.contract(more="colour: str = field(nullable=True)")
    small.deliver("02", "a,1,x,red", header="id,amount,note,colour")
    small.run()
    small.contract(version="2.0.0")
    small.deliver("03", "b,2,y")
    small.run()
    assert small.read().columns == ["id", "amount", "note"]
    assert small.read().height == 2


def test_a_type_that_published_values_do_not_fit_is_refused(small: Any) -> None:
    small.contract(more="size: str = field(nullable=True)")
    small.deliver("02", "a,1,x,large", header="id,amount,note,size")
    small.run()
    small.contract(version="2.0.0", more="size: int = field(nullable=True)")
    small.deliver("03", "b,2,y,7", header="id,amount,note,size")
    outcome = small.run()[-1]
    assert str(outcome.state) == "failed"
    assert "1 published values of 'size'" in outcome.reasons[0]
    assert small.read()["size"].to_list() == ["large"]


def test_a_type_that_published_values_fit_is_taken(small: Any) -> None:
    small.contract(more="size: int = field(nullable=True)")
    small.deliver("02", "a,1,x,7", header="id,amount,note,size")
    small.run()
    small.contract(version="2.0.0", more="size: str = field(nullable=True)")
    small.deliver("03", "b,2,y,large", header="id,amount,note,size")
    small.run()
    assert dict(small.read().select("id", "size").iter_rows()) == {"a": "7", "b": "large"}


def test_columns_of_a_pattern_come_and_go_with_the_extracts(small: Any) -> None:
    more = 'q: int = field(alias="q_[0-9]", regex=True, nullable=True)'
    small.contract(more=more)
    small.deliver("02", "a,1,x,5,6", header="id,amount,note,q_1,q_2")
    small.run()
    small.deliver("03", "b,1,x,8", header="id,amount,note,q_2")
    small.run()
    rows = {row["id"]: row for row in small.read().to_dicts()}
    assert (rows["a"]["q_1"], rows["a"]["q_2"]) == (5, 6)
    assert (rows["b"]["q_1"], rows["b"]["q_2"]) == (None, 8)


def test_two_sources_come_together_in_one_table(small: Any) -> None:
    small.contract()
    small.write(
        "flows/sources.py",
        "from cleanhold import Source, delimited\n"
        "DAY = r'_([0-9-]{10})'\n"
        "east = Source('east', 'in', 'east_*.csv', delimited(), 'shop.orders', DAY)\n"
        "west = Source('west', 'in', 'west_*.csv', delimited(), 'shop.orders', DAY)\n",
    )
    small.deliver("02", "a,2,", "b,2,", what="east")
    small.deliver("03", "b,3,", "c,3,", what="west")
    assert small.states() == ["published", "published"]
    assert small.ids() == {"a": 2, "b": 3, "c": 3}
    small.deliver("01", "c,1,", "d,1,", what="east")
    small.run()
    assert small.ids() == {"a": 2, "b": 3, "c": 3, "d": 1}


def test_the_same_bytes_twice_are_one_extract(small: Any) -> None:
    small.contract()
    small.deliver("02", "a,1,")
    small.deliver("03", "a,1,")
    small.run()
    assert len(Workspace.find(small.root).snapshots("shop.orders")) == 1
    assert small.read().select(pl.len()).item() == 1
