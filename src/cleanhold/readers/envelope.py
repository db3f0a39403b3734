"""Records around the data that say what was sent: header and trailer records, and their counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cleanhold.core.reading import Chunk
from cleanhold.errors import DeliveryError, UsageError
from cleanhold.readers.encoding import TextEncoding
from cleanhold.readers.framing import LF, content_ends, line_marks, positions

#: How much of a file's end is looked at for its trailer, in bytes, until it is found.
_LOOKS = (1 << 16, 16 << 20)


@dataclass(frozen=True, slots=True)
class Around:
    """What was found at one end of a file.

    Attributes:
        at: position where the data begin, or end.
        promised: how many records the file is said to have, by whom; None if nothing says so.
        notes: things worth telling.
    """

    at: int
    promised: tuple[str, int] | None = None
    notes: tuple[str, ...] = ()


def require_pattern(option: str, pattern: object) -> None:
    """Raises `UsageError` if the pattern of a header or trailer record is mistaken."""
    try:
        groups = re.compile(str(pattern)).groupindex
    except re.error as error:
        raise UsageError(
            f"{option} is not a regular expression: {error}",
            next=r"write it like TRL\|(?P<count>\d+), matched from the line's start",
        ) from error
    if set(groups) - {"count"}:
        raise UsageError(f"{option} has a group beside `count`: {', '.join(groups)}")


def header_record(path: Path, data: bytes, at: int, encoding: TextEncoding, pattern: str) -> Around:
    """Where data go on after the lines at `at` that match a pattern; there must be one.

    Raises:
        DeliveryError: there is none, or its count is no number.
    """
    found = _lines(data, at, encoding)
    matched: list[re.Match[str]] = []
    for _, end, text in found:
        match = re.match(pattern, text)
        if text and match is None:
            break
        at = end
        matched += [match] if text and match else []
    if not matched:
        raise _missing(path, "header record", "first", pattern)
    return _around(path, "header record", at, matched)


def trailer(path: Path, stop: int, encoding: TextEncoding, declared: int | str) -> Around:
    """Where data end before the trailer: a number of lines, or those that match a pattern.

    Blank lines do not count.

    Raises:
        DeliveryError: the lines are not there, or their count is no number.
    """
    for look in _LOOKS:
        start = max(0, stop - look)
        start -= start % encoding.unit
        with path.open("rb") as handle:
            handle.seek(start)
            data = handle.read(stop - start)
        lines = [line for line in _lines(data, 0, encoding, last=_most(declared)) if line[2]]
        if start and lines and lines[0][0] == 0:
            lines = lines[1:]  # cut
        if isinstance(declared, int):
            if len(lines) >= declared:
                return Around(start + lines[-declared][0])
        else:
            matches = [re.match(declared, text) for _, _, text in lines]
            own = next((n for n, match in enumerate(reversed(matches)) if not match), len(matches))
            if own < len(matches) or (own and not start and own < _most(declared)):
                return _around(
                    path,
                    "trailer",
                    start + lines[-own][0] if own else stop,
                    [match for match in matches[len(matches) - own :] if match],
                    _missing(path, "trailer", "last", declared),
                )
        if not start:
            break
    if isinstance(declared, int):
        raise DeliveryError(
            f"the file has fewer than {declared} lines, which are declared to be its trailer",
            where=path.name,
            next="ask the sender to deliver again, or change `trailer`",
        )
    raise _missing(path, "trailer", "last", declared)


def reconciled(
    chunks: Iterator[Chunk], promises: list[tuple[str, int]], path: Path
) -> Iterator[Chunk]:
    """The chunks, and an error after the last one if their records are not as many as promised.

    It is an error of the delivery, not a note: records that were never delivered have no row that
    could be held, so only stopping keeps a part from being taken for the whole.
    """
    records = 0
    for chunk in chunks:
        records += chunk.rows.height + chunk.refused.height
        yield chunk
    for who, count in promises:
        if count != records:
            raise DeliveryError(
                f"the {who} promises {count:,} records, and the file has {records:,}",
                where=path.name,
                next="ask the sender to deliver again; nothing of this delivery was taken",
            )


def _most(declared: int | str) -> int:
    """How many of the last lines are looked at."""
    return 2 * declared + 100 if isinstance(declared, int) else 1000


def _lines(
    data: bytes, at: int, encoding: TextEncoding, last: int = 0
) -> Iterator[tuple[int, int, str]]:
    """(start, end, text) of the physical lines from a position on, or of the `last` ones."""
    view = encoding.view(data[at:])
    marks, unit = line_marks(view), encoding.unit
    ends = positions(marks, (LF,))
    stops = (content_ends(marks, ends) * unit + at).tolist()
    starts = [at, *((ends + 1) * unit + at).tolist()]
    if starts[-1] < len(data):
        starts, stops = [*starts, len(data)], [*stops, len(data)]
    for nth in range(max(0, len(stops) - last) if last else 0, len(stops)):
        text = encoding.to_utf8(data[starts[nth] : stops[nth]])
        yield starts[nth], starts[nth + 1], text.decode(errors="replace")


def _around(
    path: Path,
    who: str,
    at: int,
    matched: list[re.Match[str]],
    missing: DeliveryError | None = None,
) -> Around:
    if not matched and missing is not None:
        raise missing
    counts = [m["count"] for m in matched if "count" in m.re.groupindex and m["count"] is not None]
    if not counts:
        return Around(at)
    if not (counts[-1].strip().isascii() and counts[-1].strip().isdigit()):
        raise DeliveryError(
            f"the count of the {who} is no number: {counts[-1]!r}",
            where=path.name,
            next="change the group `count` of the pattern, or ask the sender to deliver again",
        )
    count = int(counts[-1])
    return Around(at, (who, count), (f"the {who} promises {count:,} records",))


def _missing(path: Path, who: str, which: str, pattern: str) -> DeliveryError:
    return DeliveryError(
        f"there is no {who}: the {which} line does not match {pattern!r}",
        where=path.name,
        next="the delivery may be cut off: ask the sender to deliver again, or change the pattern",
    )
