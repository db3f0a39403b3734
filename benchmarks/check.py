"""How much do checks cost? `cleanhold check` beside the same job without checks, in one go.

    python benchmarks/check.py [ROWS] [--file FILE --accounts FILE]

Prints whole-process wall time, CPU time and peak memory of each, the best of three turns taken
alternately, and their ratio. Quote ratios, not seconds: machines differ and are noisy.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import extract

HERE = Path(__file__).parent
TURNS = 3


@dataclass(frozen=True)
class Cost:
    """What one process took."""

    wall: float
    cpu: float
    peak: float  # MiB


def cost(command: list[str]) -> tuple[Cost, bytes]:
    """Run a command; give its cost and what it printed."""
    started = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{command} failed with {process.returncode}")
    used = usage.ru_utime + usage.ru_stime
    return Cost(time.monotonic() - started, used, usage.ru_maxrss / 1024), printed


def main() -> None:
    """Compare, and print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("rows", nargs="?", type=int, default=1_000_000)
    arguments.add_argument("--file", type=Path)
    arguments.add_argument("--accounts", type=Path)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        file, accounts = given.file, given.accounts
        if file is None:
            file, accounts = work / "opportunities.csv", work / "accounts.parquet"
            extract.write(given.rows, file)
            extract.accounts().write_parquet(accounts)
        floor = [sys.executable, str(HERE / "floor.py"), str(file), str(work / "floor.parquet")]
        check = [sys.executable, "-m", "cleanhold", "check", str(file), "--json",
                 "--contract", str(HERE / "contract.py"), "--out", str(work / "out"),
                 "--reference", f"bench.accounts={accounts}"]  # fmt: skip
        turns = [(cost(floor)[0], *cost(check)) for _ in range(TURNS)]
    report = json.loads(turns[0][2])
    show(report, best([t[0] for t in turns]), best([t[1] for t in turns]), file.name)


def best(costs: list[Cost]) -> Cost:
    """The least of each measure."""
    return Cost(*(min(getattr(c, m) for c in costs) for m in ("wall", "cpu", "peak")))


def show(report: dict[str, int], floor: Cost, check: Cost, name: str) -> None:
    """Print the comparison."""
    print(f"{name}: {report['records']:,} records, {report['held']:,} held")
    print(f"{'':<24}{'wall s':>10}{'cpu s':>10}{'peak MiB':>10}")
    for label, one in (("read, parse, write", floor), ("cleanhold check", check)):
        print(f"{label:<24}{one.wall:>10.2f}{one.cpu:>10.2f}{one.peak:>10.0f}")
    print(f"{'ratio':<24}{check.wall / floor.wall:>10.2f}{check.cpu / floor.cpu:>10.2f}")


if __name__ == "__main__":
    main()
