"""Any expression, in narwhals: what is translated is what Polars makes of it, nulls too."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given, settings

from cleanhold.expressions.untranslatable import Untranslatable
from cleanhold.plan.portable.translate import Translator

from .test_expressions import COLUMNS, booleans

DICE = random.Random(5)
ROWS = pl.DataFrame(
    pl.Series(name, [DICE.choice([*values, None]) for _ in range(300)], dtype=dtype)
    for name, (dtype, values) in COLUMNS.items()
).with_row_index("record")


@pytest.fixture(scope="module")
def table() -> Iterator[Any]:
    with duckdb.connect() as connection:
        yield connection.from_arrow(ROWS.to_arrow())


@settings(max_examples=200, deadline=None)
@given(expression=booleans())
def test_what_is_translated_means_the_same(expression: pl.Expr, table: Any) -> None:
    try:
        wanted = ROWS.lazy().select(answer=expression).collect()["answer"].to_list()
    except pl.exceptions.PolarsError:
        return  # no expression that a contract may have
    translator = Translator(ROWS.schema, "__")
    try:
        term = translator.term(expression)
    except Untranslatable:
        return
    for native in (ROWS.lazy(), table):
        rows = nw.from_native(native)
        if translator.numbers:
            rows = rows.with_columns(**translator.numbers)
        answers = rows.select("record", answer=term.expr).collect("polars").to_native()
        assert answers.sort("record")["answer"].to_list() == wanted
