"""The walk through an extract: its batches of records as chunks of rows."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from cleanhold.core.reading import RECORD, Chunk, Progress
from cleanhold.readers.framing import Batch, Offsets, Records, ahead
from cleanhold.readers.mainframe.judging import judge, sort_out
from cleanhold.readers.mainframe.record_formats import Cutter, cuts, lines
from cleanhold.readers.mainframe.shape import Shape
from cleanhold.readers.spans import refused


@dataclass(frozen=True, slots=True)
class Extract:
    """The records of a file.

    Attributes:
        path: the file.
        start, stop: its bytes that are records.
        cutter: makes what cuts it into records, anew for each walk; None for lines of text.
        shape: what they look like.
    """

    path: Path
    start: int
    stop: int
    cutter: Callable[[], Cutter] | None
    shape: Shape

    def others(self) -> tuple[int, dict[str, int]]:
        """Bytes of the records of segments that are not wanted, and how many there are of each."""
        total, ids = 0, dict[str, int]()
        with closing(ahead(self._cuts())) as found:
            for batch, starts in found:
                verdicts = sort_out(batch, starts, self.shape)
                total += int(np.diff(batch.records.bounds)[verdicts.skipped].sum())
                for name, count in verdicts.ids.items():
                    ids[name] = ids.get(name, 0) + count
        return total, ids

    def chunks(self, facts: Mapping[str, object], progress: Progress | None) -> Iterator[Chunk]:
        """The records as rows and refused ones; `facts` are for the messages of the latter."""
        number = 1
        with closing(ahead(self._cuts())) as found:
            for batch, starts in found:
                rows, verdicts = judge(batch, starts, self.shape)
                kept = ~verdicts.skipped
                numbers = pl.Series((np.cumsum(kept) + (number - 1)).astype(np.uint64))
                bounds, ends = batch.records.bounds, batch.records.ends
                judged = Records(bounds, ends, verdicts.faults, verdicts.counts)
                bad = refused(Batch(batch.data, batch.offset, judged, batch.read), 0, facts)
                yield Chunk(
                    rows.with_columns(numbers.gather(rows[RECORD]).alias(RECORD)),
                    bad.with_columns(numbers.gather(bad["record"]).alias("record")),
                )
                number += int(kept.sum())
                if progress:
                    progress(batch.read)

    def _cuts(self) -> Generator[tuple[Batch, Offsets], None, None]:
        if self.cutter is None:
            return lines(self.path, self.start, self.stop)
        return cuts(self.path, self.start, self.stop, self.cutter())
