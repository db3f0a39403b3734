from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cleanhold.core.reading import REFUSED_SCHEMA, ROW_SPAN, Chunk, Framing, Progress, refused_frame
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


@pytest.mark.parametrize("most", [1, 2, 100_000])
@pytest.mark.parametrize(
    "chunks",
    [[], [([], [])], [([1, 2], [])], [([1], [2]), ([3, 4], [])], [([2], [1])], [([], [1, 2])],
     [([1], [2]), ([], [3, 4]), ([5], [6])]],
)  # fmt: skip
def test_every_record_once_is_staged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunks: Any, most: int
) -> None:
    monkeypatch.setattr("cleanhold.pipeline.frame._PART_ROWS", most)
    framed = frame(Numbered(chunks).open(tmp_path), tmp_path, "here")
    refused = [n for _, numbers in chunks for n in numbers]
    assert framed.refused.to_list() == refused
    assert framed.scan_refused().collect()["record"].to_list() == refused
    assert framed.scan_refused().collect_schema() == pl.Schema(REFUSED_SCHEMA)
    assert framed.count == sum(len(rows) for rows, _ in chunks)
    staged = framed.scan().collect()
    assert staged.height == framed.count
    assert staged.columns == [*ROW_SPAN, "raw:a"]
    framed.clear()
    assert not list(tmp_path.iterdir())


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
