"""Column lineage by experiment: what is not named does not matter, and what is named does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from cleanhold.core.column_lineage import Column, ColumnLineage
from cleanhold.tracing.columns import lineage_of, mark

col = pl.col
Tables = dict[str, pl.DataFrame]
Plan = Callable[[dict[str, pl.LazyFrame]], pl.LazyFrame]

#: All values are numbers, so that any column can stand where any other does.
HEADERS = {"a": ("k", "x", "y", "u"), "b": ("k", "x", "z"), "c": ("k", "w")}
values = st.none() | st.integers(0, 3)


@st.composite
def tables(draw: st.DrawFn) -> Tables:
    found = {}
    for name, headers in HEADERS.items():
        height = draw(st.integers(1, 5))
        data = {h: draw(st.lists(values, min_size=height, max_size=height)) for h in headers}
        found[name] = pl.DataFrame(data, schema=dict.fromkeys(headers, pl.Int64))
    return found


def renamed(frame: pl.LazyFrame, how: str) -> pl.LazyFrame:
    return frame.rename({n: f"{n}{how}" for n in frame.collect_schema().names() if n != "k"})


#: Value of one or two columns.
EXPRESSIONS: list[Callable[[pl.Expr, pl.Expr], pl.Expr]] = [
    lambda a, b: a + b,
    lambda a, b: a.fill_null(b),
    lambda a, b: pl.when(a > 1).then(b).otherwise(0),
    lambda a, b: pl.coalesce(a, b),
    lambda a, b: a.is_null().cast(pl.Int64),
    lambda a, b: a.sum().over(b),
    lambda a, b: a.cum_sum(),
    lambda a, b: a.shift(1),
    lambda a, b: a.first().over(b, order_by="k"),
    lambda a, b: a.rank("dense").over(b).cast(pl.Int64),
    lambda a, b: pl.struct(p=a, q=b).struct.field("q"),
    lambda a, b: a.sort_by(b, maintain_order=True),
    lambda a, b: a.clip(0, 2),
    lambda a, b: a.is_in([1, 2]).cast(pl.Int64),
    lambda a, b: a.replace({1: 5}),
    lambda a, b: pl.max_horizontal(a, b),
    lambda a, b: pl.int_range(pl.len()),
    lambda a, b: a.map_batches(lambda s: s, return_dtype=pl.Int64),
    lambda a, b: pl.struct(p=a, q=b).map_batches(
        lambda s: s.struct.field("q"), return_dtype=pl.Int64
    ),
    lambda a, b: a.max() - b.min(),
    lambda a, b: a.rolling_sum(2, min_samples=1),
    lambda a, b: a.forward_fill(),
    lambda a, b: a.cast(pl.String).str.len_chars().cast(pl.Int64),
    lambda a, b: a.is_first_distinct().cast(pl.Int64),
]

AGGREGATIONS: list[Callable[[pl.Expr, pl.Expr], pl.Expr]] = [
    lambda a, b: a.sum(),
    lambda a, b: a.count().cast(pl.Int64),
    lambda a, b: a.first(),
    lambda a, b: a.filter(b > 1).sum(),
    lambda a, b: a.sort_by(b, maintain_order=True).last(),
    lambda a, b: (a * b).max(),
    lambda a, b: pl.len().cast(pl.Int64),
    lambda a, b: a.n_unique().cast(pl.Int64),
    lambda a, b: a.drop_nulls().unique(maintain_order=True).sum(),
]


@dataclass(frozen=True)
class Step:
    """One step; the numbers choose among the columns that it meets."""

    kind: str
    one: int
    two: int
    variant: int
    table: str

    def __call__(self, frame: pl.LazyFrame, given: dict[str, pl.LazyFrame]) -> pl.LazyFrame:
        names = frame.collect_schema().names()
        first, second = names[self.one % len(names)], names[self.two % len(names)]
        return STEPS[self.kind](frame, first, second, self.variant, given[self.table])


def computed(f: pl.LazyFrame, a: str, b: str, n: int, _: pl.LazyFrame) -> pl.LazyFrame:
    how = EXPRESSIONS[n % len(EXPRESSIONS)]
    return f.with_columns(how(col(a), col(b)).alias(f"v{n}"))


def chosen(f: pl.LazyFrame, a: str, b: str, n: int, _: pl.LazyFrame) -> pl.LazyFrame:
    how = EXPRESSIONS[n % len(EXPRESSIONS)]
    return f.select("k", *{a, b} - {"k"}, how(col(a), col(b)).alias(f"s{n}"))


def grouped(f: pl.LazyFrame, a: str, b: str, n: int, _: pl.LazyFrame) -> pl.LazyFrame:
    how = AGGREGATIONS[n % len(AGGREGATIONS)]
    return f.group_by("k", maintain_order=True).agg(
        how(col(a), col(b)).alias("g1"), col(b).min().alias("g2")
    )


def joined(how: str) -> Callable[[pl.LazyFrame, str, str, int, pl.LazyFrame], pl.LazyFrame]:
    def step(f: pl.LazyFrame, a: str, _b: str, n: int, other: pl.LazyFrame) -> pl.LazyFrame:
        key = "k" if n % 2 or a == "k" else a
        return f.join(
            renamed(other, f"_{n}"), left_on=key, right_on="k", how=how, suffix=f"_r{n}",
            coalesce=(None if n % 3 else key == "k"), maintain_order="left_right",
        ).pipe(_with_key)  # fmt: skip

    return step


def _with_key(f: pl.LazyFrame) -> pl.LazyFrame:
    names = f.collect_schema().names()
    return f if "k" in names else f.with_columns(k=col(names[0]))


def near(f: pl.LazyFrame, _a: str, _b: str, n: int, other: pl.LazyFrame) -> pl.LazyFrame:
    ready = (t.filter(col("k").is_not_null()).sort("k", maintain_order=True) for t in (f, other))
    left, right = ready
    return left.join_asof(renamed(right, f"_{n}"), on="k", suffix=f"_r{n}")


def crossed(f: pl.LazyFrame, a: str, _b: str, n: int, other: pl.LazyFrame) -> pl.LazyFrame:
    named = renamed(other, f"_{n}").rename({"k": f"k_{n}"}).with_row_index("there")
    met = f.with_row_index("here").join(named, how="cross", suffix="_c")
    # Polars promises no order of a cross join, and later steps may number rows.
    return met.sort("here", "there").drop("here", "there").filter(col(a) <= col(f"k_{n}"))


def stacked(f: pl.LazyFrame, _a: str, _b: str, n: int, other: pl.LazyFrame) -> pl.LazyFrame:
    return pl.concat([f, renamed(other, "" if n % 2 else f"_{n}")], how="diagonal")


def beside(f: pl.LazyFrame, _a: str, _b: str, n: int, other: pl.LazyFrame) -> pl.LazyFrame:
    names = {name: f"{name}_h{n}" for name in other.collect_schema().names()}
    names |= {name: f"{name}_h{n}x" for name in names if f"{name}_h{n}" in
              f.collect_schema().names()}  # fmt: skip
    return pl.concat([f, other.rename(names)], how="horizontal")


def unpivoted(f: pl.LazyFrame, a: str, b: str, _n: int, _o: pl.LazyFrame) -> pl.LazyFrame:
    on = [name for name in dict.fromkeys((a, b)) if name != "k"]
    if not on or {"variable", "value"} & set(f.collect_schema().names()):
        return f
    return f.unpivot(on, index="k").drop("variable")


def exploded(f: pl.LazyFrame, a: str, b: str, n: int, _o: pl.LazyFrame) -> pl.LazyFrame:
    return f.with_columns(pl.concat_list(a, b).list.drop_nulls().alias(f"e{n}")).explode(f"e{n}")


def unnested(f: pl.LazyFrame, a: str, b: str, n: int, _o: pl.LazyFrame) -> pl.LazyFrame:
    if {f"p{n}", f"q{n}", f"t{n}"} & set(f.collect_schema().names()):
        return f
    return f.with_columns(
        pl.struct(col(a).alias(f"p{n}"), col(b).alias(f"q{n}")).alias(f"t{n}")
    ).unnest(f"t{n}")


def aggregated_in_windows(
    f: pl.LazyFrame, a: str, b: str, n: int, _o: pl.LazyFrame
) -> pl.LazyFrame:
    ready = f.filter(col("k").is_not_null()).sort("k", maintain_order=True)
    how = AGGREGATIONS[n % len(AGGREGATIONS)](col(a), col(b))
    if n % 2:
        return ready.rolling("k", period="2i").agg(how.alias("w"))
    return ready.group_by_dynamic("k", every="2i").agg(how.alias("w"))


STEPS: dict[str, Callable[[pl.LazyFrame, str, str, int, pl.LazyFrame], pl.LazyFrame]] = {
    "computed": computed,
    "chosen": chosen,
    "grouped": grouped,
    **{f"{how} join": joined(how) for how in ("inner", "left", "right", "full", "semi", "anti")},
    "asof join": near,
    "cross join": crossed,
    "stacked": stacked,
    "beside": beside,
    "unpivoted": unpivoted,
    "exploded": exploded,
    "unnested": unnested,
    "windows": aggregated_in_windows,
    "filtered": lambda f, a, b, n, o: f.filter((col(a) > 0) | col(b).is_null()),
    "sorted": lambda f, a, b, n, o: f.sort(a, b, maintain_order=True),
    "limited": lambda f, a, b, n, o: f.slice(n % 2, 3),
    "highest": lambda f, a, b, n, o: f.sort(a, maintain_order=True).tail(2),
    "unique": lambda f, a, b, n, o: f.unique([a, b], keep="first", maintain_order=True),
    "dropped": lambda f, a, b, n, o: f.drop({a} - {"k"}),
    "renamed": lambda f, a, b, n, o: f.rename({a: f"{a}n"}).with_columns(k=col(f"{a}n")),
    "numbered": lambda f, a, b, n, o: f.with_row_index(f"i{n}").cast({f"i{n}": pl.Int64}),
    "complete": lambda f, a, b, n, o: f.drop_nulls([a]),
    "filled": lambda f, a, b, n, o: f.fill_null(9),
    "reversed": lambda f, a, b, n, o: f.reverse(),
    "aggregated": lambda f, a, b, n, o: f.select(k=col(a).sum(), m=col(b).max()),
    "shorter": lambda f, a, b, n, o: f.select(
        k=col(a).filter(col(b) > 0), m=col(a).filter(col(b) > 0)
    ),
    "to itself": lambda f, a, b, n, o: f.join(
        f.select(k2=col(a), mine=col(b)), left_on="k", right_on="k2", maintain_order="left_right",
        suffix=f"_i{n}",
    ),
}  # fmt: skip


numbers = st.integers(0, 50)
steps = st.builds(
    Step, st.sampled_from(sorted(STEPS)), numbers, numbers, numbers, st.sampled_from(["b", "c"])
)


def plan_of(chain: list[Step]) -> Plan:
    def plan(inputs: dict[str, pl.LazyFrame]) -> pl.LazyFrame:
        frame = inputs["a"]
        for step in chain:
            frame = step(frame, inputs)
        return frame

    return plan


def lineage(plan: Plan, given_tables: Tables) -> ColumnLineage:
    return lineage_of(plan({name: mark(t.lazy(), name) for name, t in given_tables.items()}))


def result(plan: Plan, given_tables: Tables) -> pl.DataFrame:
    try:
        return plan({name: t.lazy() for name, t in given_tables.items()}).collect()
    except pl.exceptions.PolarsError:  # such as lengths that do not fit: no table, no lineage
        reject()


@settings(max_examples=250, deadline=None)
@given(tables(), st.lists(steps, min_size=1, max_size=6), st.data())
def test_only_what_is_named_matters(
    given_tables: Tables, chain: list[Step], data: st.DataObject
) -> None:
    plan = plan_of(chain)
    before = result(plan, given_tables)
    found = lineage(plan, given_tables)
    assert list(found.columns) == before.columns
    deciding = {origin.column for origin in found.rows}
    for table, headers in HEADERS.items():
        for header in headers:
            if Column(table, header) in deciding:
                continue
            height = given_tables[table].height
            other = data.draw(st.lists(values, min_size=height, max_size=height))
            changed = pl.Series(header, other, pl.Int64)
            after = result(plan, {**given_tables, table: given_tables[table].with_columns(changed)})
            assert after.height == before.height, f"{table}.{header} decides rows"
            apart = [name for name, origins in found.columns.items()
                     if Column(table, header) not in {o.column for o in origins}]  # fmt: skip
            assert same_rows(after.select(apart), before.select(apart)), f"{table}.{header}"


def same_rows(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    """The order of a table's rows is not told, for nothing may depend on it."""
    return one.sort(one.columns).equals(other.sort(other.columns)) if one.columns else True


#: Functions that grow with either column, so that no later one can undo a change.
TELLING: list[Callable[[pl.Expr, pl.Expr], pl.Expr]] = [
    lambda a, b: a + b * 1_000,
    lambda a, b: a.cast(pl.Float64).cast(pl.Int64) + b * 1_000,
    lambda a, b: a.fill_null(0) * 2 + b,
    lambda a, b: a * 3 + b.cum_sum(),
    lambda a, b: pl.when(a >= 0).then(a * 2 + b).otherwise(b),
]  # fmt: skip


@st.composite
def telling(draw: st.DrawFn) -> tuple[Tables, Plan]:
    """Tables of rows that all meet, and a plan of steps that keep every row and its values."""
    height = draw(st.integers(2, 5))
    whole = st.lists(st.integers(0, 9), min_size=height, max_size=height)
    given_tables = {
        name: pl.DataFrame({h: range(height) if h == "k" else draw(whole) for h in headers})
        for name, headers in HEADERS.items()
    }
    chain = draw(st.lists(st.tuples(numbers, numbers, numbers, st.booleans()), max_size=4))

    def plan(inputs: dict[str, pl.LazyFrame]) -> pl.LazyFrame:
        frame = inputs["a"].join(inputs["b"], on="k", how="left", maintain_order="left")
        for number, (one, two, three, drops) in enumerate(chain):
            names = [n for n in frame.collect_schema().names() if n != "k"]
            a, b = names[one % len(names)], names[two % len(names)]
            if a == b:
                frame = frame.rename({a: f"r{number}"})
                continue
            how = TELLING[three % len(TELLING)](col(a), col(b)).alias(f"t{number}")
            frame = frame.with_columns(how)
            frame = frame.drop(a) if drops and len(names) > 2 else frame
        return frame

    return given_tables, plan


@settings(max_examples=100, deadline=None)
@given(telling())
def test_what_is_named_matters(made: tuple[Tables, Plan]) -> None:
    given_tables, plan = made
    found, before = lineage(plan, given_tables), result(plan, given_tables)
    assert not found.unseen
    for column, origins in found.columns.items():
        for origin in origins:
            if origin.column.name == "k" or not origin.way.is_direct:
                continue  # that keys meet is not a value
            table, header = origin.column.table, origin.column.name
            more = given_tables[table].with_columns(col(header) + 1)
            after = result(plan, {**given_tables, table: more})
            assert not after[column].equals(before[column]), f"{origin.column} → {column}"
