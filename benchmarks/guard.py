"""How long does one record take? `cleanhold.guard` over the benchmark's extract.

    python benchmarks/guard.py [ROWS]

Prints the time to compile, and the median and 99th percentile of single records (as dicts and as
JSON bytes; good ones and those that are held) and of batches of 100.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import extract
import polars as pl

import cleanhold

HERE = Path(__file__).parent
BATCH = 100


def main() -> None:
    """Measure, and print the table."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "opportunities.csv"
        extract.write(rows, file)
        records = pl.read_csv(file, infer_schema=False).to_dicts()
    started = time.perf_counter()
    guard = cleanhold.guard(
        f"{HERE / 'contract.py'}", references={"bench.accounts": extract.accounts()}
    )
    print(f"loaded and compiled in {(time.perf_counter() - started) * 1e3:.0f} ms")
    for note in guard.notes:
        print(f"note: {note}")
    good = [guard.check(record).ok for record in records]
    print(f"{rows:,} records, {good.count(False):,} held")
    lines = [json.dumps(record).encode() for record in records]
    batches = [records[at : at + BATCH] for at in range(0, rows - BATCH + 1, BATCH)]
    print(f"{'':<28}{'p50 µs':>10}{'p99 µs':>10}{'worst µs':>10}")
    show("one dict", times(guard.check, records))
    show("one dict that passes", times(guard.check, chosen(records, good, True)))
    show("one dict that is held", times(guard.check, chosen(records, good, False)))
    show("one object as JSON bytes", times(guard.check, lines))
    show(f"a batch of {BATCH}", times(guard.check_batch, batches))


def chosen(records: list[Any], good: list[bool], wanted: bool) -> list[Any]:
    """The records that are good, or those that are not."""
    return [record for record, ok in zip(records, good, strict=True) if ok is wanted]


def times(judge: Callable[[Any], Any], records: Iterable[Any]) -> list[float]:
    """Seconds that each took, the least first."""
    clock, taken = time.perf_counter, []
    for record in records:
        started = clock()
        judge(record)
        taken.append(clock() - started)
    return sorted(taken)


def show(label: str, taken: list[float]) -> None:
    """Print one line of the table."""
    quantiles = (taken[len(taken) // 2], taken[len(taken) * 99 // 100], taken[-1])
    print(f"{label:<28}" + "".join(f"{seconds * 1e6:>10.1f}" for seconds in quantiles))


if __name__ == "__main__":
    main()
