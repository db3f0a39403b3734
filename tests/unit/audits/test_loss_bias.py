from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from cleanhold.audits import loss_bias
from cleanhold.audits.proportions import bonferroni, newcombe, quantile_of, wilson
from cleanhold.core.account import Account
from cleanhold.core.audit import AuditResult, Candidate, Verdict
from cleanhold.core.contract import Column, Contract, Privacy
from cleanhold.core.finding import FINDINGS, HELD_SCHEMA

COLUMNS = {
    "branch": pl.String(),
    "age": pl.Int64(),
    "born": pl.Date(),
    "vip": pl.Boolean(),
    "paid": pl.Decimal(38, 6),
}


def finding(column: str | None, severity: str = "error") -> dict[str, Any]:
    return {"check": "c", "column": column, "value": None, "message": "m", "severity": severity}


def audited(
    folder: Path,
    rows: pl.DataFrame,
    held: pl.Series,
    *segments: str,
    limit: float = 0.02,
    privacy: Mapping[str, Privacy] | None = None,
    findings: Callable[[int], list[dict[str, Any]]] = lambda n: [finding(None)],
) -> AuditResult:
    """The audit of an extract of `rows`, of which those marked in `held` are held."""
    columns = tuple(
        Column(name, dtype, privacy=(privacy or {}).get(name, Privacy.NONE))
        for name, dtype in COLUMNS.items()
    )
    contract = Contract("d", columns, (), segments=segments, loss_bias=limit)
    clean, lost = rows.filter(~held), rows.filter(held)
    clean.write_parquet(folder / "clean.parquet")
    batch = pl.DataFrame(
        {
            "row_id": [f"r-{n}" for n in range(lost.height)],
            "parsed": [json.dumps(row, default=str) for row in lost.to_dicts()],
            "findings": pl.Series([findings(n) for n in range(lost.height)], dtype=FINDINGS),
        },
        schema_overrides={"row_id": pl.String, "parsed": pl.String},
    )
    missing = [pl.lit(None, dtype=t).alias(c) for c, t in HELD_SCHEMA.items() if c not in batch]
    batch.with_columns(missing).write_parquet(folder / "held.parquet")
    account = Account(rows.height, clean.height, lost.height, 0)
    return loss_bias(
        Candidate(contract, account, (), folder / "clean.parquet", folder / "held.parquet")
    )


def people(count: int, seed: int) -> pl.DataFrame:
    draw = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "branch": draw.choice(["north", "south", "east", ""], count, p=[0.5, 0.3, 0.15, 0.05]),
            "age": draw.integers(18, 95, count),
            "born": [date(1930 + int(y), 1 + int(y) % 12, 1) for y in draw.integers(0, 80, count)],
            "vip": draw.random(count) < 0.1,
            "paid": draw.random(count).round(2),
        },
        schema=COLUMNS,
    ).with_columns(pl.col("branch").replace("", None))


def lost(rows: pl.DataFrame, seed: int, base: float, more: pl.Expr, extra: float) -> pl.Series:
    """Each row lost by chance, those of one segment more often."""
    chance = np.random.default_rng(seed + 1).random(rows.height)
    limit = rows.select(pl.when(more.fill_null(False)).then(base + extra).otherwise(base))
    return pl.Series(chance) < limit.to_series()


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [((56, 70, 48, 80), 0.0524, 0.3339), ((9, 10, 3, 10), 0.1705, 0.8090)],
)
def test_intervals_are_those_of_the_paper(
    counts: tuple[int, int, int, int], low: float, high: float
) -> None:
    down, up = newcombe(*map(pl.lit, counts), quantile_of(0.95))
    found = pl.select(low=down, high=up).row(0)
    assert found == pytest.approx((low, high), abs=0.0001)


def test_the_interval_of_a_share() -> None:
    # 81 of 263: 0.2553 to 0.3662 (Newcombe, Two-sided confidence intervals for the single
    # proportion, 1998, table I)
    low, high = wilson(pl.lit(81), pl.lit(263), quantile_of(0.95))
    found = pl.select(low=low, high=high).row(0)
    assert found == pytest.approx((0.2553, 0.3662), abs=0.0001)
    assert bonferroni(0.95, 10) == pytest.approx(0.995)


@pytest.mark.parametrize("extra", [0.05, 0.1, 0.2])
@pytest.mark.parametrize(
    ("column", "segment"),
    [
        ("branch", pl.col("branch") == "east"),
        ("age", pl.col("age") >= 80),
        ("born", pl.col("born") < date(1945, 1, 1)),
        ("vip", pl.col("vip")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_segment_that_lost_more_stops_the_run(
    tmp_path: Path, column: str, segment: pl.Expr, extra: float
) -> None:
    rows = people(20_000, 3)
    held = lost(rows, 3, 0.03, segment, extra)
    answer = audited(tmp_path, rows, held, "branch", "age", "born", "vip")
    assert answer.verdict is Verdict.STOP
    assert answer.what.startswith(f"{column} = ")
    assert answer.evidence
    assert answer.evidence.rows[0][0] == column


def test_even_losses_are_no_alarm(tmp_path: Path) -> None:
    alarms = 0
    for seed in range(60):
        rows = people(2_000, seed)
        held = lost(rows, seed, 0.04, pl.lit(False), 0)
        answer = audited(tmp_path, rows, held, "branch", "age", "born", "vip", "paid")
        assert answer.verdict is not Verdict.STOP
        alarms += answer.verdict is Verdict.WARN
    assert alarms <= 1  # one in a hundred, by its confidence


def test_an_emptied_segment_is_told_however_small(tmp_path: Path) -> None:
    rows = people(2_000, 1).with_columns(
        branch=pl.when(pl.int_range(pl.len()) < 8).then(pl.lit("west")).otherwise("branch")
    )
    answer = audited(tmp_path, rows, rows["branch"].eq_missing(pl.lit("west")), "branch")
    assert answer.verdict is Verdict.STOP
    assert "branch = west: 100.0 % of its 8 rows are held, of the others 0.0 %" in answer.what
    assert "falls from 0.4 % to 0.0 %" in answer.what


def test_rows_that_a_column_is_to_blame_for_are_of_no_known_segment(tmp_path: Path) -> None:
    rows = people(4_000, 1)
    held = rows["branch"].eq_missing(pl.lit("east"))
    blamed = audited(tmp_path, rows, held, "branch", findings=lambda n: [finding("branch")])
    assert blamed.verdict is Verdict.PASS
    warned = audited(
        tmp_path,
        rows,
        held,
        "branch",
        findings=lambda n: [finding("branch", "warn"), finding("age")],
    )
    assert warned.verdict is Verdict.STOP


def test_personal_values_are_not_told(tmp_path: Path) -> None:
    rows = people(20_000, 3)
    held = lost(rows, 3, 0.03, (pl.col("branch") == "east") | (pl.col("age") > 80), 0.2)
    private = dict.fromkeys(("branch", "age"), Privacy.SENSITIVE)
    answer = audited(tmp_path, rows, held, "branch", "age", privacy=private)
    assert answer.verdict is Verdict.STOP
    told = json.dumps(answer.as_dict())
    assert "east" not in told
    assert "south" not in told
    assert "branch" in told
    assert "part 10 of 10, low to high" in told
    assert " to 9" not in told


def test_many_values_are_told_apart_up_to_a_limit(tmp_path: Path) -> None:
    rows = people(6_000, 1).with_columns(
        branch=pl.format("b{}", pl.int_range(pl.len()) % 300), age=None
    )
    held = pl.Series([n % 7 == 0 for n in range(rows.height)])
    answer = audited(tmp_path, rows, held, "branch", "age")
    assert answer.verdict is Verdict.PASS
    assert answer.evidence


def test_without_segments_or_loss_there_is_nothing_to_compare(tmp_path: Path) -> None:
    rows = people(100, 1)
    nothing = pl.Series([False] * 100)
    everything = pl.Series([True] * 100)
    assert "names no segments" in audited(tmp_path, rows, everything).what
    assert audited(tmp_path, rows, nothing, "branch").what == "no row is held"
    assert audited(tmp_path, rows, everything, "branch").verdict is Verdict.PASS
    one = rows.with_columns(branch=pl.lit("north"))
    assert audited(tmp_path, one, everything, "branch").what == "no segment has rows"
