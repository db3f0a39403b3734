"""How fast is each parse rule? Rows a second over a column of its own examples.

    python benchmarks/parsing.py [ROWS]

The texts are those of docs/parsing.md, over and over, so each rule meets what it reads and what it
does not; the best of three times, each in one streaming pass that counts the values.
"""

from __future__ import annotations

import sys
import time

import polars as pl

from cleanhold.builtins.vocabulary import EXAMPLES, Example


def main() -> None:
    """Measure, and print the table."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    print(f"{rows:,} rows\n{'million rows/s':>14}")
    for example in EXAMPLES:
        print(f"{rows / seconds(example, rows) / 1e6:>14.2f}  {example.call}", flush=True)


def seconds(example: Example, rows: int) -> float:
    """The least that reading a column took."""
    texts = pl.Series("text", example.texts, dtype=pl.String)
    column = texts.gather(pl.int_range(rows, eager=True) % len(texts)).to_frame().lazy()
    rule, taken = example.rule, []
    # In two steps, as the plan has them.
    cleaned = column.with_columns(rule.clean(pl.col("text")))
    read = cleaned.select(rule.value(pl.col("text"), example.dtype).alias("value").count())
    for _ in range(3):
        started = time.perf_counter()
        read.collect(engine="streaming")
        taken.append(time.perf_counter() - started)
    return min(taken)


if __name__ == "__main__":
    main()
