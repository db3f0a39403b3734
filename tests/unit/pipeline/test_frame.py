from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cleanhold.core.reading import ROW_SPAN, Chunk, Framing, Progress, refused_frame
from cleanhold.errors import AccountUnbalanced
from cleanhold.pipeline.frame import frame


@dataclass(frozen=True)
class Numbered:
    """A reader that numbers its records as it is told: chunks of (rows, refused records)."""

    chunks: Sequence[tuple[list[int], list[int]]]
    format: str = "numbered"

    def describe(self) -> dict[str, Any]:
        return {}

    def open(self, path: Path, progress: Progress | None = None) -> Framing:
        return Framing(columns={"a": pl.String}, chunks=(self._chunk(*c) for c in self.chunks))

    def _chunk(self, rows: list[int], refused: list[int]) -> Chunk:
        span = dict.fromkeys(ROW_SPAN, rows)
        frame = pl.DataFrame(span, schema=ROW_SPAN).with_columns(a=pl.lit("x"))
        facts = {"offset": 0, "length": 1, "code": "c", "message": "m", "bytes": b""}
        return Chunk(frame, refused_frame([{"record": n, **facts} for n in refused]))


@pytest.mark.parametrize(
    "chunks",
    [[], [([], [])], [([1, 2], [])], [([1], [2]), ([3, 4], [])], [([2], [1])], [([], [1, 2])]],
)
def test_every_record_once_is_staged(tmp_path: Path, chunks: Any) -> None:
    framed = frame(Numbered(chunks).open(tmp_path), tmp_path, "here")
    assert framed.refused.height == sum(len(refused) for _, refused in chunks)
    assert framed.count == sum(len(rows) for rows, _ in chunks)
    staged = framed.scan().collect()
    assert staged.height == framed.count
    assert staged.columns == [*ROW_SPAN, "raw:a"]


@pytest.mark.parametrize(
    "chunks",
    [
        [([1, 3], [])],  # a gap
        [([2, 3], [])],  # not from 1
        [([1, 1], [])],  # a repeat
        [([1, 2], [2])],  # in two places
        [([1], []), ([3], [])],
        [([1, 1, 3], [])],  # as many as the highest
        [([2, 2, 2], [])],  # the right sum
        [([], [2])],
    ],
)
def test_a_reader_that_loses_or_repeats_a_record_is_stopped(tmp_path: Path, chunks: Any) -> None:
    with pytest.raises(AccountUnbalanced):
        frame(Numbered(chunks).open(tmp_path), tmp_path, "here")
