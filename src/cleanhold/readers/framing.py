"""Records out of bytes: what every line-based reader shares.

A *block* is a few megabytes that begin at a record's start. A format's `Split` says where the
records of a block lie; `batches` walks a file block by block so that every byte between its two
ends belongs to exactly one record, in memory bounded by a few blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from cleanhold.readers.refusals import Refusal

Octets = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

#: Bytes read at a time.
BLOCK = 4 * 2**20

#: The longest record, in bytes; a longer physical line is refused in pieces.
MAX_RECORD = 64 * 2**20

LF, CR = 10, 13

#: Among the faults of records, until `without_comments`: the line is no record.
COMMENT = 255

#: Bytes looked at together: small enough that the masks stay in the processor's cache.
_STRIDE = 1 << 18


@dataclass(frozen=True, slots=True)
class Records:
    """Consecutive records of a block.

    Attributes:
        bounds: n + 1 positions; record i is the bytes from `bounds[i]` to `bounds[i + 1]`,
            its line ending (and blank lines that follow it) included.
        ends: n positions where the content ends, before the line ending.
        faults: a `Refusal` per record, `Refusal.NONE` where it may become a row.
        counts: fields (or another measure the refusal's message quotes) per record.
        stops: n positions where the record ends, if overhead (comments) lies between some of them
            and the next record; None if they are `bounds[1:]`.
    """

    bounds: Offsets
    ends: Offsets
    faults: Octets
    counts: Offsets
    stops: Offsets | None = None

    def __len__(self) -> int:
        return len(self.ends)

    @property
    def end(self) -> int:
        """Where the last record ends: bytes of the block that belong to these records."""
        return int(self.bounds[-1])

    @property
    def lengths(self) -> Offsets:
        """Bytes of each record."""
        stops = self.bounds[1:] if self.stops is None else self.stops
        return stops - self.bounds[:-1]

    def first(self, count: int) -> Records:
        """The first `count` records."""
        return Records(
            self.bounds[: count + 1],
            self.ends[:count],
            self.faults[:count],
            self.counts[:count],
            None if self.stops is None else self.stops[:count],
        )

    def scaled(self, unit: int, size: int) -> Records:
        """Positions in bytes, from positions in units; no position is past `size` bytes."""
        if unit == 1:
            return self
        bounds, ends = (np.minimum(n * unit, size) for n in (self.bounds, self.ends))
        stops = None if self.stops is None else np.minimum(self.stops * unit, size)
        return Records(bounds, ends, self.faults, self.counts, stops)

    def without_blank(self) -> Records:
        """Blank lines joined to the record before them.

        Blocks begin with content, unless a line or a run of blank lines was too long and had to
        be cut: blank lines at the start are a piece of that.
        """
        content = self.ends > self.bounds[:-1]
        if content.all():
            return self
        faults = self.faults
        if not content[0]:
            faults = faults.copy()
            faults[0], content[0] = Refusal.TOO_LONG, True
        bounds = np.append(self.bounds[:-1][content], self.bounds[-1])
        return Records(bounds, self.ends[content], faults[content], self.counts[content])

    def without_comments(self) -> Records:
        """Comments, and blank lines among them, become overhead after the record before them.

        Blocks begin with a record, unless comments were too long and had to be cut.
        """
        is_comment = self.faults == COMMENT
        if not is_comment.any():
            return self
        kept, faults = ~is_comment, self.faults
        if is_comment[0]:
            faults = faults.copy()
            faults[0], kept[0] = Refusal.TOO_LONG, True
        first = np.flatnonzero(kept)
        bounds = np.append(self.bounds[first], self.bounds[-1])
        return Records(
            bounds, self.ends[first], faults[first], self.counts[first], self.bounds[first + 1]
        )


@dataclass(frozen=True, slots=True)
class Batch:
    """The records of one block.

    Attributes:
        data: the block's bytes; `records` are positions in it.
        offset: position of `data[0]` in the file.
        read: bytes read from the file for it.
    """

    data: bytes
    offset: int
    records: Records
    read: int


#: Where the records of a block lie. The second argument says whether the file ends here; if it
#: does not, the last record is not believed, and bytes may be left over for the next block.
Split = Callable[[bytes, bool], Records]

#: One byte per code unit of a block; see `encoding.TextEncoding`.
View = Callable[[bytes], bytes]


def octets(data: bytes | memoryview) -> Octets:
    """The bytes as an array, not copied."""
    return np.frombuffer(data, dtype=np.uint8)


def line_marks(data: bytes) -> Octets:
    """The bytes with every line ending marked by exactly one LF.

    A CR LF already is (by its LF); a lone CR becomes an LF in a copy.
    """
    marks = octets(data)
    if b"\r" not in data:
        return marks
    lone = marks == CR
    lone[:-1] &= marks[1:] != LF
    if not lone.any():
        return marks
    marks = marks.copy()
    marks[lone] = LF
    return marks


def positions(marks: Octets, wanted: tuple[int, ...]) -> Offsets:
    """Positions of the wanted bytes, ascending."""
    found = []
    for at in range(0, len(marks), _STRIDE):
        part = marks[at : at + _STRIDE]
        mask = part == wanted[0]
        for value in wanted[1:]:
            mask |= part == value
        found.append(np.flatnonzero(mask) + at)
    return np.concatenate(found) if found else np.empty(0, dtype=np.int64)


def content_ends(marks: Octets, line_ends: Offsets) -> Offsets:
    """Where the content before each line ending stops (a CR LF is two bytes)."""
    ends: Offsets = line_ends - ((line_ends > 0) & (marks[line_ends - 1] == CR))
    return ends


def split_lines(data: bytes, final: bool) -> Records:
    """A `Split` for formats where every physical line that is not blank is a record."""
    del final  # the last line is the only one that later bytes can change
    marks = line_marks(data)
    ends = positions(marks, (LF,))
    bounds = np.concatenate(([0], ends + 1))
    contents = content_ends(marks, ends)
    if bounds[-1] < len(data):
        bounds, contents = np.append(bounds, len(data)), np.append(contents, len(data))
    return records_of(bounds, contents).without_blank()


def records_of(bounds: Offsets, ends: Offsets, fault: Refusal = Refusal.NONE) -> Records:
    """Records that all have the same verdict."""
    faults = np.full(len(ends), fault, dtype=np.uint8)
    return Records(bounds, ends, faults, np.zeros(len(ends), dtype=np.int64))


def batches(
    path: Path, start: int, stop: int, split: Split, view: View = bytes, unit: int = 1
) -> Generator[Batch, None, None]:
    """Walk the bytes from `start` to `stop`; the records of all batches tile them exactly.

    Args:
        path: the file.
        start: position of the first record's first byte.
        stop: position after the last record's last byte.
        split: says where the records of a block lie.
        view: the encoding's view of a block, if its line endings are not those of ASCII.
        unit: bytes per byte of the view.
    """

    def first_line(data: bytes) -> int:
        return min(_first_line(view(data)) * unit, len(data))

    def last_line(data: bytes) -> int:
        return (view(data).rfind(b"\n") + 1) * unit or len(data)

    with path.open("rb", buffering=0) as handle:
        handle.seek(start)
        data, offset, position, unread, inside_long_line = b"", start, start, 0, False
        while position < stop or data:
            fresh = handle.read(min(BLOCK, stop - position))
            data, position, unread = data + fresh, position + len(fresh), unread + len(fresh)
            if not data:
                return  # a file that shrank under us ends here
            stop = stop if fresh else position  # or here
            final = position >= stop
            if inside_long_line:
                end = first_line(data)
                records = _piece(end or _whole(data, 1 if final else unit))
                inside_long_line = not (end or final)
            else:
                records = split(data[: _whole(data, 1 if final else unit)], final)
                if not final:
                    records = records.first(max(0, len(records) - 1))
                if not len(records) and (final or len(data) >= MAX_RECORD):
                    if first_line(data):  # comments and blank lines are cut between lines
                        records = split(data[: last_line(data)], True)
                    if not len(records):
                        records = _piece(_whole(data, 1 if final else unit))
                        inside_long_line = not first_line(data)
            if not len(records):
                continue
            yield Batch(data, offset, records, unread)
            offset += records.end  # what is left is read again: a copy of the block costs more
            data, position, unread = b"", handle.seek(offset), offset - position


def _first_line(data: bytes) -> int:
    """Where the first physical line ends; 0 if it does not."""
    ends = [at for at in (data.find(b"\n"), data.find(b"\r")) if at >= 0]
    if not ends:
        return 0
    at = min(ends)
    return at + (2 if data[at : at + 2] == b"\r\n" else 1)


def _whole(data: bytes, unit: int) -> int:
    """How many bytes there are, without a unit that is cut."""
    return len(data) - len(data) % unit


def _piece(length: int) -> Records:
    return records_of(np.array([0, length]), np.array([length]), Refusal.TOO_LONG)


_Item = TypeVar("_Item")


def ahead(items: Generator[_Item, None, None]) -> Generator[_Item, None, None]:
    """The same items, each made in a thread while the caller works on the one before.

    At most one item is made ahead. Closing this generator waits for that one and ends the thread.
    """
    end = object()
    try:
        with ThreadPoolExecutor(1, thread_name_prefix="cleanhold-framing") as pool:
            pending = pool.submit(next, items, end)
            while (item := pending.result()) is not end:
                pending = pool.submit(next, items, end)
                yield item  # type: ignore[misc]  # `end` is the only other thing
    finally:
        items.close()
