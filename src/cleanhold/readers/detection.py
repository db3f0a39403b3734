"""Which encoding a file is read in: the declared one, by its mark, or as detected."""

from __future__ import annotations

import codecs
from pathlib import Path

from cleanhold.errors import DeliveryError, UsageError
from cleanhold.readers.encoding import BY_MARK, DETECT, MARKS, TextEncoding, text_encoding

#: Bytes at the start of a file that its encoding is detected from.
SAMPLE = 1 << 20


def encoding_of(path: Path, declared: str) -> tuple[TextEncoding, tuple[str, ...]]:
    """The encoding of a file, and notes on how it was chosen.

    Args:
        path: the file.
        declared: a name from `encoding.declared`.

    Raises:
        DeliveryError: the file has no mark and needs one, has another's mark, or its encoding
            cannot be detected.
    """
    with path.open("rb") as handle:
        head = handle.read(4)
    marked = next((name for mark, name in MARKS if head.startswith(mark)), None)
    if declared == DETECT:
        name = marked or _detected(path)
        how = "by its byte order mark" if marked else "from how its bytes are used"
        return text_encoding(name), (f"the encoding was detected {how}: {name}",)
    if declared in BY_MARK:
        if marked is None or not marked.startswith(declared):
            raise DeliveryError(
                f"the file does not begin with the byte order mark of {declared}",
                where=path.name,
                next=f"declare {declared}-le (little endian) or {declared}-be",
            )
        return text_encoding(marked), (f"read as {marked}, by its byte order mark",)
    if marked and marked != declared and declared.startswith(tuple(BY_MARK)):
        raise DeliveryError(
            f"the file begins with the byte order mark of {marked}, but {declared} is declared",
            where=path.name,
            next=f"declare encoding={marked!r}, or ask the sender",
        )
    return text_encoding(declared), ()


def mark_of(encoding: TextEncoding) -> bytes:
    """The byte order mark of an encoding; empty for those that have none."""
    return next((mark for mark, name in MARKS if name == encoding.name), b"")


def _detected(path: Path) -> str:
    from charset_normalizer import from_bytes  # not above: it loads slowly

    with path.open("rb") as handle:
        sample = handle.read(SAMPLE)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
        if b"\0" not in sample:  # which UTF-16 is full of
            return "utf-8"
    except UnicodeDecodeError:
        pass
    found = from_bytes(sample).best()
    try:
        return text_encoding(found.encoding if found else "none").name
    except UsageError as error:
        raise DeliveryError(
            "no encoding was found in which the file makes sense",
            where=path.name,
            next="ask the sender which it is, and declare it",
        ) from error
