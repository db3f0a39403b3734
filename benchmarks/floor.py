"""The same job without checks: read, parse and write, as plainly as Polars can.

python benchmarks/floor.py opportunities.csv out.parquet
"""

from __future__ import annotations

import sys

import polars as pl
from rules import COLUMNS, FALSE, FORMATS, NULLS, TRUE


def trimmed(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Text without spaces around it, null tokens to null."""
    rows = rows.with_columns(pl.col(COLUMNS).str.strip_chars(" "))
    texts = pl.col(COLUMNS)
    return rows.with_columns(pl.when(~texts.is_in(NULLS)).then(texts))


def typed(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Trimmed text with its numbers, dates and Booleans read."""
    word = pl.col("is_active").str.to_lowercase()
    return rows.with_columns(
        pl.col("email", "stage").str.to_lowercase(),
        pl.col("country").str.to_uppercase(),
        _number("amount", "$,"),
        _number("probability", "%"),
        _date("created_date"),
        _date("close_date"),
        is_active=pl.when(word.is_in(TRUE)).then(True).when(word.is_in(FALSE)).then(False),
    )


def _number(column: str, drop: str) -> pl.Expr:
    text = pl.col(column)
    for mark in drop:
        text = text.str.replace_all(mark, "", literal=True)
    return text.cast(pl.Float64, strict=False)


def _date(column: str) -> pl.Expr:
    return pl.coalesce(pl.col(column).str.to_date(layout, strict=False) for layout in FORMATS)


if __name__ == "__main__":
    scan = pl.scan_csv(sys.argv[1], infer_schema=False, row_index_name="record")
    typed(trimmed(scan)).sink_parquet(sys.argv[2], engine="streaming")
