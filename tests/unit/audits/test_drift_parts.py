"""Drift within segments, and of columns together: what no column shows as a whole."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from cleanhold.audits import drift
from cleanhold.core.account import Account
from cleanhold.core.audit import AuditResult, Candidate, Compared, Verdict
from cleanhold.core.contract import Column, Contract, Privacy
from cleanhold.core.promise import Alarm


def accounts(rows: int, seed: int, flipped: bool = False, **columns: pl.Expr) -> pl.DataFrame:
    """Customers of three countries; what they earn and what they have go together."""
    draw = np.random.default_rng(seed)
    earns = draw.normal(size=rows)
    shared = 0.7 * earns + np.sqrt(1 - 0.7**2) * draw.normal(size=rows)
    return pl.DataFrame(
        {
            "id": draw.integers(0, 10**9, rows),
            "country": draw.choice(["BE", "FR", "LU"], rows, p=[0.49, 0.49, 0.02]),
            "born": draw.integers(1940, 2000, rows),
            "income": 2_000 + 300 * earns,
            "balance": 15 + 4 * (-shared if flipped else shared),
            "plan": draw.choice(["a", "b", "c"], rows, p=[0.6, 0.3, 0.1]),
        }
    ).with_columns(**columns)


def compared(folder: Path, before: pl.DataFrame, now: pl.DataFrame, **terms: Any) -> AuditResult:
    """The audit of a table; `terms` are of columns or of the contract."""
    private = {name: terms.pop(name) for name in now.columns if name in terms}
    columns = (Column(name, dtype) for name, dtype in now.schema.items())
    columns = (replace(c, **private.get(c.name, {})) for c in columns)
    files = [folder / "before.parquet", folder / "now.parquet"]
    for table, file in zip((before, now), files, strict=True):
        table.write_parquet(file)
    contract = Contract("d", tuple(columns), (), key=("id",), **terms)
    candidate = Candidate(contract, Account(0, 0, 0, 0), [files[1]])
    return drift(replace(candidate, baseline=Compared(4, [files[0]])))


BEFORE = accounts(4_000, 1)


def halves(rows: int, seed: int) -> pl.DataFrame:
    """What each country has is apart from the other's by as much as it moves below."""
    apart = pl.col("country").replace_strict({"BE": 12.0, "FR": 18.0}, default=15.0)
    draw = np.random.default_rng(seed + 500)
    return accounts(rows, seed, balance=apart + pl.Series(draw.normal(size=rows)))


def swapped(table: pl.DataFrame) -> pl.DataFrame:
    mirrored = pl.col("country").replace_strict({"BE": 6.0, "FR": -6.0}, default=0.0)
    return table.with_columns(balance=pl.col("balance") + mirrored)


def test_what_cancels_out_over_the_table_is_found_by_segment(tmp_path: Path) -> None:
    before, now = halves(4_000, 1), swapped(halves(3_000, 2))
    assert "nor within" not in compared(tmp_path, before, before).what
    found = compared(tmp_path, before, now, segments=("country",))
    assert found.verdict is Verdict.WARN
    start = "balance has drifted within segments, 1 of 5 columns since the baseline, snapshot 4: "
    assert found.what.startswith(start)
    worst = r"country = (BE: balance: median from 12 to 18|FR: balance: median from 1[78].* to 12)"
    assert re.search(worst, found.what)
    assert "1 more segment" in found.what
    assert "1 segment has fewer than 100 rows to compare" in found.what
    assert found.evidence is not None
    told = {row[0] for row in found.evidence.rows[:2]}
    assert told <= {"balance (country = BE)", "balance (country = FR)"}


def test_the_contract_says_what_becomes_of_a_segment(tmp_path: Path) -> None:
    before, now = halves(3_000, 1), swapped(halves(3_000, 2))
    terms: dict[str, Any] = {"segments": ("country",), "drift": Alarm.STOP}
    assert compared(tmp_path, before, now, **terms).verdict is Verdict.STOP
    assert compared(tmp_path, before, halves(3_000, 3), **terms).verdict is Verdict.PASS


def test_a_column_that_drifted_as_a_whole_is_told_once(tmp_path: Path) -> None:
    now = accounts(3_000, 2, balance=pl.col("balance") + 9)
    found = compared(tmp_path, BEFORE, now, segments=("country",))
    assert found.what.startswith("balance has drifted, 1 of 5 columns")
    assert "segments:" not in found.what
    assert found.evidence is not None
    assert not [row for row in found.evidence.rows if row[0].startswith("balance (")]


def test_numbers_are_cut_into_parts_and_personal_ones_are_not_named(tmp_path: Path) -> None:
    old = pl.when(pl.col("born") < 1943).then(pl.lit("c")).otherwise("plan")
    now = accounts(8_000, 2, plan=old)
    found = compared(tmp_path, accounts(8_000, 1), now, segments=("born",))
    assert "born = 1940 to 194" in found.what
    assert "plan: 'c' has 6" in found.what
    found = compared(
        tmp_path, accounts(8_000, 1), now, segments=("born",), born={"privacy": Privacy.INDIRECT},
        plan={"privacy": Privacy.SENSITIVE},
    )  # fmt: skip
    assert "born = part 1 of 10, low to high: plan: value " in found.what
    assert not any(word in json.dumps(found.as_dict()) for word in ("194", "'c'"))


def test_segments_that_are_in_one_table_only_are_counted(tmp_path: Path) -> None:
    now = accounts(2_000, 2, country=pl.lit("NL"))
    found = compared(tmp_path, BEFORE, now, segments=("country",))
    assert found.what.startswith("country has drifted, 1 of 5 columns")
    assert "4 segments have fewer than 100 rows to compare" in found.what


def test_quiet_segments_stay_quiet(tmp_path: Path) -> None:
    for seed in range(8):
        tables = accounts(3_000, seed), accounts(1_500, seed + 100)
        found = compared(tmp_path, *tables, segments=("country", "born", "plan"))
        assert found.verdict is Verdict.PASS, found.what
        assert ", nor within any of 15 segments; 1 segment has fewer than 100" in found.what


def test_a_correlation_that_flips_is_found(tmp_path: Path) -> None:
    found = compared(tmp_path, BEFORE, accounts(1_500, 2, flipped=True))
    assert found.verdict is Verdict.WARN
    assert found.what.startswith("by columns together rows can be told from those of the baseline")
    assert sorted(found.what.split(": ")[1].split(" (")[0].split(", ")) == ["balance", "income"]
    assert found.measured.startswith("area under the curve 0.8")
    assert compared(tmp_path, BEFORE, accounts(1_500, 2, flipped=True)) == found
    stops = compared(tmp_path, BEFORE, accounts(1_500, 2, flipped=True), drift=Alarm.STOP)
    assert stops.verdict is Verdict.WARN  # a classifier alone stops nobody
    assert compared(tmp_path, BEFORE, accounts(1_500, 2)).verdict is Verdict.PASS


def test_what_one_column_shows_is_left_to_its_own_limits(tmp_path: Path) -> None:
    moved = accounts(4_000, 2, born=pl.col("born") + 20)
    assert compared(tmp_path, BEFORE, moved).what.startswith("born has drifted")
    assert compared(tmp_path, BEFORE, moved, born={"drift": 9.0}).verdict is Verdict.PASS
    far = accounts(4_000, 2, balance=pl.col("balance") + 9, flipped=True)
    found = compared(tmp_path, BEFORE, far)
    assert found.what.startswith("balance has drifted, 1 of 5")
    assert "together" not in found.what


def test_without_scikit_learn_the_others_are_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    found = compared(tmp_path, BEFORE, accounts(1_500, 2, flipped=True))
    assert found.verdict is Verdict.PASS
    assert found.what.endswith(
        "columns were not compared together: `pip install 'cleanhold[audits]'`"
    )
