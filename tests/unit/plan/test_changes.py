"""Rules about what became of rows since they were published."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import polars as pl
import pytest

from cleanhold.errors import ContractError

from .conftest import Judge, Judged

DEALS = "deal: str\nstatus: str = field(nullable=True)"
STEPS = "checks.allowed_transitions('status', {'open': ['won', 'lost'], 'lost': ['open']}"
PUBLISHED = pl.DataFrame(
    {"deal": ["a", "b", "c", "d", "e"], "status": ["open", "won", "lost", None, "open"]}
)
ROWS = "deal,status\nb,open\na,won\nd,won\nc,open\nnew,won\ne,\n"


def changed(
    judge: Judge, rule: str, was: list[Any], now: list[Any], dtype: str, **more: Any
) -> Judged:
    """Rows with the keys 0, 1, … whose column `v` was one thing and is another."""
    keys = pl.Series("k", range(len(was)), dtype=pl.Int64)
    kind = pl.Series(now, strict=False).dtype
    frames = [pl.DataFrame([keys, pl.Series("v", v, dtype=kind, strict=False)]) for v in (now, was)]
    body = f"k: int\nv: {dtype} = field(nullable=True)"
    terms = f"key='k', checks=[checks.{rule}]"
    return judge(body, frames[0], tables={"a.b": frames[1].lazy()}, terms=terms, **more)


def test_a_status_becomes_only_what_it_may(judge: Judge) -> None:
    terms = f"key='deal', checks=[{STEPS})]"
    found = judge(DEALS, ROWS, tables={"a.b": PUBLISHED.lazy()}, terms=terms)
    assert found.verdicts == [(1, "allowed_transitions", "status")]
    assert found.messages == ["status is open and was won before, which is no allowed change"]
    assert found.counts["allowed_transitions", "status"] == (1, 0, 0)
    assert not found.notes


def test_a_new_row_begins_as_it_must(judge: Judge) -> None:
    terms = f"key='deal', checks=[{STEPS}, initial=['open'])]"
    rows = ROWS + "fresh,open\nempty,\n,won\n"
    found = judge(DEALS, rows, tables={"a.b": PUBLISHED.lazy()}, terms=terms)
    assert found.verdicts == [
        (1, "allowed_transitions", "status"),
        (5, "allowed_transitions", "status"),
        (9, "not_null", "deal"),
    ]
    assert found.messages[1] == (
        "status is won and was not published before, which is no allowed change"
    )


@pytest.mark.parametrize("dtype", ["pl.Categorical", "Annotated[pl.Enum, ['open', 'won', 'lost']]"])
def test_a_column_of_categories_has_transitions_too(judge: Judge, dtype: str) -> None:
    terms = f"key='deal', checks=[{STEPS}, initial=['open'])]"
    body = f"deal: str\nstatus: {dtype} = field(nullable=True)"
    found = judge(body, ROWS, tables={"a.b": PUBLISHED.lazy()}, terms=terms)
    assert found.records[1] == [1, 5]
    assert found.messages[0] == "status is open and was won before, which is no allowed change"


def test_severity_name_and_sentence_may_be_others(judge: Judge) -> None:
    rule = f"{STEPS}).but(severity='warn', name='steps', says='{{deal}}: {{found}} to {{value}}')"
    tables = {"a.b": PUBLISHED.lazy()}
    found = judge(DEALS, ROWS, tables=tables, terms=f"key='deal', checks=[{rule}]")
    assert found.records[1] == []
    assert found.messages == ["b: won to open"]
    assert found.counts["steps", "status"] == (0, 1, 0)


DAY, NOON = date(2026, 1, 1), datetime(2026, 1, 1, 12)


@pytest.mark.parametrize(
    ("rule", "dtype", "was", "now", "held"),
    [
        ("stays('v')", "str", ["a", "a", None, "a"], ["a", "b", "c", None], [2]),
        ("stays('v')", "float", [1.0, 1.0, float("nan")], [1.0, 1.5, 2.0], [2]),
        ("stays('v', within=0.1)", "float", [1.0, 1.0, -1.0, 1e9], [1.1, 1.11, -1.11, 1e9 + 0.1],
         [2, 3]),
        ("stays('v', within=1)", "pl.UInt8", [5, 5, 0, 200], [4, 3, 1, 202], [2, 4]),
        ("stays('v', within='5%')", "int", [100, 100, -100, -100, 0, 0],
         [105, 94, -106, -104, 0, 1], [2, 3, 6]),
        ("stays('v', within=1)", "date", [DAY, DAY], [date(2026, 1, 2), date(2026, 1, 3)], [2]),
        ("stays('v', within=0.5)", "datetime", [NOON, NOON],
         [datetime(2026, 1, 2), datetime(2026, 1, 2, 0, 0, 1)], [2]),
        ("does_not_decrease('v')", "int", [5, 5, 5, None], [5, 6, 4, 1], [3]),
        ("does_not_decrease('v')", "date", [DAY, DAY, DAY], [DAY, date(2025, 12, 31), None], [2]),
    ],
)  # fmt: skip
def test_what_may_not_change(
    judge: Judge, rule: str, dtype: str, was: list[Any], now: list[Any], held: list[int]
) -> None:
    found = changed(judge, rule, was, now, dtype)
    assert found.records[1] == held
    assert not found.notes


def test_sentences_say_what_was_published(judge: Judge) -> None:
    for rule, words in {
        "stays('v')": "v is 4, and was 5 before; it must stay",
        "stays('v', within='5%')": "v is 4, and was 5 before; it must stay within 5%",
        "does_not_decrease('v')": "v is 4, and was 5 before; it may not go back",
    }.items():
        assert changed(judge, rule, [5], [4], "int").messages == [words]


def test_values_of_any_type_are_shown(judge: Judge) -> None:
    found = changed(judge, "stays('v')", [[1, 2]], [[1]], "pl.List(pl.Int64)")
    assert found.messages == ["v is [1], and was [1,2] before; it must stay"]


def test_where_nothing_is_published_nothing_is_checked(judge: Judge) -> None:
    found = judge(DEALS, ROWS, terms=f"key='deal', checks=[{STEPS}, initial=['open'])]")
    assert found.records[1] == []
    assert found.counts["allowed_transitions", "status"] == (0, 0, 6)
    assert found.notes == (
        "not checked: status.allowed_transitions, for no published snapshot of a.b is at hand",
    )


def test_a_snapshot_from_before_the_column_is_not_compared_with(judge: Judge) -> None:
    terms = f"key='deal', checks=[{STEPS}), checks.stays('deal')]"
    found = judge(DEALS, ROWS, tables={"a.b": PUBLISHED.drop("status").lazy()}, terms=terms)
    assert found.records[1] == []
    assert found.counts["allowed_transitions", "status"] == (0, 0, 6)
    assert found.counts["stays", "deal"] == (0, 0, 0)
    assert found.notes == (
        "not checked: status.allowed_transitions, for the published a.b has no column status",
    )


def test_published_values_of_another_type_are_converted_or_not_compared_with(judge: Judge) -> None:
    body, terms = "k: int\nv: int", "key='k', checks=[checks.does_not_decrease('v')]"
    was = pl.LazyFrame({"k": ["1", "2"], "v": ["5", "5"]})  # as a CSV file gives it
    assert judge(body, "k,v\n1,4\n2,5\n", tables={"a.b": was}, terms=terms).records[1] == [1]
    for value, dtype in ((pl.lit("five"), "String"), (pl.struct("k"), "Struct({'k': String})")):
        odd = was.with_columns(v=value)
        found = judge(body, "k,v\n1,4\n2,5\n", tables={"a.b": odd}, terms=terms)
        assert found.counts["does_not_decrease", "v"] == (0, 0, 2)
        assert found.notes == (
            f"not checked: v.does_not_decrease, for published values of v are {dtype} and do not "
            "fit Int64",
        )


def test_a_key_of_several_columns(judge: Judge) -> None:
    was = pl.LazyFrame({"a": ["x", "x"], "b": [1, 2], "v": [5, 9]})
    found = judge(
        "a: str\nb: int\nv: int",
        "a,b,v\nx,1,7\nx,2,7\ny,2,1\n",
        tables={"a.b": was},
        terms="key=('a', 'b'), checks=[checks.does_not_decrease('v')]",
    )
    assert found.verdicts == [(2, "does_not_decrease", "v")]


def test_what_could_not_be_read_is_skipped(judge: Judge) -> None:
    was = pl.LazyFrame({"k": [1, 2, 3], "v": [5, 5, 5]})
    found = judge(
        "k: int\nv: int",
        "k,v\noops,1\n2,oops\n3,4\n,1\n",
        tables={"a.b": was},
        terms="key='k', checks=[checks.does_not_decrease('v')]",
    )
    assert found.verdicts == [
        (1, "parse", "k"),
        (2, "parse", "v"),
        (3, "does_not_decrease", "v"),
        (4, "not_null", "k"),
    ]
    assert found.counts["does_not_decrease", "v"] == (1, 0, 2)


@pytest.mark.parametrize("missing", ["k", "v"])
def test_an_extract_without_the_column_or_the_key_is_skipped(judge: Judge, missing: str) -> None:
    was = pl.LazyFrame({"k": [1], "v": [5]})
    rows = pl.DataFrame({"k": [1], "v": [4]}).drop(missing)
    terms = "key='k', checks=[checks.does_not_decrease('v')]"
    found = judge("k: int\nv: int", rows, tables={"a.b": was}, terms=terms)
    assert found.verdicts == [(1, "present", missing)]
    assert found.counts["does_not_decrease", "v"] == (0, 0, 1)


@pytest.mark.parametrize("personal", ["k", "v"])
def test_personal_values_are_not_shown(judge: Judge, personal: str) -> None:
    pii = {personal: " = field(pii='direct')"}
    lines = [f"{n}: {t}{pii.get(n, '')}" for n, t in (("k", "str"), ("v", "int"))]
    found = judge(
        "\n".join(lines),
        "k,v\na,4\n",
        tables={"a.b": pl.LazyFrame({"k": ["a"], "v": [5]})},
        terms="key='k', checks=[checks.does_not_decrease('v')]",
    )
    shown = "v is •••, and was ••• before" if personal == "v" else "v is 4, and was 5 before"
    assert found.messages == [f"{shown}; it may not go back"]


def test_a_row_is_judged_once_whatever_the_table_given_holds(judge: Judge) -> None:
    was = pl.LazyFrame({"k": [1, 1, 1], "v": [5, 3, 6]})
    terms = "key='k', checks=[checks.does_not_decrease('v')]"
    found = judge("k: int\nv: int", "k,v\n1,4\n", tables={"a.b": was}, terms=terms)
    assert found.messages == ["v is 4, and was 5 before; it may not go back"]


def test_a_rule_of_ones_own_sees_both_rows(judge: Judge) -> None:
    contract = """
from cleanhold.builtins.checks.conditions import failing
from cleanhold.core.rule import WAS_PUBLISHED, ChangeRule, before

rule = ChangeRule(
    name="grew", says="{a} and {b} were {found}", reads=("a", "b"),
    fails=lambda rows: failing(
        rows, pl.col(WAS_PUBLISHED) & (pl.col("a") + pl.col("b") > before("a") + before("b")),
        before("a") + before("b")),
)

@contract("a.b", version="1", key="k", checks=[rule])
class A(pa.DataFrameModel):
    k: int
    a: int
    b: int
"""
    was = pl.LazyFrame({"k": [1, 2], "a": [1, 1], "b": [1, 1], "other": [0, 0]})
    found = judge(contract, "k,a,b\n2,1,1\n1,1,2\n3,9,9\n", tables={"a.b": was})
    assert found.verdicts == [(2, "grew", None)]
    assert found.messages == ["1 and 2 were 2"]


MISTAKES = {
    "no key": (
        "checks=[checks.stays('v')]",
        "the check 'stays' compares rows with those published under their keys, and the contract "
        "has no key",
        "name the column that tells rows apart, key='deal_id'",
    ),
    "no such column": (
        "key='k', checks=[checks.stays('w')]",
        "names 'w', which is not a column of the contract",
        "its columns are k, v",
    ),
    "one text for a list": (
        "key='k', checks=[checks.allowed_transitions('v', {'open': 'won'})]",
        "what 'open' may become is one text, 'won', not a list of values",
        "write ['won']",
    ),
    "one text to begin with": (
        "key='k', checks=[checks.allowed_transitions('v', {}, initial='won')]",
        "initial is one text",
        "write ['won']",
    ),
    "values of another type": (
        "key='k', checks=[checks.allowed_transitions('v', {1: [2]})]",
        "the check 'allowed_transitions' does not work on the types of its columns",
        "v is String",
    ),
    "no tolerance": (
        "key='k', checks=[checks.stays('v', within='5')]",
        "within='5' is no tolerance",
        "a share, '5%'",
    ),
    "a tolerance below nothing": (
        "key='k', checks=[checks.stays('v', within=-1)]",
        "within=-1 is no tolerance",
        "write a number",
    ),
    "a tolerance of text": (
        "key='k', checks=[checks.stays('v', within=1)]",
        "judges numbers, dates and times, but 'v' is String",
        "another type",
    ),
    "text that goes back": (
        "key='k', checks=[checks.does_not_decrease('v')]",
        "judges numbers, dates and times, but 'v' is String",
        "another type",
    ),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_are_told_when_the_contract_is_loaded(case: str, judge: Judge) -> None:
    terms, what, remedy = MISTAKES[case]
    with pytest.raises(ContractError) as caught:
        judge("k: str\nv: str", "k,v\n", terms=terms)
    assert what in caught.value.what
    assert remedy in (caught.value.next or "")
    assert "c.py" in (caught.value.where or "")
    assert "__" not in str(caught.value)
