"""Passed, failed, skipped: a value that is not there is not a value that is wrong."""

from __future__ import annotations

import polars as pl
import pytest

from .conftest import Judge


def test_a_failed_parse_is_one_finding_and_skips_what_depends_on_it(judge: Judge) -> None:
    found = judge(
        """
a: int = field(ge=0, unique=True)
b: int = field()

@check(says="{a} is more than {b}")
def in_order() -> Expr:
    return col("a") <= col("b")

@check(says="b is odd")
def even() -> Expr:
    return col("b") % 2 == 0
""",
        "a,b\nx,2\n1,2\n-1,3\n",
    )
    assert found.verdicts == [
        (1, "parse", "a"),
        (3, "greater_than_or_equal_to", "a"),
        (3, "even", None),
    ]
    assert found.counts["parse", "a"] == (1, 0, 0)
    assert found.counts["greater_than_or_equal_to", "a"] == (1, 0, 1)
    assert found.counts["not_null", "a"] == (0, 0, 1)
    assert found.counts["unique", "a"] == (0, 0, 1)
    assert found.counts["in_order", None] == (0, 0, 1)
    assert found.counts["even", None] == (1, 0, 0)


def test_null_passes_all_checks_but_not_null(judge: Judge) -> None:
    found = judge(
        """
a: int = field(nullable=True, ge=5, isin=[7], unique=True)
b: str = field(matches="[a-z]+")

@check(says="no")
def never() -> Expr:
    return (col("a") > 100) & (col("b") == "zz")
""",
        "a,b\n,zz\n,\n",
    )
    assert found.verdicts == [(2, "not_null", "b")]


WARNS = """
a: int = field(severity="warn", nullable=True)
b: str = field()

@check(says="a is missing")
def a_is_there() -> Expr:
    return col("a").is_not_null()
"""


def test_a_check_that_takes_null_for_bad_does_not_hold_a_row_whose_parse_only_warned(
    judge: Judge,
) -> None:
    found = judge(WARNS, "a,b\nx,1\n,2\n5,3\n")
    assert found.verdicts == [(1, "parse", "a"), (2, "a_is_there", None)]
    assert found.records == ([1, 3], [2])
    assert found.counts["parse", "a"] == (0, 1, 0)
    assert found.counts["a_is_there", None] == (1, 0, 1)
    assert found.clean["a"].to_list() == [None, 5]


def test_nor_does_it_if_the_column_is_missing_and_that_only_warns(judge: Judge) -> None:
    found = judge(WARNS, "b\n1\n2\n")
    assert found.records == ([1, 2], [])
    assert found.verdicts == [(1, "present", "a"), (2, "present", "a")]
    assert found.counts["a_is_there", None] == (0, 0, 2)


def test_a_missing_column_is_said_on_every_row_and_once(judge: Judge) -> None:
    found = judge(
        """
a: int = field(ge=0, unique=True, references="x.y.z")
b: str

@check(says="no")
def a_is_there() -> Expr:
    return col("a").is_not_null()
""",
        "b\n1\n2\n",
        tables={"x.y": pl.LazyFrame({"z": [1]})},
    )
    assert found.verdicts == [(1, "present", "a"), (2, "present", "a")]
    assert found.messages == ["the extract has no column a"] * 2
    skipped = {key: count for key, count in found.counts.items() if count[2]}
    assert {check for check, _ in skipped} == {
        "parse", "not_null", "greater_than_or_equal_to", "unique", "references", "a_is_there",
    }  # fmt: skip
    assert set(skipped.values()) == {(0, 0, 2)}


def test_an_optional_column_may_be_missing(judge: Judge) -> None:
    found = judge("a: Optional[int] = field(ge=5)\nb: str", "b\n1\n")
    assert found.records == ([1], [])
    assert found.clean.row(0, named=True) == {"record": 1, "a": None, "b": "1"}


def test_an_optional_column_that_is_there_is_checked(judge: Judge) -> None:
    assert judge("a: Optional[int] = field(ge=5)\nb: str", "a,b\n1,1\n,2\n").verdicts == [
        (1, "greater_than_or_equal_to", "a"),
        (2, "not_null", "a"),
    ]


def test_a_default_stands_for_nulls_not_for_what_could_not_be_read(judge: Judge) -> None:
    found = judge("a: int = field(default=7)\nb: str", "a,b\n,1\nx,2\n3,3\n")
    assert found.verdicts == [(2, "parse", "a")]
    assert found.clean["a"].to_list() == [7, 3]


def test_a_default_stands_for_nan(judge: Judge) -> None:
    found = judge("a: float = field(default=0.5)", pl.DataFrame({"a": [float("nan"), None, 1.0]}))
    assert found.clean["a"].to_list() == [0.5, 0.5, 1.0]


def test_missing_columns_are_added_where_the_model_says_so(judge: Judge) -> None:
    config = "\nclass Config:\n    add_missing_columns = True\n"
    found = judge(
        "a: int = field(default=7)\nb: str\nc: str = field(nullable=True)\nd: int" + config,
        "b\n1\n",
    )
    assert found.verdicts == [(1, "present", "d")]
    found = judge("a: int = field(default=7)\nb: str" + config, "b\n1\n")
    assert found.clean["a"].to_list() == [7]


def test_null_tokens_are_the_contracts_or_the_columns_own(judge: Judge) -> None:
    found = judge(
        "a: str = field(nullable=True)\nb: str = field(nullable=True, nulls=('?',))\n"
        "c: str = field(nullable=True, nulls=())",
        "a,b,c\n -  , ? ,\nNULL,-,-\nnull,x,y\n",
        terms="nulls=('', '-', 'NULL')",
    )
    assert found.clean.drop("record").rows() == [
        (None, None, None), (None, "-", "-"), ("null", "x", "y"),
    ]  # fmt: skip


@pytest.mark.parametrize("severity", ["error", "warn"])
def test_severity_decides_where_the_row_goes_not_what_is_found(judge: Judge, severity: str) -> None:
    found = judge(f"a: int = field(ge=0, severity={severity!r})", "a\n1\n-1\n")
    assert found.verdicts == [(2, "greater_than_or_equal_to", "a")]
    assert found.records == (([1], [2]) if severity == "error" else ([1, 2], []))
    assert found.findings["severity"].to_list() == [severity]
    assert found.account.warned == (1 if severity == "warn" else 0)


def test_ignore_na_makes_null_bad(judge: Judge) -> None:
    found = judge("a: int = field(nullable=True, ge=0, ignore_na=False)", "a,b\n,1\n1,2\nx,3\n")
    assert found.verdicts == [(1, "greater_than_or_equal_to", "a"), (3, "parse", "a")]
