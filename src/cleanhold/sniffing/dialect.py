"""Which delimiter and quote a text is written with.

Each candidate is scored as van den Burg, Nazábal and Sutton do ("Wrangling messy CSV files by
detecting row and type patterns", Data Mining and Knowledge Discovery 33, 2019): how regular the
rows become, times how many cells are of a known kind. Without a winner the simpler reading wins.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: Delimiters to try, the likeliest first: of two that score alike the first is taken.
DELIMITERS = (",", ";", "\t", "|", "^", "~", ":", " ", "#", "*", "&", "\x1f", "\x01")

#: Delimiters that prose has too: only believed where nearly all rows have one number of fields.
_PROSE = frozenset(" :#*&")

#: Quotes to try; None is no quoting, and goes before apostrophes, which text has anyway.
QUOTES = ('"', None, "'")

#: Characters of text, and rows of it, that are looked at.
_MOST, _MOST_ROWS = 200_000, 400

#: Share of the rows that have the usual number of fields, in a regular text.
_REGULAR = 0.95

#: What a cell may be, for the score: empty, a number with marks, a share, a date or time, a plain
#: word or text, an address of mail or web, a Boolean or null token.
_KNOWN = re.compile(
    r"""(?x)
      [+-]?[$€£¥]?\s?[0-9]{1,3}(?:[,.' ][0-9]{3})*(?:[.,][0-9]+)?(?:[eE][+-]?[0-9]+)?\s?[%€£]?
    | [+-]?[$€£¥]?[0-9]*[.,]?[0-9]+(?:[eE][+-]?[0-9]+)?\s?[%€£]?
    | \([$€£]?[0-9][0-9,.]*\)
    | [0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}
      (?:[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?
      \s?(?:[AaPp][Mm]|Z|[+-][0-9]{2}:?[0-9]{2})?)?
    | [0-9]{1,2}[- /][A-Za-z]{3,9}[- /,]+[0-9]{2,4}
    | [0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?:\s?[AaPp][Mm])?
    | [\w.+-]+@[\w-]+(?:\.[\w-]+)+
    | (?:https?|ftp)://\S+
    | (?i:n/?a|null|nan|none|-+|\.|\?|\\n|\#n/a)
    | [\w][\w .'’/&()+%°-]*
    """
)


@dataclass(frozen=True, slots=True)
class SniffedDialect:
    """A delimiter and a quote, and how sure they are.

    Attributes:
        delimiter: None if all is one column.
        quote: None if nothing is quoted.
        escape: a character that takes a quote's meaning, where quotes are not doubled.
        score: how regular and how typical it makes the text, at least 0.
        runner_up: the best score of another delimiter.
        shape: number of fields → rows of the sample that have so many, most first.
    """

    delimiter: str | None
    quote: str | None
    escape: str | None
    score: float
    runner_up: float
    shape: tuple[tuple[int, int], ...]

    @property
    def is_regular(self) -> bool:
        """Nearly all rows have one number of fields."""
        rows = sum(count for _, count in self.shape)
        return bool(rows) and self.shape[0][1] >= _REGULAR * rows

    @property
    def is_wild(self) -> bool:
        """Few columns, and hardly any row has as many fields as another: marks of sentences."""
        rows = sum(count for _, count in self.shape)
        return not rows or (self.shape[0][0] <= 3 and self.shape[0][1] < 0.6 * rows)


def sniff_dialect(text: str) -> SniffedDialect:
    """The dialect under which a text makes most sense.

    Args:
        text: whole lines, as decoded.
    """
    text = text[:_MOST].replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    found = []
    for quote in QUOTES:
        if quote and quote not in text:
            continue
        for delimiter in DELIMITERS:
            if delimiter in text:
                rows = list(read_rows(text, delimiter, quote))
                shape = _shape(rows)
                regular = shape and shape[0][1] >= _REGULAR * len(rows) and shape[0][0] > 1
                if delimiter not in _PROSE or (regular and len(rows) > 2):
                    found.append((_score(rows), delimiter, quote, rows))
    if not found:
        rows = list(read_rows(text, "\x00", None))
        return SniffedDialect(None, None, None, 0.0, 0.0, _shape(rows))
    best = max(found, key=lambda one: one[0])
    score, delimiter, quote, rows = best
    other = max((s for s, d, _, _ in found if d != delimiter), default=0.0)
    if score <= 0 or max(map(len, rows)) < 2:
        quote = '"' if _is_quoted(text, '"') else None
        return SniffedDialect(None, quote, None, score, other, _shape(rows))
    if quote is None and '"' not in text:
        quote = '"'  # unused: what the next extract will be quoted with
    escape = "\\" if quote and _is_escaped(text, delimiter, quote) else None
    return SniffedDialect(delimiter, quote, escape, score, other, _shape(rows))


def read_rows(text: str, delimiter: str, quote: str | None) -> Iterable[list[str]]:
    """The first rows of a text under a dialect; blank lines are left out."""
    lines = csv.reader(
        (line + "\n" for line in text.split("\n")),
        delimiter=delimiter,
        quotechar=quote,
        quoting=csv.QUOTE_NONE if quote is None else csv.QUOTE_MINIMAL,
    )
    count = 0
    try:
        for row in lines:
            if row:
                yield row
                count += 1
            if count >= _MOST_ROWS:
                return
    except csv.Error:  # a field that is too long for Python's reader: its quote is never closed
        return


def _shape(rows: Sequence[Sequence[str]]) -> tuple[tuple[int, int], ...]:
    return tuple(Counter(map(len, rows)).most_common())


def _score(rows: Sequence[Sequence[str]]) -> float:
    """Regularity of the rows times the share of cells of a known kind."""
    if not rows:
        return 0.0
    counts = Counter(map(len, rows))
    regular = sum(n * max(0.001, length - 1) / length for length, n in counts.items())
    regular /= len(counts)
    cells = [cell.strip() for row in rows for cell in row]
    known = sum(not cell or _KNOWN.fullmatch(cell) is not None for cell in cells)
    return regular * max(known / len(cells), 1e-10)


def _is_quoted(text: str, quote: str) -> bool:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return sum(line.startswith(quote) and line.endswith(quote) for line in lines) > len(lines) / 2


def _is_escaped(text: str, delimiter: str, quote: str) -> bool:
    """Whether quotes in quoted fields have a backslash before them, and are not doubled."""
    inside = rf"\\{quote}(?!\s*(?:{re.escape(delimiter)}|\n|$))"
    doubled = rf"[^\s{re.escape(delimiter)}{quote}]{quote}{quote}[^{re.escape(delimiter)}{quote}\n]"
    return len(re.findall(inside, text)) > len(re.findall(doubled, text))
