"""Where the list of records lies in a JSON document, and where its records are.

A record is what stands between two commas of the list. Where brackets or quotes of a record do not
match, a later record begins at the next line that begins as records do in this document: a brace
behind the same blanks. (A document on one line has no such lines; there, the rest is one record.)
"""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8 as BOM
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cleanhold.errors import DeliveryError
from cleanhold.readers import framing
from cleanhold.readers.body import LOOKS, first_bytes
from cleanhold.readers.framing import (
    LF,
    MAX_RECORD,
    Mask,
    Offsets,
    Records,
    octets,
    positions,
    records_of,
)
from cleanhold.readers.json_tokens import Marks, marks_outside, steps_of

#: How many closing brackets at a document's end are tried as the list's.
_TRIES = 100

_BLANK = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class ListBounds:
    """Where a list lies in a file.

    Attributes:
        start: position after its opening bracket (and blanks).
        stop: position of its closing bracket, or the end of what is taken for the list.
        is_closed: whether it ends before the file does.
        is_sound: whether the document around it is JSON.
        indent: how a line begins that begins a record; None if records begin no lines.
    """

    start: int
    stop: int
    is_closed: bool
    is_sound: bool
    indent: bytes | None


def find_list(path: Path, size: int, keys: tuple[str, ...], where: str) -> ListBounds:
    """Find the list under some keys, from the outermost value down.

    Raises:
        DeliveryError: there is none, or it begins further in than is looked (80 MiB).
    """
    start = _list_start(path, size, keys, where)
    head = first_bytes(path, start).removeprefix(BOM)
    stop = _list_end(path, start)
    is_sound = stop is not None and _is_document(path, head, stop, size)
    if not is_sound:
        for candidate in _last_brackets(path, start, size):
            if _is_document(path, head, candidate, size):
                stop, is_sound = candidate, True
                break
    with path.open("rb") as handle:
        handle.seek(start)
        look = handle.read(min(LOOKS[0], (stop or size) - start))
    indent = _indent(look)
    start += len(look) - len(look.lstrip(b" \t\r\n"))
    return ListBounds(start, size if stop is None else stop, stop is not None, is_sound, indent)


def _list_start(path: Path, size: int, keys: tuple[str, ...], where: str) -> int:
    for look in LOOKS:
        data = first_bytes(path, min(look, size))
        skip = len(BOM) if data.startswith(BOM) else 0
        try:
            # One character a byte, so that positions are the file's.
            at = _walk(data[skip:].decode("latin-1"), keys)
        except (ValueError, IndexError, RecursionError):
            if len(data) < size and look != LOOKS[-1]:
                continue
            at = None
        if at is not None:
            return skip + at
        break
    raise DeliveryError(
        f"this JSON has no list at {where}",
        where=path.name,
        next="check that this is the right delivery, or say where its records are: records='$.…'",
    )


def _walk(text: str, keys: tuple[str, ...]) -> int | None:
    """The position after the bracket that opens the list, or None if something else is there."""
    at = _blanks(text, 0)
    for key in keys:
        if text[at] != "{":
            return None
        at = _blanks(text, at + 1)
        while True:
            if text[at] != '"':
                return None
            _, end = _DECODER.raw_decode(text, at)
            name = json.loads(text[at:end].encode("latin-1"))
            at = _blanks(text, end)
            if text[at] != ":":
                return None
            at = _blanks(text, at + 1)
            if name == key:
                break
            _, at = _DECODER.raw_decode(text, at)
            at = _blanks(text, at)
            if text[at] != ",":
                return None
            at = _blanks(text, at + 1)
    return at + 1 if text[at] == "[" else None


def _blanks(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _list_end(path: Path, start: int) -> int | None:
    """The position of the bracket that closes the list, if brackets match up to there."""
    depth, offset, inside = 0, start, False
    with path.open("rb") as handle:
        handle.seek(start)
        while data := handle.read(framing.BLOCK):
            while data.endswith(b"\\") and (more := handle.read(1)):
                data += more
            length = len(data)
            data = b'"' + data if inside else data
            shift = offset - (len(data) - length)
            found = marks_outside(data, _line_starts(data))
            after = depth + np.cumsum(steps_of(found.kinds))
            if len(closed := np.flatnonzero(after < 0)):
                first = closed[0]
                return int(found.at[first]) + shift if found.kinds[first] == ord("]") else None
            depth = int(after[-1]) if len(after) else depth
            inside = bool(found.torn[-1])
            offset += length
    return None


def _line_starts(data: bytes) -> Offsets:
    """Where lines begin, and the end: no string of valid JSON goes over a line's end."""
    starts = np.concatenate(([0], positions(octets(data), (LF,)) + 1, [len(data)]))
    return starts[:-1] if len(starts) > 2 and starts[-2] == len(data) else starts


def _is_document(path: Path, head: bytes, stop: int, size: int) -> bool:
    """Whether what is around the list is JSON, with an empty list in its place."""
    if size - stop > MAX_RECORD:
        return False
    with path.open("rb") as handle:
        handle.seek(stop)
        tail = handle.read()
    try:
        json.loads(head + tail)
    except (ValueError, RecursionError):
        return False
    return True


def _last_brackets(path: Path, start: int, size: int) -> list[int]:
    with path.open("rb") as handle:
        at = max(start, size - LOOKS[0])
        handle.seek(at)
        data = handle.read()
    found: list[int] = (positions(octets(data), (ord("]"),))[-_TRIES:] + at).tolist()
    return found


def _indent(look: bytes) -> bytes | None:
    """The line's end and blanks before the first record, or else before the second one."""
    first = re.match(rb"[ \t\r\n]*?(\n[ \t]*)\{", look)
    if first:
        return first[1] + b"{"
    try:
        text = look.decode("latin-1")
        _, at = _DECODER.raw_decode(text, _blanks(text, 0))
    except (ValueError, RecursionError):
        return None
    second = re.compile(rb"[ \t\r]*,[ \t\r\n]*?(\n[ \t]*)\{").match(look, at)
    return second[1] + b"{" if second else None


@dataclass(frozen=True, slots=True)
class ListSplit:
    """A `Split` (see `framing`) of the bytes between a list's brackets.

    Attributes:
        where: the file's name, for errors.
        indent: see `ListBounds`.
    """

    where: str
    indent: bytes | None

    def __call__(self, data: bytes, final: bool) -> Records:
        """The records of a block; the comma after a record belongs to it."""
        found = marks_outside(data, _line_starts(data))
        depth = np.cumsum(steps_of(found.kinds))
        commas = found.at[(depth == 0) & (found.kinds == ord(","))]
        if len(closed := np.flatnonzero(depth < 0)):  # from there on, depth tells nothing
            commas = commas[commas < found.at[closed[0]]]
        bounds = np.concatenate(([0], commas + 1, [len(data)]))
        ends = np.append(commas, len(data))
        if self.indent is not None:
            bounds, ends = self._mended(data, final, found, bounds, ends)
        if final and len(ends) > 1 and not data[bounds[-2] : ends[-1]].strip(b" \t\r\n"):
            bounds, ends = np.append(bounds[:-2], bounds[-1]), ends[:-1]
        if len(ends) == 1 and len(data) >= MAX_RECORD and not final:
            raise DeliveryError(
                f"a record of this JSON list is longer than {MAX_RECORD >> 20} MiB",
                where=self.where,
                next="check that the list of records is the right one",
            )
        return records_of(bounds, ends)

    def _mended(
        self, data: bytes, final: bool, found: Marks, bounds: Offsets, ends: Offsets
    ) -> tuple[Offsets, Offsets]:
        """Pieces that are no JSON are cut at lines within them that begin as records do."""
        begins = self._line_begins(data)
        if not len(begins):
            return bounds, ends
        piece = np.searchsorted(bounds, begins, side="right") - 1
        mark = np.searchsorted(found.at, bounds[piece])  # of each piece, its first
        first = found.at[np.minimum(mark, len(found.at) - 1)] if len(found.at) else begins
        assert self.indent is not None
        inner = begins + len(self.indent) - 2 != first
        for which in np.unique(piece[inner]).tolist():
            is_open = which == len(ends) - 1 and not final
            if not _is_broken(data[bounds[which] : ends[which]], is_open):
                inner[piece == which] = False
        cuts = begins[inner]
        if not len(cuts):
            return bounds, ends
        before = [len(data[:cut].rstrip(b" \t\r\n")) for cut in cuts.tolist()]
        stops = [at - (data[at - 1 : at] == b",") for at in before]
        return np.union1d(bounds, cuts), np.union1d(ends, stops)

    def _line_begins(self, data: bytes) -> Offsets:
        """Where lines begin that begin as records do."""
        assert self.indent is not None
        octet = octets(data)
        begins = positions(octet, (LF,)) + 1
        begins = begins[begins + len(self.indent) - 1 <= len(data)]
        alike: Mask = np.ones(len(begins), dtype=np.bool_)
        for nth, byte in enumerate(self.indent[1:]):
            alike &= octet[begins + nth] == byte
        chosen: Offsets = begins[alike]
        return chosen


def _is_broken(piece: bytes, is_open: bool) -> bool:
    """Whether a piece can be no JSON value, however it goes on if it `is_open`."""
    text = piece.decode("latin-1").strip(" \t\r\n")
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        unknown = is_open and (error.pos > len(text) - 16 or error.msg.startswith("Unterminated"))
        return not unknown
    except RecursionError:
        return False
    return False
