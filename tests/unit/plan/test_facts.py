"""Checks about all rows together: one answer each, and no row to blame."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from .conftest import Judge

ENOUGH = """
n: int = field(nullable=True)

@check(says="fewer than 10 in all", column="n"{more})
def enough() -> Expr:
    return col("n").sum() >= 10
"""


def test_a_check_that_aggregates_is_about_the_extract(judge: Judge) -> None:
    found = judge(ENOUGH.format(more=""), "n,b\n1,\n2,\n")
    assert found.records == ([1, 2], []), "no row is to blame"
    assert [f.as_dict() for f in found.dataset_findings] == [
        {"check": "enough", "column": "n", "message": "fewer than 10 in all", "severity": "error"}
    ]
    assert found.counts["enough", "n"] == (1, 0, 0)
    assert found.notes[-1] == "fewer than 10 in all"
    assert found.held_back
    good = judge(ENOUGH.format(more=""), "n,b\n1,\n9,\n")
    assert good.dataset_findings == ()
    assert not good.held_back


def test_a_warning_holds_nothing_back(judge: Judge) -> None:
    found = judge(ENOUGH.format(more=", severity='warn'"), "n,b\n1,\n")
    assert [f.severity for f in found.dataset_findings] == ["warn"]
    assert found.counts["enough", "n"] == (0, 1, 0)
    assert not found.held_back


def test_it_counts_rows_that_are_held_and_takes_what_cannot_be_read_for_null(judge: Judge) -> None:
    found = judge(ENOUGH.format(more=""), "n,b\nx,\n10,\n")
    assert found.dataset_findings == ()
    assert found.verdicts == [(1, "parse", "n")]


def test_it_is_skipped_if_its_column_is_missing(judge: Judge) -> None:
    found = judge(ENOUGH.format(more=""), "b\n1\n")
    assert found.dataset_findings == ()
    assert found.counts["enough", "n"] == (0, 0, 1)


def test_native_checks_may_aggregate_too(judge: Judge) -> None:
    found = judge(
        """
a: int
b: int

@pa.check("a")
def small_on_the_whole(cls, data):
    return data.lazyframe.select(pl.col(data.key).mean() < 2)

@pa.dataframe_check
def alike(cls, data):
    return data.lazyframe.select(pl.col("a").sum() == pl.col("b").sum())
""",
        "a,b\n1,1\n5,5\n",
    )
    assert [(f.check, f.column) for f in found.dataset_findings] == [("small_on_the_whole", "a")]
    assert found.dataset_findings[0].message == "a as a whole fails small_on_the_whole"


@pytest.mark.parametrize(
    ("values", "rows", "complete"),
    [
        (["p", "q"], [], True),
        (["p", "q", None], [], True),
        (["p"], [], False),
        (["p", "x"], [2], False),
        (["p", "q", "x"], [3], True),
        ([], [], False),
    ],
)
def test_unique_values_eq(
    judge: Judge, values: list[str | None], rows: list[int], complete: bool
) -> None:
    frame = pl.DataFrame({"a": values}, schema={"a": pl.String})
    found = judge("a: str = field(unique_values_eq=['p', 'q'], nullable=True)", frame)
    assert found.verdicts == [(n, "unique_values_eq", "a") for n in rows]
    assert (found.dataset_findings == ()) is complete
    if not complete:
        said = "a must hold each of p, q somewhere, and does not"
        assert [f.message for f in found.dataset_findings] == [said]


def test_columns_of_a_pattern_answer_each_for_itself(judge: Judge) -> None:
    found = judge(
        "a: int = field(alias='m_[0-9]', regex=True, unique_values_eq=[1, 2])",
        "m_1,m_2\n1,1\n2,1\n",
    )
    assert found.verdicts == []
    assert [(f.check, f.column) for f in found.dataset_findings] == [
        ("unique_values_eq_complete", "m_2")
    ]


def test_a_run_stops_at_candidate_and_says_why(tmp_path: Path) -> None:
    for folder in ("contracts", "flows", "data"):
        (tmp_path / folder).mkdir()
    (tmp_path / "pyproject.toml").write_text('[tool.cleanhold]\nname = "facts"\n')
    body = "".join(f"    {line}\n" for line in ENOUGH.format(more="").strip().splitlines())
    (tmp_path / "contracts" / "a.py").write_text(
        "import pandera.polars as pa\nfrom cleanhold import *\n\n"
        f'@contract("a.b", version="1")\nclass A(pa.DataFrameModel):\n{body}'
    )
    (tmp_path / "flows" / "sources.py").write_text(
        "from cleanhold import Source, delimited\n"
        'a = Source(name="a.b", arrives="data", pattern="*.csv", reader=delimited())\n'
    )
    (tmp_path / "data" / "few.csv").write_text("n,b\n1,\n")
    ran = subprocess.run(
        [sys.executable, "-m", "cleanhold", "run"], cwd=tmp_path, capture_output=True, text=True
    )
    assert ran.returncode == 1, ran.stderr
    assert "candidate" in ran.stdout
    assert "fewer than 10 in all" in ran.stdout
