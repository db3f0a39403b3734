"""UTF-8, and which bytes are not valid in it (RFC 3629)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from cleanhold.readers.framing import Mask, Octets, Offsets


@dataclass(frozen=True, slots=True)
class Utf8:
    """UTF-8; see `encoding.TextEncoding`. It is framed as it is."""

    name: str = "utf-8"
    unit: int = 1
    newline: bytes = b"\n"
    keeps_ascii: bool = True

    def view(self, data: bytes) -> bytes:
        return data

    def pattern(self, text: str) -> bytes:
        return text.encode()

    def invalid(self, data: bytes) -> Offsets:
        if data.isascii():
            return np.empty(0, dtype=np.int64)
        return _invalid_utf8(np.frombuffer(data, dtype=np.uint8))

    def is_valid(self, data: bytes) -> bool:
        if data.isascii():
            return True
        try:  # many times faster than `data.decode()`, which makes a text of it
            pl.Series([data], dtype=pl.Binary).cast(pl.String)
        except pl.exceptions.ComputeError:
            return False
        return True

    def to_utf8(self, data: bytes) -> bytes:
        return data


def _invalid_utf8(octets: Octets) -> Offsets:
    """Positions of bytes that are no part of a valid sequence (RFC 3629), and of bad leads."""
    high = np.flatnonzero(octets >= 0x80)
    kinds = octets[high]
    valid = np.zeros(len(high), dtype=np.bool_)
    following = np.concatenate((kinds, np.zeros(3, dtype=np.uint8)))
    distance = np.concatenate((high, np.full(3, -1)))
    count = len(high)

    def trails(leads: Mask, nth: int, low: int = 0x80, top: int = 0xBF) -> Mask:
        """Whether the nth byte after each lead follows it directly and is in range."""
        byte = following[nth : nth + count]
        adjacent = distance[nth : nth + count] == high + nth
        found: Mask = leads & adjacent & (byte >= low) & (byte <= top)
        return found

    # RFC 3629, section 4: lead bytes, range of the second byte, length of the sequence.
    for leads, low, top, length in (
        ((0xC2, 0xDF), 0x80, 0xBF, 2),
        ((0xE0, 0xE0), 0xA0, 0xBF, 3),
        ((0xE1, 0xEC), 0x80, 0xBF, 3),
        ((0xED, 0xED), 0x80, 0x9F, 3),
        ((0xEE, 0xEF), 0x80, 0xBF, 3),
        ((0xF0, 0xF0), 0x90, 0xBF, 4),
        ((0xF1, 0xF3), 0x80, 0xBF, 4),
        ((0xF4, 0xF4), 0x80, 0x8F, 4),
    ):
        good = (kinds >= leads[0]) & (kinds <= leads[1])
        if not good.any():
            continue
        good = trails(good, 1, low, top)
        for nth in range(2, length):
            good = trails(good, nth)
        for nth in range(length):
            valid[nth:] |= good[: count - nth]
    return high[~valid]
