"""Comment lines between the records of delimited text: how many there are, and how long."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cleanhold.readers.body import Body
from cleanhold.readers.encoding import TextEncoding
from cleanhold.readers.framing import LF, Batch, Split, ahead, batches, line_marks, positions


@dataclass(frozen=True, slots=True)
class Comments:
    """What was found.

    Attributes:
        lines: how many, blank lines after a comment included.
        size: bytes in all.
    """

    lines: int
    size: int

    @property
    def notes(self) -> tuple[str, ...]:
        """What is worth telling of them."""
        if not self.lines:
            return ()
        return (f"lines of comments between records: {self.lines:,} ({self.size:,} bytes)",)


def comments(path: Path, body: Body, split: Split, encoding: TextEncoding) -> Comments:
    """The comments in a body. Reads it to its end."""
    lines = size = 0
    blocks = batches(path, body.start, body.stop, split, encoding.view, encoding.unit)
    with closing(ahead(blocks)) as framed:
        for batch in framed:
            if batch.records.stops is not None:
                lines += _lines(batch, encoding)
                size += batch.records.end - int(batch.records.lengths.sum())
    return Comments(lines, size)


def _lines(batch: Batch, encoding: TextEncoding) -> int:
    records, unit = batch.records, encoding.unit
    assert records.stops is not None
    marks = line_marks(encoding.view(batch.data[: records.end]))
    ends = positions(marks, (LF,))
    if len(marks) and marks[-1] != LF:
        ends = np.append(ends, len(marks) - 1)
    after = np.searchsorted(ends, -(-records.bounds[1:] // unit))
    before = np.searchsorted(ends, -(-records.stops // unit))
    return int((after - before).sum())
