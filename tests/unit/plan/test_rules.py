"""Rules of `cleanhold.checks` in contracts: findings, sentences, skipping, and mistakes."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from cleanhold import load_contract
from cleanhold.errors import ContractError

from .conftest import HEAD, Judge

BOOKS = "isbn: str = field(nullable=True, checks=[checks.isbn()])"


def test_a_rule_of_a_column_holds_rows_and_says_why(judge: Judge) -> None:
    found = judge(BOOKS, "isbn,n\n0306406152,1\n0306406153,2\n,3\n 978-0-306-40615-7 ,4\n")
    assert found.verdicts == [(2, "isbn", "isbn")]
    assert found.messages == [
        "isbn is 0306406153, which is not a valid ISBN: its check digit does not fit"
    ]
    assert found.counts["isbn", "isbn"] == (1, 0, 0)


def test_a_missing_value_is_told_once_and_not_by_the_rule(judge: Judge) -> None:
    found = judge("a: str = field(checks=[checks.iban(), checks.not_blank()])", "a,b\n,1\n")
    assert found.verdicts == [(1, "not_null", "a")]


def test_a_value_that_cannot_be_read_skips_the_rule(judge: Judge) -> None:
    found = judge("a: float = field(checks=[checks.share()])", "a\noops\n5\n0.5\n")
    assert found.verdicts == [(1, "parse", "a"), (2, "share", "a")]
    assert found.counts["share", "a"] == (1, 0, 1)


def test_severity_is_the_fields_unless_the_rule_has_its_own(judge: Judge) -> None:
    rule = "checks.upper_case().but(severity='warn', name='shouts', says='{column}: {value}!')"
    found = judge(f"a: str = field(checks=[{rule}, checks.ascii_only()])", "a\nx\né\n")
    assert found.records == ([1], [2])
    assert ("shouts", "a") in found.counts
    assert found.counts["shouts", "a"] == (0, 2, 0)
    assert "a: x!" in found.messages
    warned = judge("a: str = field(severity='warn', checks=[checks.ascii_only()])", "a\né\n")
    assert warned.records == ([1], [])


def test_a_rule_holds_on_every_column_of_a_pattern(judge: Judge) -> None:
    contract = "m: float = field(alias='m_[0-9]', regex=True, checks=[checks.not_negative()])"
    found = judge(contract, "m_1,m_2\n1,-1\n-2,2\n")
    assert found.verdicts == [(1, "not_negative", "m_2"), (2, "not_negative", "m_1")]
    assert found.messages[0] == "m_2 is -1; it must be 0 or more"


def test_several_rules_of_one_name_are_told_apart(judge: Judge) -> None:
    rules = "checks=[checks.in_order('a', 'b'), checks.in_order('b', 'c')]"
    found = judge("a: int\nb: int\nc: int", "a,b,c\n1,2,3\n2,1,3\n1,3,2\n", terms=rules)
    assert found.verdicts == [(2, "in_order", None), (3, "in_order_2", None)]
    assert found.messages[0] == "a and b must follow in this order; here: a 2, b 1"


CITIES = "zip: str = field(nullable=True)\ncity: str = field(nullable=True)"
ROWS = "zip,city\n1,Rome\n1,Rome\n1,Room\n2,Oslo\n2,Bern\n,Rome\n,Oslo\n3,\n3,Kyiv\n"


def test_a_dependency_says_what_most_rows_have(judge: Judge) -> None:
    found = judge(CITIES, ROWS, terms="checks=[checks.determines('zip', 'city')]")
    assert found.verdicts == [(n, "determines", "city") for n in (3, 4, 5)]
    assert found.messages == [
        "city is Room, but for zip 1 it is mostly Rome (2 of 3 rows)",
        "city is Oslo, but for zip 2 it is 2 different values, each in 1 of 2 rows",
        "city is Bern, but for zip 2 it is 2 different values, each in 1 of 2 rows",
    ]
    assert found.counts["determines", "city"] == (3, 0, 0)


def test_a_value_that_is_wrong_by_itself_is_no_evidence(judge: Judge) -> None:
    contract = "zip: str = field(matches='[0-9]+')\nopen: str = field(isin=['yes', 'no'])"
    rows = "zip,open\n1,yes\n1,yex\n2,yex\n2,yex\n2,no\n3x,yes\n3x,no\n4,yes\n4,no\n5,xx\n5,xy\n"
    found = judge(contract, rows, terms="checks=[checks.determines('zip', 'open')]")
    assert [v for v in found.verdicts if v[1] == "determines"] == [
        (n, "determines", "open") for n in (2, 3, 4, 8, 9)
    ]
    assert "open is yex, but for zip 2 it is mostly no (1 of 3 rows)" in found.messages
    warned = contract.replace("isin=", "severity='warn', isin=")
    found = judge(warned, rows, terms="checks=[checks.determines('zip', 'open')]")
    assert [n for n, name, _ in found.verdicts if name == "determines"] == [1, 2, 5, 8, 9, 10, 11]


def test_evidence_from_personal_columns_is_not_shown(judge: Judge) -> None:
    contract = CITIES.replace("city: str = field(", "city: str = field(pii='direct', ")
    found = judge(contract, ROWS, terms="checks=[checks.determines('zip', 'city')]")
    assert found.messages[0] == "city is •••, but for zip 1 it is •••"


def test_a_column_called_found_does_no_harm(judge: Judge) -> None:
    found = judge(
        "a: str\nfound: str",
        "a,found\nx,p\nx,q\nx,p\n",
        terms="checks=[checks.group_size(by='a', most=2)]",
    )
    assert found.messages == ["there are 3 rows of a x; there must be 1 to 2"] * 3
    assert found.clean.columns == ["record", "a", "found"]


def test_rows_that_cannot_be_read_are_no_part_of_a_group(judge: Judge) -> None:
    found = judge(
        "a: str\nn: int", "a,n\nx,5\nx,oops\nx,4\ny,1\n", terms="checks=[checks.rises('n', by='a')]"
    )
    assert found.verdicts == [(2, "parse", "n"), (3, "rises", "n")]
    assert found.messages[1] == "n is 4, after 5 of a x"
    assert found.counts["rises", "n"] == (1, 0, 1)


def test_a_group_without_its_column_is_not_judged(judge: Judge) -> None:
    found = judge("a: str\nn: int", "a\nx\nx\n", terms="checks=[checks.rises('n', by='a')]")
    assert found.verdicts == [(1, "present", "n"), (2, "present", "n")]
    assert found.counts["rises", "n"] == (0, 0, 2)


def test_groups_are_found_across_many_rows(judge: Judge) -> None:
    n = 120_000
    frame = pl.DataFrame({"g": pl.int_range(n, eager=True) % 40_000, "v": [1] * (n - 1) + [2]})
    found = judge("g: int\nv: int", frame, terms="checks=[checks.determines('g', 'v')]")
    assert found.records[1] == [n]
    assert found.messages == [f"v is 2, but for g {(n - 1) % 40_000} it is mostly 1 (2 of 3 rows)"]


def test_each_family_of_groups_finds_the_exact_rows(judge: Judge) -> None:
    frame = pl.DataFrame(
        {
            "g": ["a", "a", "a", "b", "b", None],
            "n": [1, 2, 4, 2, 3, 9],
            "total": [7, 7, 7, 6, 6, 0],
            "day": [date(2026, 1, d) for d in (1, 2, 3, 1, 4, 9)],
            "kind": ["p", "p", "q", "q", "q", "q"],
        }
    )
    contract = "g: str = field(nullable=True)\nn: int\ntotal: int\nday: date\nkind: str"
    expected = {
        "no_gaps('n', by='g')": [3],
        "no_gaps('day', by='g')": [5],
        "begins_at('n', by='g')": [4],
        "group_sum('n', by='g', equals='total')": [4, 5],
        "group_size(by='g', least=3)": [4, 5],
        "group_has('kind', 'p', by='g')": [1, 2, 4, 5],
        "rises('n', by='g', along='day')": [],
        "falls('n', by='g')": [2, 3, 5],
        "falls('total', by='g', strictly=True)": [2, 3, 5],
        "unique_together('g', 'kind')": [1, 2, 4, 5],
        "one_to_one('g', 'kind')": [3],
        "no_overlaps('day', 'day', by='g', touching=False)": [],
        "refers_to_row('total', 'n')": [1, 2, 3, 4, 5, 6],
    }
    for call, records in expected.items():
        found = judge(contract, frame, terms=f"checks=[checks.{call}]")
        assert found.records[1] == records, call


MISTAKES = {
    "a row's rule in a field": (
        "a: str = field(checks=[checks.in_order('a', 'b')])",
        "",
        "the check 'in_order' is about whole rows",
        "give it to @contract(checks=[…])",
    ),
    "a column's rule in a contract": (
        "a: str",
        "checks=[checks.iban()]",
        "the check 'iban' is about one column",
        "give it to field(checks=[…])",
    ),
    "not called": (
        "a: str = field(checks=[checks.iban])",
        "",
        "iban is not a check",
        "call it: iban(…)",
    ),
    "no list": (
        "a: str = field(checks=checks.iban())",
        "",
        "is not a list of checks",
        "write checks=",
    ),
    "another type": (
        "a: int = field(checks=[checks.iban()])",
        "",
        "the check 'iban' of 'a' judges text, but 'a' is Int64",
        "annotate the column with another type",
    ),
    "no such column": (
        "a: str\nb: str",
        "checks=[checks.all_or_none('a', 'bb')]",
        "names 'bb', which is not a column of the contract",
        "did you mean 'b'?",
    ),
    "no such column for a group": (
        "a: str\nb: str",
        "checks=[checks.determines('aa', 'b')]",
        "names 'aa', which is not a column of the contract",
        "did you mean 'a'?",
    ),
    "a group of the wrong type": (
        "a: str\nb: str",
        "checks=[checks.no_gaps('a')]",
        "the check 'no_gaps' judges numbers, dates and times, but 'a' is String",
        "annotate the column with another type",
    ),
    "says what is not there": (
        "a: str\nb: str",
        "checks=[checks.all_or_none('a', 'b').but(says='{c}')]",
        "shows 'c', which is not a column of the contract",
        "its columns are a, b",
    ),
    "no such severity": (
        "a: str = field(checks=[checks.iban().but(severity='warning')])",
        "",
        "severity='warning' is not known",
        "did you mean 'warn'?",
    ),
    "no such list": (
        "a: str = field(checks=[checks.in_file('nowhere.csv')])",
        "",
        "nowhere.csv cannot be read: No such file",
        "give a path relative to this file",
    ),
    "a pattern with look-around": (
        "a: str = field(checks=[checks.contains_any('b', '(?=a)')])",
        "",
        "contains_any has a pattern that is not understood: (?=a)",
        "contains_none('…')",
    ),
    "no pattern": (
        "a: str = field(checks=[checks.not_like()])",
        "",
        "not_like needs patterns",
        "write not_like('",
    ),
    "no format": ("a: str = field(checks=[checks.date_text()])", "", "needs a format", "any_date"),
    "a combination too short": (
        "a: str\nb: str",
        "checks=[checks.together_in('a', 'b', allowed=[('x',)])]",
        "combinations of 2 values",
        "allowed=[('DE', 'EUR')]",
    ),
    "a column twice": (
        "a: str\nb: str",
        "checks=[checks.all_different('a', 'a')]",
        "two columns or more, each once",
        "all_different('payer', 'payee')",
    ),
    "a side there is not": (
        "a: float",
        "checks=[checks.no_iqr_outliers('a', side='top')]",
        "side='top' is no side",
        "both, below, above",
    ),
}


def test_a_pattern_is_told_as_it_was_written(judge: Judge) -> None:
    contract = (
        "a: str = field(checks=[checks.contains_any(r'\\A[0-9]{2}'), checks.like('{value}')])"
    )
    found = judge(contract, "a\n1\n")
    assert found.messages == [
        r"a is 1, which has nothing like \A[0-9]{2} in it",
        "a is 1, which is not like {value}",
    ]


def test_outliers_may_be_of_one_side(judge: Judge) -> None:
    frame = pl.DataFrame({"n": [-90.0, 9.0, 10.0, 11.0, 10.5, 9.5, 10.0, 110.0]})
    for kind in ("no_iqr_outliers", "no_mad_outliers"):
        for side, records in {"both": [1, 8], "below": [1], "above": [8]}.items():
            terms = f"checks=[checks.{kind}('n', side={side!r})]"
            assert judge("n: float", frame, terms=terms).records[1] == records, (kind, side)


def test_a_combination_may_have_something_missing_in_it(judge: Judge) -> None:
    frame = pl.DataFrame({"a": ["x", "x", None, None], "b": [1.0, None, 2.0, None]})
    contract = "a: str = field(nullable=True)\nb: float = field(nullable=True)"
    for allowed, records in {
        "('x', None)": [1, 3],
        "('x', 1)": [2, 3],
        "(None, 2)": [1, 2],
    }.items():
        terms = f"checks=[checks.together_in('a', 'b', allowed=[{allowed}], missing_counts=True)]"
        assert judge(contract, frame, terms=terms).records[1] == records, allowed


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_are_told_where_they_are(case: str, judge: Judge) -> None:
    contract, terms, what, remedy = MISTAKES[case]
    with pytest.raises(ContractError) as caught:
        judge(contract, "a,b\nx,y\n", terms=terms)
    assert what in caught.value.what
    assert remedy in (caught.value.next or "")
    assert "c.py:" in (caught.value.where or "")


def test_a_list_is_read_beside_the_contract(judge: Judge, tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "stores.csv").write_text("code,name\nA1,North\nB2,South\n")
    rules = "checks.in_file('lists/stores.csv', column='code')"
    found = judge(f"a: str = field(checks=[{rules}])", "a\nA1\nNorth\n")
    assert found.messages == ["a is North, which is not in stores.csv"]


RULES = (
    "@contract('a.b', version='1', checks=[checks.determines('a', 'b'), checks.in_order('a', 'b')])"
)
MODEL = f"""{RULES}
class A(pa.DataFrameModel):
    a: str = field(checks=[checks.iban()])
    b: str = field()
    c: date = field(checks=[checks.not_in_future(), checks.business_day()])
"""


def test_a_fingerprint_is_the_same_in_every_process_and_tells_rules_apart(tmp_path: Path) -> None:
    def fingerprint(text: str) -> str:
        file = tmp_path / "c.py"
        file.write_text(HEAD + text)
        return load_contract(str(file)).fingerprint()

    before = fingerprint(MODEL)
    for old, new in {
        "iban()": "lei()",
        "determines('a', 'b')": "determines('b', 'a')",
        "in_order('a', 'b')": "in_order('b', 'a')",
        "not_in_future()": "not_in_future(1)",
        "business_day()": "business_day([date(2026, 1, 1)])",
    }.items():
        assert fingerprint(MODEL.replace(old, new)) != before
    assert fingerprint(MODEL) == before
    code = "import sys; from cleanhold import load_contract;"
    code += "print(load_contract(sys.argv[1]).fingerprint())"
    told = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "c.py")],
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == before
