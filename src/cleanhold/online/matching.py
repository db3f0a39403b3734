"""Regular expressions in Python's engine, where it gives what Polars' engine gives, in time.

Python's engine backtracks: a pattern that Polars decides in linear time may take it for ever. So
a pattern is looked at for choices that the next character does not decide. With one inside a loop
it is left to Polars; others limit how long a text may be, and longer ones are left to Polars.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

import polars as pl

from cleanhold.expressions.regex import Chars, Edge, Group, Node, Pattern, Ranges, Repeat, parse
from cleanhold.expressions.untranslatable import Untranslatable
from cleanhold.online.one_value import by_polars

#: Most characters that Python's engine is given, by the power of the steps it may take.
_LONGEST = (4000, 2000, 200, 50)
_MOST_WAYS = 64
_REFERENCE = re.compile(r"\$(?:\{([0-9])\}|([0-9])(?![0-9A-Za-z_]))")

Follow = tuple[Ranges, bool]  # characters that may come next; whether the text may end


@lru_cache(maxsize=512)
def contains(pattern: str) -> Callable[[str], bool]:
    """Whether a text contains the pattern, as `str.contains` has it."""
    slow: Callable[[str], bool] = by_polars(pl.col("x").str.contains(pattern), pl.String())
    try:
        compiled, longest, ascii_only = _compiled(pattern)
    except Untranslatable:
        return slow
    search = compiled.search
    if ascii_only:
        return lambda x: search(x) is not None if len(x) <= longest and x.isascii() else slow(x)
    return lambda x: search(x) is not None if len(x) <= longest else slow(x)


@lru_cache(maxsize=512)
def replaced_once(pattern: str, by: str) -> Callable[[str], str]:
    """A text with the first match replaced, as `str.replace` has it."""
    slow = by_polars(pl.col("x").str.replace(pattern, by), pl.String())
    return _replaced(pattern, by, 1, slow)


@lru_cache(maxsize=512)
def replaced(pattern: str, by: str) -> Callable[[str], str]:
    """A text with every match replaced, as `str.replace_all` has it.

    What an empty match next to another one is differs, so those are left to Polars.
    """
    slow = by_polars(pl.col("x").str.replace_all(pattern, by), pl.String())
    return _replaced(pattern, by, 0, slow)


def _replaced(
    pattern: str, by: str, count: int, slow: Callable[[str], str]
) -> Callable[[str], str]:
    try:
        compiled, longest, ascii_only = _compiled(pattern)
        template = _template(by, compiled.groups)
        if not count and _first_of(parse(pattern).root)[1]:
            raise Untranslatable("empty matches")
    except Untranslatable:
        return slow

    def replace(x: str) -> str:
        if len(x) > longest or (ascii_only and not x.isascii()):
            return slow(x)
        return compiled.sub(template, x, count=count)

    return replace


def _template(by: str, groups: int) -> Callable[[re.Match[str]], str]:
    pieces = _REFERENCE.split(by)  # text, then a number with braces or one without, and so on
    numbers = [int(n or m) for n, m in zip(pieces[1::3], pieces[2::3], strict=True)]
    texts = pieces[::3]
    if any("$" in text for text in texts) or any(n > groups for n in numbers):
        raise Untranslatable(f"the replacement {by!r}")

    def expand(match: re.Match[str]) -> str:
        found = (f"{match.group(n) or ''}{t}" for n, t in zip(numbers, texts[1:], strict=True))
        return texts[0] + "".join(found)

    return expand


def _compiled(pattern: str) -> tuple[re.Pattern[str], int, bool]:
    parsed = parse(pattern)
    degree = _degree(parsed)
    if degree >= len(_LONGEST):
        raise Untranslatable(f"the pattern {pattern!r}")
    return re.compile(_written(parsed.root)), _LONGEST[degree], parsed.ascii_only


def _written(node: Node) -> str:
    """The node in Python's syntax; classes as ranges of characters, so no flag matters."""
    match node:
        case Edge(start):
            return r"\A" if start else r"\Z"
        case Chars(ranges):
            if not ranges:
                raise Untranslatable("an empty class")
            if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
                return re.escape(chr(ranges[0][0]))
            return "[" + "".join(f"{_code(a)}-{_code(b)}" for a, b in ranges) + "]"
        case Repeat(part, least, most, lazy):
            bounds = f"{{{least},{'' if most is None else most}}}"
            return f"(?:{_written(part)}){bounds}{'?' * lazy}"
        case Group(ways, captures):
            written = "|".join("".join(map(_written, way)) for way in ways)
            return f"({written})" if captures else f"(?:{written})"


def _code(point: int) -> str:
    return f"\\U{point:08x}"


def _degree(pattern: Pattern) -> int:
    """Steps that deciding on a text may take: a power of its length."""
    degree, factor = _cost(pattern.root, ((), True), in_loop=False)
    if factor > _MOST_WAYS:
        raise Untranslatable("too many choices")
    return degree + (not _is_anchored(pattern.root))


def _is_anchored(node: Node) -> bool:
    if isinstance(node, Group):
        return all(way and _is_anchored(way[0]) for way in node.ways)
    return isinstance(node, Edge) and node.start


def _cost(node: Node, after: Follow, *, in_loop: bool) -> tuple[int, int]:
    """(power of the length, factor) of the ways to match a node that `after` follows."""
    if isinstance(node, Group):
        firsts = [_first(way, after) for way in node.ways]
        undecided = any(_meet(a, b) for i, a in enumerate(firsts) for b in firsts[:i])
        if undecided and in_loop:
            raise Untranslatable("a choice inside a loop")
        costs = [_cost_of_all(way, after, in_loop=in_loop) for way in node.ways]
        factors = [factor for _, factor in costs]
        return max(d for d, _ in costs), sum(factors) if undecided else max(factors)
    if not isinstance(node, Repeat):
        return 0, 1
    loops = node.most is None or node.most > 1
    entered = _first((node.part,), after)
    within = (entered[0] + after[0], after[1]) if loops else after
    degree, factor = _cost(node.part, within, in_loop=in_loop or loops)
    if node.least == node.most or not _meet(entered, after):
        return degree, factor
    if in_loop:
        raise Untranslatable("a choice inside a loop")
    if node.most is None:
        return degree + 1, factor
    return degree, factor * (node.most - node.least + 1)


def _cost_of_all(parts: tuple[Node, ...], after: Follow, *, in_loop: bool) -> tuple[int, int]:
    degree, factor = 0, 1
    for place, part in enumerate(parts):
        more, times = _cost(part, _first(parts[place + 1 :], after), in_loop=in_loop)
        degree, factor = degree + more, factor * times
    return degree, factor


def _first(parts: tuple[Node, ...], after: Follow) -> Follow:
    """What may come next where these parts begin."""
    ranges: Ranges = ()
    for part in parts:
        own, may_be_empty = _first_of(part)
        ranges += own
        if isinstance(part, Edge) and not part.start:
            return ranges, True
        if not may_be_empty:
            return ranges, False
    return ranges + after[0], after[1]


def _first_of(node: Node) -> tuple[Ranges, bool]:
    match node:
        case Chars(ranges):
            return ranges, False
        case Edge():
            return (), True
        case Repeat(part, least, most, _):
            if most == 0:
                return (), True
            own, may_be_empty = _first_of(part)
            return own, may_be_empty or least == 0
        case Group(ways, _):
            firsts: Ranges = ()
            empty = False
            for way in ways:
                way_empty = True
                for part in way:
                    own, may_be_empty = _first_of(part)
                    firsts += own
                    if not may_be_empty:
                        way_empty = False
                        break
                empty |= way_empty
            return firsts, empty


def _meet(one: Follow, other: Follow) -> bool:
    """Whether a character fits both, or both may end here."""
    if one[1] and other[1]:
        return True
    return any(a <= d and c <= b for a, b in one[0] for c, d in other[0])
