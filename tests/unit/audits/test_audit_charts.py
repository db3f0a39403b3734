"""What audits keep for pictures: bounded, of the same rows, and without personal values."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cleanhold.audits import drift, freshness, volume
from cleanhold.core.account import Account
from cleanhold.core.audit import AuditResult, Candidate, Compared, Past, Verdict
from cleanhold.core.contract import Column, Contract, Privacy
from cleanhold.core.promise import Events

NOW = datetime(2026, 6, 30, tzinfo=UTC)


def drawn(folder: Path, before: pl.Series, now: pl.Series, **column: Any) -> dict[str, Any]:
    files = [folder / "before.parquet", folder / "now.parquet"]
    for values, file in zip((before, now), files, strict=True):
        pl.DataFrame({"v": values}).write_parquet(file)
    contract = Contract("d", (Column("v", before.dtype, **column),), ())
    baseline = Compared(1, [files[0]])
    answer = drift(Candidate(contract, Account(0, 0, 0, 0), [files[1]], baseline=baseline))
    assert answer.chart is not None
    (shape,) = answer.chart["columns"]
    assert sum(shape["before"]) == before.drop_nulls().len()
    assert sum(shape["now"]) == now.drop_nulls().len()
    assert len(shape["parts"]) == len(shape["before"]) == len(shape["now"]) <= 24
    return dict(shape)


def test_numbers_are_in_parts_of_equal_width(tmp_path: Path) -> None:
    values = pl.Series(range(1_000), dtype=pl.Float64)
    shape = drawn(tmp_path, values / 10, values / 10 + 20)
    assert shape["ordered"]
    assert len(shape["parts"]) == 24
    assert sum(shape["now"][:3]) == 0


def test_whole_numbers_have_as_many_in_every_part(tmp_path: Path) -> None:
    shape = drawn(tmp_path, pl.Series([*range(60)] * 3), pl.Series([*range(60)]))
    assert shape["parts"][:2] == ["0 to 2", "3 to 5"]
    assert set(shape["now"]) == {3}


def test_values_beyond_all_others_are_in_the_outermost_part(tmp_path: Path) -> None:
    shape = drawn(tmp_path, pl.Series([*range(1_000), 10**12]), pl.Series([*range(1_000)]))
    assert shape["parts"][-1] == "971 to 1,012"


@pytest.mark.parametrize("edge", [[-1e308, 1e308], [5e-324, 0.0], [2.0**63, 0.0]])
def test_extreme_numbers(tmp_path: Path, edge: list[float]) -> None:
    values = pl.Series([*range(100), *edge], dtype=pl.Float64)
    assert max(map(len, drawn(tmp_path, values, values)["parts"])) < 60


def test_many_values_are_few_and_the_others(tmp_path: Path) -> None:
    before = pl.Series([f"v{n % 50}" for n in range(1_000)])
    now = before.to_frame("v").with_columns(pl.lit("new").alias("w"))
    mixed = pl.concat([now["v"], now["w"].head(300).alias("v")])
    shape = drawn(tmp_path, before, mixed)
    assert "new" in shape["parts"]
    assert shape["parts"][-1] == "39 others"
    assert not shape["ordered"]


def test_texts_are_drawn_by_their_lengths(tmp_path: Path) -> None:
    names = pl.Series(["x" * (n % 40) + str(n) for n in range(2_000)])
    assert drawn(tmp_path, names, names)["of"] == "lengths"


@pytest.mark.parametrize(
    "values",
    [pl.Series(["Ada", "Bob"] * 100), pl.Series([float(n) + 0.125 for n in range(200)])],
    ids=["names", "numbers"],
)
def test_no_personal_value_is_kept(tmp_path: Path, values: pl.Series) -> None:
    kept = json.dumps(drawn(tmp_path, values, values, privacy=Privacy.DIRECT))
    assert "Ada" not in kept
    assert ".125" not in kept
    assert "of 2" in kept


def told(folder: Path, moments: list[datetime]) -> AuditResult:
    file = folder / "clean.parquet"
    pl.DataFrame({"at": moments}, schema={"at": pl.Datetime("us")}).write_parquet(file)
    column = Column("at", pl.Datetime("us"))
    contract = Contract("d", (column,), (), events=Events("at"))
    account = Account(len(moments), len(moments), 0, 0)
    return freshness(Candidate(contract, account, [file], clean=file, now=NOW))


@pytest.mark.parametrize("days", [1, 5, 40, 400, 9_000])
def test_events_are_counted_by_spans_that_fit(tmp_path: Path, days: int) -> None:
    moments = [datetime(2000, 1, 1, 7) + timedelta(hours=h) for h in range(0, 24 * days, 7)]
    chart = told(tmp_path, moments).chart
    assert chart is not None
    assert 0.99 * len(moments) < sum(chart["counts"]) <= len(moments)  # strays are left out
    assert len(chart["counts"]) <= 181
    assert chart["gaps"] == []


def test_gaps_are_drawn(tmp_path: Path) -> None:
    start = datetime(2026, 5, 1)
    moments = [start + timedelta(minutes=6 * n) for n in range(10 * 24 * 40)]
    out = [m for m in moments if not datetime(2026, 5, 20) <= m < datetime(2026, 5, 20, 12)]
    answer = told(tmp_path, out)
    assert answer.verdict is Verdict.WARN
    assert answer.chart is not None
    assert answer.chart["gaps"] == [["2026-05-20T00:00:00", "2026-05-20T12:00:00"]]


def test_no_events_no_picture(tmp_path: Path) -> None:
    assert told(tmp_path, []).chart is None


def test_history_is_drawn_with_what_is_usual() -> None:
    first = date(2026, 1, 5)
    before = tuple(
        Past(n, NOW, first + timedelta(n), Account(1_000 + n, 1_000 + n, 0, 0), 0)
        for n in range(40)
    )
    contract = Contract("d", (), ())
    account = Account(400, 400, 0, 0)
    answer = volume(Candidate(contract, account, (), history=before, now=NOW))
    chart = answer.chart
    assert chart is not None
    assert chart["now"] == ["2026-06-30", 400]
    assert len(chart["points"]) == 30
    assert chart["points"][-1] == ["2026-02-13", 1_039]
    low, high = chart["usual"]
    assert 800 < low < 1_000 < high < 1_300
    few = volume(Candidate(contract, account, (), history=before[:2], now=NOW))
    assert few.chart is not None
    assert few.chart["usual"] == [100.1, None]  # a tenth of what was before, and no upper end


def test_an_answer_without_a_chart_has_none_in_its_json() -> None:
    assert "chart" not in AuditResult("keys", Verdict.PASS, "").as_dict()
