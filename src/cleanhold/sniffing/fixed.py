"""Fixed-width text: where its columns seem to be."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

#: Lines that are looked at, and the fewest that tell anything.
_MOST_LINES, _FEWEST_LINES = 2_000, 3

#: Shortest line, and share of the lines that are as long as most.
_SHORTEST, _ALIKE = 8, 0.95


@dataclass(frozen=True, slots=True)
class SniffedLayout:
    """Columns by their places; the first character is 1.

    Attributes:
        fields: (start, length).
        width: characters of a line.
        even: whether all lines are as long.
        because: the evidence, in words.
    """

    fields: tuple[tuple[int, int], ...]
    width: int
    even: bool
    because: str


def sniff_layout(text: str) -> SniffedLayout | None:
    """The columns of a text whose lines are alike; None if they are not.

    Columns are told by places that are blank in every line. Fields that touch cannot be told
    apart: only the sender's description does that.
    """
    lines = [line for line in text.splitlines()[:_MOST_LINES] if line.strip()]
    if len(lines) < _FEWEST_LINES or "\t" in text[:10_000]:
        return None
    lengths = Counter(map(len, lines))
    width, usual = max(lengths), lengths.most_common(1)[0][1]
    even = usual >= _ALIKE * len(lines)
    if width < _SHORTEST or width > 20_000:
        return None
    padded = "".join(line.ljust(width) for line in lines)
    places = np.array(list(padded)).reshape(len(lines), width)
    filled = (places != " ").any(axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], filled.astype(np.int8), [0]))))
    spans = [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    if not even and len(spans) < 3:
        return None
    # A field goes on to where the next begins: its blanks are filler of its own.
    starts = [start for start, _ in spans]
    ends = [*starts[1:], width]
    fields = tuple((s + 1, e - s) for s, e in zip(starts, ends, strict=True))
    alike = (
        "all lines are" if lengths[width] == len(lines) else f"{usual} of {len(lines)} lines are"
    )
    because = f"{alike} {lengths.most_common(1)[0][0]} characters long" if even else (
        f"{len(spans) - 1} places are blank in all {len(lines)} lines"
    )  # fmt: skip
    return SniffedLayout(fields, width, even, because)
