"""The benchmarks: a peer's time counts only for the same records, so they must agree."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
ROWS = 4_000
#: Those that need no installation, and the folders of their outcomes.
PEERS = {
    "pandera lazy": "pandera_lazy",
    "pandera drop_invalid": "pandera_drop",
    "DuckDB SQL": "duckdb_sql",
}


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """One run of the comparison: the folder of its files, and what it printed."""
    work = tmp_path_factory.mktemp("peers")
    command = [sys.executable, str(BENCHMARKS / "peers.py"), str(ROWS), "--turns", "1"]
    done = subprocess.run(
        [*command, "--work", str(work), "--only", *PEERS],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return work, done.stdout


def fates(folder: Path) -> tuple[list[int], list[int]]:
    clean, held = (pl.read_parquet(folder / f"{name}.parquet") for name in ("clean", "held"))
    return sorted(clean["record"]), sorted(held["record"])


@pytest.mark.parametrize("folder", PEERS.values())
def test_a_peer_holds_the_records_that_cleanhold_holds(
    compared: tuple[Path, str], folder: str
) -> None:
    work, _ = compared
    clean, held = fates(work / "cleanhold")
    assert fates(work / folder) == (clean, held)
    assert len(clean) + len(held) == ROWS
    assert len(held) > 50


def test_a_held_record_has_its_text_and_the_names_of_failed_rules(
    compared: tuple[Path, str],
) -> None:
    work, _ = compared
    ours = pl.read_parquet(work / "cleanhold" / "held.parquet").sort("record")
    for folder in ("pandera_lazy", "duckdb_sql"):
        held = pl.read_parquet(work / folder / "held.parquet").sort("record")
        assert held["failed"].list.len().min() >= 1
        assert held["stage"].fill_null("").to_list() == ours["stage"].fill_null("").to_list()


def test_each_peer_that_agrees_has_a_line_of_figures(compared: tuple[Path, str]) -> None:
    _, printed = compared
    lines = {line[:24].strip(): line[24:].split() for line in printed.splitlines()[2:]}
    assert set(lines) == {"read, parse, write", "cleanhold check", *PEERS}
    assert all(len([float(figure) for figure in figures]) == 5 for figures in lines.values())
