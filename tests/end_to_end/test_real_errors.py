"""Dirty tables that others collected, and whose errors are known: which of them are found.

A cell is found if a finding blames it, or if its parse rule made something else of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cleanhold import guard

ERRORS = Path(__file__).parents[2].parent / "shared" / "data" / "errors"
CONTRACTS = Path(__file__).parent / "real_errors"
Run = Callable[..., Any]
Cell = tuple[int, str]

pytestmark = pytest.mark.skipif(not ERRORS.is_dir(), reason="the real data is not at hand")


@dataclass(frozen=True)
class Score:
    """What was found, and what is there to find."""

    found: set[Any]
    true: set[Any]

    @property
    def f1(self) -> float:
        return 2 * len(self.found & self.true) / (len(self.found) + len(self.true))


def text_table(name: str, kind: str) -> pl.DataFrame:
    file = ERRORS / name / f"{kind}.csv"
    return pl.read_csv(file, infer_schema=False).fill_null("")


def judged(name: str, cleanhold: Run, out: Path) -> tuple[Any, pl.DataFrame]:
    """What `check --json` says, and the findings."""
    file, contract = ERRORS / name / "dirty.csv", CONTRACTS / f"{name}.py"
    said = cleanhold("check", file, "--contract", contract, "--json", "--out", out)
    assert said.code == 1
    held = pl.read_parquet(out / "held.parquet").select("record", "findings")
    return said.json, held.explode("findings").unnest("findings")


def cells_of(findings: pl.DataFrame) -> set[Cell]:
    return {(record - 1, column) for record, column in findings.select("record", "column").rows()}


def true_cells(name: str) -> set[Cell]:
    truth = text_table(name, "truth_cells")
    return {(int(row), column) for row, column in truth.select("row", "column").rows()}


def test_dependencies_find_the_cells_of_hospitals(cleanhold: Run, tmp_path: Path) -> None:
    said, findings = judged("hospital", cleanhold, tmp_path / "out")
    true = true_cells("hospital")
    cells = Score(cells_of(findings), true)
    rows = Score({row for row, _ in cells.found}, {row for row, _ in true})
    assert cells.f1 > 0.99
    assert rows.f1 > 0.995
    assert said["held"] == len(rows.found)
    assert said["clean"] + said["held"] == said["records"] == 1000


def test_parsing_mends_most_beers_and_the_rest_is_held(cleanhold: Run, tmp_path: Path) -> None:
    said, findings = judged("beers", cleanhold, tmp_path / "out")
    assert (said["clean"], said["held"]) == (2283, 127)
    dirty = text_table("beers", "dirty")
    meant = text_table("beers", "clean").rows()
    values = [verdict.values for verdict in guard(str(CONTRACTS / "beers.py")).check_batch(dirty)]
    blamed, mended = cells_of(findings), set()
    for row, raw in enumerate(dirty.rows()):
        for place, column in enumerate(dirty.columns):
            value = plain(values[row][column])
            if (row, column) not in blamed:
                assert value == plain(meant[row][place]), (row, column)
            if value != plain(raw[place]):
                mended.add((row, column))
    assert Score(blamed | mended, true_cells("beers")).f1 == 1.0


def plain(value: Any) -> Any:
    """A number by its worth, whatever it is written like; no value as empty text."""
    try:
        return Decimal(value)
    except (InvalidOperation, TypeError):
        return "" if value is None else value
