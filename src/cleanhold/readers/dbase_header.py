"""What a dBase table says of itself: its version, code page, fields and records.

Sources of the layout: "Xbase File Format Description" (E. Bachmann), "dBASE .DBF File Structure"
(dBASE LLC, for level 7) and "Table File Structure" (Microsoft, for Visual FoxPro).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from struct import unpack_from

from cleanhold.errors import DeliveryError
from cleanhold.readers.naming import column_names

#: First bytes of the tables that are read → what they are called.
VERSIONS = {
    0x03: "dBase III",
    0x04: "dBase IV or 7",
    0x05: "dBase V",
    0x30: "Visual FoxPro",
    0x31: "Visual FoxPro",
    0x32: "Visual FoxPro",
    0x43: "dBase IV",
    0x63: "dBase IV",
    0x7B: "dBase IV",
    0x83: "dBase III",
    0x87: "dBase V",
    0x8B: "dBase IV",
    0x8C: "dBase 7",
    0x8E: "dBase IV",
    0xCB: "dBase IV",
    0xE5: "Clipper",
    0xF5: "FoxPro",
    0xFB: "FoxPro",
}

_FOXPRO = {0x30, 0x31, 0x32, 0xF5, 0xFB}

#: Language drivers (byte 29) → Python's name of the code page.
_CODE_PAGES = {
    **dict.fromkeys((0x01, 0x09, 0x0B, 0x0D, 0x0F, 0x11, 0x15, 0x18, 0x19, 0x1B), "cp437"),
    **dict.fromkeys((0x02, 0x0A, 0x0E, 0x10, 0x12, 0x14, 0x16, 0x1A, 0x1D, 0x25, 0x37), "cp850"),
    **dict.fromkeys((0x03, 0x57, 0x58, 0x59), "cp1252"),
    **dict.fromkeys((0x1F, 0x22, 0x23, 0x40, 0x64, 0x87), "cp852"),
    **dict.fromkeys((0x08, 0x17, 0x66), "cp865"),
    **dict.fromkeys((0x26, 0x65), "cp866"),
    **dict.fromkeys((0x13, 0x7B), "cp932"),
    **dict.fromkeys((0x4D, 0x7A), "gbk"),
    **dict.fromkeys((0x4E, 0x79), "cp949"),
    **dict.fromkeys((0x4F, 0x78), "cp950"),
    **dict.fromkeys((0x50, 0x7C), "cp874"),
    **dict.fromkeys((0x6A, 0x86), "cp737"),
    **dict.fromkeys((0x6B, 0x88), "cp857"),
    **dict.fromkeys((0x1C, 0x6C), "cp863"),
    0x04: "mac_roman",
    0x24: "cp860",
    0x67: "cp861",
    0x7D: "cp1255",
    0x7E: "cp1256",
    0x96: "mac_cyrillic",
    0x97: "mac_latin2",
    0x98: "mac_greek",
    0xC8: "cp1250",
    0xC9: "cp1251",
    0xCA: "cp1254",
    0xCB: "cp1253",
    0xCC: "cp1257",
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a table.

    Attributes:
        name: the column's name.
        type: the letter of the format: `C`, `N`, `D`, …
        start: its first byte in a record; the deletion flag is byte 0.
        length: bytes.
        varying: its bit in the null flags that says its last byte is its length; -1 if none.
        null: its bit in the null flags that says there is no value; -1 if none.
    """

    name: str
    type: str
    start: int
    length: int
    varying: int = -1
    null: int = -1


@dataclass(frozen=True, slots=True)
class Header:
    """What stands before the records.

    Attributes:
        version: the first byte.
        level7: whether numbers are stored as dBase 7 does.
        records: how many are promised.
        length: bytes of the header, and `width` of a record.
        code_page: the encoding that the table names; "" if it names none.
        fields: in order, those that people see.
        flags: the hidden field of null flags (Visual FoxPro), if there is one.
        notes: things worth telling.
    """

    version: int
    level7: bool
    records: int
    length: int
    width: int
    code_page: str
    fields: tuple[Field, ...]
    flags: Field | None
    notes: tuple[str, ...]

    @property
    def foxpro(self) -> bool:
        return self.version in _FOXPRO


def read_header(path: Path, data: bytes, size: int) -> Header:
    """The header of a table.

    Args:
        path: for messages.
        data: the file's first bytes, 64 KiB or all of them.
        size: bytes of the file.

    Raises:
        DeliveryError: this is no dBase table, or its header contradicts itself.
    """
    if not data or data[0] not in VERSIONS or len(data) < 33:
        raise DeliveryError(
            "this is not a dBase table",
            where=path.name,
            next="check the file; dBase III to 7 and FoxPro are read, dBase II is not",
        )
    records, length, width = unpack_from("<IHH", data, 4)
    if data[15] == 1:
        raise DeliveryError(
            "this dBase table is encrypted",
            where=path.name,
            next="ask the sender for a table without a password",
        )
    if length > size or width < 2:
        raise _contradiction(
            path, f"a header of {length} bytes, records of {width}, a file of {size}"
        )
    described, level7 = _described(data[:length], False, data[0]), False
    if data[0] in (0x04, 0x8C) and _width(described) != width:
        described, level7 = _described(data[:length], True, data[0]), True
    total = _width(described)
    if not described or total > width:
        raise _contradiction(path, f"fields of {total} bytes in records of {width}")
    fields, notes = _fields(described)
    if total < width:
        notes.append(f"the last {width - total} bytes of a record belong to no field")
    page = _CODE_PAGES.get(data[29], "")
    if data[29] and not page:
        notes.append(f"the table names a code page that is not known ({data[29]:#04x})")
    seen = tuple(field for field in fields if field.type != "0")
    if not seen:
        raise _contradiction(path, "no field that people see")
    hidden = [field for field in fields if field.type == "0"]
    flags = hidden[0] if hidden else None
    return Header(data[0], level7, records, length, width, page, seen, flags, tuple(notes))


def _width(described: Sequence[tuple[str, str, int, int]]) -> int:
    """Bytes of a record with these fields: the first is its flag."""
    return 1 + sum(length for _, _, length, _ in described)


def _described(data: bytes, level7: bool, version: int) -> list[tuple[str, str, int, int]]:
    """(name, type, bytes, flags) of every field descriptor."""
    at, step, named = (68, 48, 32) if level7 else (32, 32, 11)
    described = []
    while at + step <= len(data) and data[at] not in (0x0D, 0x00):
        name = data[at : at + named].partition(b"\0")[0].decode("cp1252", errors="replace")
        kind = chr(data[at + named])
        length, decimals = data[at + (33 if level7 else 16)], data[at + (34 if level7 else 17)]
        if kind == "C" and version not in (0x30, 0x31, 0x32):
            length += decimals << 8  # Clipper and FoxPro: texts longer than 255 bytes
        flags = data[at + 18] if version in (0x30, 0x31, 0x32) else 0
        described.append((name, kind, length, flags))
        at += step
    return described


def _fields(described: Sequence[tuple[str, str, int, int]]) -> tuple[list[Field], list[str]]:
    names, notes = column_names([name for name, kind, _, _ in described if kind != "0"])
    named, bit = iter(names), 0
    starts = accumulate((length for _, _, length, _ in described), initial=1)
    fields = []
    for (name, kind, length, flags), start in zip(described, starts, strict=False):
        if kind == "0":
            fields.append(Field(name, kind, start, length))
            continue
        varying = null = -1
        if kind in "VQ":
            varying, bit = bit, bit + 1
        if flags & 0x02:
            null, bit = bit, bit + 1
        fields.append(Field(next(named), kind, start, length, varying, null))
    return fields, notes


def _contradiction(path: Path, found: str) -> DeliveryError:
    return DeliveryError(
        f"the header of this dBase table contradicts itself: {found}",
        where=path.name,
        next="ask the sender to deliver it again",
    )
