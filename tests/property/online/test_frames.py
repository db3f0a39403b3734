"""Frames of values that Python has no object for."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl
import pytest

from cleanhold import field
from cleanhold.online.guard import Guard
from cleanhold.plan.model import read_model

from .oracle import batch_plan

NS = pl.Datetime("ns")
FRAMES = {
    "nanoseconds": pl.Series([1, 1_000, None, 2**62], dtype=pl.Int64).cast(NS),
    "far days": pl.Series([-719_529, 2_932_897, 0, None], dtype=pl.Int32).cast(pl.Date),
    "far times": pl.Series([-(2**62), 2**62, 0, None]).cast(pl.Datetime("us")),
    "times of day": pl.Series([1, 86_399_999_999_999, None, 0]).cast(pl.Time),
    "lists": pl.Series([[1, None], [], None, [3]], dtype=pl.List(pl.Int64)),
    "structs": pl.Series([{"a": 1}, {"a": None}, None, {"a": 2}]),
    "bytes": pl.Series([b"\xff", b"", None, b"a"]),
    "floats": pl.Series([0.1, float("nan"), None, 1e30], dtype=pl.Float32),
    "categories": pl.Series(["a", "b", None, "c"], dtype=pl.Enum(["a", "b", "c"])),
}


DAYS = ["nanoseconds", "far days", "far times"]


@pytest.mark.parametrize(
    ("kind", "target"), [*((k, "same") for k in FRAMES), *((k, "day") for k in DAYS)]
)
def test_what_python_cannot_hold_is_judged_by_the_plan(kind: str, target: str) -> None:
    given = FRAMES[kind]
    frame = pl.DataFrame([given.alias("given"), pl.Series("n", ["1", "1", "x", "2"])])
    dtype = {"same": given.dtype, "day": pl.Date()}[target]
    metadata = field(source="given").metadata
    terms = {"nullable": kind == "lists", "metadata": metadata}

    def given_is_there(data: pa.PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(pl.col("value").is_null() & (pl.col("n") > 1))

    schema = pa.DataFrameSchema(
        {
            "value": pa.Column(dtype, **terms),
            "n": pa.Column(pl.Int64, unique=True, checks=pa.Check.gt(1)),
        },
        checks=pa.Check(given_is_there),
    )
    judge = read_model(schema, "far")
    expected = [findings for findings, _ in batch_plan(judge, frame, {}, alone=False)]
    assert [v.findings for v in Guard(judge).check_batch(frame)] == expected
    assert any(expected)
