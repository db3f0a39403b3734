"""A feature row back to the rows that made it, and a clean row forward to what was made of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.core.provenance import Rows
from cleanhold.core.story import Story
from cleanhold.errors import UsageError
from cleanhold.pipeline.explain import explain
from cleanhold.pipeline.quarantine import review

ORDERS, PEOPLE, TOTALS = "shop.orders", "shop.people", "features.totals"
CHECK = "greater_than_or_equal_to"

FEATURE = """
import polars as pl
from cleanhold import feature


@feature("features.totals", people="shop.people", orders="shop.orders")
def totals(people: pl.LazyFrame, orders: pl.LazyFrame) -> pl.LazyFrame:
    {body}
"""

#: Orders are of the person whose id their note is.
SUMS = (
    "sums = orders.group_by(id='note').agg(amount=pl.col('amount').sum())\n"
    "    return people.select('id', 'note').join(sums, on='id', how='left')"
    ".with_columns(pl.col('amount').fill_null(0))"
)


def tell(root: Path, what: str, *, reveal: str | None = None, **asked: Any) -> list[Story]:
    workspace = Workspace.find(root)
    with workspace.open() as stores:
        features = workspace.catalogue.features
        return explain(stores, what, review(stores, reveal), features=features, **asked)


def build(small: Any, body: str = SUMS, *orders: str, people: tuple[str, ...] = ()) -> None:
    """Orders and people, and a table built of both."""
    small.contract().contract(PEOPLE).contract(TOTALS, load="replace")
    small.write("flows/features.py", FEATURE.format(body=body))
    small.deliver("02", *orders)
    small.deliver("02", *(people or ("p1,1,ann", "p2,1,bob")), what="people")
    small.run()


def of(story: Story, dataset: str) -> Rows:
    assert story.made_from is not None
    return next(rows for rows in story.made_from.inputs if rows.dataset == dataset)


def keys(rows: Rows) -> list[str]:
    return [row["id"] for row in rows.listed]


def test_a_feature_row_back_to_the_rows_that_made_it(small: Any) -> None:
    build(small, SUMS, "o1,5,p1", "o2,7,p1", "o3,9,p2")
    (story,) = tell(small.root, "p1", dataset=TOTALS)
    assert story.values == {"id": "p1", "amount": 12, "note": "•••"}
    assert keys(of(story, PEOPLE)) == ["p1"]
    orders = of(story, ORDERS)
    assert (orders.count, sorted(keys(orders))) == (2, ["o1", "o2"])
    assert "note" not in orders.listed[0], "no column was asked for"
    (story,) = tell(small.root, "p1", dataset=TOTALS, column="amount")
    assert {row["amount"] for row in of(story, ORDERS).listed} == {5, 7}
    assert story.made_from is not None
    (origin,) = story.made_from.columns["amount"]
    assert str(origin.column) == "shop.orders.amount"


def test_each_source_row_is_a_story_of_its_own(small: Any) -> None:
    build(small, SUMS, "o1,5,p1", "o2,7,p1")
    (story,) = tell(small.root, "p1", dataset=TOTALS)
    for row in of(story, ORDERS).listed:
        (source,) = tell(small.root, row["row_id"])
        assert source.ended == "published"
        assert source.fed is not None
        (made,) = source.fed.tables
        assert [one["row_id"] for one in made.listed] == [story.row_id]


def test_what_would_have_fed_it_is_held(small: Any) -> None:
    build(small, SUMS, "o1,-5,p1", "o3,9,p2")
    (story,) = tell(small.root, "p1", dataset=TOTALS, column="amount")
    assert story.values is not None
    assert story.values["amount"] == 0
    orders = of(story, ORDERS)
    assert orders.count == 0
    (held,) = orders.absent
    assert (held.stands, held.name) == ("held", "orders_2026-11-02.csv")
    assert "-5" in held.reasons[0]
    assert held.case
    assert tell(small.root, held.row_id)[0].ended == "held"
    assert of(tell(small.root, "p2", dataset=TOTALS)[0], ORDERS).absent == ()


def test_what_would_have_fed_it_was_rejected_or_refused(small: Any, cleanhold: Any) -> None:
    long = "person1"
    build(small, SUMS, f"o1,-5,{long}", f"o2,5,{long},torn", people=(f"{long},1,ann",))
    here = ("-w", small.root, "-d", ORDERS)
    said = cleanhold("quarantine", "reject", "--check", CHECK, "--reason", "wrong", "--yes", *here)
    assert said.code == 0, said.err
    (story,) = tell(small.root, long, dataset=TOTALS)
    assert [one.stands for one in of(story, ORDERS).absent] == ["rejected", "refused"]


def test_a_row_that_is_not_there_tells_what_would_have_made_it(small: Any) -> None:
    build(small, SUMS, "o1,5,p3", people=("p1,1,ann", "p3,-1,cy"))
    (story,) = tell(small.root, "p3", dataset=TOTALS)
    assert (story.row_id, story.ended) == ("", "not in snapshot 1")
    assert [one.stands for one in of(story, PEOPLE).absent] == ["held"]
    with pytest.raises(UsageError, match="no published or held row of"):
        tell(small.root, "nobody", dataset=TOTALS)


def test_windows_and_filters_keep_the_key(small: Any) -> None:
    body = (
        "big = orders.filter(pl.col('amount') > 1)\n"
        "    big = big.with_columns(amount=pl.col('amount').sum().over('note'))\n"
        "    big = big.select('amount', id='note').unique()\n"
        "    return people.select('id', 'note').join(big, on='id', how='inner')"
    )
    build(small, body, "o1,5,p1", "o2,7,p1", "o3,1,p1", "o4,9,p2")
    (story,) = tell(small.root, "p1", dataset=TOTALS, column="amount")
    assert story.values is not None
    assert story.values["amount"] == 12
    assert {"o1", "o2"} <= set(keys(of(story, ORDERS)))
    assert "o4" not in keys(of(story, ORDERS))
    assert story.made_from is not None
    assert any(o.column.name == "amount" for o in story.made_from.filters)


def test_a_function_that_nobody_can_read_is_said_to_be_so(small: Any) -> None:
    body = (
        "frame = people.collect()\n"
        "    return frame.lazy().select(pl.col('id').map_elements(lambda x: x, "
        "return_dtype=pl.String), 'amount', 'note')"
    )
    build(small, body, "o1,5,p1")
    (story,) = tell(small.root, "p1", dataset=TOTALS)
    assert story.made_from is not None
    assert story.made_from.unseen
    assert [rows.count for rows in story.made_from.inputs] == [None, None]
    assert all(rows.notes for rows in story.made_from.inputs)


def test_of_many_rows_some_are_listed_and_all_counted(small: Any) -> None:
    build(small, SUMS, *(f"o{n},1,p1" for n in range(30)), *(f"h{n},-1,p1" for n in range(12)))
    (story,) = tell(small.root, "p1", dataset=TOTALS)
    orders = of(story, ORDERS)
    assert (orders.count, len(orders.listed)) == (30, 10)
    assert (len(orders.absent), orders.absent_more) == (10, 2)


def test_a_row_that_the_newest_build_did_not_read_fed_nothing(small: Any) -> None:
    build(small, SUMS, "o1,5,p1")
    (before,) = tell(small.root, "o1", dataset=ORDERS)
    small.deliver("03", "o1,6,p1")
    small.run()
    (old,) = tell(small.root, before.row_id)
    assert old.fed is not None
    (made,) = old.fed.tables
    assert made.count == 0
    assert "does not have this row" in made.notes[0]


def test_personal_values_stay_hidden_on_the_way(small: Any, cleanhold: Any) -> None:
    build(small, SUMS, "o1,5,p1", "o2,-5,p1", people=("p1,1,secret",))
    here = ("-w", small.root, "-d", TOTALS, "--column", "note")
    for more in ((), ("--json",)):
        said = cleanhold("explain", "p1", *here, *more)
        assert said.code == 0
        assert "secret" not in said.out + said.err
    assert "secret" in cleanhold("explain", "p1", *here, "--json", "--reveal", "she asks").out


def test_the_consumers_of_what_was_made(small: Any) -> None:
    pact = (
        "from cleanhold import pact\n\n"
        "@pact('scorer', needs='features.totals', owner='them@example.org')\n"
        "class Scorer:\n    'Scores.'\n    id: str\n    amount: int\n"
    )
    small.write("contracts/pacts/scorer.py", pact)
    build(small, SUMS, "o1,5,p1")
    (story,) = tell(small.root, "o1", dataset=ORDERS)
    assert story.fed is not None
    assert story.fed.consumers == ((TOTALS, "scorer", "them@example.org"),)


def test_what_was_asked_for_wrongly(small: Any) -> None:
    build(small, SUMS, "o1,5,p1")
    with pytest.raises(UsageError, match="no row of it has a column 'amuont'"):
        tell(small.root, "p1", dataset=TOTALS, column="amuont")
    with pytest.raises(UsageError, match="each dataset has a snapshot 1"):
        tell(small.root, "p1", snapshot=1)


def test_a_table_that_is_built_of_a_built_table(small: Any) -> None:
    build(small, SUMS, "o1,5,p1", "o2,7,p1", "o3,1,p2")
    small.contract("features.best", load="replace")
    file = small.root / "flows/features.py"
    file.write_text(
        file.read_text() + "\n\n@feature('features.best', totals='features.totals')\n"
        "def best(totals: pl.LazyFrame) -> pl.LazyFrame:\n"
        "    return totals.filter(pl.col('amount') > 5)\n"
    )
    small.run()
    (order,) = tell(small.root, "o1", dataset=ORDERS)
    assert order.fed is not None
    assert [(rows.dataset, keys(rows)) for rows in order.fed.tables] == [
        (TOTALS, ["p1"]),
        ("features.best", ["p1"]),
    ]
    (other,) = tell(small.root, "o3", dataset=ORDERS)
    assert other.fed is not None
    assert [rows.count for rows in other.fed.tables] == [1, 0]
    (story,) = tell(small.root, "p1", dataset="features.best")
    assert keys(of(story, TOTALS)) == ["p1"]


def test_a_feature_row_that_is_held_tells_what_made_it(small: Any) -> None:
    body = SUMS.replace("fill_null(0))", "fill_null(-1))")
    build(small, body, "o1,5,p1", "o2,-7,p2")
    (story,) = tell(small.root, "p2", dataset=TOTALS, column="amount")
    assert story.ended == "held"
    assert [one.stands for one in of(story, ORDERS).absent] == ["held"]


def test_a_key_taken_from_two_columns_of_an_input(small: Any) -> None:
    body = (
        "both = [orders.select('amount', id='id'), orders.select('amount', id='note')]\n"
        "    return pl.concat(both).group_by('id').agg(pl.col('amount').sum())"
        ".with_columns(note=pl.lit(None, pl.String))"
    )
    build(small, body, "o1,5,p1", "p1,7,o1", "o2,-9,p1")
    (story,) = tell(small.root, "p1", dataset=TOTALS)
    assert story.values is not None
    assert story.values["amount"] == 12
    orders = of(story, ORDERS)
    assert sorted(keys(orders)) == ["o1", "p1"]
    assert [one.stands for one in orders.absent] == ["held"]
    assert (
        orders.by == "shop.orders.id = features.totals.id or shop.orders.note = features.totals.id"
    )
    source = next(row["row_id"] for row in orders.listed if row["id"] == "o1")
    (fed,) = tell(small.root, source)
    assert fed.fed is not None
    assert sorted(keys(fed.fed.tables[0])) == ["o1", "p1"]


def test_two_joins_of_the_same_tables_by_other_columns(small: Any) -> None:
    body = (
        "by_id = people.join(orders, left_on='id', right_on='note').select('id', 'amount_right')\n"
        "    by_note = people.join(orders, left_on='note', right_on='id')"
        ".select('id', 'amount_right')\n"
        "    return pl.concat([by_id, by_note]).group_by('id')"
        ".agg(amount=pl.col('amount_right').sum()).with_columns(note=pl.lit(None, pl.String))"
    )
    build(small, body, "o1,5,p1", "ann,7,x", "o2,1,p2")
    (story,) = tell(small.root, "p1", dataset=TOTALS, column="amount")
    assert story.values is not None
    assert story.values["amount"] == 12
    assert sorted(keys(of(story, ORDERS))) == ["ann", "o1"]
    (order,) = tell(small.root, "ann", dataset=ORDERS)
    assert order.fed is not None
    assert [keys(rows) for rows in order.fed.tables] == [["p1"]]


def test_a_row_that_is_not_there_tells_why_whatever_column_is_asked_for(small: Any) -> None:
    build(small, SUMS, "o1,5,p3", people=("p1,1,ann", "p3,-1,cy"))
    (story,) = tell(small.root, "p3", dataset=TOTALS, column="amount")
    assert story.ended == "not in snapshot 1"
    assert [one.stands for one in of(story, PEOPLE).absent] == ["held"]
    with pytest.raises(UsageError, match="no row of it has a column 'amuont'"):
        tell(small.root, "p3", dataset=TOTALS, column="amuont")


def test_a_table_that_is_joined_with_itself(small: Any) -> None:
    body = (
        "boss = people.join(people, left_on='note', right_on='id', how='left')\n"
        "    return boss.select('id', amount='amount_right', note='note')"
    )
    build(small, body, "o1,5,x", people=("p1,1,p2", "p2,2,", "p4,4,p5", "p5,-5,", "p6,6,"))
    (story,) = tell(small.root, "p1", dataset=TOTALS, column="amount")
    people = of(story, PEOPLE)
    assert keys(people) == ["p1", "p2"]
    assert "it is joined with itself" in people.notes[0]
    (source,) = tell(small.root, people.listed[1]["row_id"])
    assert source.fed is not None
    assert "p1" in keys(source.fed.tables[0])
    (story,) = tell(small.root, "p4", dataset=TOTALS)
    assert [one.stands for one in of(story, PEOPLE).absent] == ["held"]
