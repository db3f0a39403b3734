"""Functions of texts and of points in time, the same everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import reduce
from graphlib import CycleError, TopologicalSorter
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from cleanhold.expressions.regex import WHITE
from cleanhold.expressions.untranslatable import Untranslatable
from cleanhold.plan.portable.numbers import whole
from cleanhold.plan.portable.patterns import any_of, pattern_of, replaceable
from cleanhold.plan.portable.term import Span, Term, is_moment, text, truth

#: Characters of two, three and four bytes begin after these.
_SHORTER = (0x7F, 0x7FF, 0xFFFF)
_DAYS = re.compile(r"-?[0-9]{1,4}d")
_LENGTHS: Span = (0, 2**32 - 1)


def _text(term: Term) -> nw.Expr:
    if term.dtype != pl.String:
        raise Untranslatable(f"a function of texts on {term.dtype}")
    return term.expr


def _option(term: Term, wanted: type) -> Any:
    """The value of an option that is the same for every row."""
    if not isinstance(term.value, wanted):
        raise Untranslatable("an option that is another value of the row")
    return term.value


def _contains(terms: Sequence[Term], options: Any) -> Term:
    value, pattern = _text(terms[0]), terms[1]
    if options["literal"]:
        return truth(value.str.contains(_text(pattern), literal=True))
    if not options["strict"]:
        raise Untranslatable("patterns that may be wrong")
    return truth(value.str.contains(pattern_of(_option(pattern, str))))


def _starts_with(terms: Sequence[Term], _: Any) -> Term:
    return truth(_text(terms[0]).str.starts_with(_text(terms[1])))


def _ends_with(terms: Sequence[Term], _: Any) -> Term:
    return truth(_text(terms[0]).str.ends_with(_text(terms[1])))


def _stripped(where: str) -> Callable[[Sequence[Term], Any], Term]:
    def strip(terms: Sequence[Term], _: Any) -> Term:
        value, characters = terms
        stripped = WHITE if characters.value is None else _option(characters, str)
        if not stripped:
            raise Untranslatable("stripping nothing")
        begin, end = rf"\A{any_of(stripped)}+", rf"{any_of(stripped)}+\z"
        pattern = {"both": f"{begin}|{end}", "start": begin, "end": end}[where]
        return text(_text(value).str.replace_all(pattern, ""))

    return strip


def _cut(where: str) -> Callable[[Sequence[Term], Any], Term]:
    def cut(terms: Sequence[Term], _: Any) -> Term:
        value, ending = _text(terms[0]), "".join(map(any_of, _option(terms[1], str)))
        pattern = rf"\A{ending}" if where == "start" else rf"{ending}\z"
        return text(value.str.replace_all(pattern, "") if ending else value)

    return cut


def _slice(terms: Sequence[Term], _: Any) -> Term:
    value, offset, length = terms
    count = None if length.value is None else _option(length, int)
    return Term(_text(value).str.slice(_option(offset, int), count), pl.String(), longest=count)


def _length(terms: Sequence[Term], _: Any) -> Term:
    return whole(_text(terms[0]).str.len_chars(), pl.UInt32(), _LENGTHS)


def _bytes(terms: Sequence[Term], _: Any) -> Term:
    """In UTF-8: one for each character, one more for each that is beyond one, two, three bytes."""
    value = _text(terms[0])
    longer = (value.str.replace_all(f"[\\x00-\\x{{{most:X}}}]", "") for most in _SHORTER)
    lengths = [part.str.len_chars().cast(nw.Int64) for part in (value, *longer)]
    return whole(reduce(lambda a, b: a + b, lengths), pl.UInt32(), _LENGTHS)


def _zero_filled(terms: Sequence[Term], _: Any) -> Term:
    width = _option(terms[1], int)
    return text(_text(terms[0]).str.zfill(width))


def _replace(terms: Sequence[Term], options: Any) -> Term:
    value, old, new = _text(terms[0]), _option(terms[1], str), _option(terms[2], str)
    if options["n"] != -1:
        raise Untranslatable("str.replace, of the first match alone")
    if options["literal"]:
        if not old:
            raise Untranslatable("replacing nothing")
        return text(value.str.replace_all(old, new, literal=True))
    if "$" in new or "\\" in new:
        raise Untranslatable(f"the replacement {new!r}")
    return text(value.str.replace_all(replaceable(old), new))


def _replace_many(terms: Sequence[Term], options: Any) -> Term:
    """Single characters, each by a text: one after the other, in an order in which what was
    written is not replaced again."""
    value, old, new = _text(terms[0]), terms[1].value, terms[2].value
    plain = options == {"ascii_case_insensitive": False, "leftmost": False}
    if not (plain and isinstance(old, list) and isinstance(new, list)):
        raise Untranslatable("replacing several texts by other values of the row")
    if len(new) == 1:
        new = new * len(old)
    if len(old) != len(new) or not all(isinstance(c, str) and len(c) == 1 for c in old):
        raise Untranslatable("replacing several texts that are no single characters")
    if not any(new):
        return text(value.str.replace_all(any_of("".join(old)), "") if old else value)
    by = dict(zip(reversed(old), reversed(new), strict=True))
    before = {c: set(by[c]) & set(by) - {c} for c in by}
    try:
        order = list(TopologicalSorter(before).static_order())
    except CycleError as cycle:
        raise Untranslatable("replacing characters by each other") from cycle
    for character in order:
        value = value.str.replace_all(character, by[character], literal=True)
    return text(value)


def _part(name: str, span: Span, dtype: pl.DataType) -> Callable[[Sequence[Term], Any], Term]:
    def part(terms: Sequence[Term], _: Any) -> Term:
        (term,) = terms
        if not (term.dtype == pl.Date or is_moment(term.dtype)):
            raise Untranslatable(f"dt.{name} of {term.dtype}")
        return whole(getattr(term.expr.dt, name)(), dtype, span)

    return part


def _clock(name: str, most: int) -> Callable[[Sequence[Term], Any], Term]:
    def part(terms: Sequence[Term], _: Any) -> Term:
        (term,) = terms
        if not is_moment(term.dtype):
            raise Untranslatable(f"dt.{name} of {term.dtype}")
        return whole(getattr(term.expr.dt, name)(), pl.Int8(), (0, most))

    return part


def _truncate(terms: Sequence[Term], _: Any) -> Term:
    term, every = terms
    if not is_moment(term.dtype) or every.value not in ("1d", "1h", "1m", "1s"):
        raise Untranslatable(f"dt.truncate of {term.dtype} to {every.value!r}")
    return Term(term.expr.dt.truncate(every.value), term.dtype)


def _offset(terms: Sequence[Term], _: Any) -> Term:
    term, by = terms
    if term.dtype != pl.Date or not _DAYS.fullmatch(_option(by, str)):
        raise Untranslatable(f"dt.offset_by of {term.dtype} by {by.value!r}")
    return Term(term.expr.dt.offset_by(by.value).cast(nw.Date), term.dtype)


FUNCTIONS: dict[str, Callable[[Sequence[Term], Any], Term]] = {
    "Contains": _contains,
    "StartsWith": _starts_with,
    "EndsWith": _ends_with,
    "StripChars": _stripped("both"),
    "StripCharsStart": _stripped("start"),
    "StripCharsEnd": _stripped("end"),
    "StripPrefix": _cut("start"),
    "StripSuffix": _cut("end"),
    "Slice": _slice,
    "LenChars": _length,
    "LenBytes": _bytes,
    "ZFill": _zero_filled,
    "Replace": _replace,
    "ReplaceMany": _replace_many,
}
#: Years are those of Polars' calendar, with room around it.
TIMES: dict[str, Callable[[Sequence[Term], Any], Term]] = {
    "Year": _part("year", (-300_000, 300_000), pl.Int32()),
    "Month": _part("month", (1, 12), pl.Int8()),
    "Day": _part("day", (1, 31), pl.Int8()),
    "OrdinalDay": _part("ordinal_day", (1, 366), pl.Int16()),
    "WeekDay": _part("weekday", (1, 7), pl.Int8()),
    "Hour": _clock("hour", 23),
    "Minute": _clock("minute", 59),
    "Second": _clock("second", 59),
    "Truncate": _truncate,
    "OffsetBy": _offset,
}
