"""Hundreds of columns and checks: judged, and told in a few lines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

Run = Callable[..., Any]

COLUMNS = 400


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    lines = [f"    c{n}: int = field(ge=0, le=100, nullable=True)" for n in range(COLUMNS)]
    file = tmp_path / "wide.py"
    file.write_text(
        "import pandera.polars as pa\nfrom cleanhold import contract, field\n"
        '@contract("a.wide", version="1")\nclass Wide(pa.DataFrameModel):\n' + "\n".join(lines)
    )
    return file


def delivery(rows: dict[int, str]) -> str:
    """Three rows; in the second, columns that do not hold 1."""
    header = ",".join(f"c{n}" for n in range(COLUMNS))
    good = ",".join(["1"] * COLUMNS)
    bad = ",".join(rows.get(n, "1") for n in range(COLUMNS))
    return f"{header}\n{good}\n{bad}\n{good}\n"


def test_checks_that_found_nothing_are_not_printed(
    wide: Path, cleanhold: Run, tmp_path: Path
) -> None:
    file = tmp_path / "x.csv"
    file.write_text(delivery({7: "-1", 9: "x"}))
    said = cleanhold("check", file, "-c", wide)
    assert said.code == 1
    assert len(said.out.splitlines()) < 15
    assert "more checks" not in said.out


def test_of_many_checks_that_failed_the_first_are_printed(
    wide: Path, cleanhold: Run, tmp_path: Path
) -> None:
    file = tmp_path / "x.csv"
    file.write_text(delivery({n: "101" if n % 2 else "-1" for n in range(COLUMNS)}))
    said = cleanhold("check", file, "-c", wide, "--out", tmp_path / "out")
    assert len(said.out.splitlines()) < 35
    assert "380 more checks failed; --json counts them all" in said.out
    held = pl.read_parquet(tmp_path / "out" / "held.parquet")
    assert held["findings"].list.len().to_list() == [COLUMNS]
    counted = cleanhold("check", file, "-c", wide, "--json").json["checks"]
    assert sum(c["failed"] for c in counted) == COLUMNS


def test_of_many_unknown_columns_the_first_are_named(cleanhold: Run, tmp_path: Path) -> None:
    contract = tmp_path / "c.py"
    contract.write_text(
        "import pandera.polars as pa\nfrom cleanhold import contract, field\n"
        '@contract("a.b", version="1", key="z")\nclass A(pa.DataFrameModel):\n    z: int\n'
    )
    file = tmp_path / "x.csv"
    names = ",".join(f"u{n}" for n in range(10_000))
    file.write_text(f"z,{names}\n1{',v' * 10_000}\n")
    said = cleanhold("check", file, "-c", contract)
    assert said.code == 0, said.err
    assert "u0, u1, u2" in said.out
    assert "… (10,000 in all)" in said.out
    assert len(said.out) < 1_000
