"""What Great Expectations' own tests ask of its expectations about rows, in our words.

Source: great_expectations 0.11 to 1.2, `tests/test_definitions/*map_expectations` (Apache-2.0). Data
and verdicts are theirs; the contract that a person would write for each is ours. Where a verdict is
another on purpose, `DIFFERENT` says why.
"""
# ruff: noqa: E501 - a table reads better unwrapped

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cleanhold import check_file, checks, load_contract, ndjson, parquet

HEAD = """from datetime import date, datetime
import pandera.polars as pa
from cleanhold import *
from cleanhold import checks
"""

_ = None
COUNT = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
WORDS = ["man", "plan", "canal", "panama", "hat", "bat", "bit", "bot", "but", "bet"]
DIGITS = ["111", "222", "333", "123", "321", "444", "456", "654", "555", _]
COOL = ["cool", "calm", "collected", "casual", _]
STAMPS = ["Jan 01 1970 12:00:01", "Dec 31 1999 12:00:01", "Jan 01 2000 12:00:01", _]
ZONED = [
    "1970-01-01 12:00:01.000000 +0530",
    "2000-02-01 12:00:01.001234 -1230",
    "2001-06-01 16:00:00.132678 -0800",
]
MIXED = [1, 2, 3, 4, 5, 6, 7, 8, 9, "abc"]
HALF = [1, 2, 3, 4, 5, _, _, _, _, _]
PAIR_A, PAIR_B = [1, 1, 1, 1, 1, 2, 2, 2, 2, _], [1, 2, 1, 2, 1, 2, 1, 2, 1, _]
MOST = [1, 2, 3, 4, 5, 6, 7, 8, 9, _]
DAYS = ["2019-04-01", "2019-04-02", "2019-04-03", "2019-04-13"]
US_DAYS = ["01-01-2019", "01-10-2019", "01/20/2019", "01-30-2019"]
RUNS = [1, 1, 1, 2, 2, 2, 3, 3, 3, 4]
STATES = ["aaa", "abb", "acc", "bdd", _]
FOURS = [1, 2, 3, 1]
SHARE_W = [0.2, 0.4, 0.3, 0.5, 0.8, 0.7, 0.71, 0.56, 0.45, 1.0]
SHARE_X = [0.8, 0.6, 0.7, 0.5, 0.2, 0.3, 0.29, 0.44, 0.55, 0.0]
SHARE_Y = [0.8, 0.8, 0.7, 0.5, 0.4, 0.3, 0.29, 0.48, 0.55, _]


@dataclass(frozen=True)
class Case:
    """`fields` of the contract, `data` by column, and the rows that are `held`, from 0."""

    fields: str
    data: dict[str, list[Any]]
    held: list[int] = field(default_factory=list)
    rule: str = ""

    @property
    def contract(self) -> str:
        lines = "".join(f"    {line}\n" for line in self.fields.split("; "))
        rule = f"checks=[checks.{self.rule}]" if self.rule else ""
        return f'{HEAD}@contract("a.b", version="1", {rule})\nclass A(pa.DataFrameModel):\n{lines}'


def one(kind: str, options: str, values: list[Any], held: list[int] | None = None) -> Case:
    return Case(f"x: {kind} = field(nullable=True, {options})", {"x": values}, held or [])


def rows(
    rule: str, data: dict[str, list[Any]], held: list[int] | None = None, kind: str = "float"
) -> Case:
    fields = "; ".join(f"{name}: {kind} = field(nullable=True)" for name in data)
    return Case(fields, data, held or [], rule)


EVERY = list(range(10))
ALL_BUT_LAST = EVERY[:9]

CASES = {
    # --- column_value_lengths_to_be_between, _to_equal
    "lengths": one("str", "str_length={'min_value': 5, 'max_value': 9}", COOL, [0, 1]),
    "lengths, at most": one("str", "str_length={'max_value': 8}", COOL, [2]),
    "length": one("str", "str_length={'min_value': 4, 'max_value': 4}", COOL, [2, 3]),
    # --- column_values_to_be_between
    "between": one("int", "in_range={'min_value': 3, 'max_value': 9}", COUNT, [0, 1, 9]),
    "between, strictly": one("int", "gt=1, lt=10", COUNT, [0, 9]),
    "between, nulls": one("int", "ge=1, le=4", HALF, [4]),
    "between, of mixed types": one("int", "ge=0, le=10", MIXED, [9]),
    "between, numbers as text": one("int", "ge=0, le=9", [str(n) for n in COUNT], [9]),
    "between, letters": one("str", "ge='b', le='d'", list("abcde"), [0, 4]),
    "between, times": one("datetime", "parse=datetimes('%b %d %Y %H:%M:%S'), ge=datetime(1990, 1, 1), le=datetime(1999, 12, 31, 12, 0, 1)", STAMPS, [0, 2]),
    "between, times with offsets": one("datetime", "parse=datetimes('%Y-%m-%d %H:%M:%S%.f %z'), ge=datetime(1990, 1, 1, 8), le=datetime(2001, 2, 2, 0, 30, 1, 1234)", ZONED, [0, 2]),
    "between, until now": one("datetime", "parse=datetimes('%b %d %Y %H:%M:%S'), checks=[checks.not_in_future()]", STAMPS),
    # --- column_values_to_be_in_set, _to_not_be_in_set
    "in set": one("int", "isin=[2, 4]", [1, 2, 4], [0]),
    "in set of nothing": one("int", "isin=[]", [1, 2, 4], [0, 1, 2]),
    "in set, fractions": one("float", "isin=[1.11, 2.2]", [1.1, 2.2, 5.5], [0, 2]),
    "in set, moments": one("datetime", "isin=[datetime(2018, 1, 2), datetime(2018, 1, 2, 0, 34, 1)]", ["2018-01-01", "2018-01-02", "2018-01-02 00:34:01"], [0]),
    "in set, where": rows("implies('w', '1', then='z', is_in=['jello'])", {"w": ["1", "2"], "z": ["hello", "hello"]}, [0], "str"),
    "not in set": one("float", "notin=[1.1, 2.2]", [1.1, 2.2, 5.5], [0, 1]),
    "not in set, nulls": one("int", "notin=[1]", [_, _, 2]),
    # --- column_values_to_be_null, _to_not_be_null, _to_be_unique
    "null": one("int", "checks=[checks.empty()]", [4, 5, _, 7], [0, 1, 3]),
    "all null": one("str", "checks=[checks.empty()]", [_, _]),
    "not null": Case("x: int = field()", {"x": [_, _, _, 5]}, [0, 1, 2]),
    "unique": one("str", "unique=True", ["1", "1", "2", "2", "3", _, _], [0, 1, 2, 3]),
    # --- column_values_to_match_regex and its kin: found anywhere in the text
    "regex": one("str", "str_contains='^a'", STATES, [3]),
    "regex of nothing": one("str", "str_contains=''", STATES),
    "regex, whole text": one("str", "matches='[ab]{1}[a-d]{2}'", STATES),
    "not regex": one("str", "checks=[checks.contains_none('^a')]", STATES, [0, 1, 2]),
    "not regex of nothing": one("str", "checks=[checks.contains_none('')]", STATES, [0, 1, 2, 3]),
    "any regex": one("str", "checks=[checks.contains_any('^.*a.*$', 'b.t')]", WORDS),
    "any regex of one": one("str", "checks=[checks.contains_any('^.*a.*$')]", WORDS, [6, 7, 8, 9]),
    "all regexes": one("str", "checks=[checks.contains_all('[123]+', '[456]+')]", DIGITS, ALL_BUT_LAST),
    "no regex": one("str", "checks=[checks.contains_none('[12]+', '[45]+')]", DIGITS, [0, 1, 3, 4, 5, 6, 7, 8]),
    "no regex, words": one("str", "checks=[checks.contains_none('opatomus', 'ovat', 'h.*t')]", WORDS, [4]),
    # --- column_values_to_match_like_pattern and its kin
    "like": one("str", "checks=[checks.like('a%')]", STATES, [3]),
    "like, anywhere": one("str", "checks=[checks.like('%b%')]", STATES, [0, 2]),
    "like any": one("str", "checks=[checks.like('%a%', 'b_t')]", WORDS),
    "like all": one("str", "checks=[checks.like('%4%'), checks.like('%5%')]", DIGITS, [0, 1, 2, 3, 4, 5, 8]),
    "not like": one("str", "checks=[checks.not_like('a%')]", STATES, [0, 1, 2]),
    # --- column_values_to_match_strftime_format, _to_be_dateutil_parseable, _to_be_json_parseable
    "format": one("str", "checks=[checks.date_text('%Y-%m-%d')]", DAYS),
    "another format": one("str", "checks=[checks.date_text('%Y%m%d')]", DAYS, [0, 1, 2, 3]),
    "day before month": one("str", "checks=[checks.date_text('%Y-%d-%m')]", DAYS, [3]),
    "format, slashes": one("str", "checks=[checks.date_text('%m-%d-%Y')]", US_DAYS, [2]),
    "format, parsed": one("date", "parse=dates('%m-%d-%Y')", US_DAYS, [2]),
    "format, time": one("str", "checks=[checks.date_text('%Y-%m-%dT%H:%M:%S')]", ["1977-05-55T00:00:00", "1980-05-21T13:47:59", _], [0]),
    "any date": one("str", "checks=[checks.any_date_text()]", [*DAYS, "01/01/2010", "abc", "cat", _], [5, 6]),
    "JSON": one("str", "checks=[checks.json_text()]", ['{"a":1}', "a", "{", _], [1, 2]),
    # --- column_values_to_be_of_type, _in_type_list
    "type": one("float", "", [1.0, 2.2, "5.3x"], [2]),
    "type, whole numbers": one("int", "", [1, 2.5, "4", "x"], [1, 3]),
    "type, either": one("str", "", ["hello", "jello", 1]),
    "type, neither": one("bool", "", ["hello", "jello", False], [0, 1]),
    # --- column_values_to_be_increasing, _decreasing, column_value_z_scores_to_be_less_than
    "increasing": rows("rises('x')", {"x": [1, 2, 3, 4, 5, 5, 4, 3, 2, 1]}, [6, 7, 8, 9]),
    "increasing, strictly": rows("rises('x', strictly=True)", {"x": RUNS}, [1, 2, 4, 5, 7, 8]),
    "increasing, over nulls": rows("rises('x')", {"x": [_, 0, _, _, 2, _, _, 1, _, _]}, [7]),
    "increasing, letters": rows("rises('x')", {"x": ["a", "b", "c", _, "b"]}, [4], "str"),
    "increasing, dates": Case("x: date = field(nullable=True, parse=dates('%m/%d/%Y'))", {"x": ["1/1/2016", "1/2/2016", "2/2/2016", "12/1/2015", _]}, [3], "rises('x')"),
    "decreasing": rows("falls('x')", {"x": [1, 2, 3, 7, 6, 5, 4, 3, 2, 1]}, [1, 2, 3]),
    "decreasing, strictly": rows("falls('x', strictly=True)", {"x": RUNS}, EVERY[1:]),
    "decreasing, over nulls": rows("falls('x')", {"x": [_, _, 10, 9, 8, 7, _, 6, 5, 4]}),
    "z-scores": rows("no_z_outliers('x', most=1.96, least=1, strictly=True)", {"x": [1, 1, 1, 3, 3]}),
    "z-scores, all far": rows("no_z_outliers('x', most=0.1, least=1, strictly=True)", {"x": [1, 1, 1, 3, 3]}, [0, 1, 2, 3, 4]),
    "z-scores, one": rows("no_z_outliers('x', most=1, least=1, strictly=True)", {"x": [1, 0, 0, 0, 0]}, [0]),
    "z-scores, low": rows("no_z_outliers('x', most=1, least=1, side='above', strictly=True)", {"x": [-100000000000, -1, 0, 1, 1]}),
    "z-scores, on the limit": rows("no_z_outliers('x', most=1, least=1, strictly=True)", {"x": [-1, 0, 1, _, _]}, [0, 2]),
    # --- column_pair_values_a_to_be_greater_than_b, _to_be_equal, _to_be_in_set
    "greater": rows("in_order('b', 'a', strictly=True)", {"a": [2, 3, 4, 6, 7], "b": [1, 3, 5, _, 8]}, [1, 2, 4]),
    "greater or equal": rows("in_order('b', 'a')", {"a": COUNT, "b": HALF}),
    "greater, dates": Case("a: date = field(nullable=True, parse=dates('%m/%d/%Y')); b: date = field(nullable=True, parse=dates('%m/%d/%Y'))", {"a": ["1/1/2016", "2/2/2016", "5/5/2016", _], "b": ["1/1/2016", "2/1/2016", "5/1/2020", _]}, [0, 2], "in_order('b', 'a', strictly=True)"),
    "equal": rows("equals_column('a', 'b')", {"a": [9, 11, _, _], "b": [9, 10, 3, _]}, [1]),
    "equal, one is missing": rows("equals_column('a', 'b', missing_counts=True)", {"a": MOST, "b": HALF}, [5, 6, 7, 8]),
    "equal, of mixed types": rows("equals_column('a', 'b')", {"a": COUNT, "b": MIXED}, [9], "int"),
    "pair in set": rows("together_in('a', 'b', allowed=[(1, 1), (2, 2), (2, 1)])", {"a": PAIR_A, "b": PAIR_B}, [1, 3]),
    "pair in set, one is missing": rows("together_in('a', 'b', allowed=[(n, n) for n in range(6)])", {"a": COUNT, "b": HALF}),
    "pair in set, missing counts": rows("together_in('a', 'b', allowed=[(n, n) for n in range(6)], missing_counts=True)", {"a": COUNT, "b": HALF}, [5, 6, 7, 8, 9]),
    # --- compound_columns_to_be_unique, select_column_values_to_be_unique_within_record, multicolumn_sum_to_equal
    "unique together": rows("unique_together('a', 'b')", {"a": FOURS, "b": FOURS}, [0, 3]),
    "unique together, a null": rows("unique_together('a', 'b')", {"a": MOST, "b": COUNT}),
    "unique together, of pairs": rows("unique_together('a', 'b', missing_counts=True)", {"a": PAIR_A, "b": PAIR_B}, ALL_BUT_LAST),
    "unique together, missing counts": rows("unique_together('a', 'b', missing_counts=True)", {"a": [1, 1, _, _], "b": [_, _, _, _]}, [0, 1]),
    "different": rows("all_different('a', 'b')", {"a": PAIR_A, "b": PAIR_B}, [0, 2, 4, 5, 7]),
    "sum": rows("sum_is('a', 'b', total=1)", {"a": [1, 0, 4, 0, 1, 0], "b": [1, 1, 0, 0, 2, 1]}, [0, 2, 3, 4]),
    "sum of fractions": rows("sum_is('a', 'b', total=1)", {"a": SHARE_W, "b": SHARE_X}),
    "sum, a null": rows("sum_is('a', 'b', total=1)", {"a": SHARE_W, "b": SHARE_Y}, [1, 4, 7]),
}  # fmt: skip

#: Their verdict is another, and ours is meant: what they hold.
DIFFERENT = {
    "a number in a column of text becomes text": (one("str", "", [1, 2, 4]), [0, 1, 2]),
    "0 and 1 are truth values": (one("bool", "", ["hello", 1], [0]), [0, 1]),
    "a row with a null is nobody's duplicate": (rows("unique_together('a', 'b')", {"a": [1, 1], "b": [_, _]}), [0, 1]),
    "nulls are not alike": (rows("all_different('a', 'b', 'c')", {"a": [1], "b": [_], "c": [_]}), [0]),
    "what is missing is for nullable= to forbid": (rows("in_order('b', 'a')", {"a": [1], "b": [_]}), [0]),
}  # fmt: skip


def held(case: Case, folder: Path, *, typed: bool) -> list[int]:
    """Rows that are held, from 0: of a Parquet file, or of NDJSON, which may mix types."""
    file = folder / "contract.py"
    file.write_text(case.contract, encoding="utf-8")
    if typed:
        path, reader = folder / "rows.parquet", parquet()
        pl.DataFrame(case.data).write_parquet(path)
    else:
        path, reader = folder / "rows.ndjson", ndjson()
        records = [
            dict(zip(case.data, row, strict=True)) for row in zip(*case.data.values(), strict=True)
        ]
        path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    report = check_file(path, load_contract(f"{file}:A"), reader, out=folder / "out")
    return [n - 1 for n in pl.read_parquet(report.files["held"])["record"].to_list()]


def is_mixed(values: list[Any]) -> bool:
    kinds = {type(v) for v in values if v is not None}
    return len(kinds) > 1 and kinds != {int, float}


@pytest.mark.parametrize("name", CASES)
def test_the_same_rows_are_held(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    assert held(case, tmp_path, typed=False) == case.held
    if not any(is_mixed(values) for values in case.data.values()):
        assert held(case, tmp_path, typed=True) == case.held


@pytest.mark.parametrize("name", DIFFERENT)
def test_where_verdicts_differ_on_purpose(name: str, tmp_path: Path) -> None:
    case, theirs = DIFFERENT[name]
    assert held(case, tmp_path, typed=False) == case.held != theirs


def test_the_guide_names_checks_that_exist() -> None:
    guide = Path(__file__).parents[2] / "docs" / "from_great_expectations.md"
    named = set(re.findall(r"(\w+)\(", guide.read_text(encoding="utf-8")))
    assert named - {"field", "dates"} <= set(dir(checks))
    assert len(named) > 15
