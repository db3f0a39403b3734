"""Code pages: one byte → one character, EBCDIC and ASCII.

Python has codecs for some EBCDIC pages (cp037, cp273, cp424, cp500, cp875, cp1026, cp1140); the
others are written here as what differs from cp037, after IBM's character data representation
architecture (CDRA) tables.
"""

from __future__ import annotations

import codecs
import importlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from cleanhold.errors import UsageError
from cleanhold.readers.framing import Octets
from cleanhold.readers.mainframe.code_page_tables import ALIKE, DIFFERENCES, WHOLE

#: What stands for a byte that means nothing; no page has it.
UNDEFINED = "\ufffd"


@dataclass(frozen=True, eq=False)
class CodePage:
    """A single-byte code page.

    Attributes:
        name: `cp037`, `ascii`, ...
        characters: 256 of them, `UNDEFINED` where a byte means nothing.
        ascii: 256 bytes, the ASCII character of each byte; 255 if it has none.
        is_ebcdic: digits are 0xF0 to 0xF9, the blank is 0x40.
    """

    name: str
    characters: str
    ascii: Octets
    is_ebcdic: bool

    @property
    def blank(self) -> int:
        return 0x40 if self.is_ebcdic else 0x20

    def utf8(self, data: bytes) -> tuple[bytes, Octets]:
        """The text in UTF-8, and how many bytes of it each byte became."""
        text = data.decode("latin-1").translate(dict(enumerate(self.characters)))
        lengths = np.array([len(c.encode()) for c in self.characters], dtype=np.uint8)
        return text.encode(), lengths[np.frombuffer(data, dtype=np.uint8)]


@lru_cache(maxsize=64)
def code_page(name: str) -> CodePage:
    """The code page of that name (`cp1047`, `IBM-1047` and `1047` are one).

    Raises:
        UsageError: there is no such page, or it does not write a character as one byte.
    """
    short = name.lower().replace("_", "").replace("-", "")
    short = short.removeprefix("ibm").removeprefix("ebcdic").removeprefix("cp")
    like, differences = ALIKE.get(short, ("037", DIFFERENCES.get(short, "")))
    if short in WHOLE:
        canonical, characters = f"cp{short}", _codec("cp037")[:0x40] + WHOLE[short]
    elif differences:
        base = code_page(f"cp{like}").characters
        changed = {int(each[:2], 16): each[2:] for each in differences.split(" ")}
        canonical = f"cp{short}"
        characters = "".join(changed.get(byte, was) for byte, was in enumerate(base))
    else:
        canonical, characters = _known(name, short)
    is_ebcdic = characters[0xF0:0xFA] == "0123456789" and characters[0x40] == " "
    if not is_ebcdic and characters[:128] != bytes(range(128)).decode("ascii"):
        raise _unknown(name)
    plain = np.array([ord(c) if c.isascii() else 255 for c in characters], dtype=np.uint8)
    return CodePage(canonical, characters, plain, is_ebcdic)


def _known(name: str, short: str) -> tuple[str, str]:
    for candidate in (f"cp{short}" if short.isdigit() else name, name):
        try:
            canonical = codecs.lookup(candidate).name
            module = importlib.import_module("encodings." + canonical.replace("-", "_"))
        except (LookupError, ValueError, ImportError):
            continue
        if hasattr(module, "decoding_table") or canonical in ("ascii", "iso8859-1"):
            return canonical, _codec(canonical)
    raise _unknown(name)


def _codec(name: str) -> str:
    return bytes(range(256)).decode(name, errors="replace")


def _unknown(name: str) -> UsageError:
    return UsageError(
        f"the code page {name!r} cannot be read: it is unknown, or writes characters as several "
        "bytes",
        next="use ascii, latin-1, cp1252, or an EBCDIC page: cp037, cp273, cp500, cp875, cp1026, "
        f"cp1140, {', '.join('cp' + page for page in sorted((*DIFFERENCES, *ALIKE, *WHOLE)))}",
    )
