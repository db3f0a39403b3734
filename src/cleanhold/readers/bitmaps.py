"""One bit per byte of a block: whether it is a certain mark. 64 bytes are looked at in one step.

Bit i of word j (the lowest first) speaks of byte 64 j + i; the bits past the last byte are 0.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cleanhold.readers.framing import Octets, Offsets

Words = npt.NDArray[np.uint64]

_ONE = np.uint64(1)


def bitmap(marks: Octets, value: int) -> Words:
    """Which bytes have that value."""
    packed = np.packbits(marks == value, bitorder="little")
    words = np.zeros(-(-len(marks) // 64), dtype="<u8")
    words.view(np.uint8)[: len(packed)] = packed
    return words


def toggled(words: Words) -> Words:
    """Whether the number of bits up to each byte, itself included, is odd."""
    found = words.copy()
    for width in (1, 2, 4, 8, 16, 32):
        found ^= found << np.uint64(width)
    odd = (found >> np.uint64(63)).astype(np.bool_)  # bits of each word
    before = np.logical_xor.accumulate(odd) ^ odd  # bits of all words before it
    found ^= np.negative(before.astype(np.uint64))
    return found


def after(words: Words) -> Words:
    """The byte after each one that has a bit."""
    found = words << _ONE
    found[1:] |= words[:-1] >> np.uint64(63)
    return found


def before(words: Words, distance: int) -> Words:
    """The byte that far before each one that has a bit; less than 64."""
    found = words >> np.uint64(distance)
    found[:-1] |= words[1:] << np.uint64(64 - distance)
    return found


def places(words: Words) -> Offsets:
    """Positions of the bits, ascending."""
    holding = np.flatnonzero(words)
    left = words[holding]
    counts = np.bitwise_count(left)
    total = int(counts.sum(dtype=np.int64))
    if total > len(words):
        return np.flatnonzero(np.unpackbits(words.view(np.uint8), bitorder="little"))
    found = np.empty(total, dtype=np.int64)
    slots = np.cumsum(counts, dtype=np.int64) - counts  # where the bits of each word belong
    starts = 64 * holding
    while len(left):  # one bit of each word at a time
        lowest = left & np.negative(left)
        found[slots] = starts + np.bitwise_count(lowest - _ONE)
        left ^= lowest
        more = np.flatnonzero(left)
        left, starts, slots = left[more], starts[more], slots[more] + 1
    return found


def counts_before(words: Words, at: Offsets) -> Offsets:
    """How many bits are before each position (of a byte of the block)."""
    sums = np.cumsum(np.bitwise_count(words), dtype=np.int64)
    which = at >> 6
    partial = words[which]  # a copy
    whole = sums[which] - np.bitwise_count(partial)
    partial &= (_ONE << (at & 63).astype(np.uint64)) - _ONE
    found: Offsets = whole + np.bitwise_count(partial)
    return found
