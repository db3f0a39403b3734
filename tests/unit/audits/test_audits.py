from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from cleanhold.audits import (
    AUDITS,
    drift,
    expectations,
    freshness,
    keys,
    loss_bias,
    not_null,
    reconciliation,
    tolerance,
    volume,
)
from cleanhold.core.account import Account
from cleanhold.core.audit import Candidate, Verdict
from cleanhold.core.check import Check, Kind, Severity
from cleanhold.core.contract import Column, Contract


def candidate(
    folder: Path,
    *tables: pl.DataFrame,
    account: Account | None = None,
    key: tuple[str, ...] = ("id",),
    limit: float | None = None,
    severity: Severity = Severity.ERROR,
) -> Candidate:
    check = Check("not_null", Kind.NOT_NULL, "is missing", severity, "name")
    columns = (Column("id", pl.Int64), Column("name", pl.String))
    contract = Contract("d", columns, (check,), key=key, tolerance=limit)
    files = []
    for number, table in enumerate(tables):
        files.append(folder / f"{number}.parquet")
        table.write_parquet(files[-1])
    return Candidate(contract, account or Account(0, 0, 0, 0), files)


def rows(*ids: int | None, name: str | None = "n") -> pl.DataFrame:
    return pl.DataFrame({"id": ids, "name": [name] * len(ids)}, schema_overrides={"id": pl.Int64})


@pytest.mark.parametrize(
    ("held", "refused", "limit", "verdict"),
    [
        (0, 0, 0.0, Verdict.PASS),
        (1, 0, 0.0, Verdict.STOP),
        (3, 2, 0.05, Verdict.PASS),
        (3, 3, 0.05, Verdict.STOP),
        (0, 6, 0.05, Verdict.STOP),
        (50, 50, None, Verdict.PASS),
        (50, 50, 1.0, Verdict.PASS),
    ],
)
def test_tolerance(
    tmp_path: Path, held: int, refused: int, limit: float | None, verdict: Verdict
) -> None:
    account = Account(100, 100 - held - refused, held, refused)
    answer = tolerance(candidate(tmp_path, account=account, limit=limit))
    assert answer.verdict is verdict
    assert f"({held + refused} of 100)" in answer.measured


def test_an_empty_extract_is_within_every_tolerance(tmp_path: Path) -> None:
    assert tolerance(candidate(tmp_path, limit=0.0)).verdict is Verdict.PASS


def test_keys_across_files(tmp_path: Path) -> None:
    assert keys(candidate(tmp_path, rows(1, 2), rows(3))).verdict is Verdict.PASS
    twice = keys(candidate(tmp_path, rows(1, 2), rows(2, 2, None)))
    assert twice.verdict is Verdict.STOP
    assert twice.measured == "3 + 1"
    assert keys(candidate(tmp_path, rows(1, 1), key=())).verdict is Verdict.PASS
    assert keys(candidate(tmp_path, rows(1, 1), key=("id", "name"))).verdict is Verdict.STOP
    assert keys(candidate(tmp_path, rows())).verdict is Verdict.PASS


def test_promised_columns_across_files(tmp_path: Path) -> None:
    assert not_null(candidate(tmp_path, rows(1), rows(2))).verdict is Verdict.PASS
    missing = not_null(candidate(tmp_path, rows(1), rows(2, 3, name=None)))
    assert missing.verdict is Verdict.STOP
    assert "name in 2" in missing.what
    warned = candidate(tmp_path, rows(1, name=None), severity=Severity.WARN)
    assert not_null(warned).verdict is Verdict.PASS


def test_every_audit_is_run() -> None:
    assert set(AUDITS) == {
        tolerance,
        keys,
        not_null,
        loss_bias,
        drift,
        volume,
        freshness,
        reconciliation,
        expectations,
    }
