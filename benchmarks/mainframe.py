"""How long do mainframe records take? `copybook` over fixed and variable records of 106 bytes.

    python benchmarks/mainframe.py [ROWS]

Prints seconds, and the peak memory of the whole process.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from cleanhold.readers import copybook

COPYBOOK = """
       01  CUSTOMER.
           05  CUSTOMER-NO    PIC 9(9).
           05  FULL-NAME      PIC X(30).
           05  CITY           PIC X(20).
           05  BALANCE        PIC S9(9)V99 COMP-3.
           05  CREDIT         PIC S9(7)V99 COMP-3.
           05  VISITS         PIC S9(4) COMP.
           05  POINTS         PIC S9(9) COMP.
           05  RATE           PIC S9(5)V9(4).
           05  OPENED         PIC 9(8).
           05  SCORE          COMP-2.
           05  FILLER         PIC X(5).
"""


def main() -> None:
    """Write the records, read them, and print what it took."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        for recfm in ("F", "V"):
            file = Path(folder) / recfm
            file.write_bytes(records(rows, described=recfm == "V"))
            started = time.perf_counter()
            read = sum(c.rows.height for c in copybook(COPYBOOK, recfm).open(file).chunks)
            print(f"recfm {recfm}: {read:,} records in {time.perf_counter() - started:.2f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{peak:,} MB at most, with the records that were written")


def records(rows: int, *, described: bool) -> bytes:
    """Seeded records; with a descriptor word before each if `described`."""
    chance = np.random.default_rng(1964)

    def any_of(low: int, high: int, width: int) -> np.ndarray:  # type: ignore[type-arg]
        return chance.integers(low, high, (rows, width), dtype=np.uint8)

    def packed(width: int) -> np.ndarray:  # type: ignore[type-arg]
        halves = any_of(0, 10, 2 * width)
        halves[:, -1] = chance.choice([0xC, 0xD], rows)
        return halves[:, 0::2] << 4 | halves[:, 1::2]

    fields = [
        any_of(0xF0, 0xFA, 9), any_of(0xC1, 0xCA, 30), any_of(0x81, 0x8A, 20), packed(6), packed(5),
        any_of(0, 256, 6), any_of(0xF0, 0xFA, 17), any_of(0x41, 0x44, 8), any_of(0x40, 0x41, 5),
    ]  # fmt: skip
    whole = np.hstack(fields)
    length = whole.shape[1] + 4
    header = np.tile(np.array([length >> 8, length & 255, 0, 0], dtype=np.uint8), (rows, 1))
    return np.hstack([header, whole]).tobytes() if described else whole.tobytes()


if __name__ == "__main__":
    main()
