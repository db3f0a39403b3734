"""What pandera can say on Polars, as a table: model, rows, failures; pandera fails the same rows.

Several cases are pandera's own (its tests/polars), written as data.
"""
# ruff: noqa: E501 - a table reads better unwrapped

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandera.polars as pa
import polars as pl
import pytest
from pandera.config import ValidationDepth, config_context
from pandera.errors import SchemaErrors

from cleanhold.plan.load import import_file

from .conftest import HEAD, Judge

IMPORTS = """from datetime import time, timedelta, timezone, UTC
from typing import Annotated, Generic, List, TypeVar
import pandera.extensions
from pandera.engines import polars_engine as pe
from pandera.typing.polars import Series
T = TypeVar("T")
"""


@dataclass(frozen=True)
class Case:
    """`fails`: record, check, column; `whole`: checks that fail for all rows together."""

    body: str
    rows: Any
    fails: tuple[tuple[int, str, str | None], ...] = ()
    whole: tuple[str, ...] = ()

    @property
    def frame(self) -> pl.DataFrame:
        if isinstance(self.rows, pl.DataFrame):
            return self.rows
        return pl.DataFrame({"a": self.rows})

    @property
    def source(self) -> str:
        if "class A(" in self.body or "A = " in self.body:
            return IMPORTS + self.body
        lines = "".join(f"    {line}\n" for line in self.body.strip().splitlines())
        return f"{IMPORTS}class A(pa.DataFrameModel):\n{lines}"


def series(values: list[Any], dtype: Any) -> pl.Series:
    return pl.Series(values, dtype=dtype)


def check(expression: str, of: str = "'a'", field: str = "a: int = pa.Field(nullable=True)") -> str:
    return f"{field}\n\n@pa.check({of})\ndef f(cls, data):\n    return data.lazyframe{expression}\n"


def frame_check(expression: str, options: str = "") -> str:
    return (
        f"a: int = pa.Field(nullable=True)\nb: int = pa.Field(nullable=True)\n\n"
        f"@pa.dataframe_check{options}\ndef f(cls, data):\n    return {expression}\n"
    )


NUMBERS = [1, 2, None, -4]
BOTH = pl.DataFrame({"a": [1, 2, None, -4], "b": [1, 1, 2, 2]})
ZONE = pl.Datetime("ms", "UTC")
STRUCTS = [
    {"x": 1, "s": "u"},
    {"x": -1, "s": "v"},
    None,
    {"x": None, "s": "u"},
    {"x": 9, "s": None},
]
FOO = """class Foo(pa.DataFrameModel):
    x: int = pa.Field(ge=0)
    s: str = pa.Field(nullable=True, isin=["u"])

    @pa.dataframe_check
    def both(cls, data):
        return data.lazyframe.select(pl.col("x") < 5)

    @pa.check("x", element_wise=True)
    def not_nine(cls, value):
        return value != 9

"""
REGISTERED = """@pandera.extensions.register_check_method(statistics=["least"])
def at_least(data, *, least):
    return data.lazyframe.select(pl.col(data.key) >= least)

@pandera.extensions.register_check_method(statistics=["least"], check_type="element_wise")
def each_at_least(value, *, least):
    return value >= least

@pandera.extensions.register_check_method()
def in_order(data):
    return data.lazyframe.select(pl.col("a") <= pl.col("b"))

"""
PATTERN = pl.DataFrame({"m_1": [1, 2, 9], "m_2": [9, 9, 9], "x": [9, 9, 1]})
PARENT = """class Parent(pa.DataFrameModel):
    a: int = pa.Field(ge=0)

    class Config:
        unique = ["b"]

    @pa.check("a")
    def f(cls, data):
        return data.lazyframe.select(pl.col("a") > 5)

"""

CASES: dict[str, Case] = {
    # --- built-in checks and their options
    "eq": Case("a: int = pa.Field(eq=1, nullable=True)", NUMBERS, ((2, "equal_to", "a"), (4, "equal_to", "a"))),
    "ne": Case("a: int = pa.Field(ne=1, nullable=True)", NUMBERS, ((1, "not_equal_to", "a"),)),
    "null is held against it": Case("a: int = pa.Field(gt=-9, nullable=True, ignore_na=False)", NUMBERS, ((3, "greater_than", "a"),)),
    "bounds in": Case("a: int = pa.Field(in_range={'min_value': 1, 'max_value': 2})", [0, 1, 2, 3], ((1, "in_range", "a"), (4, "in_range", "a"))),
    "bounds out": Case("a: int = pa.Field(in_range={'min_value': 1, 'max_value': 2, 'include_min': False, 'include_max': False})", [0, 1, 2, 3], tuple((n, "in_range", "a") for n in (1, 2, 3, 4))),
    "between": Case("A = pa.DataFrameSchema({'a': pa.Column(int, pa.Check.between(1, 2))})", [0, 1], ((1, "in_range", "a"),)),
    "notin": Case("a: str = pa.Field(notin=['x'])", ["x", "y"], ((1, "notin", "a"),)),
    "pattern at the beginning": Case("a: str = pa.Field(str_matches='b')", ["b", "ab", "bc"], ((2, "str_matches", "a"),)),
    "pattern anywhere": Case("a: str = pa.Field(str_contains='b')", ["b", "ac"], ((2, "str_contains", "a"),)),
    "begins": Case("a: str = pa.Field(str_startswith='b')", ["b", "ab"], ((2, "str_startswith", "a"),)),
    "ends": Case("a: str = pa.Field(str_endswith='b')", ["b", "ba"], ((2, "str_endswith", "a"),)),
    "length": Case("a: str = pa.Field(str_length={'min_value': 2, 'max_value': 3})", ["é", "éé", "éééé"], ((1, "str_length", "a"), (3, "str_length", "a"))),
    "own name and sentence": Case("A = pa.DataFrameSchema({'a': pa.Column(int, pa.Check.ge(2, name='two', error='too small'))})", [1, 2], ((1, "two", "a"),)),
    "the same twice": Case("A = pa.DataFrameSchema({'a': pa.Column(int, [pa.Check.ge(2), pa.Check.ge(5)])})", [1, 4], ((1, "greater_than_or_equal_to", "a"), (1, "greater_than_or_equal_to_2", "a"), (2, "greater_than_or_equal_to_2", "a"))),
    "built-in of the frame": Case("A = pa.DataFrameSchema({'a': pa.Column(int), 'b': pa.Column(int), 'c': pa.Column(int)}, checks=[pa.Check.gt(0)])", pl.DataFrame({"a": [-1, 2, 3], "b": [4, -5, 6], "c": [7, 8, -9]}), tuple((n, "greater_than", None) for n in (1, 2, 3))),
    # --- custom checks
    "column": Case(check(".select(pl.col(data.key) > 0)"), NUMBERS, ((4, "f", "a"),)),
    "column, named": Case(check(".select(pl.col('a') > 0)", "'a', name='pos', error='no'"), NUMBERS, ((4, "pos", "a"),)),
    "column, nulls fail": Case(check(".select(pl.col('a') > 0)", "'a', ignore_na=False"), NUMBERS, ((3, "f", "a"), (4, "f", "a"))),
    "column, whole": Case(check(".select(pl.col('a').ge(0).all())"), NUMBERS, (), ("f",)),
    "column reads another": Case(check(".select(pl.col('b') > 1)", field="a: int = pa.Field(nullable=True)\nb: int"), BOTH, ((1, "f", "a"), (2, "f", "a"))),
    "several columns": Case(check(".select(pl.col(data.key) > 1)", "'a', 'b'", "a: int = pa.Field(nullable=True)\nb: int"), BOTH, ((1, "f", "a"), (1, "f", "b"), (2, "f", "b"), (4, "f", "a"))),
    "columns by pattern": Case(check(".select(pl.col(data.key) > 1)", "'^[ab]$', regex=True", "a: int = pa.Field(nullable=True)\nb: int"), BOTH, ((1, "f", "a"), (1, "f", "b"), (2, "f", "b"), (4, "f", "a"))),
    "class method": Case("a: int\n\n@pa.check('a')\n@classmethod\ndef f(cls, data):\n    return data.lazyframe.select(pl.col(data.key) > 0)\n", [-1, 1], ((1, "f", "a"),)),
    "one column says no": Case("A = pa.DataFrameSchema({'a': pa.Column(int, pa.Check(lambda d: d.lazyframe.select(pl.col('*') < 0), name='f', n_failure_cases=2))})", [1, 2, 3], tuple((n, "f", "a") for n in (1, 2, 3))),
    "conditions": Case("a: str = pa.Field(nullable=True)\nb: str = pa.Field(nullable=True)\n\n@pa.check('b')\ndef f(cls, data):\n    return data.lazyframe.select(pl.when(pl.col('a').is_null(), pl.col(data.key).is_null()).then(False).otherwise(True))\n", pl.DataFrame({"a": [None, "x", "y"], "b": [None, None, "c"]}), ((1, "f", "b"),)),
    "frame, all columns": Case(frame_check("data.lazyframe.select(pl.col('*').ge(0))"), BOTH, ((4, "f", None),)),
    "frame, two columns": Case(frame_check("data.lazyframe.select(pl.col('a').ge(pl.col('b')))"), BOTH, ((4, "f", None),)),
    "frame, windowed": Case(frame_check("data.lazyframe.select(pl.col('a').sum().over('b') > 0)"), BOTH, ((3, "f", None), (4, "f", None))),
    "frame, one answer": Case(frame_check("data.lazyframe.select(pl.col('*').ge(0).all()).select(pl.all_horizontal('*'))"), BOTH, (), ("f",)),
    "frame, true or false": Case(frame_check("data.lazyframe.collect().height > 9"), BOTH, (), ("f",)),
    "frame, grouped and joined": Case(frame_check("data.lazyframe.join(data.lazyframe.group_by('b').agg(s=pl.col('a').sum()), on='b', how='left', maintain_order='left').select(pl.col('s') > 0)"), BOTH, ((3, "f", None), (4, "f", None))),
    "frame, not empty": Case(frame_check("data.lazyframe.select(pl.len().gt(0))"), BOTH.clear(), (), ("f",)),
    "frame, element-wise": Case("a: int\nb: int\n\n@pa.dataframe_check(element_wise=True)\ndef f(cls, value):\n    return value > 1\n", pl.DataFrame({"a": [1, 2, 2], "b": [2, 2, 1]}), ((1, "f", None), (3, "f", None))),
    "element-wise": Case("A = pa.DataFrameSchema({'a': pa.Column(int, pa.Check(lambda v: v > 2, name='f', element_wise=True)), 'b': pa.Column(str, pa.Check(lambda v: len(v) >= 2, name='g', element_wise=True))})", pl.DataFrame({"a": [1, 2, 3, 4], "b": ["aaa", "bb", "c", "dd"]}), ((1, "f", "a"), (2, "f", "a"), (3, "g", "b"))),
    "registered": Case(REGISTERED + "class A(pa.DataFrameModel):\n    a: int = pa.Field(at_least=2)\n    b: int = pa.Field(each_at_least={'least': 1})\n    class Config:\n        in_order = ()\n", pl.DataFrame({"a": [1, 2], "b": [1, 0]}), ((1, "at_least", "a"), (2, "each_at_least", "b"), (2, "in_order", None))),
    "registered, by call": Case(REGISTERED + "A = pa.DataFrameSchema({'a': pa.Column(int, pa.Check.at_least(2))}, checks=pa.Check(lambda d: d.lazyframe.select(pl.col('a') < 9), name='g'))", [1, 2, 9], ((1, "at_least", "a"), (3, "g", None))),
    # --- columns
    "null and NaN": Case("a: float", [1.0, None, float("nan")], ((2, "not_null", "a"), (3, "not_null", "a"))),
    "unique": Case("a: int = pa.Field(unique=True)", [1, 2, 1], ((1, "unique", "a"), (3, "unique", "a"))),
    "unique together": Case("a: int\nb: int\nclass Config:\n    unique = ['a', 'b']\n", pl.DataFrame({"a": [1, 1, 1], "b": [1, 1, 2]}), ((1, "unique_a_b", None), (2, "unique_a_b", None))),
    "optional": Case("a: int\nz: Optional[int] = pa.Field(ge=5)\ny: int | None", [1]),
    "default": Case("a: int = pa.Field(default=7, lt=7)", [1, None], ((2, "less_than", "a"),)),
    "default as expression": Case("A = pa.DataFrameSchema({'a': pa.Column(int, pa.Check.lt(7), default=pl.lit(7))})", [1, None], ((2, "less_than", "a"),)),
    "default of NaN": Case("a: float = pa.Field(default=7.0, lt=7)", [1.0, None, float("nan")], ((2, "less_than", "a"), (3, "less_than", "a"))),
    "made up": Case("a: int\nz: int = pa.Field(default=3, gt=3)\ny: str = pa.Field(nullable=True)\nclass Config:\n    add_missing_columns = True\n", [1, 2]),
    "extra columns are left out": Case("a: int\nclass Config:\n    strict = 'filter'\n", pl.DataFrame({"a": [1], "b": [2]})),
    "coerce": Case("a: int = pa.Field(ge=2)\nclass Config:\n    coerce = True\n", ["1", "2"], ((1, "greater_than_or_equal_to", "a"),)),
    "coerce cannot": Case("a: int = pa.Field(coerce=True)", ["1", "x"], ((2, "parse", "a"),)),
    "field in the annotation": Case("a: Annotated[int, pa.Field(ge=2, unique=True)]", [1, 2, 2], ((1, "greater_than_or_equal_to", "a"), (2, "unique", "a"), (3, "unique", "a"))),
    "generic": Case("class G(pa.DataFrameModel, Generic[T]):\n    a: T = pa.Field(ge=2)\nclass A(G[int]):\n    pass\n", [1, 2], ((1, "greater_than_or_equal_to", "a"),)),
    "made of another schema": Case("A = pa.DataFrameSchema({'x': pa.Column(int, pa.Check.ge(2)), 'y': pa.Column(str)}).rename_columns({'x': 'a'}).remove_columns(['y'])", [1, 2], ((1, "greater_than_or_equal_to", "a"),)),
    "read from JSON": Case("A = pa.DataFrameSchema.from_json(pa.DataFrameSchema({'a': pa.Column(int, pa.Check.ge(2))}).to_json())", [1, 2], ((1, "greater_than_or_equal_to", "a"),)),
    "aliases": Case("x: int = pa.Field(alias='the a', ge=2)\n\n@pa.check(x)\ndef f(cls, data):\n    return data.lazyframe.select(pl.col(data.key) < 9)\n", pl.DataFrame({"the a": [1, 9]}), ((1, "greater_than_or_equal_to", "the a"), (2, "f", "the a"))),
    "one type for all": Case("A = pa.DataFrameSchema({'a': pa.Column(checks=pa.Check.ge(2))}, dtype=int)", [1, 2], ((1, "greater_than_or_equal_to", "a"),)),
    # --- inheritance
    "inherited": Case(PARENT + "class A(Parent):\n    b: int\n", pl.DataFrame({"a": [-1, 6], "b": [1, 1]}), ((1, "f", "a"), (1, "greater_than_or_equal_to", "a"), (1, "unique", "b"), (2, "unique", "b"))),
    "overridden": Case(PARENT + "class A(Parent):\n    a: int = pa.Field(ge=-5, nullable=True)\n    b: int\n\n    class Config:\n        unique = None\n\n    @pa.check('a')\n    def f(cls, data):\n        return data.lazyframe.select(pl.col('a') != 6)\n", pl.DataFrame({"a": [-1, 6, -9], "b": [1, 1, 1]}), ((2, "f", "a"), (3, "greater_than_or_equal_to", "a"))),
    # --- pattern columns
    "pattern": Case("m: int = pa.Field(alias='m_[0-9]', regex=True, gt=1)", PATTERN, ((1, "greater_than", "m_1"),)),
    "pattern by its name": Case("A = pa.DataFrameSchema({'^m_[0-9]$': pa.Column(int, pa.Check.gt(1), unique=True)})", PATTERN, ((1, "greater_than", "m_1"), *((n, "unique", "m_2") for n in (1, 2, 3)))),
    "pattern, unique with another": Case("m: int = pa.Field(alias='m_[0-9]', regex=True)\nx: int\nclass Config:\n    unique = ['m_2', 'x']\n", PATTERN, ((1, "unique_m_2_x", None), (2, "unique_m_2_x", None))),
    "pattern, unique by config": Case("m: int = pa.Field(alias='m_[0-9]', regex=True)\nclass Config:\n    unique = 'm_2'\n", PATTERN, tuple((n, "unique", "m_2") for n in (1, 2, 3))),
    "pattern, its own column only": Case("m: int = pa.Field(alias='m_[0-9]', regex=True)\n\n@pa.check('m_[0-9]')\ndef f(cls, data):\n    return data.lazyframe.select(pl.all() > 1)\n", PATTERN.drop("x"), ((1, "f", "m_1"),)),
    "pattern, among named columns": Case("m: int = pa.Field(alias='m_[0-9]', regex=True)\nx: int\n\n@pa.check('m_[0-9]')\ndef f(cls, data):\n    return data.lazyframe.select(pl.all() > 1)\n", PATTERN, tuple((n, "f", c) for n in (1, 3) for c in ("m_1", "m_2"))),
    "pattern, apart": Case("m: int = pa.Field(alias='m_[0-9]', regex=True)\nx: int\n\n@pa.check('m_[0-9]')\ndef f(cls, data):\n    return data.lazyframe.with_columns(y=pl.col('x')).select(pl.col(data.key) > pl.col('y'))\n", PATTERN, ((1, "f", "m_1"), (1, "f", "m_2"), (2, "f", "m_1"), (2, "f", "m_2"))),
    "pattern columns count in the frame": Case("m: int = pa.Field(alias='m_[0-9]', regex=True)\nx: int\n\n@pa.dataframe_check\ndef f(cls, data):\n    return data.lazyframe.select(pl.all() > 1)\n\n@pa.dataframe_check(element_wise=True)\ndef g(cls, value):\n    return value != 2\n\n@pa.check('x')\ndef h(cls, data):\n    return data.lazyframe.select(pl.all() > 2)\n\n@pa.dataframe_check\ndef i(cls, data):\n    return data.lazyframe.select(pl.col('m_1') != 9)\n", PATTERN, ((1, "h", "x"), (1, "f", None), (2, "h", "x"), (2, "g", None), (3, "h", "x"), (3, "f", None), (3, "i", None))),
    # --- types
    "Int8": Case("a: pl.Int8 = pa.Field(ge=0)", series([1, -1], pl.Int8), ((2, "greater_than_or_equal_to", "a"),)),
    "UInt64": Case("a: pl.UInt64 = pa.Field(isin=[1])", series([1, 2**64 - 1], pl.UInt64), ((2, "isin", "a"),)),
    "Float32": Case("a: pl.Float32 = pa.Field(lt=2)", series([1.5, 2.5], pl.Float32), ((2, "less_than", "a"),)),
    "Decimal": Case("a: Annotated[pl.Decimal, 38, 2] = pa.Field(ge=Decimal('1.01'))", series([Decimal("1.00"), Decimal("1.01")], pl.Decimal(38, 2)), ((1, "greater_than_or_equal_to", "a"),)),
    "Datetime with zone": Case("a: Annotated[pl.Datetime, 'ms', 'UTC'] = pa.Field(ge=datetime(2026, 1, 1, 12, tzinfo=UTC))", series([datetime(2026, 1, 1, 11, tzinfo=UTC), datetime(2026, 1, 1, 12, tzinfo=UTC)], ZONE), ((1, "greater_than_or_equal_to", "a"),)),
    "Time": Case("a: time = pa.Field(le=time(12))", [time(11), time(13)], ((2, "less_than_or_equal_to", "a"),)),
    "Date": Case("a: date = pa.Field(gt=date(2026, 1, 1))", [date(2026, 1, 1), date(2026, 1, 2)], ((1, "greater_than", "a"),)),
    "Categorical": Case("a: pl.Categorical = pa.Field(isin=['p'])", series(["p", "q"], pl.Categorical), ((2, "isin", "a"),)),
    "Enum": Case("a: Annotated[pl.Enum, ['p', 'q']] = pa.Field(eq='p')", series(["p", "q"], pl.Enum(["p", "q"])), ((2, "equal_to", "a"),)),
    "Category": Case("a: pe.Category = pa.Field(dtype_kwargs={'categories': ['p']}, coerce=True)", ["p", "q"], ((2, "categories", "a"),)),
    "Binary": Case("a: bytes = pa.Field(isin=[b'p'])", [b"p", b"q"], ((2, "isin", "a"),)),
    "Boolean": Case("a: bool = pa.Field(eq=True)", [True, False], ((2, "equal_to", "a"),)),
    "Null": Case("a: pl.Null = pa.Field(nullable=True)", series([None, None], pl.Null)),
    "Series": Case("a: Series[pl.Int64] = pa.Field(ge=2)", [1, 2], ((1, "greater_than_or_equal_to", "a"),)),
    "by a word": Case("A = pa.DataFrameSchema({'a': pa.Column('int64', pa.Check.ge(2))})", [1, 2], ((1, "greater_than_or_equal_to", "a"),)),
    "pandera's own type": Case("a: pe.Int64 = pa.Field(ge=2)", [1, 2], ((1, "greater_than_or_equal_to", "a"),)),
    "List": Case(check(".select(pl.col('a').list.eval(pl.element() > 1).list.all())", field="a: pl.List(pl.Int64) = pa.Field(nullable=True)"), [[2], [1, 2], [], None], ((2, "f", "a"),)),
    "List, Annotated": Case("a: Annotated[pl.List, pl.Int64()] = pa.Field(unique=True)", [[1], [1], [2]], ((1, "unique", "a"), (2, "unique", "a"))),
    "List, by options": Case(check(".select(pl.col('a').is_null())", field="a: pl.List = pa.Field(dtype_kwargs={'inner': pl.Int64})"), [[], [1, None, 2], [3]], tuple((n, "f", "a") for n in (1, 2, 3))),
    "List of Struct": Case(check(".select(pl.col('a').list.len() > 1)", field="a: pl.List(pl.Struct({'x': pl.Int64}))"), [[{"x": 1}], [{"x": 1}, {"x": 2}]], ((1, "f", "a"),)),
    "Array": Case(check(".select(pl.col('a').arr.sum() > 3)", field="a: pl.Array(pl.Int64, 2)"), series([[1, 2], [3, 4]], pl.Array(pl.Int64, 2)), ((1, "f", "a"),)),
    "Struct": Case(check(".select(pl.col('a').struct.field('x') > 0)", field="a: pl.Struct({'x': pl.Int64}) = pa.Field(nullable=True)"), [{"x": 1}, {"x": -1}, None], ((2, "f", "a"),)),
    "model in a column": Case(FOO + "class A(pa.DataFrameModel):\n    a: Foo = pa.Field(nullable=True)\n", STRUCTS, ((2, "x.greater_than_or_equal_to", "a"), (2, "s.isin", "a"), (4, "x.not_null", "a"), (5, "x.not_nine", "a"), (5, "both", "a"))),
    "model in a model in a column": Case(FOO + "class Bar(pa.DataFrameModel):\n    f: Foo\nclass A(pa.DataFrameModel):\n    a: Bar\n", [{"f": v} for v in STRUCTS], ((2, "f.x.greater_than_or_equal_to", "a"), (2, "f.s.isin", "a"), (3, "f.not_null", "a"), (4, "f.x.not_null", "a"), (5, "f.x.not_nine", "a"), (5, "f.both", "a"))),
    "unique in a struct": Case("A = pa.DataFrameSchema({'a': pa.Column(pa.DataFrameSchema({'x': pa.Column(int, unique=True)}), nullable=True)})", [{"x": 1}, {"x": 1}, {"x": 2}, None, None], ((1, "x.unique", "a"), (2, "x.unique", "a"))),
}  # fmt: skip


def pandera_fails(model: Any, frame: pl.DataFrame) -> tuple[set[int], set[str]]:
    """Rows that pandera fails, from 1, and checks that it fails for all of them together."""
    rows, whole = set[int](), set[str]()
    schema = model if isinstance(model, pa.DataFrameSchema) else model.to_schema()
    try:
        with config_context(validation_depth=ValidationDepth.SCHEMA_AND_DATA):
            schema.validate(frame, lazy=True)
    except SchemaErrors as errors:
        for error in errors.schema_errors:
            told = str(error.check)
            if told.startswith("dtype("):  # about the column; its rows are told by coercion
                continue
            output = error.check_output
            assert output is not None, error
            mask = output["check_output"]
            if len(mask) != frame.height:
                whole.add(error.check.name)
            else:
                rows |= {int(row) + 1 for row in (~mask).arg_true()}
    return rows, whole


@pytest.mark.filterwarnings("ignore::polars.exceptions.PolarsInefficientMapWarning")
@pytest.mark.parametrize("name", CASES)
def test_pandera_and_the_plan_fail_the_same_rows(judge: Judge, tmp_path: Path, name: str) -> None:
    case = CASES[name]
    found = judge(case.source, case.frame)
    assert sorted(found.verdicts, key=str) == sorted(case.fails, key=str)
    assert tuple(f.check for f in found.dataset_findings) == case.whole

    file = tmp_path / "again.py"
    file.write_text(HEAD + case.source)
    model = import_file(file, tmp_path).A
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows, whole = pandera_fails(model, case.frame)
    assert (rows, whole) == ({row for row, *_ in case.fails}, set(case.whole))
