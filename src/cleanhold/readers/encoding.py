"""Text encodings that keep ASCII bytes as they are, and which bytes are not valid in them.

Records are framed on the delivered bytes, so an encoding must write every ASCII character as its
own byte and use no ASCII byte for anything else: UTF-8, and the single-byte code pages.
"""

from __future__ import annotations

import codecs
import importlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl

from cleanhold.errors import UsageError
from cleanhold.readers.framing import Mask, Octets, Offsets

BOM = codecs.BOM_UTF8


@dataclass(frozen=True)
class TextEncoding:
    """A supported encoding.

    Attributes:
        name: Python's canonical name.
        undefined: 256 flags, the bytes that mean nothing; None for UTF-8.
    """

    name: str
    undefined: Mask | None

    def invalid(self, data: bytes) -> Offsets:
        """Positions of bytes that are not valid, ascending (at least one per bad sequence)."""
        if data.isascii():
            return np.empty(0, dtype=np.int64)
        octets = np.frombuffer(data, dtype=np.uint8)
        if self.undefined is None:
            return _invalid_utf8(octets)
        return np.flatnonzero(self.undefined[octets])

    def is_valid(self, data: bytes) -> bool:
        """Whether all bytes are valid."""
        if self.undefined is not None:
            return not len(self.invalid(data))
        try:  # many times faster than `data.decode()`, which makes a text of it
            pl.Series([data], dtype=pl.Binary).cast(pl.String)
        except pl.exceptions.ComputeError:
            return False
        return True

    def to_utf8(self, data: bytes) -> bytes:
        """The text in UTF-8; invalid bytes of a code page become U+FFFD, UTF-8 stays as it is."""
        if self.undefined is None or data.isascii():
            return data
        return data.decode(self.name, errors="replace").encode()


@lru_cache(maxsize=64)
def text_encoding(name: str) -> TextEncoding:
    """The encoding of that name.

    Raises:
        UsageError: no such encoding, or one that records cannot be framed in.
    """
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError) as error:
        raise _unsupported(name, "Python knows no such encoding") from error
    if info.name in {"utf-8", "utf-8-sig"}:
        return TextEncoding("utf-8", None)
    if info.name not in {"ascii", "iso8859-1"}:
        try:
            module = importlib.import_module("encodings." + info.name.replace("-", "_"))
        except ModuleNotFoundError as error:
            raise _unsupported(name, "it is no text encoding") from error
        if not hasattr(module, "decoding_table"):
            raise _unsupported(name, "it does not write each character as one byte")
    characters = [bytes([b]).decode(info.name, errors="ignore") for b in range(256)]
    if characters[:128] != [chr(b) for b in range(128)] or any(
        c.isascii() for c in characters[128:] if c
    ):
        raise _unsupported(name, "it writes ASCII characters as other bytes")
    return TextEncoding(info.name, np.array([not c for c in characters], dtype=np.bool_))


def _unsupported(name: str, why: str) -> UsageError:
    return UsageError(
        f"the encoding {name!r} cannot be read: {why}",
        next="use utf-8, or a single-byte encoding such as latin-1, cp1252, cp1250, cp850; "
        "convert files in other encodings to UTF-8 first",
    )


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
