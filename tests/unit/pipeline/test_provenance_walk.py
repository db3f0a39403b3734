"""From rows to rows along equal columns."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cleanhold.core.column_lineage import Column, Join
from cleanhold.pipeline.provenance.walk import Met, walk


def table(**columns: Sequence[object]) -> pl.LazyFrame:
    frame = pl.DataFrame(columns)
    ids = [f"{n}" for n in range(frame.height)]
    return frame.with_columns(row_id=pl.Series(ids, dtype=pl.String)).lazy()


def join(*columns: str) -> Join:
    """Of columns that are equal, one after the other."""
    pairs = zip(columns[::2], columns[1::2], strict=True)
    return tuple((Column(*a.split(".")), Column(*b.split("."))) for a, b in pairs)


def reached(
    tables: dict[str, pl.LazyFrame], start: str, *joins: tuple[str, ...]
) -> dict[str, list[str]]:
    """From the first row of a table: the ids of the rows of each that are met."""
    begin = {start: Met(tables[start].head(1))}
    found = walk(tables, begin, [join(*each) for each in joins])
    return {
        name: sorted(met.rows.select("row_id").collect()["row_id"]) for name, met in found.items()
    }


def test_over_several_tables_and_in_either_direction() -> None:
    tables = {
        "a": table(k=["x", "y"], h=["1", "2"]),
        "b": table(h=["1", "1", "2"], z=["u", "v", "w"]),
        "c": table(z=["v", "w"]),
        "far": table(q=["v"]),
    }
    found = reached(tables, "a", ("b.h", "a.h"), ("b.z", "c.z"))
    assert found == {"a": ["0"], "b": ["0", "1"], "c": ["0"]}
    assert reached(tables, "c", ("b.h", "a.h"), ("b.z", "c.z"))["a"] == ["0"]


def test_columns_that_join_together_and_a_table_that_is_joined_twice() -> None:
    both = {"a": table(x=["1"], y=["2"]), "b": table(x=["1", "1", "9"], y=["2", "9", "2"])}
    assert reached(both, "a", ("a.x", "b.x", "a.y", "b.y"))["b"] == ["0"]
    assert reached(both, "b", ("a.x", "b.x", "a.y", "b.y"))["a"] == ["0"]
    twice = {"a": table(buyer=["1"], payer=["2"]), "b": table(id=["1", "2", "3"])}
    assert reached(twice, "a", ("a.buyer", "b.id"), ("a.payer", "b.id"))["b"] == ["0", "1"]


def test_of_two_joins_of_the_same_tables_each_is_enough() -> None:
    both = {"a": table(x=["1"], y=["2"]), "b": table(x=["1", "1", "9"], y=["2", "9", "2"])}
    joins = ("a.x", "b.x"), ("a.y", "b.y")
    assert reached(both, "a", *joins)["b"] == ["0", "1", "2"]


def test_a_column_that_equals_two_others() -> None:
    tables = {"a": table(x=["1", "1"], y=["2", "1"]), "b": table(z=["1", "2"])}
    found = walk(tables, {"a": Met(tables["a"])}, [join("a.x", "b.z", "a.y", "b.z")])
    assert found["b"].values[0].to_dicts() == [{"z": "1"}]


def test_a_table_that_is_joined_with_itself_meets_its_own_rows_one_step_far() -> None:
    people = table(id=["1", "2", "3", "4"], boss=["2", "3", None, "1"])
    start = {"people": Met(people.head(1))}
    found = walk({"people": people}, start, [join("people.boss", "people.id")])["people"]
    assert sorted(found.rows.collect()["row_id"]) == ["0", "1", "3"]
    assert found.first is not None
    assert found.first.collect()["row_id"].to_list() == ["0"]
    assert "one step" in found.notes[0]
    assert [frame.to_dicts() for frame in found.values] == [[{"id": "2"}], [{"boss": "1"}]]


def test_rows_of_a_table_that_share_a_value_are_all_that_it_meets_by_that() -> None:
    orders = table(id=["1", "2", "3"], buyer=["a", "a", "b"])
    joins = [join("orders.buyer", "orders.buyer")]
    found = walk({"orders": orders}, {"orders": Met(orders.head(1))}, joins)["orders"]
    assert sorted(found.rows.collect()["row_id"]) == ["0", "1"]
    assert (found.by, found.notes) == ("the same orders.buyer", ())
    # They were looked for by it already.
    start = Met(orders.head(2), "orders.buyer = x.buyer", (pl.DataFrame({"buyer": ["a"]}),))
    assert walk({"orders": orders}, {"orders": start}, joins)["orders"] is start


def test_nulls_meet_nothing_and_other_types_do_not_matter() -> None:
    tables = {"a": table(k=[None], n=[7]), "b": table(k=[None, "x"], n=["7", "8"])}
    tables["a"] = tables["a"].cast({"k": pl.String})
    assert reached(tables, "a", ("a.k", "b.k"))["b"] == []
    assert reached(tables, "a", ("a.n", "b.n"))["b"] == ["0"]
