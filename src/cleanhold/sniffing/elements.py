"""Where the records of a document are: which element of XML, which list of JSON."""

from __future__ import annotations

import json
import re
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


def list_path(document: bytes) -> str | None:
    """The path of the outermost list of objects below keys: `$.data.items`; None if none is there.

    Args:
        document: a whole one, UTF-8.
    """
    try:
        within = [("$", json.loads(document))]
    except (ValueError, RecursionError):
        return None  # cut, or damaged: the reader says what is wrong with it
    while within:
        for path, value in within:
            if isinstance(value, list) and value and all(isinstance(v, dict) for v in value):
                return path
        within = [
            (path + _step(key), inner)
            for path, value in within
            if isinstance(value, dict)
            for key, inner in value.items()
        ]
    return None


def _step(key: str) -> str:
    is_plain = re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", key)
    return f".{key}" if is_plain else f"[{key!r}]"


class _DoctypeError(Exception):
    """The document has a document type."""


def _refuse(*_: object) -> None:
    raise _DoctypeError
