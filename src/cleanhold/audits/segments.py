"""The segments of an extract: which part of the population each row stands for."""

from __future__ import annotations

import json
from collections.abc import Iterator

import polars as pl

from cleanhold.core.audit import Candidate
from cleanhold.core.check import Severity
from cleanhold.core.contract import Column, Privacy

#: Different values of a column that are told apart; rarer ones are one segment together.
MOST_VALUES = 50

#: Numbers and months that are no more different than this are segments as they are; others are
#: put into as many parts of about equal size.
_FEW, _PARTS = 12, 10

#: What stands for no value, and for rare ones.
EMPTY, OTHERS = "(no value)", "(all others)"


def segments(candidate: Candidate) -> Iterator[tuple[Column, pl.DataFrame]]:
    """How many rows of each segment there are, and how many of them are held.

    A held row counts where its segment is known: no check blames that column for it.

    Yields:
        A column that the contract names, and a frame of `segment` (String), `rows` and `held`
        (Int64), the largest first.
    """
    assert candidate.clean is not None
    for name in candidate.contract.segments:
        column = candidate.contract.column(name)
        assert column is not None  # a contract that names another is refused when it is loaded
        clean = pl.scan_parquet(candidate.clean, glob=False)
        if name not in clean.collect_schema():
            continue
        values = [clean.select(value=_text(pl.col(name)), held=pl.lit(False))]
        if candidate.held is not None:
            values.append(_held(candidate, name))
        yield column, _counted(pl.concat(values), column)


def _text(value: pl.Expr) -> pl.Expr:
    return value.cast(pl.String)


def _held(candidate: Candidate, name: str) -> pl.LazyFrame:
    """The values that held rows have in a column, as text."""
    assert candidate.held is not None
    finding = pl.element().struct
    blamed = (finding.field("column") == name) & (finding.field("severity") == Severity.ERROR)
    known = ~pl.col("findings").list.eval(blamed.fill_null(False)).list.any()
    path = f"$[{json.dumps(name, ensure_ascii=False)}]"
    return (
        pl.scan_parquet(candidate.held, glob=False)
        .filter(known)
        .select(value=pl.col("parsed").str.json_path_match(path), held=pl.lit(True))
    )


def _counted(rows: pl.LazyFrame, column: Column) -> pl.DataFrame:
    """Rows by segment. `rows` has `value` (String) and `held`."""
    per_value = (
        rows.group_by("value")
        .agg(pl.len().cast(pl.Int64).alias("rows"), pl.col("held").sum().cast(pl.Int64))
        .collect(engine="streaming")
    )
    return (
        segmented(per_value, column)
        .group_by("segment")
        .agg(pl.col("rows", "held").sum())
        .sort(pl.col("segment") == OTHERS, -pl.col("rows"), "segment")
    )


def segmented(values: pl.DataFrame, column: Column) -> pl.DataFrame:
    """The segment that each different value belongs to.

    Args:
        values: `value`, as text, and its `rows` (Int64).

    Returns:
        The same with `segment` (String).
    """
    named = values.with_columns(segment=_segment(values, column).fill_null(EMPTY))
    sizes = named.group_by("segment").agg(pl.col("rows").sum())
    largest = sizes.sort(-pl.col("rows"), "segment").head(MOST_VALUES)["segment"]
    is_large = pl.col("segment").is_in(largest.implode())
    return named.with_columns(pl.when(is_large).then("segment").otherwise(pl.lit(OTHERS)))


def _segment(values: pl.DataFrame, column: Column) -> pl.Series:
    """The segment of each different value; null where there is no value."""
    if column.dtype.is_numeric():
        number = values.with_columns(pl.col("value").cast(pl.Float64, strict=False))
        return _part(number, _number(pl.col("value")), column)
    if column.dtype in (pl.Date, pl.Datetime):
        month = pl.col("value").str.head(len("2026-11"))
        return _part(values.with_columns(month), pl.col("value"), column)
    return values["value"]


def _part(values: pl.DataFrame, told: pl.Expr, column: Column) -> pl.Series:
    """Values in words, or, if there are many, the part of the range that they are in.

    Args:
        values: `value`, which sorts, and its `rows`.
        told: the value in words.
        column: in words, a personal one has no values.
    """
    different = values.drop_nulls("value").group_by("value").agg(pl.col("rows").sum())
    if different.height <= _FEW:
        return values.select(told).to_series()
    until = pl.col("rows").cum_sum() / pl.col("rows").sum()
    ordered = different.sort("value").with_columns(part=(until * _PARTS).ceil().clip(1, _PARTS))
    first, last = told.first().over("part"), told.last().over("part")
    if column.privacy is Privacy.NONE:
        named = pl.when(first == last).then(first).otherwise(pl.format("{} to {}", first, last))
    else:
        named = pl.format("part {} of {}, low to high", pl.col("part").cast(pl.Int64), _PARTS)
    parts = ordered.select("value", segment=named)
    return values.join(parts, "value", "left", maintain_order="left")["segment"]


def _number(value: pl.Expr) -> pl.Expr:
    """A number as people write it: without a fraction where it has none."""
    whole = value == value.floor()
    return (
        pl.when(whole & (value.abs() < 2**53))
        .then(value.cast(pl.Int64, strict=False).cast(pl.String))
        .otherwise(value.cast(pl.String))
    )


def shown(column: Column, counted: pl.DataFrame) -> pl.DataFrame:
    """The segments under names that may be shown: values of personal columns are numbered."""
    if column.privacy is Privacy.NONE:
        return counted
    segment = pl.col("segment")
    is_told = segment.is_in([EMPTY, OTHERS]) | segment.str.starts_with("part ")
    number = pl.format("value {} of {}", pl.int_range(1, pl.len() + 1), pl.len())
    is_ordered = column.dtype.is_numeric() or column.dtype in (pl.Date, pl.Datetime)
    return counted.with_columns(
        segment=pl.when(is_told if is_ordered else segment.is_in([EMPTY, OTHERS]))
        .then(segment)
        .otherwise(number)
    )
