"""Any expression: what is translated, and what is not, is what Polars makes of it."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from typing import Any

import pandera.polars as pa
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleanhold import field, text
from cleanhold.online.guard import Guard
from cleanhold.plan.model import read_model

from .oracle import batch_plan, same

NAN, INF = float("nan"), float("inf")
TEXTS = ["", "a", "b", "ab", "A", "a\n", "\n", " a ", "1", "-1", "+1", "1.5", "1e3", "é", "İ", "ß",
         "2024-02-29", "29/2/2024", "(1)", "1-", "٣", "\x1c", "aaa", "a.b@c", "0001"]  # fmt: skip
COLUMNS: dict[str, tuple[Any, list[Any]]] = {
    "s": (pl.String, TEXTS),
    "t": (pl.String, TEXTS),
    "i": (pl.Int64, [0, 1, -1, 100, 2**53 + 1, 2**63 - 1, -(2**63)]),
    "j": (pl.Int8, [0, 1, -1, 127, -128]),
    "u": (pl.UInt64, [0, 1, 2**64 - 1]),
    "f": (pl.Float64, [0.0, -0.0, 1.0, -1.5, NAN, INF, -INF, 2.0**63, -(2.0**63), 0.1]),
    "g": (pl.Float64, [0.0, 1.0, NAN, INF]),
    "m": (pl.Decimal(12, 2), [Decimal("0"), Decimal("1.50"), Decimal("-0.01")]),
    "d": (pl.Date, [date(1, 1, 1), date(2024, 2, 29), date(9999, 12, 31)]),
    "b": (pl.Boolean, [True, False]),
    "c": (pl.Boolean, [True, False]),
}
PATTERNS = ["a", "^a", "a$", r"\d", r"\A[0-9]+\z", r"(?:a|ab)b?", r"[^a]", r"^\S+$", "a{2,3}",
r"\.",
            "(a+)+$", "^(?:a*)*$", "(?i:A)", "a|^$", r"\W", r"^-?[0-9]{1,3}(?:\.[0-9]+)?$",
            "é"]  # fmt: skip
REPLACEMENTS = [
    ("a", "b"),
    (r"\A\((.*)\)\z", "-$1"),
    (r"(.)(.)", "$2$1"),
    (r"a|", "x"),
    ("(a)", "$1$"),
    ("(a)(b)?", "${2}0${1}"),
]


def ops(left: pl.Expr, right: Any, op: str) -> pl.Expr:
    return getattr(left, op)(right)


COMPARE = st.sampled_from(["__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"])


@st.composite
def strings(draw: Any) -> pl.Expr:
    one = pl.col(draw(st.sampled_from("st")))
    for _ in range(draw(st.integers(0, 2))):
        pattern, by = draw(st.sampled_from(REPLACEMENTS))
        one = draw(
            st.sampled_from(
                [
                    one.str.strip_chars(), one.str.strip_chars("a1"), one.str.to_lowercase(),
                    one.str.to_uppercase(), one.str.to_titlecase(), one.str.normalize("NFKC"),
                    one.str.replace_many(["a", "ab"], ["b", ""], leftmost=True),
                    one.str.strip_suffix("b"), one.str.strip_prefix("a"),
                    one.str.zfill(4), one.str.replace(pattern, by), one.str.replace_many(["a",
                    "1"], [""]),
                    one.str.replace("a", "$0", literal=True), one.fill_null("z"),
                    one.str.replace_all("a", "b"), one.str.slice(0, 1), one.str.reverse(),
                    one.replace_strict({"a": "b", "": "e"}, default=None, return_dtype=pl.String),
                    pl.when(pl.col("b")).then(one),
                    pl.when(pl.col("b")).then(one).otherwise(pl.col("t")),
                    pl.concat_str(one, "t", pl.lit("."), separator="a"), pl.concat_str(one),
                    pl.concat_str(one, "t", ignore_nulls=True), pl.concat_str(one, "i"),
                    pl.coalesce(one, "t"), pl.col("i").cast(pl.String, strict=False),
                ]
            )
        )  # fmt: skip
    return one


@st.composite
def booleans(draw: Any, depth: int = 2) -> pl.Expr:
    if depth and draw(st.booleans()):
        parts = [draw(booleans(depth - 1)) for _ in range(draw(st.integers(1, 3)))]
        one = parts[0]
        return draw(
            st.sampled_from(
                [
                    ~one, one & parts[-1], one | parts[-1], pl.all_horizontal(parts),
                    pl.any_horizontal(parts), one.fill_null(True), one.fill_null(False),
                    one.is_null(), one.is_not_null(), one ^ parts[-1], one == parts[-1],
                    pl.when(one).then(parts[-1]).otherwise(pl.lit(None, dtype=pl.Boolean)),
                    pl.when(one).then(pl.lit(True)).otherwise(parts[-1]), one.is_in([True]),
                    pl.coalesce(one, parts[-1]), one.eq_missing(parts[-1]),
                ]
            )
        )  # fmt: skip
    word, other = draw(strings()), draw(strings())
    op = draw(COMPARE)
    i, j, u, f, g, m, d = map(pl.col, ("i", "j", "u", "f", "g", "m", "d"))
    amount = draw(st.sampled_from([0, 1, -1, 127, 300, 1.5, 0.1, INF, -INF, NAN]))
    whole = draw(st.sampled_from([0, 1, -1, 300]))
    parsed = draw(
        st.sampled_from(
            [
                word.cast(pl.Int64, strict=False), word.cast(pl.UInt8, strict=False),
                word.cast(pl.Float64, strict=False), word.cast(pl.Decimal(12, 2), strict=False),
                word.str.to_date("%Y-%m-%d", strict=False), word.str.to_date("%d/%m/%Y",
                strict=False),
                word.str.len_chars(), word.str.len_bytes(), i.cast(pl.Float64, strict=False),
                f.cast(pl.Int64, strict=False), i.cast(pl.Int8, strict=False), f.replace(INF, None),
                pl.coalesce(f, g), pl.when(f > 0).then(g), pl.when(f > 0).then(j).otherwise(0),
                pl.when(i > 0).then(f).otherwise(0), i + 1, f / g,
            ]
        )
    )  # fmt: skip
    return draw(
        st.sampled_from(
            [
                pl.col("b"), pl.col("c"), ops(f, amount, op), ops(g, amount, op), ops(f, g, op),
                ops(i, whole, op), ops(j, whole, op), ops(u, whole, op), ops(i, amount, op), ops(i,
                j, op),
                ops(pl.lit(whole), i, op), ops(pl.lit(amount), f, op), ops(m, whole, op),
                ops(m, Decimal("1.500"), op), ops(m, amount, op), ops(m, f, op), ops(d, date(2024,
                2, 29), op),
                ops(word, other, op), ops(word, "a", op), f.is_nan(), parsed.is_null(),
                word.is_in(["a", "ab"]), i.is_in([0, 300]), j.is_in([0, 300]), f.is_in([0.0, NAN]),
                f.is_in([1.0]), m.is_in([Decimal("1.5")]), d.is_in([date(1, 1, 1)]),
                word.is_in(["a", None]),
                i.is_between(0, 100), f.is_between(0, 1, closed="left"), word.is_between("a", "b",
                closed="none"),
                word.str.contains(draw(st.sampled_from(PATTERNS))), word.str.contains("a",
                literal=True),
                word.str.starts_with("a"), word.str.ends_with("b"), word.str.starts_with(other),
                word.str.contains(draw(st.sampled_from(PATTERNS)), strict=False),
                word.is_null(), parsed.is_not_null(), parsed.cast(pl.String) == "1",
            ]
        )
    )  # fmt: skip


FRAMES = st.fixed_dictionaries(
    {
        n: st.lists(st.none() | st.sampled_from(v), min_size=12, max_size=12)
        for n, (_, v) in COLUMNS.items()
    }
)


def works(expression: pl.Expr, frame: pl.DataFrame) -> bool:
    """Whether Polars takes the expression at all; what it refuses, no contract may have."""
    try:
        return frame.select(expression.alias("x")).schema["x"] == pl.Boolean
    except (pl.exceptions.PolarsError, TypeError):
        return False


def found_alike(frame: pl.DataFrame, expressions: list[pl.Expr], ignore_na: bool) -> None:
    """Judge a frame by checks that are these expressions, both ways."""
    as_is = field(parse=text(trim=False), nulls=()).metadata
    typed = field(nulls=()).metadata
    schema = pa.DataFrameSchema(
        {
            n: pa.Column(dtype, nullable=True, metadata=as_is if dtype == pl.String else typed)
            for n, (dtype, _) in COLUMNS.items()
        },
        checks=[
            pa.Check(lambda d, e=e: d.lazyframe.select(e), name=f"c{n}", ignore_na=ignore_na)
            for n, e in enumerate(expressions)
        ],
    )
    judge = read_model(schema, "any")
    expected = batch_plan(judge, frame, {}, alone=False)
    assert all(map(same, Guard(judge).check_batch(frame), expected))


OPERATORS = ["__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"]
AMOUNTS = [0, 1, -1, 127, 300, 1.5, 0.1, INF, -INF, NAN]


@pytest.mark.parametrize("op", OPERATORS)
@pytest.mark.parametrize("ignore_na", [True, False], ids=["nulls-pass", "nulls-fail"])
def test_comparisons_over_many_pairs(op: str, ignore_na: bool) -> None:
    dice = random.Random(op)
    data = {n: dice.choices([None, *v], k=400) for n, (_, v) in COLUMNS.items()}
    frame = pl.DataFrame(data, schema={n: dtype for n, (dtype, _) in COLUMNS.items()})
    i, j, u, f, g, m, d, b, c, s, t = map(pl.col, "ijufgmdbcst")
    pairs: list[tuple[pl.Expr, Any]] = [(x, a) for x in (i, j, u, f, m) for a in AMOUNTS]
    pairs += [(pl.lit(a), x) for x in (i, f) for a in AMOUNTS]
    pairs += [(f, g), (g, f), (i, j), (i, f), (m, f), (s, t), (d, date(2024, 2, 29)), (b, c)]
    pairs += [(m, Decimal("1.500")), (s, "a"), (f.cast(pl.Int64, strict=False), 0)]
    pairs += [(s.cast(pl.Int64, strict=False), 1), (s.cast(pl.Float64, strict=False), 1)]
    tests = [ops(left, right, op) for left, right in pairs]
    found_alike(frame, [e for e in tests if works(e, frame)], ignore_na)


@pytest.mark.parametrize("ignore_na", [True, False], ids=["nulls-pass", "nulls-fail"])
def test_logic_over_many_pairs(ignore_na: bool) -> None:
    dice = random.Random(1)
    data = {n: dice.choices([None, *v], k=400) for n, (_, v) in COLUMNS.items()}
    frame = pl.DataFrame(data, schema={n: dtype for n, (dtype, _) in COLUMNS.items()})
    b, c, f, i, s = map(pl.col, "bcfis")
    known = f.is_null()
    tests = [
        b & c, b | c, ~b, ~(b & c), ~b | c, b & known, b | known, known & ~known, b.fill_null(c),
        pl.all_horizontal(b, c, known), pl.any_horizontal(b, c, known), b == c, b != c, b ^ c,
        pl.when(b).then(c).otherwise(known), pl.when(b).then(c), pl.coalesce(b, c), b.is_in([True]),
        f.cast(pl.Int64, strict=False).is_null(), i.cast(pl.Int8, strict=False).is_null(),
        f.is_nan(), f.is_in([NAN, 1.0]), f.is_in([0.0]), f.is_between(0, 1), i.is_in([0, 300]),
        f.is_between(-1, INF, closed="none"), f.is_between(0, 1, closed="left"),
        i.cast(pl.Float64, strict=False) == 2.0**53, s.is_in(["a", ""]), ~s.is_in(["a", ""]),
        pl.coalesce(f, pl.lit(0.5)) > 0, f.fill_null(7.0) > 1, f.replace(INF, None).is_null(),
    ]  # fmt: skip
    found_alike(frame, [e for e in tests if works(e, frame)], ignore_na)


@given(booleans(), booleans(), st.booleans(), FRAMES)
@settings(max_examples=120, deadline=None)
def test_an_expression_is_what_polars_makes_of_it(
    one: pl.Expr, other: pl.Expr, ignore_na: bool, data: dict[str, list[Any]]
) -> None:
    frame = pl.DataFrame(data, schema={n: dtype for n, (dtype, _) in COLUMNS.items()})
    good = [e for e in (one, other) if works(e, frame)]
    found_alike(frame, good, ignore_na)
