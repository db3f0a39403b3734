"""The dialect of delimited text, and the marks that framing works on.

Framing looks for single bytes. Where a dialect is plain (one byte between fields, one around
them) they are in the encoding's view as they are. Where it is not, its marks are written into a
copy of the view, byte for byte: escaped characters are hidden, a long delimiter becomes one byte
and filler.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cleanhold.errors import UsageError
from cleanhold.readers.code_page import OTHER
from cleanhold.readers.encoding import TextEncoding
from cleanhold.readers.framing import CR, LF, octets


@dataclass(frozen=True, slots=True)
class Dialect:
    """How fields are told apart; see `Delimited` for the meaning of each."""

    delimiter: str = ","
    quote: str | None = '"'
    escape: str | None = None
    comment: str | None = None

    @property
    def is_plain(self) -> bool:
        """Whether Polars' parser knows it (in UTF-8, without comments)."""
        marks = (self.delimiter, self.quote or "\n")
        return self.escape is None and all(len(m) == 1 and m.isascii() for m in marks)

    def require_sound(self) -> None:
        """Raises `UsageError` if the marks cannot be told apart."""
        marks = {"delimiter": self.delimiter, "quote": self.quote, "escape": self.escape}
        for option, mark in marks.items():
            if mark is None:
                continue
            if not mark or "\0" in mark or (len(mark) > 1 and option != "delimiter"):
                kind = "text" if option == "delimiter" else "one character"
                raise UsageError(f"{option} must be {kind} without NUL, not {mark!r}")
            if "\n" in mark or "\r" in mark:
                raise UsageError(f"{option} cannot hold a line ending")
            for other, those in marks.items():
                if other != option and those is not None and mark in those:
                    raise UsageError(f"{option} {mark!r} is in the {other} {those!r}")
        if self.comment is not None and (
            not self.comment.strip()
            or self.comment.startswith((self.delimiter, self.quote or self.delimiter))
        ):
            raise UsageError(
                f"comment must be the text that such lines begin with, not {self.comment!r}"
            )


class Symbols(NamedTuple):
    """Bytes of the marks: one ends a delimiter, one begins it, one is a quote, one fills it."""

    delimiter: int
    begin: int
    quote: int
    filler: int


@dataclass(frozen=True)
class Marking:
    """A dialect in an encoding.

    Attributes:
        symbols: the bytes that stand for its marks; the quote's is LF where there is none.
        delimiter, quote, escape, comment: as they are in a view; empty for none.
        hidden: 256 bytes, a view's byte → its mark; None where the view is the marks.
    """

    symbols: Symbols
    delimiter: bytes
    quote: bytes
    escape: bytes
    comment: bytes
    hidden: bytes | None

    @property
    def beside_quote(self) -> set[int]:
        """Marks that may stand before an opening quote or after a closing one."""
        return {CR, LF, *self.symbols}

    def marks(self, view: bytes) -> bytes:
        """A view with one byte for each mark, at its place."""
        if self.hidden is None:
            return view
        marks = view.translate(self.hidden)
        if self.escape:
            marks = _without_escaped(marks, self.escape[0])
        for text, first, inner, last in (
            (self.delimiter, self.symbols.begin, OTHER, self.symbols.delimiter),
            (self.quote, self.symbols.quote, self.symbols.filler, self.symbols.filler),
        ):
            if len(text) > 1:
                middle = bytes([inner]) * (len(text) - 2)
                marks = marks.replace(text, bytes([first]) + middle + bytes([last]))
        return marks


def marking(dialect: Dialect, encoding: TextEncoding) -> Marking:
    """The marks of a dialect in an encoding.

    Raises:
        UsageError: it cannot be written in that encoding, or is not among what is looked for.
    """
    found: dict[str, bytes] = {}
    for option in ("delimiter", "quote", "escape", "comment"):
        text = getattr(dialect, option) or ""
        try:
            found[option] = encoding.pattern(text)
        except UnicodeEncodeError:
            found[option] = bytes([OTHER])
        if OTHER in found[option]:
            raise UsageError(
                f"the {option} {text!r} is not found in text in {encoding.name}",
                next="use an ASCII character, or convert the file to UTF-8 first",
            )
    if dialect.escape and len(found["escape"]) > 1:
        raise UsageError(f"escape must be an ASCII character, not {dialect.escape!r}")
    delimiter, quote = found["delimiter"], found["quote"]
    if not dialect.escape and len(delimiter) == 1 and len(quote) < 2:
        mark = quote[0] if quote else LF
        plain = Symbols(delimiter[0], delimiter[0], mark, mark)
        return Marking(plain, **found, hidden=None)
    used = set(b"".join(found.values()))
    free = [byte for byte in range(1, 32) if byte not in {LF, CR, *used}]
    mark, filler = (free[2], free[3]) if len(quote) > 1 else (quote[0] if quote else LF,) * 2
    ends, begins = (free[0], free[1]) if len(delimiter) > 1 else (delimiter[0],) * 2
    symbols = Symbols(ends, begins, mark, filler)
    hidden = bytes(OTHER if b in symbols and b not in {LF, *used} else b for b in range(256))
    return Marking(symbols, **found, hidden=hidden)


def _without_escaped(view: bytes, escape: int) -> bytes:
    """The view with escapes, and the character after each (or a CR LF), hidden."""
    marks = octets(view)
    at = np.flatnonzero(marks == escape)
    if not len(at):
        return view
    begins = np.diff(at, prepend=-2) != 1
    nth = np.arange(len(at))
    escapes = at[(nth - np.maximum.accumulate(np.where(begins, nth, 0))) % 2 == 0]
    after = escapes[escapes < len(marks) - 1] + 1
    line_feed = after[(marks[after] == CR) & (after < len(marks) - 1)] + 1
    marks = marks.copy()
    marks[line_feed[marks[line_feed] == LF]] = OTHER
    marks[escapes] = OTHER
    marks[after] = OTHER
    return marks.tobytes()
