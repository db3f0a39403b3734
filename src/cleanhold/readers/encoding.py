"""Text encodings: what framing sees of their bytes, which bytes are not valid, how they decode.

Records are framed on the delivered bytes, so that offsets are those of the file. Framing only looks
for a few characters; each encoding therefore gives a *view*: one byte per code unit, in which those
characters are what they are in ASCII. Positions in the view times `unit` are positions in the data.
"""

from __future__ import annotations

import codecs
import importlib
from functools import lru_cache
from typing import Protocol

from cleanhold.errors import UsageError
from cleanhold.readers.code_page import code_page
from cleanhold.readers.double_byte import DOUBLE_BYTE, double_byte
from cleanhold.readers.framing import Offsets
from cleanhold.readers.utf8 import Utf8
from cleanhold.readers.wide_text import WideText

#: Asks for an encoding to be detected, file by file.
DETECT = "detect"

#: Encodings whose byte order the file's mark tells.
BY_MARK = {"utf-16": 2, "utf-32": 4}

#: Byte order marks, the longer ones first, and the encodings they speak of.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class TextEncoding(Protocol):
    """A supported encoding.

    Attributes:
        name: Python's canonical name.
        unit: bytes per code unit.
        newline: the bytes of a line feed.
        keeps_ascii: ASCII characters are their own bytes.
    """

    @property
    def name(self) -> str: ...

    @property
    def unit(self) -> int: ...

    @property
    def newline(self) -> bytes: ...

    @property
    def keeps_ascii(self) -> bool: ...

    def view(self, data: bytes) -> bytes:
        """One byte per code unit: ASCII characters, and NUL, are their own bytes."""
        ...

    def pattern(self, text: str) -> bytes:
        """How characters of the view look in it; raises `UnicodeEncodeError` for others."""
        ...

    def invalid(self, data: bytes) -> Offsets:
        """Positions of bytes that are not valid, ascending (at least one per bad sequence)."""
        ...

    def is_valid(self, data: bytes) -> bool:
        """Whether all bytes are valid."""
        ...

    def to_utf8(self, data: bytes) -> bytes:
        """The text in UTF-8; invalid bytes become U+FFFD, UTF-8 stays as it is."""
        ...


def declared(name: str) -> str:
    """The canonical name of an encoding that a reader is given.

    Raises:
        UsageError: no such encoding, or one that records cannot be framed in.
    """
    if name.lower() == DETECT:
        return DETECT
    found = _canonical(name)
    return found if found in BY_MARK else text_encoding(found).name


@lru_cache(maxsize=64)
def text_encoding(name: str) -> TextEncoding:
    """The encoding of that name, in a known byte order.

    Raises:
        UsageError: no such encoding, or one that records cannot be framed in.
    """
    found = _canonical(name)
    if found in {"utf-8", "utf-8-sig"}:
        return Utf8()
    for wide, unit in BY_MARK.items():
        if found in (f"{wide}-le", f"{wide}-be"):
            return WideText(found, unit)
    if found in DOUBLE_BYTE:
        return double_byte(found)
    if found not in {"ascii", "iso8859-1"}:
        try:
            module = importlib.import_module("encodings." + found.replace("-", "_"))
        except ModuleNotFoundError as error:
            raise _unsupported(name, "it is no text encoding") from error
        if not hasattr(module, "decoding_table"):
            raise _unsupported(name, "its bytes change their meaning, or it is no text encoding")
    return code_page(found)


def _canonical(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except (LookupError, ValueError) as error:
        raise _unsupported(name, "Python knows no such encoding") from error


def _unsupported(name: str, why: str) -> UsageError:
    return UsageError(
        f"the encoding {name!r} cannot be read: {why}",
        next="use utf-8, utf-16, a code page such as latin-1, cp1252, cp850 or cp037, an encoding "
        "such as cp932, gb18030, big5, euc-kr, or detect; convert files in others to UTF-8 first",
    )
