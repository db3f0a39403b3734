"""Regular expressions in the syntax that Rust's `regex` (Polars) and RE2 (DuckDB) share.

A pattern is read and written anew, each class as ranges of characters: `\\s`, `$` or `(?i:…)` mean
one thing in one engine and another in the next, code points the same in all.
Source of RE2's syntax and limits: https://github.com/google/re2/wiki/Syntax.
"""

from __future__ import annotations

from cleanhold.expressions.regex import Chars, Edge, Group, Node, Ranges, Repeat, parse, quoted
from cleanhold.expressions.untranslatable import Untranslatable

#: RE2 takes no part more often than this, one repeat in another counted.
_MOST_TIMES = 1000
#: RE2 gives a pattern 8 MB; a class of all characters takes some hundreds of bytes.
_MOST_COPIES = 5000


def pattern_of(pattern: str) -> str:
    """The pattern, as both engines understand it.

    Raises:
        Untranslatable: they would not agree, or it may be too large for one of them.
    """
    parsed = parse(pattern)
    if parsed.ascii_only:
        raise Untranslatable(
            f"the pattern {quoted(pattern)}, for \\d and \\w are of all scripts in one engine and "
            "ASCII in another: [0-9], [0-9A-Za-z_]"
        )
    if _copies(parsed.root, 1, pattern) > _MOST_COPIES:
        raise Untranslatable(f"the pattern {quoted(pattern)}, for its size")
    return _written(parsed.root, pattern)


def replaceable(pattern: str) -> str:
    """The same for a pattern that is replaced: engines agree on where it is, unless it is empty."""
    if _may_be_empty(parse(pattern).root):
        raise Untranslatable(
            f"replacing the pattern {quoted(pattern)}, which matches nothing at all too"
        )
    return pattern_of(pattern)


def any_of(characters: str) -> str:
    """One of these characters."""
    return _class(tuple((ord(c), ord(c)) for c in sorted(set(characters))))


def up_to(greatest: int) -> str:
    """Digits of a number from 0 to `greatest`, with zeros before it or not."""
    digits = str(greatest)
    ways = [f"[0-9]{{1,{len(digits) - 1}}}"] if len(digits) > 1 else []
    for place, digit in enumerate(digits):
        if digit != "0":
            left = len(digits) - place - 1
            ways.append(f"{digits[:place]}[0-{int(digit) - 1}][0-9]{{{left}}}")
    return f"0*(?:{'|'.join([*ways, digits])})"


def _written(node: Node, pattern: str) -> str:
    match node:
        case Edge(start):
            return r"\A" if start else r"\z"
        case Chars(ranges):
            if not ranges:
                raise Untranslatable(f"the pattern {quoted(pattern)}, for an empty class")
            return _class(ranges)
        case Repeat(part, least, most, lazy):
            bounds = f"{{{least},{'' if most is None else most}}}"
            return f"(?:{_written(part, pattern)}){bounds}{'?' * lazy}"
        case Group(ways):
            written = ("".join(_written(part, pattern) for part in way) for way in ways)
            return f"(?:{'|'.join(written)})"


def _class(ranges: Ranges) -> str:
    return "[" + "".join(f"\\x{{{low:X}}}-\\x{{{high:X}}}" for low, high in ranges) + "]"


def _copies(node: Node, times: int, pattern: str) -> int:
    """How many classes the pattern has once its repeats are written out."""
    match node:
        case Group(ways):
            return sum(_copies(part, times, pattern) for way in ways for part in way)
        case Repeat(part, least, most, _):
            times *= max(least, most or 1, 1)
            if times > _MOST_TIMES:
                raise Untranslatable(
                    f"the pattern {quoted(pattern)}, for its more than 1000 repeats"
                )
            return _copies(part, times, pattern)
    return times


def _may_be_empty(node: Node) -> bool:
    match node:
        case Group(ways):
            return any(all(map(_may_be_empty, way)) for way in ways)
        case Repeat(part, least, _, _):
            return least == 0 or _may_be_empty(part)
    return isinstance(node, Edge)
