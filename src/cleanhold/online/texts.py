"""Functions of texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import polars as pl

from cleanhold.core.parsing import DataType
from cleanhold.expressions.regex import WHITE
from cleanhold.expressions.untranslatable import Untranslatable
from cleanhold.online import words
from cleanhold.online.days import day
from cleanhold.online.matching import contains, replaced, replaced_once
from cleanhold.online.moments import moment
from cleanhold.online.writer import Term, Writer

_PLAIN_REPLACEMENT = {"n": 1, "literal": True}
_PATTERN_REPLACEMENT = {"n": 1, "literal": False}
_EVERY_MATCH = {"n": -1, "literal": False}
_UNITS: dict[str, Literal["ns", "us", "ms"]] = {
    "Nanoseconds": "ns",
    "Microseconds": "us",
    "Milliseconds": "ms",
}


def _made(writer: Writer, term: Term, code: str, dtype: DataType, nullable: bool = False) -> Term:
    """The term of `code`, which is about a text; null stays null."""
    if term.dtype != pl.String:
        raise Untranslatable(f"a function of texts on {term.dtype}")
    if term.nullable:
        code = f"None if {term.code} is None else {code}"
    return Term(writer.let(code), dtype, term.nullable or nullable)


def _text(term: Term) -> str:
    """The text of an option that is the same for every row."""
    if not isinstance(term.value, str):
        raise Untranslatable("an option that is another value of the row")
    return term.value


def _contains(writer: Writer, terms: Sequence[Term], options: Any) -> Term:
    term, pattern = terms
    if options.get("literal") is True:
        return _made(writer, term, f"{_text(pattern)!r} in {term.code}", pl.Boolean())
    if options != {"literal": False, "strict": True}:
        raise Untranslatable("patterns that may be wrong")
    name = writer.constant(contains(_text(pattern)))
    return _made(writer, term, f"{name}({term.code})", pl.Boolean())


def _strip(writer: Writer, terms: Sequence[Term], _: Any) -> Term:
    term, characters = terms
    stripped = WHITE if characters.value is None else _text(characters)
    if not stripped:
        raise Untranslatable("stripping nothing")
    return _made(writer, term, f"{term.code}.strip({writer.constant(stripped)})", pl.String())


def _starts_with(writer: Writer, terms: Sequence[Term], _: Any) -> Term:
    return _made(writer, terms[0], f"{terms[0].code}.startswith({_text(terms[1])!r})", pl.Boolean())


def _ends_with(writer: Writer, terms: Sequence[Term], _: Any) -> Term:
    return _made(writer, terms[0], f"{terms[0].code}.endswith({_text(terms[1])!r})", pl.Boolean())


def _strip_suffix(writer: Writer, terms: Sequence[Term], _: Any) -> Term:
    return _made(
        writer, terms[0], f"{terms[0].code}.removesuffix({_text(terms[1])!r})", pl.String()
    )


def _strip_prefix(writer: Writer, terms: Sequence[Term], _: Any) -> Term:
    return _made(
        writer, terms[0], f"{terms[0].code}.removeprefix({_text(terms[1])!r})", pl.String()
    )


def _lower(writer: Writer, terms: Sequence[Term], _: Any) -> Term:
    return _made(writer, terms[0], f"{writer.constant(words.lower)}({terms[0].code})", pl.String())


def _upper(writer: Writer, terms: Sequence[Term], _: Any) -> Term:
    return _made(writer, terms[0], f"{writer.constant(words.upper)}({terms[0].code})", pl.String())


def _title(writer: Writer, terms: Sequence[Term], _: Any) -> Term:
    return _made(writer, terms[0], f"{writer.constant(words.title)}({terms[0].code})", pl.String())


def _normalised(writer: Writer, terms: Sequence[Term], options: Any) -> Term:
    name = writer.constant(words.normalised(options["form"]))
    return _made(writer, terms[0], f"{name}({terms[0].code})", pl.String())


def _length(writer: Writer, terms: Sequence[Term], _: Any) -> Term:
    return _made(writer, terms[0], f"len({terms[0].code})", pl.UInt32())


def _zero_filled(writer: Writer, terms: Sequence[Term], _: Any) -> Term:
    term, width = terms
    if not isinstance(width.value, int):
        raise Untranslatable("an option that is another value of the row")
    name = writer.constant(words.zero_filled(width.value))
    return _made(writer, term, f"{name}({term.code})", pl.String())


def _replace(writer: Writer, terms: Sequence[Term], options: Any) -> Term:
    term, old, new = (terms[0], _text(terms[1]), _text(terms[2]))
    if options == _PLAIN_REPLACEMENT and old:
        return _made(writer, term, f"{term.code}.replace({old!r}, {new!r}, 1)", pl.String())
    if options == _EVERY_MATCH:
        name = writer.constant(replaced(old, new))
    elif options == _PATTERN_REPLACEMENT:
        name = writer.constant(replaced_once(old, new))
    else:
        raise Untranslatable("replacing every text")
    return _made(writer, term, f"{name}({term.code})", pl.String())


def _replace_many(writer: Writer, terms: Sequence[Term], options: Any) -> Term:
    """Characters taken away, or the first that fits replaced; others could meet each other."""
    term, old, new = terms
    if options == {"ascii_case_insensitive": False, "leftmost": True}:
        return _replace_leftmost(writer, term, old.value, new.value)
    plain = options == {"ascii_case_insensitive": False, "leftmost": False}
    characters = old.value if isinstance(old.value, list) else []
    if not (
        plain and new.value == [""] and all(isinstance(c, str) and len(c) == 1 for c in characters)
    ):
        raise Untranslatable("replacing several texts")
    name = writer.constant(words.without("".join(characters)))
    return _made(writer, term, f"{name}({term.code})", pl.String())


def _replace_leftmost(writer: Writer, term: Term, old: Any, new: Any) -> Term:
    listed = isinstance(old, list) and isinstance(new, list) and len(old) == len(new)
    if not listed or not all(isinstance(text, str) and text for text in old):
        raise Untranslatable("replacing several texts")
    name = writer.constant(words.replaced_all(old, new))
    return _made(writer, term, f"{name}({term.code})", pl.String())


def _joined(writer: Writer, terms: Sequence[Term], options: Any) -> Term:
    """Texts one after another; null if any of them is."""
    if options["ignore_nulls"] or any(term.dtype != pl.String for term in terms):
        raise Untranslatable("joining what is not text")
    if any(term.value is None and term.is_literal for term in terms):
        raise Untranslatable("joining nulls")
    names = [term.code if term.code.isidentifier() else writer.let(term.code) for term in terms]
    code = f"{options['delimiter']!r}.join(({', '.join(names)},))"
    missing = [f"{n} is None" for n, term in zip(names, terms, strict=True) if term.nullable]
    if missing:
        code = f"None if {' or '.join(missing)} else {code}"
    return Term(writer.let(code), pl.String(), bool(missing))


def _strptime(writer: Writer, terms: Sequence[Term], options: Any) -> Term:
    term, dtype, how = terms[0], options[0].get("Literal"), options[1]
    if how["strict"] or not how["exact"] or not how["format"]:
        raise Untranslatable("times that may raise")
    if dtype == "Date":
        name = writer.constant(day(how["format"]))
        return _made(writer, term, f"{name}({term.code})", pl.Date(), nullable=True)
    if not isinstance(dtype, dict) or dtype.keys() != {"Datetime"}:
        raise Untranslatable("times of day")
    unit, zone = dtype["Datetime"]
    made = pl.Datetime(_UNITS[unit], zone["inner"] if zone else None)
    name = writer.constant(moment(how["format"], made))
    return _made(writer, term, f"{name}({term.code})", made, nullable=True)


def _without_zone(writer: Writer, terms: Sequence[Term], options: Any) -> Term:
    """A time in UTC is a naive one already, here."""
    (term, _) = terms
    if (
        not isinstance(term.dtype, pl.Datetime)
        or term.dtype.time_zone != "UTC"
        or options[0] is not None
    ):
        raise Untranslatable("time zones")
    return Term(term.code, pl.Datetime(term.dtype.time_unit), term.nullable)


TIMES = {"ReplaceTimeZone": _without_zone}
FUNCTIONS = {
    "Contains": _contains,
    "StripChars": _strip,
    "StripSuffix": _strip_suffix,
    "StripPrefix": _strip_prefix,
    "StartsWith": _starts_with,
    "EndsWith": _ends_with,
    "Lowercase": _lower,
    "Uppercase": _upper,
    "LenChars": _length,
    "Normalize": _normalised,
    "Titlecase": _title,
    "ZFill": _zero_filled,
    "Replace": _replace,
    "ReplaceMany": _replace_many,
    "ConcatHorizontal": _joined,
    "Strptime": _strptime,
}
