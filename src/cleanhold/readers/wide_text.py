"""UTF-16 and UTF-32: encodings in units of two or four bytes (RFC 2781; Unicode, section 3.10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cleanhold.readers.code_page import OTHER
from cleanhold.readers.framing import Offsets


@dataclass(frozen=True, slots=True)
class WideText:
    """UTF-16 or UTF-32 in a known byte order; see `encoding.TextEncoding`.

    Attributes:
        name: `utf-16-le`, `utf-16-be`, `utf-32-le` or `utf-32-be`.
        unit: bytes per code unit, 2 or 4.
    """

    name: str
    unit: int
    keeps_ascii: bool = False

    @property
    def newline(self) -> bytes:
        return "\n".encode(self.name)

    def view(self, data: bytes) -> bytes:
        """Latin-1 characters as they are; a unit that the data end in the middle of is one too."""
        low: bytes = np.minimum(self._units(data), OTHER).astype(np.uint8).tobytes()
        return low + bytes([OTHER]) if len(data) % self.unit else low

    def pattern(self, text: str) -> bytes:
        return text.encode("latin-1")

    def invalid(self, data: bytes) -> Offsets:
        units = self._units(data)
        surrogate = (units >= 0xD800) & (units <= 0xDFFF)
        if self.unit == 4:
            bad = surrogate | (units > 0x10FFFF)
        elif surrogate.any():
            high, low = (units & 0xFC00) == 0xD800, (units & 0xFC00) == 0xDC00
            bad = (high & ~np.append(low[1:], False)) | (low & ~np.append(False, high[:-1]))
        else:
            bad = surrogate
        found = np.flatnonzero(bad) * self.unit
        cut = len(data) % self.unit
        return np.append(found, len(data) - cut) if cut else found

    def is_valid(self, data: bytes) -> bool:
        return not len(self.invalid(data))

    def to_utf8(self, data: bytes) -> bytes:
        return data.decode(self.name, errors="replace").encode()

    def _units(self, data: bytes) -> npt.NDArray[np.unsignedinteger[Any]]:
        kind = f"{'<' if self.name.endswith('le') else '>'}u{self.unit}"
        return np.frombuffer(data, dtype=kind, count=len(data) // self.unit)
