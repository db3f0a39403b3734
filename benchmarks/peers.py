"""`cleanhold check` and its peers side by side: the same extract, the same 24 rules, in one go.

    python benchmarks/peers.py [ROWS] [--turns N] [--only NAME ...] [--work FOLDER]

Each writes the clean rows and the held ones with the names of failed rules. A time counts only for
a peer that holds the very records that cleanhold holds. Prints whole-process wall time, CPU time
and peak memory, the best of the turns taken alternately, and the ratio to the job without checks.
Quote ratios, not seconds: machines differ and are noisy.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import environment
import measure
import polars as pl
from measure import CHECKED, HERE, Cost, Failed

CLEANHOLD = "cleanhold check"


@dataclass(frozen=True)
class Peer:
    """A library, and the script that does the job with it."""

    name: str
    script: str
    packages: tuple[str, ...] = ()  # what it needs beside what cleanhold has
    most_rows: int | None = None  # slower ones would keep everyone waiting

    def command(self, file: Path, accounts: Path, out: Path) -> list[str]:
        """The process to measure."""
        python = str(environment.PYTHON) if self.packages else sys.executable
        return [python, str(HERE / "peers" / self.script), *map(str, (file, accounts, out))]


PEERS = (
    Peer("pandera lazy", "pandera_lazy.py"),
    Peer("pandera drop_invalid", "pandera_drop.py"),
    Peer("dataframely filter", "dataframely_filter.py", ("dataframely", "polars")),
    Peer("pointblank", "pointblank_validate.py", ("pointblank", "polars")),
    Peer("DuckDB SQL", "duckdb_sql.py"),
    Peer(
        "Great Expectations",
        "great_expectations_pandas.py",
        ("great-expectations", "marshmallow", "pandas", "pyarrow"),
        most_rows=1_000_000,
    ),
)


@dataclass
class Row:
    """One line of the table: what it runs, what that cost, or why there is no time."""

    name: str
    command: list[str]
    out: Path
    costs: list[Cost] = field(default_factory=list)
    instead: str | None = None


def main() -> None:
    """Compare, and print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("rows", nargs="?", type=int, default=1_000_000)
    arguments.add_argument("--turns", type=int, default=3)
    names = [peer.name for peer in PEERS]
    arguments.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME")
    arguments.add_argument("--work", type=Path, help="keep the files of the last turn here")
    given = arguments.parse_args()
    chosen = [peer for peer in PEERS if peer.name in given.only]
    with tempfile.TemporaryDirectory() as temporary:
        work = given.work or Path(temporary)
        file, accounts = measure.made(given.rows, work)
        rows = [floor_row(file, work), check_row(file, accounts, work)]
        rows += [row(peer, given.rows, file, accounts, work) for peer in chosen]
        for _ in range(given.turns):
            take_turn(rows)
        held = len(fates(rows[1].out)[1])
    show(f"{given.rows:,} records, {held:,} held; the best of {given.turns} turns", rows)


def floor_row(file: Path, work: Path) -> Row:
    """The job without checks."""
    return Row("read, parse, write", measure.floor(file, work), work)


def check_row(file: Path, accounts: Path, work: Path) -> Row:
    """`cleanhold check`."""
    return Row(CLEANHOLD, measure.check(file, accounts, work / "cleanhold"), work / "cleanhold")


def row(peer: Peer, rows: int, file: Path, accounts: Path, work: Path) -> Row:
    """A peer, installed if need be and if it can be."""
    out = work / Path(peer.script).stem
    out.mkdir(exist_ok=True)
    made = Row(peer.name, peer.command(file, accounts, out), out)
    if peer.most_rows is not None and rows > peer.most_rows:
        made.instead = f"left out above {peer.most_rows:,} rows"
    elif peer.packages and (problem := environment.install(peer.packages)):
        made.instead = f"not installed: {problem}"
    return made


def take_turn(rows: list[Row]) -> None:
    """Run each once; what fails or differs does not run again. The first two must work."""
    floor, check, *peers = rows
    floor.costs.append(measure.cost(floor.command)[0])
    check.costs.append(measure.cost(check.command, good=CHECKED)[0])
    expected = fates(check.out)
    searched = [str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])]
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(searched)}
    for one in peers:
        if one.instead is not None:
            continue
        try:
            one.costs.append(measure.cost(one.command, variables)[0])
            if differing := difference(expected, fates(one.out)):
                one.instead = f"differs: {differing:,} records"
        except (Failed, OSError) as error:
            one.instead = f"failed: {error}"


def fates(out: Path) -> tuple[set[int], set[int]]:
    """The record numbers that came out clean, and those held."""
    clean, held = (
        set(pl.read_parquet(out / f"{name}.parquet", columns=["record"])["record"])
        for name in ("clean", "held")
    )
    return clean, held


def difference(one: tuple[set[int], set[int]], other: tuple[set[int], set[int]]) -> int:
    """How many records do not have the same fate in both?"""
    return len((one[0] ^ other[0]) | (one[1] ^ other[1]))


def show(title: str, rows: list[Row]) -> None:
    """Print the comparison."""
    print(title)
    print(f"{'':<24}{'wall s':>10}{'cpu s':>10}{'peak MiB':>10}{'x wall':>10}{'x cpu':>10}")
    floor = measure.best(rows[0].costs)
    for one in rows:
        if one.instead is not None:
            print(f"{one.name:<24}  {one.instead}")
            continue
        least = measure.best(one.costs)
        ratios = f"{least.wall / floor.wall:>10.2f}{least.cpu / floor.cpu:>10.2f}"
        print(f"{one.name:<24}{least.wall:>10.2f}{least.cpu:>10.2f}{least.peak:>10.0f}{ratios}")


if __name__ == "__main__":
    main()
