"""Where the header of a delimited text stands, if it has one."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass

#: Rows that are looked at.
_MOST_ROWS = 400

#: Rows in which a header is looked for behind titles, in tables of at least so many columns.
_LONGEST_PREAMBLE, _FEWEST_COLUMNS = 20, 3

#: A cell that no header has: a number, a date, an amount.
_VALUE = re.compile(
    r"[\s$€£+(-]*[0-9][0-9\s.,:/%)-]*|[0-9]{1,4}[-/.][0-9A-Za-z]{1,3}[-/.][0-9]{1,4}.*"
)

#: Characters of a name, at the most; longer ones are sentences.
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class SniffedHeader:
    """The header of a text.

    Attributes:
        skip_lines: physical lines before it (or before the first record) that are no data.
        is_there: whether that line names the columns.
        width: how many columns there are.
        sure: whether the evidence leaves no doubt.
        because: the evidence, in words.
        trailing: rows at the end that are narrower than the others: a trailer, perhaps.
    """

    skip_lines: int
    is_there: bool
    width: int
    sure: bool
    because: str
    trailing: int = 0


def sniff_header(text: str, delimiter: str, quote: str | None, *, whole: bool) -> SniffedHeader:
    """Find the header among the first rows.

    Args:
        text: the start of the file, decoded.
        delimiter: between fields.
        quote: around fields; None if there is none.
        whole: whether the text is all of the file.
    """
    rows = _rows(text, delimiter, quote)
    if not rows:
        return SniffedHeader(0, False, 0, False, "there are no rows")
    width = Counter(len(row) for _, row in rows).most_common(1)[0][0]
    at = _first_full([row for _, row in rows], width)
    line, names = rows[at]
    below = [row for _, row in rows[at + 1 :] if len(row) == width]
    trailing = 0
    while whole and trailing < len(rows) - at - 1 and len(rows[-1 - trailing][1]) < width:
        trailing += 1
    there, sure, because = _is_header(names, below)
    if at:
        because += f"; {line} line{'s' * (line > 1)} before it are no part of the table"
    return SniffedHeader(line if at else 0, there, width, sure, because, trailing)


def _first_full(rows: list[list[str]], width: int) -> int:
    """The first row as wide as most; not a title that only a spreadsheet made as wide."""
    wide = [n for n, row in enumerate(rows) if len(row) == width]
    filled = {n: sum(bool(cell.strip()) for cell in rows[n]) for n in wide[:_LONGEST_PREAMBLE]}
    if width >= _FEWEST_COLUMNS and filled[wide[0]] <= max(1, width // 3):
        return next((n for n, count in filled.items() if count >= 0.8 * width), wide[0])
    return wide[0]


def _rows(text: str, delimiter: str, quote: str | None) -> list[tuple[int, list[str]]]:
    """Rows with the number of physical lines before each; blank ones are left out."""
    lines = re.split(r"\r\n|\n|\r", text.replace("\0", ""))
    reader = csv.reader(
        (line + "\n" for line in lines),
        delimiter=delimiter,
        quotechar=quote,
        quoting=csv.QUOTE_NONE if quote is None else csv.QUOTE_MINIMAL,
    )
    found: list[tuple[int, list[str]]] = []
    before = 0
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                found.append((before, row))
            before = reader.line_num
            if len(found) >= _MOST_ROWS:
                break
    except csv.Error:
        pass  # a field too long for Python's reader; the rows before it tell enough
    return found


def _is_header(names: list[str], below: list[list[str]]) -> tuple[bool, bool, str]:
    """Whether a row names columns, whether that is sure, and why."""
    cells = [name.strip() for name in names]
    given = [cell for cell in cells if cell]
    values = [cell for cell in given if _VALUE.fullmatch(cell)]
    if values:
        return False, len(values) > 1, "the first row has numbers or dates"
    if not given or any(len(cell) > _LONGEST_NAME for cell in given):
        return False, False, "the first row does not look like names"
    if len(set(given)) < 0.9 * len(given):
        return False, False, "the first row says the same several times"
    typed = sum(
        bool(column := [row[n].strip() for row in below if row[n].strip()])
        and sum(_VALUE.fullmatch(v) is not None for v in column) > 0.8 * len(column)
        for n in range(len(cells))
    )
    if typed:
        return True, True, f"no values in it, but below it in {typed} of {len(cells)} columns"
    written = [
        c
        for c in given
        if re.fullmatch(r"[A-Za-z][\w-]*", c) and re.search(r"[_-]|[a-z][A-Z]|(?i:id)$", c)
    ]
    if written:
        return True, True, "it is written like names are"
    again = sum(cell in {row[n].strip() for row in below} for n, cell in enumerate(cells) if cell)
    if again:
        return False, False, "what the first row says is also said below it"
    return True, False, "all is text: it could be a record as well"
