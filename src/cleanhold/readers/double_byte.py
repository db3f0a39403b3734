"""Encodings of one byte for ASCII and several for other characters: Shift-JIS, GBK, Big5, EUC.

A second byte may be one that ASCII uses (`|` and `\\` in Shift-JIS), so it must be told from the
character that it would be alone. A byte that can only stand alone ends what was before it; the
bytes that can be first ones, one after the other, are then pairs from where their run begins. So
whether the byte after a run is a second one is the parity of the run's length.
"""

from __future__ import annotations

import codecs
import threading
from dataclasses import dataclass

import numpy as np

from cleanhold.readers.code_page import OTHER
from cleanhold.readers.framing import Mask, Offsets

#: Python's names of those that are read. Encodings with escape sequences (ISO 2022, HZ) are not.
DOUBLE_BYTE = frozenset(
    [
        *("shift_jis", "cp932", "shift_jisx0213", "shift_jis_2004", "big5", "cp950", "big5hkscs"),
        *("gb2312", "gbk", "gb18030", "euc_jp", "euc_jisx0213", "euc_jis_2004", "euc_kr", "cp949"),
        "johab",
    ]
)

_MARKING = "cleanhold.undecodable"
_found = threading.local()


def _mark(error: UnicodeError) -> tuple[str, int]:
    """Notes where bytes are not valid, and goes on with the next byte (so no line is lost)."""
    assert isinstance(error, UnicodeDecodeError)
    _found.at.append(error.start)
    return "\ufffd", error.start + 1


codecs.register_error(_MARKING, _mark)


@dataclass(frozen=True)
class DoubleByte:
    """One such encoding; see `encoding.TextEncoding`.

    Attributes:
        name: Python's canonical name.
        lead: 256 flags, bytes that begin a character of two or more.
        trail: 256 flags, bytes of ASCII that may follow them.
    """

    name: str
    lead: Mask
    trail: Mask
    unit: int = 1
    newline: bytes = b"\n"
    keeps_ascii: bool = True

    def view(self, data: bytes) -> bytes:
        if data.isascii() or not self.trail.any():
            return data
        octets = np.frombuffer(data, dtype=np.uint8)
        edges = np.flatnonzero(np.diff(self.lead[octets].view(np.int8), prepend=0, append=0))
        starts, ends = edges[0::2], edges[1::2]
        after = ends[((ends - starts) % 2 == 1) & (ends < len(octets))]
        seconds = after[self.trail[octets[after]]]
        seen = octets.copy()
        seen[seconds] = OTHER
        return seen.tobytes()

    def pattern(self, text: str) -> bytes:
        return text.encode("ascii")

    def invalid(self, data: bytes) -> Offsets:
        found: list[int] = []
        if not data.isascii():
            _found.at = found
            data.decode(self.name, errors=_MARKING)
        return np.array(found, dtype=np.int64)

    def is_valid(self, data: bytes) -> bool:
        return not len(self.invalid(data))

    def to_utf8(self, data: bytes) -> bytes:
        return data if data.isascii() else data.decode(self.name, errors="replace").encode()


def double_byte(name: str) -> DoubleByte:
    """The encoding that Python knows under a canonical name."""

    def is_text(data: bytes) -> bool:
        try:
            return bool(data.decode(name))
        except UnicodeDecodeError:
            return False

    lead, trail = np.zeros(256, dtype=np.bool_), np.zeros(256, dtype=np.bool_)
    for first in range(0x80, 0x100):
        if is_text(bytes([first])):
            continue
        seconds = [second for second in range(0x21, 0x100) if is_text(bytes([first, second]))]
        lead[first] = bool(seconds)
        trail[[second for second in seconds if second < 0x80]] = True
    if name == "gb18030":  # its characters of four bytes: first, digit, first, digit
        trail[0x30:0x3A] = True
    return DoubleByte(name, lead, trail)
