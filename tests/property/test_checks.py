"""Checks against plain Python that computes the same thing another way, value by value."""

from __future__ import annotations

import ipaddress
import json
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleanhold import checks
from cleanhold.builtins.checks.catalogue import catalogue
from cleanhold.builtins.checks.listing import AnyRule, Listed
from cleanhold.core.rule import ColumnRule, Takes
from cleanhold.testing.check_suite import judge

QUICK = settings(max_examples=20, deadline=None)


def holds(rule: AnyRule, table: pl.DataFrame) -> list[bool]:
    """For each row, whether it is good."""
    with tempfile.TemporaryDirectory() as folder:
        return [not held for held in judge(rule, table, Path(folder)).held]


def luhn(text: str) -> bool:
    digits = [int(d) for d in reversed(text)]
    doubled = [sum(divmod(2 * d, 10)) if i % 2 else d for i, d in enumerate(digits)]
    return sum(doubled) % 10 == 0


def mod97(text: str) -> bool:
    return int("".join(str(int(c, 36)) for c in text)) % 97 == 1


def gs1(text: str) -> bool:
    return sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(reversed(text))) % 10 == 0


def isin(text: str) -> bool:
    return luhn("".join(str(int(c, 36)) for c in text))


def digits(least: int, most: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=least, max_size=most)


LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
CODES = st.text(LETTERS, min_size=18, max_size=18)
REFERENCES: dict[str, tuple[ColumnRule, Callable[[str], bool], st.SearchStrategy[str]]] = {
    "luhn": (checks.luhn(), luhn, digits(2, 19)),
    "imei": (checks.imei(), luhn, digits(15, 15)),
    "ean13": (checks.ean13(), gs1, digits(13, 13)),
    "sscc": (checks.sscc(), gs1, digits(18, 18)),
    "lei": (
        checks.lei(),
        mod97,
        st.builds(lambda body, end: f"{body}{end:02d}", CODES, st.integers(0, 99)),
    ),
    "isin": (
        checks.isin(),
        isin,
        st.builds(lambda body, end: f"US{body[:9]}{end}", CODES, st.integers(0, 9)),
    ),
    "vin": (
        checks.vin(),
        lambda text: vin(text),
        st.text("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", min_size=17, max_size=17),
    ),
}


def vin(text: str) -> bool:
    values = {c: int(c) for c in "0123456789"}
    for letters in ("ABCDEFGH", "JKLMN", "STUVWXYZ"):
        first = {"A": 1, "J": 1, "S": 2}[letters[0]]
        values |= {c: first + i for i, c in enumerate(letters)}
    values |= {"P": 7, "R": 9}
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    check = sum(values[c] * w for c, w in zip(text, weights, strict=True)) % 11
    return text[8] == ("X" if check == 10 else str(check))


def all_ends(text: str) -> list[str]:
    """The text with each digit at its end: one of them is usually right."""
    return [text[:-1] + end for end in "0123456789"]


@pytest.mark.parametrize("name", REFERENCES)
@QUICK
@given(data=st.data())
def test_check_digits(name: str, data: st.DataObject) -> None:
    rule, reference, texts = REFERENCES[name]
    drawn = data.draw(st.lists(texts, min_size=1, max_size=10))
    values = [
        end for text in drawn for end in (all_ends(text) if name != "vin" else with_check(text))
    ]
    assert holds(rule, pl.DataFrame({"value": values})) == [reference(v) for v in values]


def with_check(text: str) -> list[str]:
    return [text[:8] + check + text[9:] for check in "0123456789X"]


def is_ip(text: str) -> bool:
    try:
        return "%" not in text and bool(ipaddress.ip_address(text))
    except ValueError:
        return False


PIECES = st.sampled_from(
    ["1", "0", "255", "256", "ffff", "db8", "", ":", "::", ".", "192.0.2.1", "g"]
)


@QUICK
@given(
    st.lists(
        st.one_of(
            st.ip_addresses().map(str),
            st.lists(PIECES, max_size=9).map(":".join),
            st.lists(PIECES, max_size=5).map(".".join),
        ),
        min_size=1,
        max_size=60,
    )
)
def test_addresses(values: list[str]) -> None:
    known = [v for v in values if v != "::ffff:0.0.0.0"]
    assert holds(
        checks.ip_address(), pl.DataFrame({"value": known}, schema={"value": pl.String})
    ) == [is_ip(v) for v in known]


def is_json(text: str) -> bool:
    def refuse(name: str) -> float:
        raise ValueError(name)

    try:
        json.loads(text, parse_constant=refuse)
    except ValueError:
        return False
    return True


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text('a"\\\n é', max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner),
    max_leaves=6,
)


@QUICK
@given(st.lists(st.one_of(VALUES.map(json.dumps), st.text('{}[]:,"1a ', max_size=8)), min_size=1))
def test_json(values: list[str]) -> None:
    assert holds(checks.json_text(), pl.DataFrame({"value": values})) == [
        is_json(v) for v in values
    ]


@QUICK
@given(st.lists(st.tuples(st.integers(-(10**7), 10**7), st.integers(0, 4)), min_size=1))
def test_decimals(numbers: list[tuple[int, int]]) -> None:
    values = [n / 10**places for n, places in numbers]
    expected = [n * 100 % 10**places == 0 for n, places in numbers]
    assert holds(checks.decimals(2), pl.DataFrame({"value": values})) == expected


SMALL = st.one_of(st.none(), st.integers(0, 3))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(SMALL, SMALL), min_size=1, max_size=25))
def test_dependencies(rows: list[tuple[int | None, int | None]]) -> None:
    table = pl.DataFrame(rows, schema={"k": pl.Int64, "v": pl.Int64}, orient="row")
    counts = Counter(row for row in rows if None not in row)

    def good(k: int | None, v: int | None) -> bool:
        if k is None or v is None:
            return True
        others = [n for (key, value), n in counts.items() if key == k and value != v]
        return not others or counts[k, v] > max(others)

    assert holds(checks.determines("k", "v"), table) == [good(k, v) for k, v in rows]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(SMALL, SMALL, SMALL), min_size=1, max_size=12), st.data())
def test_combinations(rows: list[tuple[int | None, ...]], data: st.DataObject) -> None:
    table = pl.DataFrame(rows, schema=dict.fromkeys("abc", pl.Float64), orient="row")
    allowed = data.draw(st.lists(st.tuples(SMALL, SMALL, SMALL), min_size=1, max_size=6))
    counts = Counter(rows)
    empty = (None, None, None)
    both = checks.together_in("a", "b", "c", allowed=allowed)
    counted = checks.together_in("a", "b", "c", allowed=allowed, missing_counts=True)
    near = checks.equals_column("a", "b", within=1, missing_counts=True)
    together = checks.unique_together("a", "b", "c", missing_counts=True)

    def differ(row: tuple[int | None, ...]) -> bool:
        given = [v for v in row if v is not None]
        return len(given) == len(set(given))

    def is_near(row: tuple[int | None, ...]) -> bool:
        a, b, _ = row
        return a == b if a is None or b is None else abs(a - b) <= 1

    expected: list[tuple[AnyRule, Callable[[tuple[int | None, ...]], bool]]] = [
        (both, lambda r: None in r or r in allowed),
        (counted, lambda r: r == empty or r in allowed),
        (checks.all_different("a", "b", "c"), differ),
        (checks.equals_column("a", "b"), lambda r: None in r[:2] or r[0] == r[1]),
        (near, is_near),
        (checks.unique_together("a", "b", "c"), lambda r: None in r or counts[r] == 1),
        (together, lambda r: r == empty or counts[r] == 1),
    ]
    for rule, good in expected:
        assert holds(rule, table) == [good(r) for r in rows], rule.name


@QUICK
@given(st.lists(SMALL, min_size=1, max_size=12), st.booleans())
def test_values_that_rise_or_fall(values: list[int | None], strictly: bool) -> None:
    table = pl.DataFrame({"n": values}, schema={"n": pl.Int64})

    def good(at: int, sign: int) -> bool:
        before = [v for v in values[:at] if v is not None]
        this = values[at]
        if this is None or not before:
            return True
        step = sign * (this - before[-1])
        return step > 0 if strictly else step >= 0

    for rule, sign in ((checks.rises("n", strictly=strictly), 1),
                       (checks.falls("n", strictly=strictly), -1)):  # fmt: skip
        assert holds(rule, table) == [good(i, sign) for i in range(len(values))]


PATTERNS = st.lists(st.text("ab%_.\\\n(", max_size=4), min_size=1, max_size=3)


@QUICK
@given(st.lists(st.text("ab%_.\\\n(", max_size=5), min_size=1), PATTERNS)
def test_patterns_of_sql(values: list[str], patterns: list[str]) -> None:
    def is_like(text: str, pattern: str) -> bool:
        if not pattern:
            return not text
        if pattern[0] == "\\" and len(pattern) > 1:
            return text[:1] == pattern[1] and is_like(text[1:], pattern[2:])
        if pattern[0] == "%":
            return any(is_like(text[i:], pattern[1:]) for i in range(len(text) + 1))
        return bool(text) and pattern[0] in ("_", text[0]) and is_like(text[1:], pattern[1:])

    expected = [any(is_like(v, p) for p in patterns) for v in values]
    table = pl.DataFrame({"value": values})
    assert holds(checks.like(*patterns), table) == expected
    assert holds(checks.not_like(*patterns), table) == [not e for e in expected]


LAYOUTS = ["%Y-%m-%d", "%d/%m/%Y", "%m-%d-%Y", "%Y%m%d", "%d %b %Y", "%B %d, %Y", "%d.%m.%y"]


@QUICK
@given(
    st.lists(st.tuples(st.datetimes(datetime(1000, 1, 1)), st.sampled_from(LAYOUTS)), min_size=1),
    st.sampled_from(LAYOUTS),
)
def test_dates_as_text(days: list[tuple[datetime, str]], layout: str) -> None:
    values = [day.strftime(written) for day, written in days]
    table = pl.DataFrame({"value": values})
    found = holds(checks.date_text(layout), table)
    assert all(good for good, (_, written) in zip(found, days, strict=True) if written == layout)
    for value, good in zip(values, found, strict=True):
        if good:
            datetime.strptime(value, layout)  # raises for what is no such date
    assert all(holds(checks.any_date_text(), table))
    timed = table.select(pl.col("value") + " 23:59:00.5 +01:00")
    assert all(holds(checks.any_date_text(), timed))
    assert not any(holds(checks.any_date_text(), table.select(pl.col("value") + "x")))


DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 20))


@QUICK
@given(st.lists(st.tuples(st.integers(0, 1), DAYS, st.none() | st.integers(0, 5)), max_size=12))
def test_periods(rows: list[tuple[int, date, int | None]]) -> None:
    table = pl.DataFrame(
        [(g, a, None if n is None else a + timedelta(n)) for g, a, n in rows],
        schema={"g": pl.Int64, "a": pl.Date, "b": pl.Date},
        orient="row",
    )
    found = holds(checks.no_overlaps("a", "b", by="g"), table)
    ends = [date.max if b is None else b for b in table["b"]]
    order = sorted(range(len(rows)), key=lambda i: rows[i][1])
    for position, i in enumerate(order):
        before = [j for j in order[:position] if rows[j][0] == rows[i][0]]
        assert found[i] is not any(ends[j] > rows[i][1] for j in before)


NUMBERS = [0.0, -0.0, 1e308, -1e308, 5e-324, float("inf"), float("-inf"), float("nan"), 1e15, None]
MOMENTS = [date(1, 1, 1), date(9999, 12, 31), date(2024, 2, 29), date(1970, 1, 1), None]
COLUMN_RULES = [one for one in catalogue() if isinstance(one.rule, ColumnRule)]


@pytest.mark.parametrize(
    "one",
    [o for o in COLUMN_RULES if o.rule.takes not in (Takes.TEXT, Takes.VECTOR)],  # type: ignore[union-attr]
    ids=lambda one: one.name,
)
def test_no_number_or_date_is_too_much(one: Listed) -> None:
    assert isinstance(one.rule, ColumnRule)
    if one.rule.takes is Takes.DATE:
        moments = [None if d is None else datetime(d.year, d.month, d.day) for d in MOMENTS]
        columns = [pl.Series(moments), pl.Series(moments).dt.replace_time_zone("Asia/Tokyo")]
        columns += [pl.Series(MOMENTS)]
    else:
        integers = [0, 1, -1, 2**63 - 1, -(2**63), None]
        columns = [
            pl.Series(NUMBERS),
            pl.Series(integers),
            pl.Series(["1.5", None]).cast(pl.Decimal(38, 6)),
        ]
    for column in columns:
        found = holds(one.rule, column.alias("value").to_frame())
        assert found[-1], "null passes"


@pytest.mark.parametrize(
    "dtype", [pl.Categorical(), pl.Enum(["DE", "XX"])], ids=["categorical", "enum"]
)
def test_text_of_another_type(dtype: pl.DataType) -> None:
    table = pl.DataFrame({"value": pl.Series(["DE", "XX", None], dtype=dtype)})
    assert holds(checks.country(), table) == [True, False, True]
