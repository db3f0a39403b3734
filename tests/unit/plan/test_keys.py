"""Uniqueness and references: which rows share a key, which keys exist."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from cleanhold import guard, load_contract
from cleanhold.errors import ContractError
from cleanhold.testing.check_suite import in_bounded_memory

from .conftest import HEAD, Judge


def test_all_rows_that_share_a_value_fail_and_nulls_share_nothing(judge: Judge) -> None:
    found = judge(
        "a: str = field(unique=True, nullable=True)", "a,b\nx,1\n,2\n x ,3\ny,4\n,5\nx,6\n"
    )
    assert found.verdicts == [(n, "unique", "a") for n in (1, 3, 6)]
    assert found.messages[0] == "a is x, which other rows of this extract have too"


@pytest.mark.filterwarnings("ignore:Setting report_duplicates")  # pandera says it cannot; we can
@pytest.mark.parametrize(
    ("keep", "held"), [("all", [1, 3, 4]), ("exclude_first", [3, 4]), ("exclude_last", [1, 3])]
)
def test_several_columns_together(judge: Judge, keep: str, held: list[int]) -> None:
    found = judge(
        "orders = pa.DataFrameSchema({'a': pa.Column(str, nullable=True), 'b': pa.Column(int)},"
        f" unique=['a', 'b'], report_duplicates={keep!r})",
        "a,b\nx,1\nx,2\nx,1\nx,01\n,1\n,1\nx,oops\nx,oops\n",
    )
    assert found.verdicts == [
        *((n, "unique_a_b", None) for n in held),
        (7, "parse", "b"),
        (8, "parse", "b"),
    ]
    assert found.messages[0] == "other rows of this extract have a x and b 1 too"
    assert found.counts["unique_a_b", None] == (len(held), 0, 2)


def test_several_sets_of_columns(judge: Judge) -> None:
    config = "\nclass Config:\n    unique = [['a', 'b'], ['c']]"
    found = judge("a: str\nb: str\nc: str" + config, "a,b,c\nx,1,p\nx,1,q\ny,1,p\n")
    assert found.verdicts == [
        (1, "unique", "c"),
        (1, "unique_a_b", None),
        (2, "unique_a_b", None),
        (3, "unique", "c"),
    ]


def test_the_key_of_a_contract_is_unique_and_checked_once(judge: Judge) -> None:
    found = judge("a: str = field(unique=True)", "a\nx\nx\n", terms="key='a'")
    assert found.verdicts == [(1, "unique", "a"), (2, "unique", "a")]
    found = judge("a: str\nb: str", "a,b\nx,1\nx,1\nx,2\n", terms="key=('a', 'b')")
    assert found.verdicts == [(1, "unique_a_b", None), (2, "unique_a_b", None)]


def test_floats_that_are_equal_are_duplicates(judge: Judge) -> None:
    nan = float("nan")
    found = judge("a: float = field(unique=True)", pl.DataFrame({"a": [0.0, -0.0, nan, nan, 1.0]}))
    assert [v[0] for v in found.verdicts if v[1] == "unique"] == [1, 2, 3, 4]


def test_duplicates_are_found_across_many_rows(judge: Judge) -> None:
    frame = pl.DataFrame({"a": pl.int_range(0, 20_000, eager=True) % 19_990})
    found = judge("a: int = field(unique=True)", frame)
    assert found.account.held == 20
    assert found.records[1] == [*range(1, 11), *range(19_991, 20_001)]


REFERS = "a: int = field(nullable=True, references='x.accounts.id')"
ACCOUNTS = {"x.accounts": pl.LazyFrame({"id": ["1", "2", None], "name": ["p", "q", "r"]})}


def test_a_reference_must_exist(judge: Judge) -> None:
    found = judge(REFERS, "a,b\n1,\n3,\n,\noops,\n", tables=ACCOUNTS)
    assert found.verdicts == [(2, "references", "a"), (4, "parse", "a")]
    assert found.messages[0] == "a is 3, which x.accounts does not have"
    assert found.counts["references", "a"] == (1, 0, 1)


def test_a_reference_without_its_table_is_skipped_and_said(judge: Judge) -> None:
    found = judge(REFERS, "a\n1\n3\n")
    assert found.records == ([1, 2], [])
    assert found.counts["references", "a"] == (0, 0, 2)
    assert found.notes == ("not checked: a.references, for x.accounts.id is not at hand",)


def test_nothing_exists_in_an_empty_table(judge: Judge) -> None:
    empty = {"x.accounts": pl.LazyFrame(schema={"id": pl.Int64})}
    assert judge(REFERS, "a\n1\n", tables=empty).verdicts == [(1, "references", "a")]


def test_a_table_without_the_column_is_a_mistake(judge: Judge) -> None:
    with pytest.raises(ContractError, match="that table has no such column") as caught:
        judge(REFERS, "a\n1\n", tables={"x.accounts": pl.LazyFrame({"name": ["p"]})})
    assert caught.value.next == "its columns are name"


@pytest.mark.parametrize(("keep", "held"), [("all", [1, 4]), ("exclude_first", [4])])
@pytest.mark.filterwarnings("ignore:Setting report_duplicates")
@pytest.mark.parametrize("second", ["w,0", "refused"])
def test_keys_whose_hashes_meet_are_compared_exactly(
    judge: Judge, monkeypatch: pytest.MonkeyPatch, keep: str, held: list[int], second: str
) -> None:
    monkeypatch.setattr(pl.Expr, "hash", lambda key: key.is_not_null().cast(pl.UInt64))
    found = judge(
        "orders = pa.DataFrameSchema({'a': pa.Column(str), 'b': pa.Column(str)},"
        f" unique=['a'], report_duplicates={keep!r})",
        f"a,b\nx,1\n{second}\ny,2\nx,3\nz,4\n",
    )
    assert found.verdicts == [(n, "unique", "a") for n in held]
    refused = {2} if second == "refused" else set()
    assert found.account.refused == len(refused)
    assert found.records[0] == sorted({1, 2, 3, 4, 5} - set(held) - refused)


LINES = {"x.lines": pl.LazyFrame({"order": ["p", "q", None], "number": ["1", "2", "3"]})}
TOGETHER = "a: str = field(nullable=True)\nb: int = field(nullable=True)"
REFERS_TO = "checks=[checks.refers_to('a', 'b', to='x.lines', keys=('order', 'number'))]"


def test_columns_refer_to_a_row_together(judge: Judge) -> None:
    rows = "a,b\np,1\np,2\n,3\nq,\nq,oops\nq,02\n"
    found = judge(TOGETHER, rows, tables=LINES, terms=REFERS_TO)
    assert found.verdicts == [(2, "refers_to", None), (5, "parse", "b")]
    assert found.messages[0] == "x.lines has no row for a p, b 2"
    assert found.counts["refers_to", None] == (1, 0, 1)
    without = judge(TOGETHER, rows, terms=REFERS_TO)
    assert without.notes == ("not checked: refers_to, for x.lines.(order, number) is not at hand",)
    with pytest.raises(ContractError, match="that table has no such column"):
        judge(TOGETHER, rows, tables={"x.lines": LINES["x.lines"].drop("number")}, terms=REFERS_TO)


def test_a_guard_looks_columns_up_together(tmp_path: Path) -> None:
    body = TOGETHER.replace("\n", "\n    ")
    file = tmp_path / "c.py"
    file.write_text(
        f'{HEAD}@contract("a.b", version="1", {REFERS_TO})\n'
        f"class A(pa.DataFrameModel):\n    {body}\n"
    )
    checked = guard(str(file), references=LINES)
    records = [{"a": "p", "b": "1"}, {"a": "p", "b": "2"}, {"a": None, "b": "3"}]
    expected = [[], ["x.lines has no row for a p, b 2"], []]
    assert [[f.message for f in checked.check(r).findings] for r in records] == expected
    assert not [note for note in checked.notes if "left to Polars" in note]
    assert in_bounded_memory(load_contract(str(file)), pl.DataFrame(records))


@pytest.mark.parametrize(
    "call", ["to='x.y'", "'a', to='x.y', keys=('b', 'c')", "'a', 'b', to='x.y', keys='ab'"]
)
def test_as_many_keys_as_columns(judge: Judge, call: str) -> None:
    with pytest.raises(ContractError, match=r"refers_to has \d columns and \d keys"):
        judge(TOGETHER, "a,b\n", terms=f"checks=[checks.refers_to({call})]")
