"""What a finding says: in words, not too many, and nothing personal."""

from __future__ import annotations

import polars as pl
import pytest

from cleanhold.errors import ContractError
from cleanhold.plan import batches

from .conftest import Judge


def test_every_builtin_check_has_a_sentence(judge: Judge) -> None:
    found = judge(
        """
a: int = field(eq=1, ne=2, gt=2, ge=3, in_range=(3, 5), isin=[1], notin=[2])
b: str = field(str_contains="[xyz]", str_startswith="q", str_endswith="q", matches=r"\\{[0-9]\\}",
               str_length={"exact_value": 3})
c: str = field(str_length={"min_value": 3}, str_matches="^z")
d: str = field(str_length={"min_value": 3, "max_value": 4})
e: str = field(str_length={"max_value": 1})
f: int = field(in_range={"min_value": 2, "max_value": 9, "include_min": False,
                         "include_max": False})
g: int = field(lt=2, le=1)
""",
        "a,b,c,d,e,f,g\n2,{ab},ab,ab,ab,2,2\n",
    )
    assert sorted(found.messages) == sorted(
        [
            "a is 2; it must be 1",
            "a must not be 2",
            "a is 2; it must be more than 2",
            "a is 2; it must be 3 or more",
            "g is 2; it must be less than 2",
            "g is 2; it must be 1 or less",
            "a is 2; it must be from 3 to 5",
            "a is 2; it must be one of 1",
            "a must not be 2",
            "b is {ab}, which does not contain [xyz]",
            "b is {ab}; it must begin with q",
            "b is {ab}; it must end with q",
            "b is {ab}, which is not written like \\{[0-9]\\}",
            "b is {ab}; it must have 3 characters",
            "c is ab; it must have 3 characters or more",
            "c is ab, which is not written like ^z",
            "d is ab; it must have 3 to 4 characters",
            "e is ab; it must have at most 1 characters",
            "f is 2; it must be more than 2 less than 9",
        ]
    )


@pytest.mark.parametrize(
    "pattern", [r"[a-z]+", r"\A[a-z]+\z", "^[a-z]+$", r"x|[a-z]+", r"\A[a-z]+"]
)
def test_a_pattern_covers_the_whole_text(judge: Judge, pattern: str) -> None:
    found = judge(f"a: str = field(matches=r'{pattern}')", 'a\nabc\nab1\n1ab\n"a\nb"\n')
    assert found.records == ([1], [2, 3, 4])


def test_a_backslash_before_z_is_no_anchor(judge: Judge) -> None:
    assert judge(r"a: str = field(matches=r'a\\z')", "a\na\\z\na\n").records == ([1], [2])


def test_sentences_show_values_and_what_is_blank(judge: Judge) -> None:
    found = judge(
        """
a: int = field(nullable=True)
b: float

@check(says="{{a}} is {a}, b is {b}: {value}", column="b", name="told")
def never() -> Expr:
    return col("a").is_not_null() & (col("b") > 9)
""",
        "a,b\n,1.50\n",
    )
    assert found.messages == ["{a} is (blank), b is 1.5: 1.50"]
    assert found.verdicts == [(1, "told", "b")]
    assert found.findings["value"].to_list() == ["1.50"]


def test_what_pandera_says_is_said_as_it_is(judge: Judge) -> None:
    found = judge(
        """
a: int

@pa.dataframe_check(error="{a} and {value}, as they are")
def never(cls, data):
    return data.lazyframe.select(pl.col("a") > 9)

@pa.check("a", error="{a} too")
def nor_this(cls, data):
    return data.lazyframe.select(pl.col(data.key) > 9)
""",
        "a\n1\n",
    )
    assert sorted(found.messages) == ["{a} and {value}, as they are", "{a} too"]


def test_checks_of_several_columns_name_their_values(judge: Judge) -> None:
    found = judge(
        """
a: int
b: str = field(nullable=True)

@check(says="no")
def never() -> Expr:
    return (col("a") > 9) & col("b").is_not_null()
""",
        "a,b\n1,\n",
    )
    assert found.findings["value"].to_list() == ["a=1, b="]


def test_long_values_are_shortened(judge: Judge) -> None:
    found = judge(
        """
a: str = field(matches="b")
b: str

@check(says="{a} and {b}")
def never() -> Expr:
    return (col("a") == "b") & (col("b") == "c")
""",
        f"a,b\n{'ñ' * 200},{'é' * 201}\n",
    )
    first, second = found.findings.iter_rows(named=True)
    assert first["value"] == "ñ" * 200
    assert second["value"] == f"a={'ñ' * 200}, b={'é' * 199}…"
    assert second["message"] == f"{'ñ' * 200} and {'é' * 199}…"
    assert found.held["b"].to_list() == ["é" * 201], "the row itself is kept whole"


SECRET = "Rosalind"


def test_personal_values_are_in_no_message_and_in_no_finding_of_others(judge: Judge) -> None:
    found = judge(
        f"""
name: str = field(pii="direct", matches="[a-z]+", isin=["x"], unique=True)
born: date = field(pii="indirect")
other: str = field(nullable=True)

@check(says="{{name}} is {{other}}, born {{born}}")
def a_check() -> Expr:
    return (col("name") != {SECRET!r}) & col("other").is_null()

@check(says="{{value}} is {{name}}", column="name")
def blamed() -> Expr:
    return col("name") != {SECRET!r}
""",
        f"name,born,other\n{SECRET},2001-02-03,p\n{SECRET},03/02/2001,q\n",
    )
    assert {v[1] for v in found.verdicts} == {
        "str_matches", "isin", "unique", "a_check", "blamed", "parse",
    }  # fmt: skip
    for row in found.findings.iter_rows(named=True):
        assert SECRET not in row["message"]
        assert "2001" not in row["message"]
        assert row["column"] == "name" or SECRET not in (row["value"] or "")
    told = found.findings.filter(pl.col("check") == "a_check").row(0, named=True)
    assert told["message"] == "••• is p, born •••"
    assert told["value"] == "name=•••, other=p"
    assert "••• is •••" in found.messages


def test_a_missing_personal_value_is_blank(judge: Judge) -> None:
    found = judge(
        """
a: str = field(nullable=True, pii="direct")

@check(says="{a} is not enough")
def given() -> Expr:
    return col("a").is_not_null()
""",
        "a,b\n,1\n",
    )
    assert found.messages == ["(blank) is not enough"]
    assert found.findings["value"].to_list() == ["a="]


def test_values_of_any_type_are_told(judge: Judge) -> None:
    frame = pl.DataFrame(
        {"l": [[1, 2]], "s": [{"a": 1}], "b": [b"\xff"], "e": ["x"]},
        schema_overrides={"e": pl.Categorical},
    )
    found = judge(
        """
l: pl.List(pl.Int64)
s: pl.Struct({"a": pl.Int64})
b: pl.Binary
e: pl.Categorical

@check(says="{l} {s} {b} {e}")
def never() -> Expr:
    a = col("s").struct.field("a")
    return (col("l").list.len() == 0) & (a == 2) & (col("b").bin.size() == 0) & (col("e") == "y")
""",
        frame,
    )
    assert found.messages == ['[1,2] {"a":1} ff x']
    assert found.findings["value"].to_list() == ['l=[1,2], s={"a":1}, b=ff, e=x']


@pytest.mark.parametrize(
    ("limit", "most"), [("_MOST_ROWS", 7), ("_MOST_CELLS", 14), ("_MOST_FINDINGS", 5)]
)
def test_many_bad_rows_are_put_into_words_in_batches(
    judge: Judge, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    contract = "a: int = field(ge=0, severity='warn')\nb: int = field(ge=0)"
    rows = "".join(f"{n % 3 - 1},{n % 5 - 1}\n" for n in range(100))
    whole = judge(contract, "a,b\n" + rows)
    monkeypatch.setattr(batches, limit, most)
    pieces = judge(contract, "a,b\n" + rows)
    assert pieces.findings.equals(whole.findings)
    assert pieces.held.equals(whole.held)
    assert pieces.counts == whole.counts
    assert whole.account.held == 20
    assert whole.account.warned == 27


def test_a_python_check_that_raises_on_a_value_is_a_mistake_not_a_verdict(judge: Judge) -> None:
    with pytest.raises(ContractError) as caught:
        judge(
            """
a: str = field(pii="direct")

@pa.check("a", element_wise=True)
def odd(cls, value):
    return int(value) % 2 == 1
""",
            f"a\n1\n{SECRET}\n",
        )
    assert "'odd' raises ValueError on a value of 'a'" in str(caught.value)
    assert SECRET not in str(caught.value)


def test_python_checks_are_called_with_each_value(judge: Judge) -> None:
    found = judge(
        """
a: int = field(nullable=True)

@pa.check("a", element_wise=True, error="even")
def odd(cls, value):
    return value % 2
""",
        "a,b\n1,\n2,\n,\n",
    )
    assert found.verdicts == [(2, "odd", "a")]
    assert found.messages == ["even"]


def test_the_only_bad_rows_may_be_anywhere_among_many(judge: Judge) -> None:
    """Polars hands many rows over in pieces, some of which have no row that fails a check."""
    bad, rows = range(25_000, 25_003), 100_000
    lines = [f"{7 if number in bad else 1},x" for number in range(rows)]
    found = judge(
        """
a: int = field(ge=100)
b: str = field(nullable=True)

@check(says="no {b}")
def never() -> Expr:
    return (col("a") != 7) | col("b").is_null()
""",
        "a,b\n" + "\n".join(lines) + "\n",
    )
    said = found.findings.filter(pl.col("check") == "never")
    assert said["message"].to_list() == ["no x"] * len(bad)
    assert said["value"].to_list() == ["a=7, b=x"] * len(bad)
