"""What a service saw, beside the snapshot that a model was trained on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import cleanhold
from cleanhold.pipeline.service_log import comparable

TABLE = "features.customer_churn"


@pytest.fixture
def log(reference: Path, tmp_path: Path, cleanhold: Callable[..., Any]) -> Callable[..., Any]:
    """Compares a changed copy of the table with it."""

    def compare(*change: pl.Expr, ends: str = "ndjson", options: tuple[str, ...] = ()) -> Any:
        seen = table(reference).with_columns(*change)
        file = tmp_path / f"seen.{ends}"
        seen.write_parquet(file) if ends == "parquet" else seen.write_ndjson(file)
        return cleanhold("skew", TABLE, "--log", file, "-w", reference, *options)

    return compare


def table(reference: Path) -> pl.DataFrame:
    return cleanhold.read(TABLE, workspace=reference).collect()


@pytest.mark.parametrize("ends", ["ndjson", "parquet"])
def test_the_same_values_are_no_skew(log: Any, ends: str) -> None:
    said = log(ends=ends)
    assert said.code == 0, said.out
    assert "0 of 14 columns are skewed, in 1,057 rows of the log" in said.out
    singles = pl.col("won_amount", "yearly_premium").cast(pl.Float32)
    assert log(singles, ends=ends).code == 0
    few = pl.when(pl.col("contact_id").str.ends_with("11")).then(0).otherwise("tenure_days")
    assert log(few.alias("tenure_days"), ends=ends).code == 0  # about one in a hundred


def test_values_that_differ_for_the_same_key_are_told(log: Any) -> None:
    tenth = pl.col("contact_id").str.ends_with("1")
    off = pl.when(tenth).then(pl.col("tenure_days") + 1).otherwise("tenure_days")
    said = log(off.alias("tenure_days"), options=("--json",))
    assert said.code == 1
    worst = said.json["columns"][0]
    assert worst["column"] == "tenure_days"
    assert said.json["skewed"] == ["tenure_days"]
    assert 0.05 < worst["differs"] < 0.2
    assert worst["why"] == [f"{100 * worst['differs']:.1f} % of the rows differ"]
    before, now = map(int, worst["example"])
    assert now == before + 1
    assert log(off.alias("tenure_days"), options=("--limit", "0.5")).code == 0
    nothing = log(pl.lit(None, pl.Int64).alias("tenure_days"))
    assert "tenure_days: 100.0 % of the rows differ; " in nothing.out


def test_personal_values_are_masked(log: Any) -> None:
    said = log((pl.col("age_years") + 3).alias("age_years"))
    assert said.code == 1
    assert "such as ••• in the snapshot, ••• in the log" in said.out


def test_types_keys_and_columns_of_one_side(log: Any, reference: Path) -> None:
    text = log(pl.col("open_opportunities").cast(pl.String), ends="parquet")
    assert text.code == 1
    assert "open_opportunities: its type is String, and in the snapshot Int64" in text.out
    other = pl.when(pl.col("country") == "FR").then(pl.lit("new")).otherwise("contact_id")
    said = log(other.alias("contact_id"), pl.lit(1).alias("more"))
    french = table(reference).filter(pl.col("country") == "FR").height
    assert f"{french} of them have a key that the snapshot lacks" in said.out
    assert "not in the snapshot: more" in said.out


@pytest.mark.parametrize(
    ("content", "name", "code", "says"),
    [
        (b'{"x": 1}\n', "seen.ndjson", 2, "the log has no column 'contact_id'"),
        (b'{"contact_id": "zzz"}\n', "seen.ndjson", 2, "no row of the log has a key of"),
        (b'{"contact_id": 7}\n', "seen.ndjson", 2, "'contact_id' of the log is of type Int64"),
        (b"contact_id\n", "seen.csv", 2, "a log is NDJSON or Parquet"),
        (b"PAR1", "seen.parquet", 3, "the log cannot be read"),
        (b"{", "seen.jsonl", 3, "the log cannot be read"),
    ],
)
def test_logs_that_cannot_be_compared(
    reference: Path, tmp_path: Path, cleanhold: Any, content: bytes, name: str, code: int, says: str
) -> None:
    (tmp_path / name).write_bytes(content)
    said = cleanhold("skew", TABLE, "--log", tmp_path / name, "-w", reference)
    assert (said.code, says in said.err) == (code, True), said.err


@pytest.mark.parametrize(
    ("offline", "online", "equal"),
    [
        (date(2026, 1, 2), "2026-01-02", True),
        (date(2026, 1, 2), "2026-01-03", False),
        (datetime(2026, 1, 2, 3), "2026-01-02T03:00:00", True),
        (datetime(2026, 1, 2, 3), "2026-01-02T05:00:00+01:00", False),
        (Decimal("1.50"), "1.5", True),
        (Decimal("1.50"), "?", False),
        (1.0, None, False),
        (float("nan"), None, True),
        (100.0, 100.00001, True),
        (float("inf"), float("inf"), True),
        (100.0, 100.001, False),
        ("a", "a", True),
    ],
)
def test_values_that_are_one(offline: object, online: object, equal: bool) -> None:
    frame = pl.DataFrame({"a": [offline], "b": [online]})
    pair = comparable(*frame.dtypes, text=True)
    assert pair.same_type
    assert frame.select(~pair.differ("a", "b")).item() is equal
