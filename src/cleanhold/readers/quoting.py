"""Records and fields of delimited text: who is inside quotes, by arithmetic on positions.

Two tiers give the same answer. A block whose quotes are all where RFC 4180 allows them is framed
by the parity of its quotes. Any other block is framed line by line: a line that is well-formed
alone is a record; a line that leaves a quote open is joined with the lines after it, up to the
one that closes it, if all quotes in between are valid and the fields come to the expected number;
else that one line is refused and framing resumes at the next. So a stray quote costs one line.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cleanhold.readers.bitmaps import (
    Words,
    after,
    before,
    bitmap,
    counts_before,
    places,
    toggled,
)
from cleanhold.readers.dialect import Marking
from cleanhold.readers.framing import (
    COMMENT,
    CR,
    LF,
    Mask,
    Octets,
    Offsets,
    Records,
    content_ends,
    line_marks,
    octets,
    positions,
)
from cleanhold.readers.refusals import Refusal

#: Bytes that a record spread over several lines may have.
MAX_MULTILINE = 16 * 2**20


def split_delimited(view: bytes, final: bool, marking: Marking, fields: int | None) -> Records:
    """A `Split` of an encoding's view; blank lines are records without content.

    Args:
        view: the block.
        final: whether the file ends with it.
        marking: how fields are told apart.
        fields: per record; None while unknown (then any number will do).
    """
    marked = marking.marks(view)
    has_returns = b"\r" in marked
    marks = line_marks(marked) if has_returns else octets(marked)
    comment = marking.comment if _may_comment(view, marking.comment) else b""
    records = None if comment else _by_parity(marks, has_returns, final, marking, fields)
    return _by_line(marks, final, marking, fields, comment) if records is None else records


def _may_comment(view: bytes, comment: bytes) -> bool:
    """Whether a line may begin with it."""
    return bool(comment) and (
        view.startswith(comment) or b"\n" + comment in view or b"\r" + comment in view
    )


def _by_parity(
    marks: Octets, has_returns: bool, final: bool, marking: Marking, fields: int | None
) -> Records | None:
    """The records of a well-formed block; None if it is not, or a limit is passed."""
    line_feeds, delimiters = bitmap(marks, LF), bitmap(marks, marking.symbols.delimiter)
    inner = None  # line ends inside quotes
    quotes = bitmap(marks, marking.symbols.quote) if marking.quote else line_feeds[:0]
    if quotes.any():
        inside = toggled(quotes)  # from each opening quote up to the closing one
        beside = line_feeds | delimiters | quotes
        for other in marking.beside_quote - {LF, marking.symbols.delimiter, marking.symbols.quote}:
            if other != CR or has_returns:
                beside |= bitmap(marks, other)
        last = len(marks) - len(marking.quote)
        is_open = inside[-1] >> np.uint64(63)
        if (final and is_open) or not _all_valid(quotes, inside, beside, last, len(marking.quote)):
            return None
        inner = line_feeds & inside
        line_feeds, delimiters = line_feeds ^ inner, delimiters & ~inside
    line_ends = places(line_feeds)
    bounds = np.concatenate(([0], line_ends + 1))
    ends = content_ends(marks, line_ends) if has_returns else line_ends
    counts = np.diff(counts_before(delimiters, line_ends), prepend=0) + 1
    tail = len(marks) - int(bounds[-1])
    if tail:
        total = int(np.bitwise_count(delimiters).sum(dtype=np.int64))
        bounds, ends = np.append(bounds, len(marks)), np.append(ends, len(marks))
        counts = np.append(counts, total - (counts - 1).sum() + 1)
    faults = _count_faults(counts, fields)
    if inner is not None:
        spread = np.searchsorted(bounds, places(inner), side="right") - 1
        complete = spread < len(ends) - (1 if tail and not final else 0)
        if faults[spread[complete]].any() or np.diff(bounds).max(initial=0) > MAX_MULTILINE:
            return None
    return Records(bounds, ends, faults, counts)


def _all_valid(quotes: Words, inside: Words, beside: Words, last: int, width: int) -> bool:
    """Whether every quote opens at a field's start or closes at a field's end.

    Args:
        quotes: of the block; there are some.
        inside: from each opening quote up to the closing one.
        beside: marks that may be beside a quote.
        last: where a quote would end the block.
        width: of a quote.
    """
    may_open, may_close = after(beside), before(beside, width)
    may_open[0] |= np.uint64(1)
    may_close[last // 64] |= np.uint64(1 << last % 64)
    opens, closes = quotes & inside, quotes & ~inside
    return not ((opens & ~may_open) | (closes & ~may_close)).any()


def _count_faults(counts: Offsets, fields: int | None) -> Octets:
    faults = np.zeros(len(counts), dtype=np.uint8)
    if fields is not None:
        faults[counts < fields] = Refusal.TOO_FEW_FIELDS
        faults[counts > fields] = Refusal.TOO_MANY_FIELDS
    return faults


@dataclass(frozen=True, slots=True)
class _Lines:
    """What each physical line is, read from outside quotes and from inside.

    Attributes:
        bounds: n + 1 positions.
        is_comment: read from outside, the line is a comment.
        odd: the number of quotes is odd, so the line ends in the other state (unless a comment).
        valid_outside, valid_inside: all quotes are where they may be, if the line begins so.
        delimiters_outside, delimiters_inside: delimiters that separate fields, if it begins so.
    """

    bounds: Offsets
    is_comment: Mask
    odd: Mask
    valid_outside: Mask
    valid_inside: Mask
    delimiters_outside: Offsets
    delimiters_inside: Offsets


def _lines(marks: Octets, marking: Marking, comment: bytes) -> _Lines:
    delimiter, quote = marking.symbols.delimiter, marking.symbols.quote if marking.quote else None
    at = positions(marks, (LF, delimiter) if quote is None else (LF, delimiter, quote))
    kinds = marks[at]
    is_end, is_delimiter = kinds == LF, kinds == delimiter
    is_quote = kinds == quote if quote is not None else np.zeros(len(at), dtype=np.bool_)
    bounds = np.concatenate(([0], at[is_end] + 1))
    if bounds[-1] < len(marks):
        bounds = np.append(bounds, len(marks))
    count = len(bounds) - 1
    line = np.cumsum(is_end) - is_end

    quotes, quote_line = at[is_quote], line[is_quote]
    before_line = np.searchsorted(quote_line, np.arange(count))  # quotes before each line
    second = ((np.arange(len(quotes)) - before_line[quote_line]) & 1).astype(np.bool_)
    beside, follow = np.zeros(256, dtype=np.bool_), quotes + max(len(marking.quote), 1)
    beside[list(marking.beside_quote)] = True
    may_open = (quotes == 0) | beside[marks[quotes - 1]]
    may_close = (follow >= len(marks)) | beside[marks[np.minimum(follow, len(marks) - 1)]]
    bad_outside = np.where(second, ~may_close, ~may_open)
    bad_inside = np.where(second, ~may_open, ~may_close)

    delimiter_line = line[is_delimiter]
    quotes_before = np.cumsum(is_quote)[is_delimiter] - before_line[delimiter_line]
    even = quotes_before % 2 == 0

    def per_line(lines: Offsets) -> Offsets:
        return np.bincount(lines, minlength=count)[:count]

    is_comment = _begins_with(marks, bounds[:-1], comment)
    return _Lines(
        bounds=bounds,
        is_comment=is_comment,
        odd=per_line(quote_line) % 2 == 1,
        valid_outside=is_comment | (per_line(quote_line[bad_outside]) == 0),
        valid_inside=per_line(quote_line[bad_inside]) == 0,
        delimiters_outside=per_line(delimiter_line[even]),
        delimiters_inside=per_line(delimiter_line[~even]),
    )


def _begins_with(marks: Octets, starts: Offsets, text: bytes) -> Mask:
    found = np.full(len(starts), bool(text))
    for nth, byte in enumerate(text):
        found &= marks[np.minimum(starts + nth, len(marks) - 1)] == byte
    return found


def _by_line(
    marks: Octets, final: bool, marking: Marking, fields: int | None, comment: bytes
) -> Records:
    """The records of any block. Time is linear whatever the quotes do."""
    lines = _lines(marks, marking, comment)
    opens = lines.odd & ~lines.is_comment  # read from outside
    starts = lines.bounds[:-1]
    known = len(starts) if final else len(starts) - 1  # the last line may go on in the next block

    # Where a quote left open by line i is closed: the first line after i that does not both
    # begin and end inside quotes, if it is valid from inside.
    openers = np.flatnonzero(lines.valid_outside & opens)
    stops = np.flatnonzero(~(lines.valid_inside & ~lines.odd))
    which = np.searchsorted(stops, openers, side="right")
    closers = np.append(stops, len(starts))[which]
    found = closers < known
    closing = np.where(found, closers, 0)
    fits = found & lines.valid_inside[closing] & lines.odd[closing]
    fits &= lines.bounds[closing + 1] - starts[openers] <= MAX_MULTILINE
    inner = np.concatenate(([0], np.cumsum(lines.delimiters_inside)))
    counts = 1 + lines.delimiters_outside[openers] + inner[closing + 1] - inner[openers + 1]
    if fields is not None:
        fits &= counts == fields
    first, last = _greedy(openers[fits], closers[fits])

    joined = np.zeros(len(starts) + 1, dtype=np.int64)  # lines that continue a record
    np.add.at(joined, first + 1, 1)
    np.add.at(joined, last + 1, -1)
    continues = np.cumsum(joined[:-1]) > 0
    head = np.flatnonzero(~continues)
    closer = np.arange(len(starts))
    closer[first] = last

    total = 1 + lines.delimiters_outside
    total += np.where(closer > np.arange(len(starts)), inner[closer + 1] - inner[1:], 0)
    faults = _count_faults(total, fields)
    faults[opens] = Refusal.OPEN_QUOTE
    faults[first] = Refusal.NONE
    faults[~lines.valid_outside] = Refusal.STRAY_QUOTE
    faults[lines.is_comment] = COMMENT

    line_ends = lines.bounds[1:] - 1
    contents = content_ends(marks, line_ends)
    if len(marks) and marks[-1] != LF:
        contents[-1] = len(marks)
    if not final and len(starts):  # a quote that a later block may still close
        waiting = ~found & (starts[known] - starts[openers] <= MAX_MULTILINE)
        waiting &= ~continues[openers]
        if waiting.any():
            head = head[head < openers[waiting][0] + 1]
    bounds = np.append(starts[head], lines.bounds[head[-1] + 1] if len(head) else 0)
    if len(head) and closer[head[-1]] > head[-1]:
        bounds[-1] = lines.bounds[closer[head[-1]] + 1]
    return Records(bounds, contents[closer[head]], faults[head], total[head])


def _greedy(first: Offsets, last: Offsets) -> tuple[Offsets, Offsets]:
    """Of spans sorted by start, those not begun inside one taken before."""
    if (first[1:] > last[:-1]).all():
        return first, last
    taken, free = [], 0
    for index, (begin, end) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
        if begin >= free:
            taken.append(index)
            free = end + 1
    return first[taken], last[taken]
