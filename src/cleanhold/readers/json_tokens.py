"""The members of JSON objects, one object per line, found by arithmetic on positions.

Only the outermost level is taken apart: every key and value stays the text that was delivered, so
a number keeps its digits. What a member is made of is judged by `json_lines`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from cleanhold.readers.framing import Mask, Octets, Offsets, Records, octets, positions
from cleanhold.readers.spans import contents, tiles

_QUOTE, _BACKSLASH, _OPEN, _CLOSE, _COLON, _COMMA = (ord(c) for c in '"\\{}:,')
_WANTED = tuple(b'"{}[]:,')

#: JSON's white space.
BLANKS = " \t\r\n"


def _transitions() -> Mask:
    """Which marks of the outermost level may follow which."""
    allowed = np.zeros((256, 256), dtype=np.bool_)
    for before, after in ("{:", "{}", ":,", ":}", ",:"):
        allowed[ord(before), ord(after)] = True
    return allowed


_ALLOWED = _transitions()
_STEPS = np.zeros(256, dtype=np.int64)
_STEPS[list(b"{[")], _STEPS[list(b"}]")] = 1, -1


def steps_of(kinds: Octets) -> Offsets:
    """How each mark changes the number of open brackets: 1, -1 or 0."""
    return _STEPS[kinds]


@dataclass(frozen=True, slots=True)
class Members:
    """The members of all objects of a block, in order.

    Attributes:
        data: the block.
        cuts: positions that part it into marks and the texts between them.
        colons: which marks are the members' colons.
        record: which record each belongs to.
        quotes: unescaped quotes in the value.
        misshapen: records that are not one object at their outermost level.
    """

    data: bytes
    cuts: Offsets
    colons: Offsets
    record: Offsets
    quotes: Offsets
    misshapen: Offsets

    def keys(self) -> pl.Series:
        """The text before each colon, without blanks around it (String)."""
        return _stripped(self.data, self.cuts, 2 * self.colons)

    def layout(self, records: int) -> pl.Series | None:
        """The keys as written, if each of so many records has just these in this order."""
        each, rest = divmod(len(self.record), max(records, 1))
        if not each or rest or len(self.misshapen):
            return None
        if not (self.record.reshape(records, each) == np.arange(records)[:, None]).all():
            return None
        keys = self.keys()
        first = keys[:each]
        alike = all((keys.gather_every(each, nth) == first[nth]).all() for nth in range(each))
        return first if alike else None

    def values(self) -> pl.Series:
        """The text after each colon, without blanks around it (String)."""
        return _stripped(self.data, self.cuts, 2 * self.colons + 2)


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks (`{}[]:,`) of texts that stand outside strings.

    Attributes:
        at: their positions, ascending.
        kinds: the marks.
        quotes: unescaped quotes before each.
        line: the text each stands in.
        first: each text's first mark, and their number.
        depth: brackets open after each, in its text.
        torn: which texts have a string that does not end in them.
    """

    at: Offsets
    kinds: Octets
    quotes: Offsets
    line: Offsets
    first: Offsets
    depth: Offsets
    torn: Mask


def marks_outside(data: bytes, bounds: Offsets) -> Marks:
    """Find them; no string goes from one text into the next (`bounds`: where texts begin)."""
    octet = octets(data)
    at = positions(octet, _WANTED)
    if b"\\" in data:
        at = at[~_escaped(octet, at)]
    kinds = octet[at]
    first = np.searchsorted(at, bounds)  # each text's first mark

    is_quote = kinds == _QUOTE
    quotes = np.cumsum(is_quote, dtype=np.int32)
    before = np.concatenate(([0], quotes))[first]  # quotes before each text
    torn: Mask = np.diff(before) % 2 == 1
    inside = np.bitwise_xor.accumulate(is_quote.view(np.uint8))
    if torn.any():
        inside ^= np.repeat(before[:-1] % 2 == 1, np.diff(first)).view(np.uint8)
    outside = np.flatnonzero((inside == 0) & ~is_quote)
    at, kinds, seen = at[outside], kinds[outside], quotes[outside].astype(np.int64)
    first = np.searchsorted(outside, first)
    line = np.repeat(np.arange(len(bounds) - 1), np.diff(first))
    total = np.concatenate(([0], np.cumsum(_STEPS[kinds])))
    return Marks(at, kinds, seen, line, first, total[1:] - total[first[line]], torn)


def members(data: bytes, records: Records, which: Offsets) -> Members:
    """Take some records (decodable texts) of a block apart."""
    found = marks_outside(data, records.bounds)
    at, kinds, line, first, seen = found.at, found.kinds, found.line, found.first, found.quotes
    steps, after, bad = _STEPS[kinds], found.depth, found.torn.copy()
    outer = np.where(steps > 0, after == 1, np.where(steps < 0, after == 0, after == 1))
    bad |= np.diff(first) == 0
    bad[line[after < 0]] = True
    last = after[np.maximum(first[1:] - 1, 0)] if len(after) else np.zeros(len(bad), np.int64)
    bad |= last != 0

    at, kinds, line, first, seen = _kept(outer, at, kinds, line, first, seen)
    bad |= np.diff(first) < 2
    same = line[1:] == line[:-1]
    bad[line[1:][same & ~_ALLOWED[kinds[:-1], kinds[1:]]]] = True
    wanted = np.zeros(len(records), dtype=np.bool_)
    wanted[which] = True
    whole = np.flatnonzero(wanted & ~bad)
    ends = at[first[whole]], at[first[whole + 1] - 1]
    bad[whole] = ~_braced(data, records, whole, *ends, octets(data))

    kept = (wanted & ~bad)[line]
    at, kinds, line, first, seen = _kept(kept, at, kinds, line, first, seen)
    cuts = np.empty(2 * len(at) + 2, dtype=np.int64)
    cuts[0], cuts[1:-1:2], cuts[2:-1:2], cuts[-1] = 0, at, at + 1, len(data)
    colons = np.flatnonzero(kinds == _COLON)

    empty = np.flatnonzero((kinds[:-1] == _OPEN) & (kinds[1:] == _CLOSE))  # {} and nothing else
    filled = empty[_stripped(data, cuts, 2 * empty + 2).str.len_bytes().to_numpy() > 0]
    bad[line[filled]] = True
    return Members(
        data=data,
        cuts=cuts,
        colons=colons,
        record=line[colons],
        quotes=seen[colons + 1] - seen[colons],
        misshapen=np.flatnonzero(bad & wanted),
    )


def nth_elements(lists: pl.Series, n: int) -> tuple[Offsets, pl.Series, Offsets]:
    """The elements at place `n` (from 0) of valid JSON lists.

    Returns:
        which lists have one, the elements as written, and the unescaped quotes in each.
    """
    data, bounds = run_of(lists)
    found = marks_outside(data, bounds)
    opens = (found.depth == 1) & (_STEPS[found.kinds] == 1)
    edges = np.flatnonzero(
        opens | (found.depth == 0) | ((found.depth == 1) & (found.kinds == _COMMA))
    )
    first = np.searchsorted(edges, found.first)
    which = np.flatnonzero(first[:-1] + n + 1 < first[1:])
    begin, end = edges[first[:-1][which] + n], edges[first[:-1][which] + n + 1]
    cuts = np.empty(2 * len(which) + 2, dtype=np.int64)
    cuts[0], cuts[1:-1:2], cuts[2:-1:2], cuts[-1] = 0, found.at[begin] + 1, found.at[end], len(data)
    text = _stripped(data, cuts, 2 * np.arange(len(which)) + 1)
    full = np.flatnonzero(text.str.len_bytes().to_numpy() > 0)  # `[]` has no element
    return which[full], text.gather(full), (found.quotes[end] - found.quotes[begin])[full]


def run_of(texts: pl.Series) -> tuple[bytes, Offsets]:
    """Texts one after the other, and where each begins and the last ends."""
    lengths = texts.str.len_bytes().to_numpy().astype(np.int64)
    return "".join(texts.to_list()).encode(), np.concatenate(([0], np.cumsum(lengths)))


def _stripped(data: bytes, cuts: Offsets, pieces: Offsets) -> pl.Series:
    text = tiles(data, cuts, pieces).cast(pl.String)
    marks, begin, end = octets(data), cuts[pieces], cuts[pieces + 1]
    edges = marks[begin], marks[np.maximum(end, 1) - 1]
    blank = any(bool((edge <= ord(" ")).any()) for edge in edges)
    return text.str.strip_chars(BLANKS) if blank else text  # stripping copies every text


def _kept(
    which: Mask, at: Offsets, kinds: Octets, line: Offsets, first: Offsets, seen: Offsets
) -> tuple[Offsets, Octets, Offsets, Offsets, Offsets]:
    """Some of the marks, where each line's first one is among them, and the quotes before each."""
    index = np.flatnonzero(which)
    return at[index], kinds[index], line[index], np.searchsorted(index, first), seen[index]


def _escaped(marks: Octets, at: Offsets) -> Mask:
    """Whether an odd number of backslashes stands before each mark; there are some in the data."""
    slashes = np.flatnonzero(marks == _BACKSLASH)
    run_starts = slashes[np.flatnonzero(np.diff(slashes, prepend=-2) != 1)]
    before = np.searchsorted(slashes, at)  # backslashes before each mark
    touching = (before > 0) & (slashes[np.maximum(before - 1, 0)] == at - 1)
    run = run_starts[np.maximum(np.searchsorted(run_starts, at) - 1, 0)]
    escaped: Mask = touching & ((at - run) % 2 == 1)
    return escaped


def _braced(
    data: bytes, records: Records, which: Offsets, first: Offsets, last: Offsets, marks: Octets
) -> Mask:
    """Whether each record's first and last bytes, but for blanks, are these two braces."""
    begin, end = records.bounds[which], records.ends[which] - 1
    padded = np.flatnonzero((begin != first) | (end != last))
    if len(padded):
        text = contents(data, records, which[padded]).cast(pl.String)
        length = text.str.len_bytes()
        begin[padded] += (length - text.str.strip_chars_start(BLANKS).str.len_bytes()).to_numpy()
        end[padded] -= (length - text.str.strip_chars_end(BLANKS).str.len_bytes()).to_numpy()
    braced: Mask = (begin == first) & (end == last)
    braced &= (marks[first] == _OPEN) & (marks[last] == _CLOSE)
    return braced
