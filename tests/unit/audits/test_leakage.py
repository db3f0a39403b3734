"""Leakage: columns of the future, columns that are the answer, and rows in both sets."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import cleanhold
from cleanhold.audits.separation import separation
from cleanhold.core.audit import AuditResult, Verdict
from cleanhold.errors import UsageError

TELCO = (
    Path(os.environ.get("CLEANHOLD_SHARED_DATA", "/work/shared/data"))
    / "crm/telco/Telco-Customer-Churn.csv"
)


def of_target(frame: pl.DataFrame, target: str = "y", **options: Any) -> AuditResult:
    (found,) = cleanhold.leaks(frame, target=target, **options)
    return found


def made_up(rows: int, seed: int = 0) -> pl.DataFrame:
    """A target that happens in a third of the rows, and honest columns."""
    random = np.random.default_rng(seed)
    y = random.random(rows) < 0.33
    return pl.DataFrame(
        {
            "y": y,
            "id": [f"c{n}" for n in range(rows)],
            "age": random.integers(18, 90, rows),
            "spent": random.normal(size=rows) + y,  # tells it well: AUC 0.76
            "plan": random.choice(["a", "b", "c"], rows),
        }
    )


LEAKS = {
    "itself": pl.col("y"),
    "a word for it": pl.when("y").then(pl.lit("gone")).otherwise(pl.lit("here")),
    "only there if so": pl.when("y").then(pl.col("plan")),
    "a number, backwards": -pl.col("y").cast(pl.Int8) * 100 + pl.col("age") / 10,
    "a number, up and down": pl.when("y").then(50.0).otherwise(pl.col("age").cast(pl.Float64) * 100)
    * (1 - 2 * (pl.col("age") % 2)),
    "a date": pl.lit(date(2026, 1, 1))
    + pl.duration(days=pl.col("y").cast(pl.Int64) * 400 + pl.col("age")),
    "nearly": pl.when(pl.col("age") == 30).then(~pl.col("y")).otherwise(pl.col("y")),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_column_that_is_the_answer_is_told(leak: str) -> None:
    frame = made_up(3000).with_columns(LEAKS[leak].alias("leak"))
    found = of_target(frame)
    assert found.verdict is Verdict.WARN
    assert found.what == "leak alone tells y almost perfectly"
    assert of_target(frame, ignore=["leak"]).verdict is Verdict.PASS


@pytest.mark.parametrize("rows", [2, 5, 30, 300, 3000])
def test_honest_columns_are_quiet_at_any_size(rows: int) -> None:
    for seed in range(8):
        found = of_target(made_up(rows, seed))
        assert found.verdict is Verdict.PASS
        assert "nan" not in found.measured


def test_a_few_rows_prove_nothing() -> None:
    for rows, verdict in ((60, Verdict.PASS), (2000, Verdict.WARN)):
        frame = made_up(rows).with_columns(leak="y")
        assert of_target(frame).verdict is verdict


def test_targets_of_several_values_and_of_numbers() -> None:
    frame = made_up(4000)
    kinds = frame.with_columns(leak=pl.col("plan").replace({"a": "x", "b": "y", "c": "y"}))
    assert of_target(kinds, "plan").what == "leak alone tells plan almost perfectly"
    numbers = frame.with_columns(leak=pl.col("spent") * -3 + 7)
    assert of_target(numbers, "spent").what == "leak alone tells spent almost perfectly"
    assert of_target(frame, "spent").verdict is Verdict.PASS
    assert of_target(frame.with_columns(y=True)).verdict is Verdict.PASS
    assert of_target(frame.with_columns(y=pl.lit(None))).verdict is Verdict.PASS


def test_separation_is_the_area_under_the_curve() -> None:
    random = np.random.default_rng(3)
    values = random.integers(0, 30, 60_000)
    hits = random.random(60_000) < values / 40
    order = pl.Series(values).rank()
    positive = int(hits.sum())
    exact = (order.filter(pl.Series(hits)).sum() - positive * (positive + 1) / 2) / (
        positive * (len(hits) - positive)
    )
    assert separation(pl.Series(values), pl.Series(hits)) == pytest.approx(exact, abs=0.003)
    assert separation(pl.Series(range(60_000)).cast(pl.String), pl.Series(hits)) == pytest.approx(
        0.5, abs=0.01
    )


def test_dates_after_the_row_s_own_are_told() -> None:
    noon = datetime(2026, 11, 3, 12, tzinfo=UTC)
    frame = pl.DataFrame(
        {
            "when": [noon, noon],
            "paid": [datetime(2026, 11, 3, 13), datetime(2026, 11, 3, 12)],
            "born": [date(1990, 1, 1), None],
            "today": [date(2026, 11, 3)] * 2,
            "ends": [date(2026, 11, 4), date(2027, 1, 1)],
        }
    )
    (found,) = cleanhold.leaks(frame.lazy(), as_of="when")
    assert found.verdict is Verdict.WARN
    assert found.what == "ends is after when in 2 of 2 rows, and 1 more"
    assert found.evidence is not None
    assert found.evidence.rows == (("ends", 2), ("paid", 1))
    (quiet,) = cleanhold.leaks(frame, as_of="when", ignore=["ends", "paid"])
    assert quiet.what == "none of 2 columns of dates or times is after when"


def test_what_cannot_be_asked() -> None:
    frame = made_up(10)
    for options in ({}, {"target": "z"}, {"as_of": "z"}, {"as_of": "plan"}, {"ignore": ["z"]}):
        with pytest.raises(UsageError):
            cleanhold.leaks(frame, **options)


@pytest.mark.skipif(not TELCO.exists(), reason="real data is not here")
def test_a_real_table_is_quiet_until_it_leaks() -> None:
    frame = pl.read_csv(TELCO)
    assert of_target(frame, "Churn").verdict is Verdict.PASS
    why = pl.when(pl.col("Churn") == "Yes").then("PaymentMethod").alias("ChurnReason")
    leaked = of_target(frame.with_columns(why), "Churn")
    assert leaked.what == "ChurnReason alone tells Churn almost perfectly"


def test_overlap_of_training_and_test() -> None:
    train = pl.DataFrame({"id": ["a", "b", None], "x": [1, 2, 3]})
    test = pl.DataFrame({"id": ["b", "b", "c", None], "x": [2, 9, 3, 3]})
    found = cleanhold.overlap(train, test.lazy(), on="id")
    assert (found.verdict, found.measured) == (Verdict.WARN, "50.0 % of the rows")
    assert found.what == "2 of 4 rows of the test are in the training set by id"
    assert cleanhold.overlap(train, test).what.startswith("1 of 4")
    assert cleanhold.overlap(train, test, on=["id", "x"]).measured == "25.0 % of the rows"
    assert cleanhold.overlap(train, test.clear(), on="id").verdict is Verdict.PASS
    for other in (test.rename({"id": "key", "x": "z"}), test.with_columns(pl.lit(1).alias("id"))):
        with pytest.raises(UsageError):
            cleanhold.overlap(train, other)
    with pytest.raises(UsageError, match="not a column of both"):
        cleanhold.overlap(train, test, on="z")
