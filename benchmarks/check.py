"""How much do checks cost? `cleanhold check` beside the same job without checks, in one go.

    python benchmarks/check.py [ROWS] [--file FILE --accounts FILE]

Prints whole-process wall time, CPU time and peak memory of each, the best of three turns taken
alternately, and their ratio. Quote ratios, not seconds: machines differ and are noisy.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import measure
from measure import CHECKED, Cost

TURNS = 3


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
            file, accounts = measure.made(given.rows, work)
        floor, check = measure.floor(file, work), measure.check(file, accounts, work / "out")
        turns = [(measure.cost(floor)[0], *measure.cost(check, good=CHECKED)) for _ in range(TURNS)]
    report = json.loads(turns[0][2])
    show(report, measure.best(t[0] for t in turns), measure.best(t[1] for t in turns), file.name)


def show(report: dict[str, int], floor: Cost, check: Cost, name: str) -> None:
    """Print the comparison."""
    print(f"{name}: {report['records']:,} records, {report['held']:,} held")
    print(f"{'':<24}{'wall s':>10}{'cpu s':>10}{'peak MiB':>10}")
    for label, one in (("read, parse, write", floor), ("cleanhold check", check)):
        print(f"{label:<24}{one.wall:>10.2f}{one.cpu:>10.2f}{one.peak:>10.0f}")
    print(f"{'ratio':<24}{check.wall / floor.wall:>10.2f}{check.cpu / floor.cpu:>10.2f}")


if __name__ == "__main__":
    main()
