"""Reads a regular expression of Polars' engine (Rust's `regex`) into its parts.

Source of the syntax: https://docs.rs/regex/latest/regex/#syntax. Only the part whose meaning can be
written for other engines is read; anything else is `Untranslatable`, and stays with Polars.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cleanhold.expressions.untranslatable import Untranslatable

#: Unicode's White_Space, which is what Polars strips and `\\s` means. No version has changed it
#: since 6.3. Python strips U+001C to U+001F as well.
WHITE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)

#: Characters of a pattern that a message has.
_MOST_QUOTED = 80

#: The end of Unicode.
_LAST = 0x10FFFF
Ranges = tuple[tuple[int, int], ...]
_DIGITS: Ranges = ((48, 57),)
_BLANKS: Ranges = tuple(sorted((ord(c), ord(c)) for c in WHITE))
_WORDS: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
_CONTROL = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
_THIRD = {"k": "\u212a", "s": "\u017f"}
_PUNCTUATION = set("\\.+*?()|[]{}^$#&-~/ !\"%',:;<=>@_`") - {"_", "<", ">"}


@dataclass(frozen=True, slots=True)
class Chars:
    """One character out of a set (inclusive ranges of code points)."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Edge:
    """The start or the end of the text."""

    start: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Parts one after the other in one of several ways; `captures` if it can be referred to."""

    ways: tuple[tuple[Node, ...], ...]
    captures: bool = False


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part, again and again; `most` is None for no end."""

    part: Node
    least: int
    most: int | None
    lazy: bool


Node = Chars | Edge | Group | Repeat


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression.

    Attributes:
        ascii_only: it has a class that depends on the Unicode version, such as `\\d`; the parts
            are those that ASCII text can tell apart.
        captures: number of groups that a replacement may name.
    """

    root: Group
    ascii_only: bool
    captures: int


def quoted(pattern: str) -> str:
    """A pattern for a message; of a long one the beginning."""
    return repr(pattern if len(pattern) <= _MOST_QUOTED else f"{pattern[:_MOST_QUOTED]}…")


def parse(pattern: str) -> Pattern:
    """The parts of a pattern.

    Raises:
        Untranslatable: it has something that other engines may take in another way.
    """
    reader = _Reader(pattern)
    root = reader.ways()
    if reader.at < len(pattern):
        raise Untranslatable(f"the pattern {quoted(pattern)}")
    return Pattern(root, reader.ascii_only, reader.captures)


@dataclass
class _Reader:
    text: str
    at: int = 0
    ascii_only: bool = False
    captures: int = 0
    folds: list[bool] = field(default_factory=lambda: [False])  # (?i), innermost last

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self) -> str:
        self.at += 1
        return self.text[self.at - 1 : self.at]

    def skip(self, expected: str) -> bool:
        if self.text.startswith(expected, self.at):
            self.at += len(expected)
            return True
        return False

    def refuse(self) -> Untranslatable:
        return Untranslatable(f"the pattern {quoted(self.text)}")

    def ways(self) -> Group:
        found: list[tuple[Node, ...]] = []
        parts: list[Node] = []
        while self.peek() not in ("", ")"):
            if self.skip("|"):
                found.append(tuple(parts))
                parts = []
                continue
            parts.append(self.repeated(self.part()))
        return Group((*found, tuple(parts)))

    def part(self) -> Node:
        char = self.take()
        if char == "(":
            return self.group()
        if char == "[":
            return self.folded(self.char_class())
        if char == "\\":
            if self.peek() in ("A", "z"):
                return Edge(self.take() == "A")
            return self.folded(self.escaped())
        if char in "^$":
            return Edge(char == "^")
        if char == ".":
            return Chars(_without(((10, 10),)))
        if char in "*+?{}]":
            raise self.refuse()
        return self.folded(((ord(char), ord(char)),))

    def group(self) -> Group:
        captures, folds = True, self.folds[-1]
        if self.skip("?"):
            captures = False
            if self.skip("i:"):
                folds = True
            elif not self.skip(":"):
                raise self.refuse()
        self.captures += captures
        self.folds.append(folds)
        inner = self.ways()
        self.folds.pop()
        if not self.skip(")"):
            raise self.refuse()
        return Group(inner.ways, captures)

    def repeated(self, part: Node) -> Node:
        bounds = self.bounds()
        if bounds is None:
            return part
        if isinstance(part, Edge):
            raise self.refuse()
        lazy = self.skip("?")
        if self.peek() and self.peek() in "*+?{":
            raise self.refuse()  # a repeat of a repeat; `++` means another thing to Python
        return Repeat(part, *bounds, lazy)

    def bounds(self) -> tuple[int, int | None] | None:
        for mark, least, most in (("*", 0, None), ("+", 1, None), ("?", 0, 1)):
            if self.skip(mark):
                return least, most
        if not self.skip("{"):
            return None
        end = self.text.find("}", self.at)
        given = self.text[self.at : end].split(",") if end >= 0 else []
        if not given or len(given) > 2 or not _is_count(given[0]):
            raise self.refuse()
        self.at = end + 1
        least = int(given[0])
        if len(given) == 1:
            return least, least
        if given[1] and not _is_count(given[1]):
            raise self.refuse()
        return least, int(given[1]) if given[1] else None

    def escaped(self) -> Ranges:
        char = self.take()
        for name, ranges in (("d", _DIGITS), ("s", _BLANKS), ("w", _WORDS)):
            if char and char in (name, name.upper()):
                self.ascii_only |= name != "s"
                return ranges if char == name else _without(ranges)
        code = ord(_CONTROL.get(char, char)) if char in _CONTROL or char in _PUNCTUATION else None
        if char == "x" or char == "u":
            code = self.hexadecimal({"x": 2, "u": 4}[char])
        if code is None or not char:
            raise self.refuse()
        return ((code, code),)

    def hexadecimal(self, digits: int) -> int:
        braced = self.skip("{")
        if braced:
            digits = self.text.find("}", self.at) - self.at
        written = self.text[self.at : self.at + max(digits, 0)]
        if not written or len(written) != digits or set(written) - set("0123456789abcdefABCDEF"):
            raise self.refuse()
        self.at += digits + braced
        return int(written, 16)

    def char_class(self) -> Ranges:
        negated = self.skip("^")
        found: list[tuple[int, int]] = []
        first = True
        while first or self.peek() != "]":
            first = False
            low = self.member()
            if self.peek() == "-" and self.text[self.at + 1 : self.at + 2] != "]":
                self.take()
                high = self.member()
                if len(low) != 1 or len(high) != 1 or low[0][0] != low[0][1] or low > high:
                    raise self.refuse()
                low = ((low[0][0], high[0][1]),)
            found += low
        self.take()
        ranges = tuple(sorted(found))
        if negated and self.folds[-1]:
            raise self.refuse()
        return _without(ranges) if negated else ranges

    def member(self) -> Ranges:
        char = self.take()
        doubled = char in ("&", "~", "-") and self.peek() == char
        if char in ("", "[", "]") or doubled:  # nested sets and set arithmetic
            raise self.refuse()
        return self.escaped() if char == "\\" else ((ord(char), ord(char)),)

    def folded(self, ranges: Ranges) -> Chars:
        """All cases of letters under `(?i:…)`; k and s have a third one beyond ASCII."""
        if not self.folds[-1]:
            return Chars(ranges)
        both = list(ranges)
        for low, high in ranges:
            if high > 127 or high - low > 30:
                raise self.refuse()
            for char in map(chr, range(low, high + 1)):
                if char.isalpha():
                    both += [
                        (ord(c), ord(c)) for c in char.swapcase() + _THIRD.get(char.lower(), "")
                    ]
        return Chars(tuple(sorted(both)))


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 5


def _without(ranges: Ranges) -> Ranges:
    """Every character but these."""
    left, start = [], 0
    for low, high in sorted(ranges):
        if low > start:
            left.append((start, low - 1))
        start = max(start, high + 1)
    return (*left, (start, _LAST)) if start <= _LAST else tuple(left)
