"""Where the plan and pandera differ on purpose: one test for each line of docs/plan.md."""

from __future__ import annotations

import warnings
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pandera.polars as pa
import polars as pl
import pytest
from pandera.config import ValidationDepth, config_context
from pandera.engines.polars_engine import DateTime
from pandera.errors import SchemaErrors

from cleanhold.errors import ContractError

from .conftest import Judge


def pandera_fails(schema: pa.DataFrameSchema, frame: pl.DataFrame) -> list[tuple[str, Any]]:
    """(check, row or None) of each failure case, as pandera reports them; rows from 1."""
    with config_context(validation_depth=ValidationDepth.SCHEMA_AND_DATA):
        try:
            schema.validate(frame, lazy=True)
        except SchemaErrors as errors:
            cases = errors.failure_cases.select("check", pl.col("index") + 1)
            return [(str(check).split("(")[0], row) for check, row in cases.rows()]
    return []


def test_nulls_are_not_duplicates_of_each_other(judge: Judge) -> None:
    frame = pl.DataFrame({"a": [1, None, None, 1]})
    schema = pa.DataFrameSchema({"a": pa.Column(int, unique=True, nullable=True)})
    assert {row for _, row in pandera_fails(schema, frame)} == {1, 2, 3, 4}
    assert judge("a: int = field(unique=True, nullable=True)", frame).records[1] == [1, 4]


def test_the_key_of_a_contract_is_unique_without_the_model_saying_so(judge: Judge) -> None:
    frame = pl.DataFrame({"a": [1, 1]})
    assert pandera_fails(pa.DataFrameSchema({"a": pa.Column(int)}), frame) == []
    assert judge("a: int", frame, terms="key='a'").records[1] == [1, 2]


def test_another_type_is_judged_row_by_row(judge: Judge) -> None:
    frame = pl.DataFrame({"a": ["1", "x"]})
    assert pandera_fails(pa.DataFrameSchema({"a": pa.Column(int)}), frame) == [("dtype", None)]
    assert judge("a: int", frame).verdicts == [(2, "parse", "a")]


def test_coercion_may_not_change_a_value(judge: Judge) -> None:
    frame = pl.DataFrame({"a": [1.0, 1.5]})
    assert pandera_fails(pa.DataFrameSchema({"a": pa.Column(int, coerce=True)}), frame) == []
    assert judge("a: int = field(coerce=True)", frame).verdicts == [(2, "parse", "a")]


def test_text_is_trimmed_and_nothing_is_null(judge: Judge) -> None:
    frame = pl.DataFrame({"a": ["a", " a", ""]})
    schema = pa.DataFrameSchema({"a": pa.Column(str, pa.Check.isin(["a"]))})
    assert pandera_fails(schema, frame) == [("isin", 2), ("isin", 3)]
    assert judge("a: str = field(isin=['a'])", frame).verdicts == [(3, "not_null", "a")]


def test_of_duplicates_the_first_may_be_kept(judge: Judge) -> None:
    frame = pl.DataFrame({"a": [1, 1]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        schema = pa.DataFrameSchema(
            {"a": pa.Column(int)}, unique=["a"], report_duplicates="exclude_first"
        )
        assert {row for _, row in pandera_fails(schema, frame)} == {1, 2}
        found = judge(
            "a = pa.DataFrameSchema({'a': pa.Column(int)}, unique=['a'],"
            " report_duplicates='exclude_first')",
            frame,
        )
    assert found.records[1] == [2]


def test_all_sets_of_unique_columns_are_checked(judge: Judge) -> None:
    frame = pl.DataFrame({"a": [1, 1], "b": [2, 2]})
    schema = pa.DataFrameSchema({"a": pa.Column(int), "b": pa.Column(int)}, unique=[["a"], ["b"]])
    assert len(pandera_fails(schema, frame)) == 2  # two rows, one set
    config = "\nclass Config:\n    unique = [['a'], ['b']]"
    assert len(judge("a: int\nb: int" + config, frame).verdicts) == 4


@pytest.mark.parametrize(
    ("config", "check"),
    [("strict = True", "no_extra_columns"), ("ordered = True", "ordered_columns")],
)
def test_the_layout_is_a_finding_on_every_row(judge: Judge, config: str, check: str) -> None:
    body = f"b: int\na: int\nclass Config:\n    {config}"
    frame = pl.DataFrame({"a": [1, 2], "b": [1, 2], "c": [1, 2]})
    assert judge(body, frame).verdicts == [(1, check, None), (2, check, None)]


def test_a_missing_column_is_a_finding_on_every_row(judge: Judge) -> None:
    frame = pl.DataFrame({"b": [1, 2]})
    schema = pa.DataFrameSchema({"a": pa.Column(int), "b": pa.Column(int)})
    assert [row for _, row in pandera_fails(schema, frame)] == [None]
    assert judge("a: int\nb: int", frame).verdicts == [(1, "present", "a"), (2, "present", "a")]


def test_an_optional_column_that_is_missing_is_null_for_checks_of_the_row(judge: Judge) -> None:
    body = """
a: Optional[int]
b: int

@pa.dataframe_check
def a_is_less(cls, data):
    return data.lazyframe.select(pl.col("a") < pl.col("b"))
"""
    found = judge(body, pl.DataFrame({"b": [1]}))
    assert found.records == ([1], [])
    assert found.clean["a"].to_list() == [None]


def test_warnings_are_findings(judge: Judge) -> None:
    frame = pl.DataFrame({"a": [1, -1]})
    schema = pa.DataFrameSchema({"a": pa.Column(int, pa.Check.ge(0, raise_warning=True))})
    with pytest.warns(pa.errors.SchemaWarning):
        assert pandera_fails(schema, frame) == []
    found = judge("a: int = field(ge=0, raise_warning=True)", frame)
    assert found.verdicts == [(2, "greater_than_or_equal_to", "a")]
    assert found.records == ([1, 2], [])


def test_all_failure_cases_are_kept(judge: Judge) -> None:
    frame = pl.DataFrame({"a": [-1, -1]})
    schema = pa.DataFrameSchema({"a": pa.Column(int, pa.Check.ge(0, n_failure_cases=1))})
    assert len(pandera_fails(schema, frame)) == 1
    assert judge("a: int = field(ge=0, n_failure_cases=1)", frame).records[1] == [1, 2]


def test_an_answer_of_another_length_is_refused(judge: Judge) -> None:
    frame = pl.DataFrame({"a": [-1, 1, 2]})

    def some(data: pa.PolarsData) -> pl.LazyFrame:
        return data.lazyframe.filter(pl.col("a") > 0).select(pl.col("a") > 1)

    schema = pa.DataFrameSchema({"a": pa.Column(int, pa.Check(some))})
    assert pandera_fails(schema, frame) == [("some", 1)], "the second row, in truth"
    with pytest.raises(ContractError, match="gives 2 values for 3 rows"):
        judge(
            """
a: int

@pa.check("a")
def some(cls, data):
    return data.lazyframe.filter(pl.col("a") > 0).select(pl.col("a") > 1)
""",
            frame,
        )


def test_unique_values_eq_tells_the_rows(judge: Judge) -> None:
    frame = pl.DataFrame({"a": ["p", "x", None]})
    schema = pa.DataFrameSchema(
        {"a": pa.Column(str, pa.Check.unique_values_eq(["p", "q"]), nullable=True)}
    )
    assert pandera_fails(schema, frame) == [("unique_values_eq", None)]
    found = judge("a: str = field(unique_values_eq=['p', 'q'], nullable=True)", frame)
    assert found.verdicts == [(2, "unique_values_eq", "a")]
    assert [f.check for f in found.dataset_findings] == ["unique_values_eq_complete"]


def test_a_check_that_raises_on_a_value_stops_the_run(judge: Judge) -> None:
    def odd(value: str) -> bool:
        return int(value) % 2 == 1

    frame = pl.DataFrame({"a": ["1", "x"]})
    schema = pa.DataFrameSchema({"a": pa.Column(str, pa.Check(odd, element_wise=True))})
    assert len(pandera_fails(schema, frame)) == 1  # one error, of no row
    with pytest.raises(ContractError, match="raises ValueError"):
        judge(
            """
a: str

@pa.check("a", element_wise=True)
def odd(cls, value):
    return int(value) % 2 == 1
""",
            frame,
        )


@pytest.mark.parametrize(
    ("kind", "values", "told"),
    [
        ("pl.Duration", [timedelta(1), -timedelta(hours=25)], "-P1DT1H"),
        ("pl.Binary", [b"a", b"\xff"], "ff"),
        ("pl.List(pl.Binary)", [[b"a"], [b"\xff"]], '["ff"]'),
    ],
)
def test_values_that_are_no_text_are_told(
    judge: Judge, kind: str, values: list[Any], told: str
) -> None:
    frame = pl.DataFrame({"a": values})
    schema = pa.DataFrameSchema({"a": pa.Column(checks=pa.Check(_first))})
    with pytest.raises(BaseException, match=r"not supported|invalid utf8|not yet implemented"):
        pandera_fails(schema, frame)
    found = judge(
        f"a: {kind}\n\n@pa.check('a')\ndef first(cls, data):\n"
        "    return data.lazyframe.select(pl.col('a') == pl.col('a').first())",
        frame,
    )
    assert found.verdicts == [(2, "first", "a")]
    assert found.findings["value"].to_list() == [told]


def _first(data: pa.PolarsData) -> pl.LazyFrame:
    return data.lazyframe.select(pl.col("a") == pl.col("a").first())


@pytest.mark.parametrize("answer", ["collect().select", "collect().lazy().select"])
def test_an_answer_may_be_a_data_frame(judge: Judge, answer: str) -> None:
    frame = pl.DataFrame({"a": [1, 2]})
    of = {"collect().select": pl.LazyFrame.collect, "collect().lazy().select": lambda f: f}[answer]
    check = pa.Check(lambda data: of(data.lazyframe).select(pl.col("a") > 1))
    told = pandera_fails(pa.DataFrameSchema({"a": pa.Column(int, check)}), frame)
    assert [row for _, row in told] == ([None] if "lazy" not in answer else [1])
    body = "a: int\n\n@pa.check('a')\ndef f(cls, data):\n"
    assert judge(body + f"    return data.lazyframe.{answer}(pl.col('a') > 1)", frame).verdicts == [
        (1, "f", "a")
    ]


def test_a_failure_within_a_struct_is_told(judge: Judge) -> None:
    frame = pl.DataFrame({"a": [{"x": 1}, {"x": None}]})
    inner = pa.DataFrameSchema({"x": pa.Column(int)})
    told = pandera_fails(pa.DataFrameSchema({"a": pa.Column(inner)}), frame)
    assert told == [("coerce_dtype", 2)]
    body = "class In(pa.DataFrameModel):\n    x: int\nclass A(pa.DataFrameModel):\n    a: In\n"
    found = judge(body, frame)
    assert found.verdicts == [(2, "x.not_null", "a")]
    assert found.messages == ['a is {"x":null}; x is missing']


def test_types_of_ones_own_are_refused(judge: Judge) -> None:
    body = """
from pandera import dtypes
from pandera.engines.polars_engine import Engine, String

@Engine.register_dtype
@dtypes.immutable
class Shouted(String):
    def coerce(self, data):
        return data.lazyframe.with_columns(pl.col(data.key).str.to_uppercase())

a = pa.DataFrameSchema({"a": pa.Column(Shouted, coerce=True)})
"""
    with pytest.raises(ContractError, match="has the type Shouted"):
        judge(body, pl.DataFrame({"a": ["x"]}))


def test_invalid_rows_are_held_not_dropped(judge: Judge) -> None:
    frame = pl.DataFrame({"a": [1, -1]})
    config = "\nclass Config:\n    drop_invalid_rows = True"
    found = judge("a: int = field(ge=0)" + config, frame)
    assert found.records == ([1], [2])


def test_false_beside_other_failures_is_told(judge: Judge) -> None:
    frame = pl.DataFrame({"a": [-1, 1]})
    few = pa.Check(lambda data: data.lazyframe.collect().height > 5)
    schema = pa.DataFrameSchema({"a": pa.Column(int, [pa.Check.ge(0), few])})
    with pytest.raises(pl.exceptions.SchemaError, match="type Boolean is incompatible"):
        pandera_fails(schema, frame)
    body = "a: int = field(ge=0)\n\n@pa.check('a')\ndef few(cls, data):\n"
    found = judge(body + "    return data.lazyframe.collect().height > 5", frame)
    assert found.verdicts == [(1, "greater_than_or_equal_to", "a")]
    assert [f.check for f in found.dataset_findings] == ["few"]


def test_duplicates_of_one_column_by_config_are_told_once(judge: Judge) -> None:
    frame = pl.DataFrame({"a": [1, 1]})
    schema = pa.DataFrameSchema({"a": pa.Column(int, unique=True)}, unique=["a"])
    assert len(pandera_fails(schema, frame)) == 4
    config = "a: int = field(unique=True)\nclass Config:\n    unique = ['a']"
    assert judge(config, frame).verdicts == [(1, "unique", "a"), (2, "unique", "a")]


def test_a_column_that_patterns_do_not_bring_is_noted(judge: Judge) -> None:
    frame = pl.DataFrame({"m_1": [1]})
    body = """
m: int = field(alias="m_[0-9]", regex=True)

@pa.dataframe_check
def f(cls, data):
    return data.lazyframe.select(pl.col("m_2") > 1)
"""
    found = judge(body, frame)
    assert found.records == ([1], [])
    assert found.notes == ("not checked: f, for the extract has no column m_2",)
    unique = judge(body + "\nclass Config:\n    unique = ['m_2']\n", frame)
    assert unique.records == ([1], [])
    assert unique.notes[-1] == "not checked: m_2.unique, for the extract has no column m_2"


def test_a_whole_frame_is_the_columns_of_the_contract(judge: Judge) -> None:
    frame = pl.DataFrame({"a": [1, 2], "extra": [2, 1]})
    schema = pa.DataFrameSchema(
        {"a": pa.Column(int)}, checks=pa.Check(lambda d: d.lazyframe.select(pl.all() > 1))
    )
    assert [row for _, row in pandera_fails(schema, frame)] == [1, 2]
    body = "a: int\n\n@pa.dataframe_check\ndef f(cls, data):\n"
    assert judge(body + "    return data.lazyframe.select(pl.all() > 1)", frame).verdicts == [
        (1, "f", None)
    ]


@pytest.mark.parametrize(
    ("columns", "what"),
    [
        ("{'a': pa.Column()}", "has no type"),
        ("{}", "has no columns"),
        ("{'a': pa.Column(object)}", "has the type Object"),
        ("{'a': pa.Column(int, default=pl.col('b')), 'b': pa.Column(int)}", "reads other columns"),
    ],
)
def test_what_pandera_leaves_open_must_be_said(judge: Judge, columns: str, what: str) -> None:
    with pytest.raises(ContractError, match=what):
        judge(f"a = pa.DataFrameSchema({columns})", pl.DataFrame({"a": [1], "b": [1]}))


def test_any_zone_is_read_as_utc(judge: Judge) -> None:
    moment = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    frame = pl.DataFrame({"a": [moment]}).cast(pl.Datetime("us", "Africa/Cairo"))
    schema = pa.DataFrameSchema({"a": pa.Column(DateTime(time_zone_agnostic=True))})
    assert pandera_fails(schema, frame) == []
    found = judge(
        "from pandera.engines.polars_engine import DateTime\n"
        "a = pa.DataFrameSchema({'a': pa.Column(DateTime(time_zone_agnostic=True))})",
        frame,
    )
    assert found.clean["a"].to_list() == [datetime(2026, 1, 1, 10)]


def test_decimal_has_places(judge: Judge) -> None:
    class Plain(pa.DataFrameModel):
        a: pl.Decimal

    assert Plain.to_schema().columns["a"].dtype.type.scale == 0
    assert judge("a: Decimal", "a\n1.25\n").records == ([1], [])


@pytest.mark.parametrize(
    ("kind", "options", "held"),
    [
        ("float", "isin=[1, 2]", [3]),
        ("float", "notin={1, 2}", [1, 2]),
        ("float", "isin=[Decimal('1'), 2]", [3]),
        ("int", "isin=[1.0, 2.5]", [2, 3]),
        ("Decimal", "isin=[1.0, 2.5]", [2, 3]),
        ("Decimal", "notin=[1.0, float('inf')]", [1]),
        ("float", "isin=[1, 10**400]", [2, 3]),
    ],
)
def test_listed_values_are_compared_as_values_of_the_column(
    judge: Judge, kind: str, options: str, held: list[int]
) -> None:
    frame = pl.DataFrame({"a": [1.0, 2.0, 3.0]})
    schema = pa.DataFrameSchema({"a": pa.Column(float, pa.Check.isin([1, 2]))})
    assert pandera_fails(schema, frame) == [("isin", None)]
    assert judge(f"a: {kind} = field({options})", frame).records[1] == held


def test_listed_fractions_are_those_of_the_columns_precision(judge: Judge) -> None:
    frame = pl.DataFrame({"a": [0.1, 0.2]}, schema={"a": pl.Float32})
    assert judge("a: pl.Float32 = field(isin=[0.1])", frame).records[1] == [2]
    assert judge("a: pl.Float32 = field(eq=0.1)", frame).records[1] == [2]


def test_listed_dates_may_be_days_or_moments(judge: Judge) -> None:
    frame = pl.DataFrame({"a": [datetime(2026, 1, 1), datetime(2026, 1, 2)]})
    assert judge("a: datetime = field(isin=[date(2026, 1, 1)])", frame).records[1] == [2]
    assert judge("a: date = field(isin=[datetime(2026, 1, 1)])", frame).records[1] == [2]
    with pytest.raises(ContractError, match="'isin' of 'a' does not work on the types"):
        judge("a: date = field(isin=[datetime(2026, 1, 1, 12)])", frame)


def test_a_name_with_an_underscore_first_is_no_silent_loss(judge: Judge) -> None:
    class Model(pa.DataFrameModel):
        _a: int = pa.Field(ge=9)
        b: int

    assert list(Model.to_schema().columns) == ["b"]
    with pytest.raises(ContractError, match="'_a' would be no column"):
        judge("_a: int = field(ge=9)\nb: int", pl.DataFrame({"_a": [1], "b": [1]}))
    found = judge("a: int = field(source='_a', ge=9)", pl.DataFrame({"_a": [1]}))
    assert found.verdicts == [(1, "greater_than_or_equal_to", "a")]


def test_a_day_beyond_the_calendar_is_a_row_to_hold(judge: Judge) -> None:
    rows = pl.DataFrame({"on": pl.Series([0, 2**31 - 1], dtype=pl.Int32).cast(pl.Date)})
    schema = pa.DataFrameSchema({"on": pa.Column(pl.Date, pa.Check.le(date(2100, 1, 1)))})
    with pytest.raises(pl.exceptions.PanicException):
        schema.validate(rows, lazy=True)
    assert judge("on: date = field(le=date(2100, 1, 1))", rows).verdicts == [(2, "parse", "on")]
