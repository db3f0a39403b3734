"""The people of the text formats once more: as documents, and as a dBase table."""

from __future__ import annotations

import json
import struct
from xml.sax.saxutils import escape, quoteattr

from generator.text_formats import people


def document_format_files() -> dict[str, bytes]:
    """Path below the samples → bytes."""
    rows = people()
    objects = [
        {"person": person, "address": {"city": city}, "remarks": [remark] if remark else []}
        for person, city, remark in rows
    ]
    lines = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in objects)
    document = {"delivered": "2026-11-02", "data": {"people": objects}}
    return {
        "formats/people.ndjson": lines.encode(),
        "formats/people.json": json.dumps(document, ensure_ascii=False, indent=1).encode(),
        "formats/people.xml": _xml(rows).encode(),
        "formats/people.dbf": _dbase([row for row in rows if _is_western(row[1])]),
    }


def _is_western(city: str) -> bool:
    try:
        city.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _xml(rows: list[tuple[str, str, str]]) -> str:
    people = "".join(
        f"  <person id={quoteattr(person)}>\n    <city>{escape(city)}</city>\n"
        f"    <remark>{escape(remark)}</remark>\n  </person>\n"
        for person, city, remark in rows
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<people>\n{people}</people>\n'


def _dbase(rows: list[tuple[str, str, str]]) -> bytes:
    """A dBase III table in Windows code page 1252 (language driver 0x03); one record is deleted."""
    fields = (("PERSON", 7), ("CITY", 12))
    size = 1 + sum(width for _, width in fields)
    head = struct.pack("<4BIHH", 3, 126, 11, 2, len(rows), 32 + 32 * len(fields) + 1, size)
    head += bytes(17) + b"\x03" + bytes(2)
    for name, width in fields:
        head += name.encode().ljust(11, b"\0") + b"C" + bytes(4) + bytes([width]) + bytes(15)
    records = [
        (b"*" if number == 3 else b" ") + person.encode() + city.encode("cp1252").ljust(12)
        for number, (person, city, _) in enumerate(rows, start=1)
    ]
    return head + b"\r" + b"".join(records) + b"\x1a"
