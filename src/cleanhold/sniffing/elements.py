"""Which element of an XML document is one record."""

from __future__ import annotations

from collections import Counter
from xml.parsers import expat

#: Bytes that are looked at.
_MOST_BYTES = 1 << 20


def record_path(start: bytes) -> str | None:
    """The path of the outermost element that is there several times; None if none is.

    Args:
        start: the beginning of a document; it need not be whole. One with a document type, which
            may declare entities that expand without end, is not looked into.
    """
    counts: Counter[tuple[str, ...]] = Counter()
    path: list[str] = []

    def opens(name: str, _: object) -> None:
        path.append(name.rpartition(":")[2])
        counts[tuple(path)] += 1

    parser = expat.ParserCreate()
    parser.StartElementHandler = opens
    parser.EndElementHandler = lambda _: path.pop()
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(start[:_MOST_BYTES], False)
    except (expat.ExpatError, _DoctypeError):
        return None  # the reader says what is wrong with it
    repeated = [found for found, count in counts.items() if count > 1]
    best = min(repeated, key=lambda found: (len(found), -counts[found]), default=None)
    return "/" + "/".join(best) if best else None


class _DoctypeError(Exception):
    """The document has a document type."""


def _refuse(*_: object) -> None:
    raise _DoctypeError
