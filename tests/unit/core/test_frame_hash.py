"""The hash of a frame: of its values, and of nothing else."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from cleanhold.core.frame_hash import frame_hash

FRAME = pl.DataFrame(
    {
        "whole": [1, None, 3],
        "text": ["é", None, ""],
        "truth": [True, None, False],
        "day": [date(2026, 1, 1), None, date(1969, 1, 1)],
        "hour": [time(1), None, time(2)],
        "span": [timedelta(1), None, timedelta(0)],
        "number": [1.5, None, float("nan")],
        "exact": [Decimal("1.50"), None, Decimal("-1")],
        "bytes": [b"\0a", None, b""],
        "list": [[1, None], None, []],
        "object": [{"x": 1, "y": ["a"]}, None, {"x": None, "y": None}],
        "nothing": [None, None, None],
        "kind": pl.Series(["a", None, "b"], dtype=pl.Categorical),
        "array": pl.Series([[1, 2], None, [3, 4]], dtype=pl.Array(pl.Int8, 2)),
    }
)
KNOWN = "a08de2f8f56d7b4e875c8bf3b30f608f3bce7afe91a10e8b447bd4970f770766"


def test_it_is_what_it_was_in_every_version() -> None:
    assert frame_hash(FRAME) == KNOWN


def test_it_depends_on_values_and_not_on_how_they_lie(tmp_path: Path) -> None:
    parts = pl.concat([FRAME[:1], FRAME[1:]], rechunk=False)
    assert frame_hash(parts) == KNOWN
    assert frame_hash(FRAME.lazy().collect(engine="streaming")) == KNOWN
    FRAME.write_parquet(tmp_path / "a.parquet")
    assert frame_hash(pl.read_parquet(tmp_path / "a.parquet")) == KNOWN
    long = pl.DataFrame({"a": range(250_000)})
    assert frame_hash(long) == frame_hash(long.lazy().collect(engine="streaming"))


@pytest.mark.parametrize("column", [n for n in FRAME.columns if n != "nothing"])
def test_every_value_counts(column: str) -> None:
    seen = {KNOWN}
    changed = [
        FRAME.with_columns(pl.lit(None, FRAME.schema[column]).alias(column)),
        FRAME.with_columns(pl.col(column).reverse()),
        FRAME.with_columns(pl.col(column).fill_null(strategy="forward")),
        FRAME.rename({column: "other"}),
        FRAME.drop(column),
    ]
    for frame in changed:
        seen.add(frame_hash(frame))
    assert len(seen) == 1 + len(changed)


def test_texts_cannot_flow_into_each_other_and_order_counts() -> None:
    frames = [
        pl.DataFrame({"a": ["ab", "c"]}),
        pl.DataFrame({"a": ["a", "bc"]}),
        pl.DataFrame({"a": ["c", "ab"]}),
        pl.DataFrame({"a": [["a"], ["b", "c"]]}),
        pl.DataFrame({"a": [["a", "b"], ["c"]]}),
        pl.DataFrame({"a": [1, 2]}),
        pl.DataFrame({"a": [1, 2]}, schema={"a": pl.Int32}),
        pl.DataFrame({"a": [1, 2]})[:1],
        pl.DataFrame({"a": [1, 2]}).clear(),
        pl.DataFrame({"b": [1], "a": [2]}),
        pl.DataFrame({"a": [2], "b": [1]}),
    ]
    assert len(set(map(frame_hash, frames))) == len(frames)
