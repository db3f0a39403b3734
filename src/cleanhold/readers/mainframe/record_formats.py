"""Where records begin and end: record formats of z/OS data sets, and text lines.

z/OS DFSMS Using Data Sets, "Selecting record formats for non-VSAM data sets": fixed (F, FB),
variable with a record descriptor word (V: RDW), and blocked (VB: a block descriptor word, BDW,
before the records of a block). U: records without headers, each of which says how long it is.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from cleanhold.readers import framing
from cleanhold.readers.framing import Batch, Offsets, Records, split_lines
from cleanhold.readers.refusals import Refusal

#: Header of a record or block, in bytes.
HEADER = 4

#: Largest block without the extended format; what a broken record header may cost.
_BLOCK = 1 << 16

#: Bytes of the piece at `at`, None if the bytes given do not tell, -1 if they make no sense.
Measure = Callable[[bytes, int], int | None]


@dataclass(frozen=True, slots=True)
class Cut:
    """Records found in some bytes.

    Attributes:
        records: where they lie, and what is wrong with them.
        starts: where their contents begin, after headers.
        lost: why nothing after them can be framed, and what its message quotes; or None.
    """

    records: Records
    starts: Offsets
    lost: tuple[Refusal, int] | None = None


class Cutter(Protocol):
    """A record format."""

    def cut(self, data: bytes, final: bool) -> Cut:
        """The records of `data`. Bytes may be left over for the next time, unless `final`."""
        ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """Records of the same length, one after the other."""

    length: int

    def cut(self, data: bytes, final: bool) -> Cut:
        count, rest = divmod(len(data), self.length)
        bounds = np.arange(count + 1, dtype=np.int64) * self.length
        faults, counts = np.zeros(count, dtype=np.uint8), np.zeros(count, dtype=np.int64)
        if rest and final:
            bounds = np.append(bounds, len(data))
            faults = np.append(faults, np.uint8(Refusal.WRONG_LENGTH))
            counts = np.append(counts, rest)
        return Cut(Records(bounds, bounds[1:], faults, counts), bounds[:-1])


class Pieces:
    """Records that are found one by one."""

    def __init__(self) -> None:
        self.lost: tuple[Refusal, int] | None = None
        self._bounds, self._starts = [0], list[int]()
        self._faults, self._counts = list[int](), list[int]()

    def add(self, start: int, end: int, fault: Refusal = Refusal.NONE, count: int = 0) -> None:
        """One more, from the end of the one before."""
        self._bounds.append(end)
        self._starts.append(start)
        self._faults.append(fault)
        self._counts.append(count)

    def cut(self) -> Cut:
        """All of them."""
        bounds = np.array(self._bounds, dtype=np.int64)
        faults = np.array(self._faults, dtype=np.uint8)
        records = Records(bounds, bounds[1:], faults, np.array(self._counts, dtype=np.int64))
        return Cut(records, np.array(self._starts, dtype=np.int64), self.lost)


@dataclass(slots=True)
class Walked:
    """Records that each say how long they are.

    The next record's place is in the one before, so this goes from one to the next; what it
    does per record is no more than that (the fields are read from all records together).

    Attributes:
        record: measures a record from its first byte, header included.
        header: bytes of a record before its content.
        block: measures a block from its first byte, header included; None if there are none.
    """

    record: Measure
    header: int = 0
    block: Measure | None = None
    _left: int = 0

    def cut(self, data: bytes, final: bool) -> Cut:
        found = Pieces()
        at, size, header, record, block = 0, len(data), self.header, self.record, self.block
        left = self._left
        while at < size:
            begin, before = at, left
            if block is not None and not left:
                measured = block(data, at)
                if measured is None or measured <= HEADER:
                    if measured is not None:
                        found.lost = Refusal.BAD_LENGTH, max(0, measured)
                    break
                at, left = at + HEADER, measured - HEADER
            length = record(data, at)
            most = framing.MAX_RECORD if block is None else left
            if length is not None and not 0 < length <= most:
                if block is None or left > _BLOCK:
                    found.lost = Refusal.BAD_LENGTH, max(0, length)
                elif at + left <= size:
                    found.add(at, at + left, Refusal.BAD_LENGTH, max(0, length))
                    at, left = at + left, 0
                    continue
                length = None
            if length is None or at + length > size:
                at, left = begin, before
                break
            found.add(at + header, at + length)
            at, left = at + length, left - length if left else 0
        self._left = left
        if final and found.lost is None and at < size:
            found.add(at, size, Refusal.CUT_OFF, size - at)
        return found.cut()


def header_length(*, little: bool, adjustment: int, smallest: int, blocks: bool = False) -> Measure:
    """Measures what a descriptor word describes, the word included.

    Two bytes of it are the length, the others are zero; in the extended format of blocks
    (the first bit is set) all four are.
    """
    first, second = (0, 1) if not little else (1, 0)

    def measure(data: bytes, at: int) -> int | None:
        if at + HEADER > len(data):
            return None
        one = data[at + first] << 8 | data[at + second]
        two = data[at + 2 + first] << 8 | data[at + 2 + second]
        whole = (two << 16 | one if little else one << 16 | two) if blocks else 0
        if whole & 0x80000000:
            described = whole & 0x7FFFFFFF
        elif one and two:
            return -1
        else:
            described = one or two
        length = described + adjustment
        return length + HEADER if described and length >= smallest else -1

    return measure


def cuts(
    path: Path, start: int, stop: int, cutter: Cutter
) -> Generator[tuple[Batch, Offsets], None, None]:
    """Walk the bytes from `start` to `stop`; the records of all batches tile them exactly.

    After a header that makes no sense the rest is one refused record (several, if it is longer
    than `framing.MAX_RECORD`).
    """
    with path.open("rb") as handle:
        handle.seek(start)
        data, offset, position, unread = b"", start, start, 0
        lost: tuple[Refusal, int] | None = None
        while position < stop or data:
            fresh = handle.read(min(framing.BLOCK, stop - position))
            data, position, unread = data + fresh, position + len(fresh), unread + len(fresh)
            stop = stop if fresh else position  # a file that shrank under us ends here
            final = position >= stop
            cut = cutter.cut(data, final) if lost is None else _rest(data, final, *lost)
            if lost is None and cut.lost is not None:
                lost = cut.lost
                cut = cut if len(cut.records) else _rest(data, final, *lost)
            if not len(cut.records):
                continue
            yield Batch(data, offset, cut.records, unread), cut.starts
            data, offset, unread = data[cut.records.end :], offset + cut.records.end, 0


def _rest(data: bytes, final: bool, fault: Refusal, count: int) -> Cut:
    length = len(data) if final or len(data) >= framing.MAX_RECORD else 0
    ends = np.array([length] if length else [], dtype=np.int64)
    bounds = np.concatenate((np.zeros(1, dtype=np.int64), ends))
    faults = np.full(len(ends), fault, dtype=np.uint8)
    return Cut(Records(bounds, ends, faults, np.full(len(ends), count)), np.zeros_like(ends))


def lines(path: Path, start: int, stop: int) -> Generator[tuple[Batch, Offsets], None, None]:
    """Text lines as records; as for all text formats, blank lines belong to the line before."""
    for batch in framing.batches(path, start, stop, split_lines):
        yield batch, batch.records.bounds[:-1]
