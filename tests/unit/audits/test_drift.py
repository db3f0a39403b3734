"""Drift: what alarms, what does not, and what is told of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleanhold.audits import drift, samples
from cleanhold.core.account import Account
from cleanhold.core.audit import AuditResult, Candidate, Compared, Verdict
from cleanhold.core.check import Check, Kind
from cleanhold.core.contract import Column, Contract, Privacy
from cleanhold.core.promise import Alarm

KINDS = ("card", "cash", "transfer", "voucher")


def trips(count: int, seed: int, **columns: pl.Expr) -> pl.DataFrame:
    draw = np.random.default_rng(seed)
    rows = pl.DataFrame(
        {
            "id": draw.integers(0, 10**9, count) + seed * 10**9,
            "fare": draw.lognormal(2.4, 0.6, count).round(2),
            "tip": np.where(draw.random(count) < 0.5, 0, draw.gamma(2, 2, count)),
            "kind": draw.choice(KINDS, count, p=[0.6, 0.3, 0.08, 0.02]),
            "doors": draw.choice([2, 4, 5], count, p=[0.1, 0.5, 0.4]),
            "night": draw.random(count) < 0.3,
            "driver": [f"driver {n}" for n in draw.integers(0, 3_000, count)],
            "day": draw.integers(0, 28, count),
        }
    )
    day = pl.lit(date(2018, 1, 1)) + pl.duration(days=pl.col("day"))
    missing = pl.when(pl.int_range(pl.len()) % 25 != 0).then("fare").alias("fare")
    return rows.with_columns(missing, day=day.cast(pl.Date)).with_columns(**columns)


def compared(
    folder: Path,
    before: pl.DataFrame,
    now: pl.DataFrame,
    *,
    contract: Alarm | None = None,
    checks: tuple[Check, ...] = (),
    **terms: Any,
) -> AuditResult:
    """The audit of a table; `terms` are of columns: what of `drift`, or how personal."""
    columns = [Column(name, dtype) for name, dtype in now.schema.items()]
    for n, column in enumerate(columns):
        term = terms.get(column.name)
        if isinstance(term, Privacy):
            columns[n] = replace(column, privacy=term)
        elif term is not None:
            columns[n] = replace(column, drift=term)
    files = [folder / "before.parquet", folder / "now.parquet"]
    for table, file in zip((before, now), files, strict=True):
        table.write_parquet(file)
    declared = Contract("d", tuple(columns), checks, key=("id",), drift=contract)
    baseline = Compared(4, [files[0]])
    return drift(Candidate(declared, Account(0, 0, 0, 0), [files[1]], baseline=baseline))


CHANGES = {
    "fare": (pl.col("fare") * 1.6, "fare: median from 1"),
    "tip": (pl.when(pl.col("tip") > 0).then(pl.col("tip") * 6).otherwise(0.0), "tip: "),
    "kind": (pl.col("kind").replace("cash", "crypto"), "new value 'crypto' has "),
    "doors": (pl.col("doors").replace(2, 5), "'2', which had "),
    "night": (pl.col("night") | (pl.int_range(pl.len()) % 3 == 0), "'true' has "),
    "driver": (
        pl.lit("the driver whose name is ") + pl.col("driver"),
        "driver: lengths: 4 new values have 100.0 % of the rows",
    ),
}


@pytest.mark.parametrize("rows", [600, 20_000])
@pytest.mark.parametrize("column", CHANGES)
def test_a_column_that_changed_is_told_in_words(tmp_path: Path, column: str, rows: int) -> None:
    change, words = CHANGES[column]
    found = compared(tmp_path, trips(20_000, 1), trips(rows, 2, **{column: change}))
    assert found.verdict is Verdict.WARN
    assert found.what.startswith(f"{column} has drifted, 1 of 7 columns since the baseline, ")
    assert words in found.what
    assert found.evidence is not None
    assert found.evidence.columns == ("column", "measure", "value", "limit", "p", "what changed")
    assert found.evidence.rows[0][0] == column
    assert found.measured.startswith(column)


def test_values_that_are_missing_are_told(tmp_path: Path) -> None:
    gone = pl.when(pl.int_range(pl.len()) % 4 != 0).then("day")
    found = compared(tmp_path, trips(5_000, 1), trips(1_000, 2, day=gone))
    assert "day: no value in 25.0 % of the rows, was 0.0 %" in found.what
    nan = pl.when(pl.int_range(pl.len()) % 4 == 0).then(float("nan")).otherwise("tip")
    found = compared(tmp_path, trips(5_000, 1), trips(1_000, 2, tip=nan))
    assert "tip: no value in 25.0 % of the rows" in found.what


def test_a_new_value_is_told_before_it_moves_much(tmp_path: Path) -> None:
    some = pl.when(pl.int_range(pl.len()) % 70 == 0).then(pl.lit("crypto")).otherwise("kind")
    found = compared(tmp_path, trips(10_000, 1), trips(10_000, 2, kind=some))
    assert found.what.endswith("kind: new value 'crypto' has 1.4 % of the rows")


def test_quiet_tables_stay_quiet(tmp_path: Path) -> None:
    for before, now, times in [(5_000, 60, 20), (3_000, 3_000, 10), (200, 200, 20)]:
        for seed in range(times):
            found = compared(tmp_path, trips(before, seed), trips(now, seed + 1_000))
            assert found.verdict is Verdict.PASS, found.what


def test_what_is_sure_but_small_is_no_alarm(tmp_path: Path) -> None:
    found = compared(tmp_path, trips(60_000, 1), trips(60_000, 2, fare=pl.col("fare") * 1.1))
    assert found.verdict is Verdict.PASS
    assert found.evidence is not None
    assert {row[0] for row in found.evidence.rows if row[4] < 1e-9} == {"fare"}


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats() | st.none(), st.text(max_size=4) | st.none(), st.booleans()),
        max_size=40,
    )
)
def test_a_table_has_not_drifted_from_itself(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[Any, ...]]
) -> None:
    schema = {"id": pl.Int64, "a": pl.Float64, "b": pl.String, "c": pl.Boolean}
    table = pl.DataFrame([(n, *row) for n, row in enumerate(rows)], schema=schema, orient="row")
    found = compared(tmp_path_factory.mktemp("same"), table, table.reverse())
    assert found.verdict is Verdict.PASS
    json.dumps(found.as_dict(), allow_nan=False)
    assert all(row[2] == 0 for row in (found.evidence.rows if found.evidence else ()))


def test_personal_values_are_in_no_evidence(tmp_path: Path) -> None:
    personal = dict.fromkeys(("fare", "kind", "doors", "driver"), Privacy.SENSITIVE)
    now = trips(5_000, 2, **{name: CHANGES[name][0] for name in personal})
    found = compared(tmp_path, trips(5_000, 1), now, **personal)
    assert found.what.startswith("driver, kind, doors, fare have drifted")
    told = json.dumps(found.as_dict())
    assert "standard deviations" in told
    assert "of 5 has" in told
    assert not any(value in told for value in ("crypto", "cash", "'2'", "from 1"))


@pytest.mark.parametrize(
    ("contract", "column", "verdict"),
    [
        (None, None, "warn"),
        (Alarm.STOP, None, "stop"),
        (Alarm.OFF, None, "pass"),
        (None, Alarm.STOP, "stop"),
        (Alarm.STOP, Alarm.WARN, "warn"),
        (Alarm.STOP, Alarm.OFF, "pass"),
        (Alarm.OFF, Alarm.STOP, "stop"),
        (Alarm.OFF, 0.1, "pass"),
        (None, 5.0, "pass"),
        (Alarm.STOP, 0.1, "stop"),
    ],
)
def test_the_contract_says_what_becomes_of_it(
    tmp_path: Path, contract: Alarm | None, column: Alarm | float | None, verdict: str
) -> None:
    now = trips(5_000, 2, fare=CHANGES["fare"][0])
    found = compared(tmp_path, trips(5_000, 1), now, contract=contract, fare=column)
    assert found.verdict == verdict


def test_a_smaller_limit_finds_a_smaller_change(tmp_path: Path) -> None:
    tables = trips(20_000, 1), trips(20_000, 2, fare=pl.col("fare") * 1.2)
    assert compared(tmp_path, *tables).verdict is Verdict.PASS
    assert compared(tmp_path, *tables, fare=0.05).verdict is Verdict.WARN


def test_what_moves_on_by_itself_is_no_drift(tmp_path: Path) -> None:
    later = pl.col("day") + pl.duration(days=31)
    tables = trips(5_000, 1), trips(5_000, 2, day=later.cast(pl.Date))
    assert compared(tmp_path, *tables).verdict is Verdict.PASS  # nor do the ids of the key count
    asked = compared(tmp_path, *tables, day=Alarm.WARN)
    assert "day: median from 2018-01-1" in asked.what
    assert "to 2018-02-1" in asked.what
    number = {"number": pl.int_range(pl.len()) + 10_000}
    tables = tables[0].with_columns(number=pl.int_range(pl.len())), tables[1].with_columns(**number)
    assert compared(tmp_path, *tables).verdict is Verdict.WARN
    unique = Check("unique", Kind.UNIQUE, "x", column="number", reads=("number",))
    assert compared(tmp_path, *tables, checks=(unique,)).verdict is Verdict.PASS


def test_columns_that_are_not_in_both_are_told(tmp_path: Path) -> None:
    now = trips(500, 2).with_columns(new=pl.lit(1), day=pl.col("day").cast(pl.String))
    found = compared(tmp_path, trips(500, 1), now)
    assert found.verdict is Verdict.PASS
    assert found.what.endswith("snapshot 4; not there to compare with: day, new")
    typed = trips(500, 2).with_columns(pl.col("doors").cast(pl.Float64))
    assert "not there" not in compared(tmp_path, trips(500, 1), typed).what


def test_without_a_baseline_or_rows_there_is_nothing_to_compare(tmp_path: Path) -> None:
    rows = trips(10, 1)
    assert "nothing to compare" in compared(tmp_path, rows, rows.clear()).what
    assert "nothing to compare" in compared(tmp_path, rows.clear(), rows).what
    contract = Contract("d", (), ())
    found = drift(Candidate(contract, Account(0, 0, 0, 0), [tmp_path / "now.parquet"]))
    assert found.verdict is Verdict.PASS
    assert "no snapshot is named as the baseline" in found.what


def test_a_sample_is_the_same_rows_of_any_place(tmp_path: Path) -> None:
    files = [tmp_path / "1.parquet", tmp_path / "2.parquet"]
    for n, file in enumerate(files):
        pl.DataFrame({"n": pl.int_range(n * 25_000, (n + 1) * 25_000, eager=True)}).write_parquet(
            file
        )
    rows = samples.height(files)
    assert rows == 50_000
    some = samples.sample(files, ["n"], rows, most=5_000)["n"]
    assert 4_700 < some.len() < 5_300
    assert some.n_unique() == some.len()
    assert 2_300 < some.filter(some < 25_000).len() < 2_700
    assert samples.sample(files, ["n"], rows, most=5_000)["n"].equals(some)
    assert samples.sample(files, ["n"], rows).height == rows
