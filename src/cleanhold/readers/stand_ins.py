"""Text in a dialect that Polars' parser does not know, turned into one that it does.

A control character that does not occur in the text stands in for each mark that the parser would
not understand, and for each escaped one; in the cells, they are written back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from cleanhold.readers.dialect import Dialect

#: May stand in: no ends of lines, no NUL, none that compressed data begins with.
_CANDIDATES = [bytes([byte]) for byte in (*range(1, 9), 11, 12, *range(14, 31))]


@dataclass(frozen=True, slots=True)
class StandIns:
    """Text that Polars' parser understands.

    Attributes:
        text: UTF-8.
        dialect: it is plain.
        written: what stands in for which text, where cells may hold it.
    """

    text: bytes
    dialect: Dialect
    written: dict[str, str]

    def restored(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The cells as they were."""
        cells = pl.all()
        for one, other in self.written.items():
            cells = cells.str.replace_all(one, other, literal=True)
        return frame.with_columns(cells) if self.written else frame


def stand_ins(text: bytes, fields: int, count: int, dialect: Dialect) -> StandIns | None:
    """Well-framed UTF-8 text with stand-ins, or None if it has too many control characters.

    Args:
        text: `count` records.
        fields: of each record.
        count: of records.
        dialect: of the text; becomes plain.
    """
    used = "".join(filter(None, (dialect.delimiter, dialect.quote, dialect.escape))).encode()
    free = (one for one in _CANDIDATES if one not in used and one not in text)
    written: dict[str, str] = {}
    for mark in _escapable(text, dialect):
        before, one = text, next(free, None)
        if one is None:
            return None
        text = before.replace(f"{dialect.escape}{mark}".encode(), one)
        if len(text) != len(before):
            written[one.decode()] = mark
    plain = replace(dialect, escape=None)
    for option in ("delimiter", "quote"):
        mark = getattr(dialect, option)
        if mark is None or (len(mark) == 1 and mark.isascii()):
            continue
        one = next(free, None)
        if one is None:
            return None
        text = text.replace(mark.encode(), one)
        plain = replace(plain, **{option: one.decode()})
    quote = (plain.quote or "").encode()
    if quote and quote in text:  # else no cell holds either mark
        if plain.delimiter != dialect.delimiter:
            inside = text.count(plain.delimiter.encode()) - count * (fields - 1)
            written |= {plain.delimiter: dialect.delimiter} if inside else {}
        if plain.quote and dialect.quote and plain.quote != dialect.quote:
            written[plain.quote] = dialect.quote
    return StandIns(text, plain, written)


def _escapable(text: bytes, dialect: Dialect) -> list[str]:
    """What loses its meaning behind an escape; the escape first, for it takes the next along."""
    if dialect.escape is None or dialect.escape.encode() not in text:
        return []
    ends = ["\r\n", "\n", "\r"] if b"\r" in text else ["\n"]
    return [dialect.escape, dialect.delimiter[0], *(dialect.quote or ""), *ends]
