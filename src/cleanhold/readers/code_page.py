"""Encodings of one byte a character: ISO 8859, Windows and DOS code pages, EBCDIC."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cleanhold.readers.framing import Mask, Offsets

#: Stands in a view for every character that has no place in it.
OTHER = 0xFF


@dataclass(frozen=True)
class CodePage:
    """One code page; see `encoding.TextEncoding`.

    Attributes:
        name: Python's canonical name.
        undefined: 256 flags, the bytes that mean nothing.
        table: byte → byte of the view; None where ASCII characters are their own bytes, and the
            view is the bytes themselves.
        newline: the line feed.
    """

    name: str
    undefined: Mask
    table: bytes | None
    newline: bytes
    unit: int = 1

    @property
    def keeps_ascii(self) -> bool:
        return self.table is None

    def view(self, data: bytes) -> bytes:
        return data if self.table is None else data.translate(self.table)

    def pattern(self, text: str) -> bytes:
        return self.view(text.encode(self.name))

    def invalid(self, data: bytes) -> Offsets:
        if (self.table is None and data.isascii()) or not self.undefined.any():
            return np.empty(0, dtype=np.int64)
        return np.flatnonzero(self.undefined[np.frombuffer(data, dtype=np.uint8)])

    def is_valid(self, data: bytes) -> bool:
        return not len(self.invalid(data))

    def to_utf8(self, data: bytes) -> bytes:
        if self.table is None and data.isascii():
            return data
        return data.decode(self.name, errors="replace").encode()


def code_page(name: str) -> CodePage:
    """The code page that Python knows under a canonical name.

    A page that keeps ASCII is framed as it is. Any other gets a view in Latin-1, in which the next
    line character (NEL) of EBCDIC, which ends lines on mainframes, is a line feed.
    """
    characters = [bytes([b]).decode(name, errors="ignore") for b in range(256)]
    keeps = characters[:128] == [chr(b) for b in range(128)]
    if keeps and not any(c.isascii() for c in characters[128:] if c):
        table = None
    else:
        seen = [ord(c) if len(c) == 1 and ord(c) < OTHER else OTHER for c in characters]
        table = bytes(10 if code == 0x85 and not keeps else code for code in seen)
    return CodePage(
        name,
        np.array([not c for c in characters], dtype=np.bool_),
        table,
        "\n".encode(name),
    )
