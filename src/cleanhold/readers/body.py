"""Where the data of a text file begins and ends, and the walk from there in chunks."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from cleanhold.core.reading import Chunk, Progress
from cleanhold.readers.detection import mark_of
from cleanhold.readers.encoding import TextEncoding, text_encoding
from cleanhold.readers.framing import (
    LF,
    Batch,
    Split,
    ahead,
    batches,
    line_marks,
    positions,
)
from cleanhold.readers.sniff import require_text, text_end
from cleanhold.readers.spans import refused

#: How much of a file is looked at for the start of its data, in bytes, until it is found.
LOOKS = (1 << 16, 16 << 20, 80 << 20)

_ASCII_LIKE = text_encoding("utf-8")

#: Turns the framed records of a batch into rows (the `ROW_SPAN` columns first) and gives the
#: batch with every verdict. The second argument is the number of the batch's first record.
Judge = Callable[[Batch, int], tuple[pl.DataFrame, Batch]]


@dataclass(frozen=True, slots=True)
class Body:
    """The part of a file that is records.

    Attributes:
        start: position of the first record.
        stop: position after the last one.
        size: bytes of the file.
        notes: things worth telling.
    """

    start: int
    stop: int
    size: int
    notes: tuple[str, ...] = ()

    @property
    def overhead(self) -> int:
        """Bytes that belong to no record."""
        return self.start + self.size - self.stop


def text_body(path: Path, format: str, encoding: TextEncoding, skip_lines: int) -> Body:
    """The body of a file without a header: after the mark, skipped lines and blank lines.

    Raises:
        DeliveryError: the file is empty, or not text of this format.
    """
    size = require_text(path, format, encoding.name)
    stop = text_end(path, size, encoding)
    at = 0
    notes: tuple[str, ...] = ()
    for look in LOOKS:
        data = first_bytes(path, min(look, stop))
        at, notes = preamble(data, encoding, skip_lines)
        at = content_start(data, at, encoding)
        if at < len(data):
            break
    return Body(at, stop, size, notes)


def content_start(data: bytes, at: int, encoding: TextEncoding) -> int:
    """Where blank lines that begin at a position end."""
    view = encoding.view(data[at:])
    return min(at + (len(view) - len(view.lstrip(b"\r\n"))) * encoding.unit, len(data))


def first_bytes(path: Path, count: int) -> bytes:
    """The first bytes of a file."""
    with path.open("rb") as handle:
        return handle.read(count)


def preamble(data: bytes, encoding: TextEncoding, skip_lines: int) -> tuple[int, tuple[str, ...]]:
    """Where the bytes go on after a byte order mark and skipped lines, and notes."""
    mark = mark_of(encoding)
    at = len(mark) if mark and data.startswith(mark) else 0
    notes: tuple[str, ...] = ()
    if not at and data.startswith(codecs.BOM_UTF8):
        notes = (f"the file begins with a UTF-8 mark, but is read as {encoding.name}",)
    if skip_lines:
        ends = positions(line_marks(encoding.view(data[at:])), (LF,))
        enough = len(ends) >= skip_lines
        at = at + (int(ends[skip_lines - 1]) + 1) * encoding.unit if enough else len(data)
    return at, notes


def chunks(
    path: Path,
    body: Body,
    split: Split,
    judge: Judge,
    facts: Mapping[str, object],
    progress: Progress | None,
    encoding: TextEncoding = _ASCII_LIKE,
) -> Iterator[Chunk]:
    """The body's records as chunks.

    Args:
        path: the file.
        body: its part that is records.
        split: says where they lie.
        judge: makes rows of them.
        facts: for the messages of refused records.
        progress: called with bytes read.
        encoding: of the text.
    """
    number = 1
    if progress:
        progress(body.overhead)
    blocks = batches(path, body.start, body.stop, split, encoding.view, encoding.unit)
    with closing(ahead(blocks)) as framed:
        for batch in framed:
            rows, judged = judge(batch, number)
            yield Chunk(rows, refused(judged, number, facts))
            number += len(batch.records)
            if progress:
                progress(batch.read)
