"""dBase tables made for tests."""

from __future__ import annotations

from collections.abc import Sequence
from struct import pack


def table(
    fields: Sequence[tuple[str, str, int]],
    records: Sequence[bytes],
    *,
    version: int = 0x03,
    page: int = 0x03,
    promised: int | None = None,
    nullable: Sequence[str] = (),
    end: bytes = b"\x1a",
) -> bytes:
    """A table: (name, type, length) of each field, and the records with their flags."""
    described = b"".join(
        name.encode().ljust(11, b"\0")
        + kind.encode()
        + bytes(4)
        + bytes([length, 0, 0x02 if name in nullable else 0])
        + bytes(13)
        for name, kind, length in fields
    )
    length = 32 + len(described) + 1
    width = 1 + sum(length for _, _, length in fields)
    count = len(records) if promised is None else promised
    head = bytes([version, 126, 11, 21]) + pack("<IHH", count, length, width)
    head = head.ljust(29, b"\0") + bytes([page, 0, 0])
    return head + described + b"\r" + b"".join(records) + end


PEOPLE = [("NAME", "C", 6), ("BORN", "D", 8), ("PAID", "N", 6), ("OK", "L", 1)]
ANNA = b" Anna  19870301  1.50T"
BORIS = b" Boris 19801112    -2f"
GONE = b"*Gone  19700101     0?"
