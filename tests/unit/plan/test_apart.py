"""Checks that are no expression: run before the pass, over whole columns."""

from __future__ import annotations

import polars as pl
import pytest

from cleanhold.errors import ContractError

from .conftest import Judge

COLUMNS = "a: int = field(nullable=True)\nb: int = field(nullable=True)\nc: str\n"
ROWS = pl.DataFrame({"a": [1, 2, None, -4], "b": [1, 1, 2, 2], "c": ["w", "x", "y", "z"]})


def frame_check(*lines: str, options: str = "") -> str:
    body = "".join(f"    {line}\n" for line in lines)
    return f"{COLUMNS}\n@pa.dataframe_check{options}\ndef f(cls, data):\n{body}"


def column_check(*lines: str, options: str = "'a'") -> str:
    body = "".join(f"    {line}\n" for line in lines)
    return f"{COLUMNS}\n@pa.check({options})\ndef f(cls, data):\n{body}"


GROUPS = frame_check(
    "sums = data.lazyframe.group_by('b').agg(s=pl.col('a').sum())",
    "joined = data.lazyframe.join(sums, on='b', how='left', maintain_order='left')",
    "return joined.select(pl.col('s') > 0)",
)


def test_a_check_that_groups_and_joins_finds_its_rows(judge: Judge) -> None:
    found = judge(GROUPS, ROWS)
    assert found.verdicts == [(3, "f", None), (4, "f", None)]
    assert found.notes == (
        "run apart from the pass: f, for it calls .group_by() on the frame; it read a, b",
    )
    assert found.findings["value"].to_list() == ["a=, b=2", "a=-4, b=2"]
    assert found.counts["f", None] == (2, 0, 0)


def test_rows_keep_their_places_in_a_large_extract(judge: Judge) -> None:
    height = 120_000
    rows = pl.select(a=pl.int_range(height), b=pl.int_range(height) % 1000, c=pl.lit("x"))
    body = GROUPS.replace(", maintain_order='left'", "").replace("> 0", "> 7_140_000")
    sums = rows.select(pl.col("a").sum().over("b") <= 7_140_000).to_series()
    assert judge(body, rows).records[1] == [i + 1 for i in sums.arg_true()]
    assert 0 < sums.sum() < height


FRAME = "return data.lazyframe"


@pytest.mark.parametrize(
    ("line", "rows"),
    [
        (".with_columns(x=pl.col('a') * 2).select(pl.col('x') > 3)", [1, 4]),
        (".collect().select(pl.col('a') > 1)", [1, 4]),
        (".select('a').collect()['a'] > 1", [1, 4]),
        (".with_row_index().select(pl.col('index') != 2)", [3]),
        (".pipe(lambda f: pl.concat([f, f])).head(4).select(pl.col('a') > 1)", [1, 4]),
        (".with_columns(pl.col('b') > 1).select('b', pl.col('a') > 1)", [1, 2, 4]),
        (".sort('c').select(pl.col('a') > 1)", [1, 4]),
        (".filter(pl.col('b') > 0).select(pl.col('a') > 1)", [1, 4]),
    ],
)  # fmt: skip
def test_whatever_gives_a_boolean_for_each_row(judge: Judge, line: str, rows: list[int]) -> None:
    assert judge(column_check(FRAME + line), ROWS).verdicts == [(n, "f", "a") for n in rows]


@pytest.mark.parametrize(
    "line",
    [
        "return data.lazyframe.collect()['a'].sum() > 3",
        "return data.lazyframe.select(pl.col('a') > 0).select(pl.all().all())",
        "return data.lazyframe.select(pl.col('a').sum() > 3).collect()['a']",
        "return data.lazyframe.collect()['a'].max() > 3",
    ],
)
def test_one_answer_for_all_rows_is_a_finding_of_the_extract(judge: Judge, line: str) -> None:
    found = judge(column_check(line), ROWS)
    assert found.records == ([1, 2, 3, 4], [])
    assert [(f.check, f.column, f.message) for f in found.dataset_findings] == [
        ("f", "a", "a as a whole fails f")
    ]
    assert found.counts["f", "a"] == (1, 0, 0)
    assert found.held_back
    assert judge(column_check(line), ROWS.with_columns(a=pl.lit(9))).dataset_findings == ()


def test_about_one_row_it_is_known_which_kind_it_is(judge: Judge) -> None:
    alone = ROWS.head(1).with_columns(a=pl.lit(-1))
    row = column_check("return data.lazyframe.with_columns(x=pl.col('a')).select(pl.col('x') > 0)")
    assert judge(row, alone).verdicts == [(1, "f", "a")]
    whole = column_check("return data.lazyframe.collect().select(pl.col('a').sum() > 0)")
    found = judge(whole, alone)
    assert found.verdicts == []
    assert [f.check for f in found.dataset_findings] == ["f"]


def test_no_rows_at_all(judge: Judge) -> None:
    body = frame_check("return data.lazyframe.collect().height > 0")
    found = judge(body, ROWS.clear())
    assert [f.message for f in found.dataset_findings] == ["the extract as a whole fails f"]
    assert judge(GROUPS, ROWS.clear()).dataset_findings == ()


def test_options(judge: Judge) -> None:
    line = "return data.lazyframe.collect().select(pl.col('a') > 1)"
    strict = column_check(line, options="'a', ignore_na=False, name='big', error='too {small}'")
    found = judge(strict, ROWS)
    assert found.verdicts == [(1, "big", "a"), (3, "big", "a"), (4, "big", "a")]
    assert set(found.messages) == {"too {small}"}
    warned = judge(column_check(line, options="'a', raise_warning=True"), ROWS)
    assert warned.records == ([1, 2, 3, 4], [])
    assert warned.verdicts == [(1, "f", "a"), (4, "f", "a")]
    assert warned.counts["f", "a"] == (0, 2, 0)


def test_the_sentence_of_a_finding_about_all_rows_is_as_written(judge: Judge) -> None:
    line = "return data.lazyframe.collect().height > 9"
    found = judge(frame_check(line, options="(error='fewer than {9} rows')"), ROWS)
    assert [f.message for f in found.dataset_findings] == ["fewer than {9} rows"]


def test_rows_whose_values_could_not_be_read_are_skipped(judge: Judge) -> None:
    rows = "a,b,c\n1,1,x\nq,1,x\n5,z,x\n"
    body = column_check("return data.lazyframe.collect().select(pl.col('a') > 1)").replace(
        "collect()", "select('a').collect()"
    )
    found = judge(body, rows)
    assert found.verdicts == [(1, "f", "a"), (2, "parse", "a"), (3, "parse", "b")]
    strict = body.replace("'a')\n", "'a', ignore_na=False)\n")
    lax = strict.replace("a: int = field(", "a: int = field(severity='warn', ")
    found = judge(lax, rows)
    assert found.verdicts == [(1, "f", "a"), (2, "parse", "a"), (3, "parse", "b")]
    assert found.records == ([1, 2], [3])
    assert found.counts["f", "a"] == (0, 1, 1)


def test_a_column_that_is_missing_skips_it(judge: Judge) -> None:
    for body in (column_check("return data.lazyframe.collect()['a'].max() > 3"),
                 frame_check("return data.lazyframe.collect()['a'].max() > 3")):  # fmt: skip
        found = judge(body, ROWS.drop("a"))
        column = "a" if "pa.check" in body else None
        label = "a.f" if column else "f"
        assert found.dataset_findings == ()
        assert found.counts["f", column] == (0, 0, 4)
        assert found.notes == (
            f"not checked: {label}, for the extract lacks a column that it reads",
        )


def test_columns_of_a_pattern_each_for_itself(judge: Judge) -> None:
    found = judge(
        """
m: int = field(alias="m_[0-9]", regex=True, nullable=True)

@pa.check("m_[0-9]")
def f(cls, data):
    return data.lazyframe.collect().select(pl.all() > 1)
""",
        pl.DataFrame({"m_1": [1, 2, None], "m_2": [9, -9, 9]}),
    )
    assert found.verdicts == [(1, "f", "m_1"), (2, "f", "m_2")]
    assert found.notes == (
        "run apart from the pass: m_1.f, for it calls .collect() on the frame; it read m_1",
        "run apart from the pass: m_2.f, for it calls .collect() on the frame; it read m_2",
    )


def test_an_answer_that_fits_no_rows_is_refused(judge: Judge) -> None:
    body = frame_check("return data.lazyframe.filter(pl.col('a') > 0).select(pl.col('a') > 1)")
    with pytest.raises(ContractError, match="f gives 2 values for 4 rows") as caught:
        judge(body, ROWS)
    assert "maintain_order" in str(caught.value)


def test_a_check_that_raises_stops_and_tells_its_line_but_no_value(judge: Judge) -> None:
    line = "return data.lazyframe.collect().select(pl.col('c').cast(pl.Int64) > 1)"
    with pytest.raises(ContractError, match="f raises InvalidOperationError") as caught:
        judge(frame_check(line), ROWS)
    assert caught.value.where is not None
    assert caught.value.where.endswith("c.py:16")
    assert "w" not in caught.value.what.replace("raises", "").split()


def test_it_must_say_something(judge: Judge) -> None:
    with pytest.raises(ContractError, match="f gives nothing, not true or false"):
        judge(frame_check("data.lazyframe.collect()"), ROWS)
