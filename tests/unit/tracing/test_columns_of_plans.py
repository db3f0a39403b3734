"""Column lineage of plans as people write them, against what a person says of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import polars.selectors as cs
import pytest

from cleanhold.core.column_lineage import ColumnLineage, Origin
from cleanhold.tracing.columns import lineage_of, mark

col = pl.col

ORDERS = mark(
    pl.LazyFrame(
        schema={"id": pl.Int64, "buyer": pl.Int64, "day": pl.Date, "amount": pl.Float64,
                "state": pl.String, "tags": pl.List(pl.String),
                "place": pl.Struct({"town": pl.String, "zip": pl.String})}
    ),
    "orders",
)  # fmt: skip
PEOPLE = mark(
    pl.LazyFrame(schema={"id": pl.Int64, "name": pl.String, "born": pl.Date, "day": pl.Date}),
    "people",
)


def told(origins: Iterable[Origin]) -> set[str]:
    """`people.id JOIN`; with a star where it masks."""
    return {f"{o.column} {o.way}{'*' if o.masks else ''}" for o in origins}


def of(frame: pl.LazyFrame, *names: str) -> Any:
    """What is told of some columns; of one, alone."""
    lineage = lineage_of(frame)
    found = [told(lineage.columns[name]) for name in names]
    return found[0] if len(found) == 1 else found


def pairs(lineage: ColumnLineage) -> set[tuple[str, str]]:
    return {(str(one), str(other)) for join in lineage.joined for one, other in join}


# --- one table ------------------------------------------------------------------------------


def test_renaming_and_choosing_keep_values_as_they_are() -> None:
    plan = ORDERS.drop("tags").rename({"id": "order"}).select(cs.integer(), what="state")
    assert of(plan, "order", "buyer", "what") == [
        {"orders.id IDENTITY"}, {"orders.buyer IDENTITY"}, {"orders.state IDENTITY"}
    ]  # fmt: skip
    assert lineage_of(plan).rows == ()


def test_steps_are_told_in_their_order() -> None:
    plan = ORDERS.select(won=col("amount").filter(col("state") == "won").sum().fill_null(0))
    amount, state = lineage_of(plan).columns["won"]
    assert (str(amount.way), amount.told) == ("AGGREGATION", "filter → sum → fill_null")
    assert (str(state.way), state.told) == ("CONDITION", "== → filter → sum → fill_null")


@pytest.mark.parametrize(
    ("expression", "origins"),
    [
        (col("amount") * 2, {"orders.amount TRANSFORMATION"}),
        (col("amount").cast(pl.String), {"orders.amount TRANSFORMATION"}),
        (
            pl.when(col("state") == "won").then("amount").otherwise(0),
            {"orders.state CONDITION", "orders.amount TRANSFORMATION"},
        ),
        (
            pl.coalesce("id", "buyer"),
            {"orders.id TRANSFORMATION", "orders.buyer TRANSFORMATION"},
        ),
        (col("place").struct.field("town"), {"orders.place TRANSFORMATION"}),
        (
            pl.struct("id", "state"),
            {"orders.id TRANSFORMATION", "orders.state TRANSFORMATION"},
        ),
        (col("state").str.len_chars(), {"orders.state TRANSFORMATION"}),
        (pl.lit(3), set()),
    ],
)
def test_values_of_a_row(expression: pl.Expr, origins: set[str]) -> None:
    assert of(ORDERS.with_columns(x=expression), "x") == origins


@pytest.mark.parametrize(
    ("expression", "origins"),
    [
        (col("state").is_null(), {"orders.state TRANSFORMATION*"}),
        (col("state").hash(), {"orders.state TRANSFORMATION*"}),
        (col("state").count(), {"orders.state AGGREGATION*"}),
        (col("state").n_unique(), {"orders.state AGGREGATION*"}),
        (col("state").null_count(), {"orders.state AGGREGATION*"}),
        (col("state").is_null() & (col("state") == "x"), {"orders.state TRANSFORMATION"}),
        (col("amount").sum(), {"orders.amount AGGREGATION"}),
        (col("amount").mean(), {"orders.amount AGGREGATION"}),
        (col("state") == "won", {"orders.state TRANSFORMATION"}),
        (
            pl.when(col("state").is_null()).then(1),
            {"orders.state CONDITION*"},
        ),
    ],
)
def test_what_tells_no_value_masks(expression: pl.Expr, origins: set[str]) -> None:
    assert of(ORDERS.with_columns(x=expression), "x") == origins


@pytest.mark.parametrize(
    ("expression", "origins"),
    [
        (
            col("amount").sum().over("buyer"),
            {"orders.amount AGGREGATION", "orders.buyer WINDOW"},
        ),
        (
            col("amount").cum_sum().over("buyer", order_by="day"),
            {"orders.amount AGGREGATION", "orders.buyer WINDOW", "orders.day WINDOW"},
        ),
        (
            col("amount").rolling_mean_by("day", "7d"),
            {"orders.amount AGGREGATION", "orders.day WINDOW"},
        ),
        (
            col("amount").sum().rolling("day", period="7d"),
            {"orders.amount AGGREGATION", "orders.day WINDOW"},
        ),
        (
            col("amount").sort_by("day").last(),
            {"orders.amount AGGREGATION", "orders.day SORT"},
        ),
    ],
)
def test_windows(expression: pl.Expr, origins: set[str]) -> None:
    assert of(ORDERS.with_columns(x=expression), "x") == origins


def test_filters_decide_rows_and_sorting_only_with_a_limit() -> None:
    kept = ORDERS.filter(col("amount") > 1, col("state").is_not_null()).sort("day")
    assert told(lineage_of(kept).rows) == {"orders.amount FILTER", "orders.state FILTER*"}
    assert "orders.day SORT" in told(lineage_of(kept.head(3)).rows)
    assert of(kept.with_columns(x=col("amount").shift(1)), "x") == {
        "orders.amount TRANSFORMATION", "orders.day SORT"
    }  # fmt: skip


def test_unique_unnest_explode_unpivot_and_numbers() -> None:
    assert told(lineage_of(ORDERS.unique(["buyer"])).rows) == {"orders.buyer GROUP_BY"}
    assert of(ORDERS.unnest("place"), "zip") == {"orders.place TRANSFORMATION"}
    longer = lineage_of(ORDERS.explode("tags"))
    assert told(longer.columns["tags"]) == {"orders.tags TRANSFORMATION"}
    assert told(longer.rows) == {"orders.tags FILTER"}
    long = ORDERS.unpivot(["id", "buyer"], index="day")
    assert of(long, "value", "variable", "day") == [
        {"orders.id IDENTITY", "orders.buyer IDENTITY"}, set(), {"orders.day IDENTITY"}
    ]  # fmt: skip
    assert of(ORDERS.sort("day").with_row_index("n"), "n") == {"orders.day SORT"}


def test_a_filtered_column_alone_decides_rows() -> None:
    few = ORDERS.select(col("amount").filter(col("state") == "won"))
    assert told(lineage_of(few).rows) == {"orders.amount FILTER", "orders.state FILTER"}
    # Beside a column that keeps its rows it can have no other number.
    assert lineage_of(ORDERS.select("id", col("amount").sort_by("day"))).rows == ()


# --- groups ---------------------------------------------------------------------------------


def test_groups() -> None:
    plan = ORDERS.group_by("buyer").agg(
        total=col("amount").sum(),
        won=col("amount").filter(col("state") == "won").sum(),
        orders=pl.len(),
        states=col("state").count(),
    )
    assert of(plan, "buyer", "total", "won", "orders", "states") == [
        {"orders.buyer IDENTITY"},
        {"orders.amount AGGREGATION"},
        {"orders.amount AGGREGATION", "orders.state CONDITION"},
        set(),
        {"orders.state AGGREGATION*"},
    ]
    assert told(lineage_of(plan).rows) == {"orders.buyer GROUP_BY"}


def test_groups_by_windows_of_time() -> None:
    sums = ORDERS.group_by_dynamic("day", every="1mo", group_by="buyer").agg(col("amount").sum())
    assert of(sums, "day", "amount") == [
        {"orders.day TRANSFORMATION"}, {"orders.amount AGGREGATION"}
    ]  # fmt: skip
    assert told(lineage_of(sums).rows) == {"orders.buyer GROUP_BY", "orders.day GROUP_BY"}
    rolling = ORDERS.rolling("day", period="7d", group_by="buyer").agg(col("amount").sum())
    assert of(rolling, "day", "amount") == [
        {"orders.day IDENTITY"},
        {"orders.amount AGGREGATION", "orders.buyer WINDOW", "orders.day WINDOW"},
    ]
    assert lineage_of(rolling).rows == ()  # each row stays


# --- several tables -------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["inner", "left", "right", "full", "semi"])
def test_rows_meet_by_keys(how: Any) -> None:
    found = lineage_of(ORDERS.join(PEOPLE, left_on="buyer", right_on="id", how=how))
    assert told(found.rows) == {"orders.buyer JOIN", "people.id JOIN"}
    assert pairs(found) == {("orders.buyer", "people.id")}
    assert ("name" in found.columns) == (how != "semi")


def test_rows_that_do_not_meet_have_no_equal_values() -> None:
    found = lineage_of(ORDERS.join(PEOPLE, left_on="buyer", right_on="id", how="anti"))
    assert told(found.rows) == {"orders.buyer JOIN", "people.id JOIN"}
    assert pairs(found) == set()


def test_a_full_join_takes_the_key_of_either_side() -> None:
    both = ORDERS.join(PEOPLE, on="id", how="full", coalesce=True)
    assert of(both, "id", "day", "day_right") == [
        {"orders.id IDENTITY", "people.id IDENTITY"},
        {"orders.day IDENTITY"},
        {"people.day IDENTITY"},
    ]
    apart = ORDERS.join(PEOPLE, on="id", how="full")
    assert of(apart, "id", "id_right") == [{"orders.id IDENTITY"}, {"people.id IDENTITY"}]


def test_keys_are_followed_through_names_and_groups() -> None:
    sums = ORDERS.group_by(who="buyer").agg(col("amount").sum())
    assert pairs(lineage_of(PEOPLE.join(sums, left_on="id", right_on="who"))) == {
        ("people.id", "orders.buyer")
    }
    # Keys that were computed are not the input's values.
    near = PEOPLE.join(sums.with_columns(col("who") + 1), left_on="id", right_on="who")
    assert pairs(lineage_of(near)) == set()


def joins(lineage: ColumnLineage) -> list[str]:
    return [" & ".join(f"{one} = {other}" for one, other in join) for join in lineage.joined]


def test_the_keys_of_one_join_are_told_together_and_other_joins_apart() -> None:
    once = ORDERS.join(PEOPLE, left_on=["buyer", "day"], right_on=["id", "day"])
    assert joins(lineage_of(once)) == ["orders.buyer = people.id & orders.day = people.day"]
    by_id = ORDERS.join(PEOPLE, left_on="buyer", right_on="id").select("id", "name")
    by_day = ORDERS.join(PEOPLE, on="day").select("id", "name")
    assert joins(lineage_of(pl.concat([by_id, by_day]))) == [
        "orders.buyer = people.id", "orders.day = people.day"
    ]  # fmt: skip


def test_a_key_of_two_columns_of_a_table_meets_by_either() -> None:
    who = [ORDERS.select("day", who="id"), ORDERS.select("day", who="buyer")]
    plan = PEOPLE.join(pl.concat(who), left_on=["id", "born"], right_on=["who", "day"])
    assert joins(lineage_of(plan)) == [
        "people.id = orders.id & people.born = orders.day",
        "people.id = orders.buyer & people.born = orders.day",
    ]


def test_nearest_and_unequal_joins() -> None:
    nearest = lineage_of(
        ORDERS.sort("day").join_asof(PEOPLE.sort("day"), on="day", by_left="buyer", by_right="id")
    )
    assert told(nearest.rows) == {
        "orders.day JOIN", "people.day JOIN", "orders.buyer JOIN", "people.id JOIN",
        "people.day SORT",
    }  # fmt: skip
    assert pairs(nearest) == {("orders.buyer", "people.id")}
    before = lineage_of(ORDERS.join_where(PEOPLE, col("day") < col("born")))
    assert told(before.rows) == {"orders.day JOIN", "people.born JOIN"}
    assert lineage_of(ORDERS.join(PEOPLE, how="cross")).rows == ()


def test_a_table_joined_with_itself() -> None:
    first = ORDERS.group_by("buyer").agg(first=col("day").min())
    plan = ORDERS.join(first, on="buyer").select(late=col("day") - col("first"))
    assert of(plan, "late") == {"orders.day AGGREGATION", "orders.day TRANSFORMATION"}


def test_tables_below_and_beside_each_other() -> None:
    plan = pl.concat([ORDERS.select("id", "day"), PEOPLE.select("id", "born")], how="diagonal")
    assert of(plan, "id", "day", "born") == [
        {"orders.id IDENTITY", "people.id IDENTITY"},
        {"orders.day IDENTITY"},
        {"people.born IDENTITY"},
    ]
    beside = pl.concat([ORDERS.select("id"), PEOPLE.select("name").sort("name")], how="horizontal")
    assert of(beside, "id", "name") == [{"orders.id IDENTITY"}, {"people.name IDENTITY"}]
    assert told(lineage_of(beside).rows) == {"people.name JOIN"}


def test_sql() -> None:
    plan = pl.SQLContext(orders=ORDERS, people=PEOPLE).execute(
        "SELECT p.name, SUM(o.amount) AS total FROM people p JOIN orders o ON o.buyer = p.id "
        "WHERE o.state = 'won' GROUP BY p.name"
    )
    assert {"orders.amount AGGREGATION"} <= of(plan, "total")
    found = lineage_of(plan)
    assert {"orders.state FILTER", "people.name GROUP_BY", "orders.buyer JOIN"} <= told(found.rows)
    assert pairs(found) in ({("people.id", "orders.buyer")}, {("orders.buyer", "people.id")})


# --- what cannot be seen --------------------------------------------------------------------


def test_a_python_function_may_use_all_that_goes_into_it() -> None:
    plan = ORDERS.with_columns(
        x=pl.struct("id", "state").map_elements(lambda row: 1, return_dtype=pl.Int64)
    )
    found = lineage_of(plan)
    assert found.unseen == ("x: a Python function",)
    assert told(found.columns["x"]) == {"orders.id TRANSFORMATION", "orders.state TRANSFORMATION"}
    assert told(found.columns["amount"]) == {"orders.amount IDENTITY"}
    assert found.rows == ()


def test_a_python_function_that_filters_decides_rows_by_what_it_takes() -> None:
    odd = col("buyer").map_batches(lambda values: values % 2 == 1, return_dtype=pl.Boolean)
    found = lineage_of(ORDERS.filter(odd, col("amount") > 1).select("id", "state"))
    assert found.unseen == ("filter: a Python function",)
    assert told(found.rows) == {"orders.buyer FILTER", "orders.amount FILTER"}
    assert told(found.columns["id"]) == {"orders.id IDENTITY"}
    values = ORDERS.select(x=col("tags").list.eval(pl.element() + "x"))
    assert told(lineage_of(values).rows) == {"orders.tags FILTER"}


def test_a_python_function_of_a_table_may_use_and_drop_anything() -> None:
    found = lineage_of(ORDERS.select("id", "day").map_batches(lambda rows: rows))
    assert found.unseen == ("a step: a Python function",)
    assert told(found.columns["id"]) == {"orders.id TRANSFORMATION", "orders.day TRANSFORMATION"}
    assert told(found.rows) == {"orders.id FILTER", "orders.day FILTER"}


def test_other_data_is_told_and_gives_no_origins(tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text("id,rate\n1,2\n")
    rates = pl.scan_csv(tmp_path / "rates.csv")
    found = lineage_of(ORDERS.join(rates, on="id"))
    assert found.unseen == ("it reads rates.csv, which is none of its inputs",)
    assert found.columns["rate"] == ()
    towns = pl.LazyFrame({"id": [1], "town": ["x"], "since": [date(2020, 1, 1)]})
    assert lineage_of(ORDERS.join(towns, on="id")).unseen == (
        "it has a table of its own, with id, town, since",
    )


def test_a_series_in_an_expression_is_told_and_its_order_is_that_of_the_rows() -> None:
    sure = pl.Series("sure", [0.5, 0.7])
    found = lineage_of(ORDERS.sort("day").with_columns(sure))
    assert found.unseen == ("sure: it has a table of its own",)
    assert told(found.columns["sure"]) == {"orders.day SORT"}
    assert lineage_of(ORDERS.with_columns(x=col("amount") * sure)).unseen == (
        "x: it has a table of its own",
    )
    assert lineage_of(ORDERS.with_columns(x=pl.lit(3), y=col("id").is_in([1, 2]))).unseen == ()


def test_a_step_of_an_unknown_kind_is_admitted(monkeypatch: pytest.MonkeyPatch) -> None:
    from cleanhold.tracing.columns import plan

    effects = {kind: effect for kind, effect in plan._EFFECTS.items() if kind != "Filter"}
    monkeypatch.setattr(plan, "_EFFECTS", effects)
    found = lineage_of(ORDERS.select("id", "amount").filter(col("id") > 1))
    assert found.unseen == ("a step: Filter",)
    assert told(found.rows) == {"orders.id FILTER", "orders.amount FILTER"}
    everything = {"orders.id TRANSFORMATION", "orders.amount TRANSFORMATION"}
    assert told(found.columns["amount"]) == told(found.columns["id"]) == everything


def test_the_same_lineage_comes_back_from_json() -> None:
    found = lineage_of(ORDERS.join(PEOPLE, on="id").filter(col("amount") > 1))
    assert ColumnLineage.from_dict(found.as_dict()) == found
    # Earlier manifests have pairs of columns in the place of joins.
    earlier = {**found.as_dict(), "joined": [[["orders", "id"], ["people", "id"]]]}
    assert ColumnLineage.from_dict(earlier) == found
