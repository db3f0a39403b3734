"""held_compared: which rows one judgement of an extract holds and another does not, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.core.check import Severity
from cleanhold.core.contract import MASK
from cleanhold.core.finding import HELD_SCHEMA
from cleanhold.pipeline.held_difference import (
    MOST_EXAMPLES,
    CheckDifference,
    Example,
    HeldDifference,
)
from cleanhold.pipeline.masking import Personal

_FINDING = ["row_id", "check", "column"]


def compare_held(before: Sequence[Path], after: Sequence[Path], hidden: Personal) -> HeldDifference:
    """Compare quarantine batches; memory grows with the number of held rows only.

    Args:
        before, after: Parquet files of `core.finding.HELD_SCHEMA`.
        hidden: whose values the examples mask.
    """
    was, is_ = _scan(before), _scan(after)
    found: dict[tuple[str, str | None], CheckDifference] = {}

    def add(rows: list[dict[str, Any]], name: str) -> None:
        for row in rows:
            at = (row["check"], row["column"])
            one = found.get(at) or CheckDifference(*at)
            found[at] = replace(one, **{name: row["rows"]})
            if name in ("more", "fewer") and not one.examples:
                examples = _examples(row, hidden, fails=name == "more")
                found[at] = replace(found[at], examples=tuple(examples))

    old, new = _failed(was), _failed(is_)
    add(_counted(old), "before")
    add(_counted(new), "after")
    add(_counted(_without(new, old)), "more")
    add(_counted(_without(old, new)), "fewer")
    rows = was.select("row_id"), is_.select("row_id")
    return HeldDifference(
        newly_held=_height(rows[1].join(rows[0], on="row_id", how="anti")),
        released=_height(rows[0].join(rows[1], on="row_id", how="anti")),
        checks=tuple(found.values()),
    )


def _scan(files: Sequence[Path]) -> pl.LazyFrame:
    if not files:
        return pl.LazyFrame(schema=HELD_SCHEMA).select("row_id", "findings")
    return pl.scan_parquet(list(files), glob=False).select("row_id", "findings")


def _failed(held: pl.LazyFrame) -> pl.LazyFrame:
    """One line for each check that holds a row."""
    findings = held.explode("findings", empty_as_null=False).unnest("findings")
    return findings.filter(pl.col("severity") == str(Severity.ERROR)).unique(_FINDING, keep="any")


def _without(some: pl.LazyFrame, others: pl.LazyFrame) -> pl.LazyFrame:
    return some.join(others.select(_FINDING), on=_FINDING, how="anti", nulls_equal=True)


def _counted(failed: pl.LazyFrame) -> list[dict[str, Any]]:
    first = pl.struct("row_id", "value", "message").bottom_k_by("row_id", MOST_EXAMPLES)
    counted = failed.group_by("check", "column").agg(pl.len().alias("rows"), first.alias("first"))
    return counted.sort("column", "check").collect(engine="streaming").to_dicts()


def _examples(row: dict[str, Any], hidden: Personal, *, fails: bool) -> Iterator[Example]:
    """What passes now was put into words by another contract, which may have masked less."""
    for one in row["first"]:
        value = one["value"] if fails or row["column"] else None
        if value is not None and hidden.has(row["column"]):
            value = MASK
        yield Example(one["row_id"], value, one["message"] if fails else None)


def _height(rows: pl.LazyFrame) -> int:
    return int(rows.select(pl.len()).collect(engine="streaming").item())
