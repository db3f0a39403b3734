"""The same checks in narwhals, on Polars and on DuckDB: the bits of the plan, row for row."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from cleanhold import read
from cleanhold.builtins import text
from cleanhold.builtins.checks.catalogue import catalogue
from cleanhold.builtins.checks.listing import Listed
from cleanhold.core.check import Check, Kind
from cleanhold.core.contract import Column, Contract
from cleanhold.core.parsing import DataType
from cleanhold.core.reading import RECORD
from cleanhold.core.rule import ColumnRule, RowRule
from cleanhold.plan.binding import RAW
from cleanhold.plan.execute import compile_plan
from cleanhold.plan.load import load_contracts
from cleanhold.plan.plan import Plan
from cleanhold.plan.portable import Portable, portable_plan
from cleanhold.plan.rules import column_rules, row_rules

ROOT = Path(__file__).parents[2]
MONEY = pl.Decimal(38, 6)
VECTOR = pl.List(pl.Float64())
MOMENT = pl.Datetime("us")

#: Rows that engines are known to differ on, or that are at an edge.
EDGES: dict[DataType, list[Any]] = {
    pl.String(): [
        "", " ", "\n", "a\n", "\ta ", "\u3000a\x85", "\x1fa\x1c", "\x00", "\x00a", "a\x00b",
        "x" * 100_000, "\u0663\u0664", "12\u0663", "\u017f", "\u212a", "\u0130", "\u0131", "\u00df",
        "\u1e9e", "\u03c3\u03c2", "\u01c5", "e\u0301", "\u00e9", "\U0001f469\u200d\U0001f467",
        "\U0001f642\U0001f642", "\ufeffa", "\u65e5\u672c", "+5", "-5", "-0", "+0", "007", "5.0",
        "1e3", "1_000", "0x1", " 5", "5 ", "0" * 5_000 + "7", "9" * 40, "18446744073709551615",
        "18446744073709551616", "99999999999999999999", "9" * 19, "9" * 18, "-" * 30, "0" * 30,
        "a\r\nb", "\u2028", "$1", "\\1", "%", "_", "'", '"', "NaN", "null", "aaaa", "AAAA-1234",
        "\U0010ffff", "\ud7ff\ue000", "https://example.org/\u00e9", "a@b.example\n",
    ],
    VECTOR: [[], [0.0], [None, 1.0], [math.nan, -0.0], [math.inf, 0.5, 1.0]],
    pl.Float64(): [
        math.nan, -0.0, 0.0, math.inf, -math.inf, 0.5, 1.5, 2.5, -0.5, -1.5, 0.1, 0.3, 5e-324,
        -5e-324, 1.7976931348623157e308, 2.0**53, 2.0**53 + 2, 4503599627370495.5, 1 - 2.0**-53,
        0.49999999999999994, -0.49999999999999994, 1.005, 1.255, 100.0, 999.0, 1e-300,
    ],
    pl.Int64(): [0, 1, -1, 7, -7, 10, 100, 999, 2**53, 2**53 + 1, 2**63 - 1, -(2**63)],
    pl.Int32(): [0, 1, -1, 18, 120, 2**31 - 1, -(2**31)],
    pl.UInt64(): [0, 1, 2**63, 2**64 - 1],
    pl.Boolean(): [True, False],
    pl.Date(): [
        date(1, 1, 1), date(9999, 12, 31), date(1970, 1, 1), date(1969, 12, 31), date(2024, 2, 29),
        date(1900, 2, 28), date(2000, 2, 29), date(2023, 12, 31), date(2026, 11, 29),
    ],
    MOMENT: [
        datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999_999), datetime(1970, 1, 1),
        datetime(1969, 12, 31, 23, 59, 59, 999_999), datetime(2024, 2, 29), datetime(1582, 10, 10),
    ],
    MONEY: [
        Decimal(0), Decimal("0.000001"), Decimal("-0.000001"), Decimal("9" * 32 + ".999999"),
        Decimal("-" + "9" * 32 + ".999999"), Decimal("1.5"), Decimal(5),
    ],
}  # fmt: skip
#: Days before the year 1 and after 9999, which Python has no object for.
FAR_DAYS = [-96_465_291, -3_000_000, -719_529, 2_932_897, 3_000_000, 95_026_235]
ANYTHING: dict[DataType, st.SearchStrategy[Any]] = {
    pl.String(): st.text(st.characters(codec="utf-8"), max_size=20)
    | st.text("0123456789-+ .XAZaz", max_size=24),
    pl.Float64(): st.floats(),
    pl.Int64(): st.integers(-(2**63), 2**63 - 1),
    pl.Int32(): st.integers(-(2**31), 2**31 - 1),
    pl.UInt64(): st.integers(0, 2**64 - 1),
    pl.Boolean(): st.booleans(),
    pl.Date(): st.dates(),
    MOMENT: st.datetimes(),
    VECTOR: st.lists(st.none() | st.floats(), max_size=4),
    MONEY: st.decimals(-(10**20), 10**20, places=6),
}


#: A failure names the rows that differ; making the others fewer would take minutes.
QUICK = settings(deadline=None, phases=[Phase.explicit, Phase.generate])


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def plan_bits(plan: Plan, frame: pl.DataFrame, labels: list[str]) -> dict[str, list[bool]]:
    """The plan's own verdicts on typed rows, and those of uniqueness, which a pre-pass finds."""
    raw = frame.select(RECORD, *(pl.col(n).alias(RAW + n) for n in plan.raw)).lazy()
    verdicts = dict(plan.row_expressions({}).verdicts)
    for check in plan.checks:
        if check.kind is Kind.UNIQUE:
            whole = pl.all_horizontal(pl.col(n).is_not_null() for n in check.reads)
            verdicts[check.label] = pl.struct(check.reads).is_duplicated() & whole
    judged = plan.values(raw).select(verdicts[label].alias(label) for label in labels).collect()
    return {label: judged[label].to_list() for label in labels}


def portable_bits(
    portable: Portable, frame: pl.DataFrame, engine: duckdb.DuckDBPyConnection
) -> tuple[dict[str, list[bool]], dict[str, list[bool]]]:
    """The portable verdicts: on a Polars LazyFrame, and on a DuckDB relation."""
    found = []
    for native in (frame.lazy(), engine.from_arrow(frame.to_arrow())):
        judged = portable.judge(nw.from_native(native)).select(RECORD, *portable.verdicts)
        table = judged.collect("polars").to_native().sort(RECORD)
        found.append({label: table[label].to_list() for label in portable.verdicts})
    return found[0], found[1]


def require_same_bits(
    contract: Contract, frame: pl.DataFrame, engine: duckdb.DuckDBPyConnection
) -> Portable:
    plan = compile_plan(contract, frame.schema)
    portable = portable_plan(plan)
    frame = frame.with_row_index(RECORD, 1).with_columns(pl.col(RECORD).cast(pl.UInt64))
    by_plan = plan_bits(plan, frame, list(portable.verdicts))
    by_polars, by_duckdb = portable_bits(portable, frame, engine)
    for label, wanted in by_plan.items():
        for engine_name, answers in (("Polars", by_polars), ("DuckDB", by_duckdb)):
            pairs = enumerate(zip(wanted, answers[label], strict=True))
            wrong = [place for place, (plans, own) in pairs if plans is not own]
            rows = frame[wrong[:3]].with_columns(plan=pl.Series(wanted).gather(wrong[:3]))
            assert not wrong, f"{label} on {engine_name}: {rows}"
    return portable


def frame_of(columns: Mapping[str, tuple[DataType, list[Any]]]) -> pl.DataFrame:
    """Columns of one height, each with every edge of its type; values come round again."""
    filled = {}
    for place, (name, (dtype, values)) in enumerate(columns.items()):
        series = pl.Series(name, [*values, *EDGES[dtype], None], dtype=dtype)
        if dtype == pl.Date:
            series = series.append(pl.Series(name, FAR_DAYS, dtype=pl.Int32).cast(dtype))
        filled[name] = series[place:].append(series[:place])  # edges meet other edges
    height = max(map(len, filled.values()))
    return pl.DataFrame([s.gather([n % len(s) for n in range(height)]) for s in filled.values()])


@st.composite
def frames(draw: st.DrawFn, schema: Mapping[str, DataType], like: Mapping[str, list[Any]]) -> Any:
    """Rows of a schema: edges, anything, and values like the given ones."""
    columns = {}
    for name, dtype in schema.items():
        known = [v for v in like.get(name, []) if v is not None]
        near = st.sampled_from(known) if known else st.nothing()
        if dtype == pl.String and known:
            near |= near.flatmap(changed)
        columns[name] = (dtype, draw(st.lists(near | ANYTHING[dtype], max_size=12)))
    return frame_of(columns)


def changed(known: str) -> st.SearchStrategy[str]:
    """Texts that are nearly this one."""
    place = st.integers(0, len(known))
    other = st.sampled_from([*"0129AXZaz -+.\n", "\u0663", "\u00e9", "\x00"]) | st.just("")
    return st.builds(lambda at, by: known[:at] + by + known[at + 1 :], place, other)


def example_table(one: Listed) -> pl.DataFrame:
    examples = [*one.passes, *one.fails]
    if isinstance(one.rule, ColumnRule):
        table = pl.DataFrame({"value": pl.Series(examples, strict=False)})
    else:
        table = pl.DataFrame(examples, infer_schema_length=None)
    return table.cast({pl.Datetime: MOMENT, pl.Null: pl.String})


def as_it_is(name: str, dtype: DataType, **terms: Any) -> Column:
    parse = text(trim=False) if dtype == pl.String else None
    return Column(name, dtype, parse=parse, nulls=(), **{"nullable": True, **terms})


def contract_of(one: Listed, schema: Mapping[str, DataType]) -> Contract:
    columns = tuple(as_it_is(name, dtype) for name, dtype in schema.items())
    if isinstance(one.rule, ColumnRule):
        checks = column_rules(columns[0], [one.rule], schema, one.name)
    else:
        checks = row_rules([one.rule], schema, (), one.name)
    return Contract("tried.table", columns, tuple(checks))


#: Of the catalogue's checks of single rows, those that stay with Polars.
NOT_PORTABLE = {
    "age_between", "any_date_text", "business_day", "date_text", "days_between", "es_dni",
    "in_country", "iso_date_text", "json_has", "json_object", "json_schema", "json_text",
    "lower_case", "mixed_case", "normalised", "not_in_future", "not_in_past", "not_one_character",
    "not_placeholder", "postal_code_of", "sum_equals", "sum_is", "timestamp_text", "upper_case",
    "within_last", "words_between",
    "finite_vector", "has_dimension", "in_language", "mostly_letters", "no_injection_phrases",
    "no_personal_data", "no_repeated_lines", "no_repeated_phrases", "no_web_notices",
    "not_zero_vector", "unit_length",
}  # fmt: skip
GUIDE = (ROOT / "docs" / "plan.md").read_text(encoding="utf-8")
LISTED = [one for one in catalogue() if isinstance(one.rule, ColumnRule | RowRule)]


@pytest.mark.parametrize("one", LISTED, ids=lambda one: one.name)
@settings(QUICK, max_examples=3)
@given(data=st.data())
def test_the_catalogue_gives_the_same_bits(
    one: Listed, engine: duckdb.DuckDBPyConnection, data: st.DataObject
) -> None:
    table = example_table(one)
    contract = contract_of(one, table.schema)
    like = table.to_dict(as_series=False)
    portable = require_same_bits(contract, data.draw(frames(table.schema, like)), engine)
    assert bool(portable.reasons) is (one.name in NOT_PORTABLE)


def test_the_guide_counts_and_names_what_is_not_portable() -> None:
    portable = len(LISTED) - len(NOT_PORTABLE)
    wrapped = " ".join(GUIDE.split())
    assert f"Of the {len(LISTED)} checks of single rows" in wrapped
    assert f"{portable} are portable" in wrapped
    others = len(catalogue()) - len(LISTED)
    assert f"The {others} checks of groups, of changes and of other datasets" in wrapped
    assert not [name for name in NOT_PORTABLE if f"`{name}`" not in GUIDE]


def test_the_example_of_the_guide(
    reference: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    monkeypatch.chdir(reference)
    published = read("crm.opportunities").collect()
    assert published.height > 100
    names: dict[str, Any] = {}
    with duckdb.connect() as connection:
        monkeypatch.setattr(duckdb, "table", lambda _: connection.from_arrow(published.to_arrow()))
        exec(compile(example, "docs/plan.md", "exec"), names)
        judged = names["judged"].collect("polars").to_native()
    verdicts = judged.drop(published.columns)
    assert "stage.isin" in verdicts.columns
    assert not verdicts.select(pl.any_horizontal(pl.all()).any()).item()  # it is published
    assert capsys.readouterr().out.strip() == example.rpartition("# ")[2].strip()


#: Column → its type; two of each, so that columns meet.
ZOO: dict[str, DataType] = {
    "s": pl.String(), "t": pl.String(), "f": pl.Float64(), "g": pl.Float64(), "i": pl.Int64(),
    "j": pl.Int32(), "u": pl.UInt64(), "b": pl.Boolean(), "c": pl.Boolean(), "d": pl.Date(),
    "e": pl.Date(), "m": MOMENT, "n": MOMENT, "x": MONEY, "y": MONEY,
}  # fmt: skip
s, t, f, g, i, j, u, b, c, d, e, m, n, x, y = map(pl.col, ZOO)
JUDGED: list[pl.Expr] = [
    s == t, s < t, s >= "a", s != "\x00", s.eq_missing(t), s.is_in(["", "a\n", "\x00a"]),
    s.str.contains(r"^\s*[^a-z]+$"), s.str.contains(r"(?i:sk)|\A.{2,3}\z"), s.str.contains("a|"),
    s.str.contains(t, literal=True), s.str.starts_with(t), s.str.ends_with("\n"),
    s.str.strip_chars() == s, s.str.strip_chars("ax\n") != t, s.str.strip_chars_start("0-") == "7",
    s.str.strip_chars_end() == s, s.str.len_chars() <= 3, s.str.len_bytes() == s.str.len_chars(),
    s.str.strip_prefix("a") == t, s.str.strip_suffix("\n") == t,
    s.str.slice(1, 2) == t, s.str.slice(-2) < "b", s.str.slice(-3, 2) == "a", s.str.slice(50) == "",
    s.str.zfill(8) == t, s.str.zfill(3).str.len_chars() > 3, s.str.replace_all(r"[\s-]+", "") == s,
    s.str.replace_all("a", "$1", literal=True) == t,
    s.str.replace_many(["a", "-", "\n"], [""]) == "",
    s.str.replace_many(["1", "0"], ["0", "7"]).str.contains("0"),
    s.cast(pl.UInt64, strict=False) > 9,
    s.cast(pl.Int64, strict=False) % 7 == 3, s.cast(pl.Int8, strict=False).is_null(),
    s.cast(pl.UInt8, strict=False) // 10 == 0, f == g, f < g, f >= g, f != 0, f > 0.5, f <= 1,
    f.eq_missing(g), f.is_between(-1, g), f.is_in([0.0, math.nan, 1.5]), f + g > f * g, f - g == 0,
    f / g > 1, (f * 100).round() == f * 100, 1 / f.round() > 0,
    f.round() < f, s.str.len_bytes() == 8,
    f.abs() <= 1, f.is_nan(),
    f.is_finite() & g.is_not_nan(), f.is_infinite(), f.abs().clip(1.0) > g,
    f.fill_null(0) == g.fill_null(1.5), pl.coalesce(f, g, 0.0) > 1, pl.sum_horizontal(f, g) >= 1,
    pl.when(f > g).then(f).otherwise(g) == f, i == j, i >= 5, i.is_in([7, -7, 2**53]), i % 10 == 7,
    i // 3 < -2, i < f, j > f, i.cast(pl.Float64) == f, j.cast(pl.Int64) * 3 - j > 0,
    j % 5 + j // 5 > 0, u % 97 == 1, u // 10 > 7, u > 2**63, u == 1,
    pl.when(i > 0).then(1).otherwise(None).is_null(), i.fill_null(0) == 0, i / j >= 1,
    i.is_not_null(), i.cast(pl.Float64).is_not_nan(), x.cast(pl.Float64).is_finite(),
    (i % 5).abs() == 3, b & c, b | c, b ^ c, ~b, b == c, b != c, b.fill_null(False),
    pl.any_horizontal(b, c), pl.all_horizontal(b, c), pl.when(b).then(c).otherwise(~c),
    b.cast(pl.Int8) + c.cast(pl.Int8) == 1, d < e, d >= date(2000, 1, 1),
    d.is_in([date(2024, 2, 29), date(1, 1, 1)]), d.dt.year() % 4 == 0,
    d.dt.month().cast(pl.Int32) * 100 + d.dt.day() > 228, d.dt.weekday() > 5,
    d.dt.ordinal_day() == 366, d.dt.offset_by("-1d").dt.day() == 31, d.dt.offset_by("1d") > e,
    d.is_between(date(1970, 1, 1), e), m < n, m == datetime(2024, 2, 29), m.dt.truncate("1d") == m,
    m.cast(pl.Date) == d, m.dt.hour() < 12, m.dt.minute() + m.dt.second() > 59, m.dt.year() > 2000,
    m.dt.truncate("1h") < n, x == y, x < y, x >= 0, x > Decimal("1.5"), x != 5,
    x.is_null() | y.is_not_null(),
]  # fmt: skip


def judging(*checks: pl.Expr) -> Contract:
    rules = [
        RowRule(name=f"check_{place}", says="fails", passes=check.fill_null(False))
        for place, check in enumerate(checks)
    ]
    return Contract(
        "tried.table",
        tuple(as_it_is(name, dtype) for name, dtype in ZOO.items()),
        tuple(row_rules(rules, ZOO, (), "here")),
    )


@settings(QUICK, max_examples=5)
@given(rows=frames(ZOO, {}))
def test_functions_give_the_same_bits(
    engine: duckdb.DuckDBPyConnection, rows: pl.DataFrame
) -> None:
    assert not require_same_bits(judging(*JUDGED), rows, engine).reasons


@settings(QUICK, max_examples=5)
@given(rows=frames(ZOO, {}))
def test_missing_and_shared_values_give_the_same_bits(
    engine: duckdb.DuckDBPyConnection, rows: pl.DataFrame
) -> None:
    columns = tuple(as_it_is(name, dtype, nullable=False) for name, dtype in ZOO.items())
    keys = [("s",), ("i",), ("d",), ("x",), ("b", "c"), ("j", "m", "t")]
    checks = [Check("not_null", Kind.NOT_NULL, "", column=n, reads=(n,)) for n in ZOO]
    checks += [Check(f"unique_{place}", Kind.UNIQUE, "", reads=k) for place, k in enumerate(keys)]
    contract = Contract("tried.table", columns, tuple(checks))
    twice = pl.concat([rows, rows.head(rows.height // 2)])
    assert not require_same_bits(contract, twice, engine).reasons


REFERENCE = {
    f"{path.stem}.{name}": contract
    for path in sorted((ROOT / "contracts").glob("*.py"))
    for name, contract in load_contracts(path).items()
}


@pytest.mark.parametrize("name", REFERENCE)
@settings(QUICK, max_examples=5)
@given(data=st.data())
def test_the_reference_workspace_gives_the_same_bits(
    name: str, engine: duckdb.DuckDBPyConnection, data: st.DataObject
) -> None:
    columns = tuple(as_it_is(c.name, c.dtype, nullable=c.nullable) for c in REFERENCE[name].columns)
    contract = replace(REFERENCE[name], columns=columns)  # of values that were parsed before
    schema = {column.name: column.dtype for column in columns}
    portable = require_same_bits(contract, data.draw(frames(schema, {})), engine)
    assert set(portable.reasons.values()) <= {"the keys of another table"}


def test_codes_as_text_give_the_same_bits(engine: duckdb.DuckDBPyConnection) -> None:
    codes = ["b", "a", None, "c\n", "\u00e9", ""]
    ordered = pl.Enum(["c\n", "\u00e9", "b", "", "a"])
    columns = (as_it_is("e", ordered), as_it_is("k", pl.Categorical()))
    schema = {column.name: column.dtype for column in columns}
    checks = [
        pl.col("e").cast(pl.String) < "b",
        pl.col("k").cast(pl.String).str.contains(r"[a-b]\z"),
        pl.col("k").is_not_null(),
    ]
    rules = [RowRule(name=f"check_{n}", says="fails", passes=c) for n, c in enumerate(checks)]
    contract = Contract("tried.table", columns, tuple(row_rules(rules, schema, (), "here")))
    rows = pl.DataFrame({name: pl.Series(codes, dtype=dtype) for name, dtype in schema.items()})
    assert not require_same_bits(contract, rows, engine).reasons
