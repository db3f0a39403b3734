"""Where the plan and pandera differ on purpose: one test for each line of docs/plan.md."""

from __future__ import annotations

import warnings
from typing import Any

import pandera.polars as pa
import polars as pl
import pytest
from pandera.config import ValidationDepth, config_context
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


def test_checks_must_be_expressions(judge: Judge) -> None:
    with pytest.raises(ContractError, match="cannot be compiled: it calls"):
        judge(
            """
a: int

@pa.check("a")
def some(cls, data):
    return data.lazyframe.collect().height > 0
""",
            "a\n1\n",
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


def test_decimal_has_places(judge: Judge) -> None:
    class Plain(pa.DataFrameModel):
        a: pl.Decimal

    assert Plain.to_schema().columns["a"].dtype.type.scale == 0
    assert judge("a: Decimal", "a\n1.25\n").records == ([1], [])
