"""Which type and which parse rule the texts of a column ask for.

A proposal is tried with the very rule that would read the column, so that what is proposed is what
a run does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import polars as pl

from cleanhold.builtins import datetimes, decimal, integer, number
from cleanhold.core.parsing import DataType, ParseRule
from cleanhold.sniffing.calendar import Calendar, read_calendar
from cleanhold.sniffing.code import literal, sequence
from cleanhold.sniffing.names import names_things, speaks_of_dates

#: Share of a column's values that a type must fit; the others would be held.
ENOUGH = 0.95

#: Texts that mean "no value" where the other values of the column are of another kind.
_TOKENS = re.compile(
    r"(?i)n/?\.?a\.?|null|nil|none|nan|#n/a|#null!?|\\n|\(null\)|-+|\.+|\?+|unknown|missing|empty|"
    r"not (available|applicable|known)"
)

#: Those that are believed among free text, too.
_STRONG_TOKENS = re.compile(r"(?i)null|#n/a|\\n|\(null\)|n/a")

#: Dates that no calendar has, written for "no date".
_NO_DATE = re.compile(r"0{2,4}([-/. ]?)0{2}\1(0{2}|0{4})|9{2,4}([-/. ]?)9{2}\3(9{2}|9{4})")

_TRUE_FALSE = (("true", "false"), ("yes", "no"), ("y", "n"), ("t", "f"), ("ja", "nein"),
               ("oui", "non"), ("si", "no"), ("sí", "no"))  # fmt: skip

#: Different units of one column, at the most.
_MOST_UNITS = 6

_CURRENCIES = "$€£¥"
_DECIMAL = pl.Decimal(38, 6)


@dataclass(frozen=True, slots=True)
class Reading:
    """How the texts of a column would be read.

    Attributes:
        annotation: Python type of the field.
        parse: the parse rule as code; None if the type's own rule does.
        says: what the values are, in words.
        share: of the values that are there, how many it reads.
        nulls: texts that mean "no value", beside the empty one.
        stray: a value that it does not read.
        remark: what a person must decide.
        calendar: of dates: the formats, and whether day and month can be told apart.
    """

    annotation: str
    parse: str | None
    says: str
    share: float
    nulls: tuple[str, ...] = ()
    stray: str | None = None
    remark: str | None = None
    calendar: Calendar | None = None


def reading_of(header: str, counts: pl.DataFrame) -> Reading:
    """The likeliest reading of a column of text.

    Args:
        header: its name.
        counts: `text` (trimmed, none empty) and `count`, each text once; at least one.
    """
    texts = counts["text"]
    weak = texts.str.contains(rf"\A(?:{_TOKENS.pattern})\z").alias("weak")
    without = counts.filter(~weak)
    tokens = tuple(sorted(counts.filter(weak)["text"]))
    found = _typed(header, without) if without.height else None
    if found is not None:
        return replace(found, nulls=(*tokens, *found.nulls))
    strong = tuple(t for t in tokens if _STRONG_TOKENS.fullmatch(t))
    return Reading("str", None, "text", 1.0, strong)


def _typed(header: str, counts: pl.DataFrame) -> Reading | None:
    """The first reading, of those that are no text, that fits enough values."""
    some = counts["text"].head(200)
    has_digits = bool(some.str.contains("[0-9]").any())
    for found in _boolean(header, counts):
        return found
    if not has_digits:
        return None
    if bool(counts["text"].str.contains(r"\A0[0-9]+\z").any()) and not _all_days(header, counts):
        said = "digits with leading zeros stay text"
        return Reading("str", None, said, 1.0)
    for tried in (_dates(header, counts), *_numbers(header, counts)):
        if tried is not None and tried.share >= ENOUGH:
            return tried
    return None


def _boolean(header: str, counts: pl.DataFrame) -> Iterator[Reading]:
    words = {text.lower() for text in counts["text"].head(8)}
    if counts.height > 6:
        return
    for true, false in _TRUE_FALSE:
        if words <= {true, false}:
            plain = (true, false) in _TRUE_FALSE[:4]
            code = None if plain else f'booleans(true=["{true}"], false=["{false}"])'
            both = words == {true, false}
            if both or len(true) > 1:
                remark = None if both else f"only {next(iter(words))!r} was seen"
                yield Reading("bool", code, f"{true} and {false}", 1.0, remark=remark)
            return
    if words == {"0", "1"} and re.match(r"(is|has|was|can)[_ A-Z]|.*flag", header):
        yield Reading("bool", None, "1 and 0, and the header speaks of yes and no", 1.0)


def _dates(header: str, counts: pl.DataFrame) -> Reading | None:
    gone = counts["text"].str.contains(rf"\A(?:{_no_date()})\z")
    calendar = read_calendar(counts.filter(~gone))
    if calendar is None:
        return None
    if calendar.touches and not (_all_days(header, counts) or calendar.share == 1):
        return None
    if calendar.touches and not speaks_of_dates(header):
        return None
    function = "datetimes" if calendar.has_time else "dates"
    code = f"{function}({', '.join(map(literal, calendar.formats))})"
    tokens = tuple(sorted(counts.filter(gone)["text"]))
    kind = "moments" if calendar.has_time else "dates"
    return Reading(
        "datetime" if calendar.has_time else "date",
        None if _is_default(calendar) else code,
        f"{kind} like {calendar.example}",
        calendar.share,
        tokens,
        calendar.stray,
        calendar.remark,
        calendar,
    )


def _is_default(calendar: Calendar) -> bool:
    """Whether the type's own rule reads these formats: no parse rule is needed then."""
    iso = set(datetimes().formats) if calendar.has_time else {"%Y-%m-%d"}
    return set(calendar.formats) <= iso


def _no_date() -> str:
    """`_NO_DATE` for an engine without back-references."""
    return "|".join(
        f"{d}{{2,4}}{sep}{d}{{2}}{sep}(?:{d}{{2}}|{d}{{4}})"
        for d in "09" for sep in ("", "-", "/", r"\.", " ")
    )  # fmt: skip


def _all_days(header: str, counts: pl.DataFrame) -> bool:
    """Whether digits that touch are written like days (YYYYMMDD), and the header says so."""
    days = counts["text"].str.contains(r"\A(?:19|20)[0-9]{6}\z|\A0{8}\z|\A9{8}\z|\A[0-9]{2}[-/.]")
    return speaks_of_dates(header) and bool(days.all())


def _numbers(header: str, counts: pl.DataFrame) -> Iterator[Reading]:
    texts = counts["text"]
    whole = _share(integer(), pl.Int64(), counts)
    if whole[0] >= ENOUGH:
        if names_things(header):
            yield Reading("str", None, "digits that name something stay text", 1.0)
            return
        yield Reading("int", None, "whole numbers", *_told(whole))
        return
    if whole[0] == 0 and bool(texts.str.contains(r"\A[0-9]{16,}\z").all()):
        yield Reading("str", None, "digits that are too many for a number", 1.0)
        return
    options = _options(texts)
    for thousands, mark in ((None, "."), (None, ","), (",", "."), (".", ","), (" ", ","),
                            ("'", "."), (" ", ".")):  # fmt: skip
        given = {**options}
        given |= {"thousands": thousands} if thousands else {}
        given |= {"mark": mark} if mark != "." else {}
        rule = decimal(**given)  # type: ignore[arg-type]
        fits = _share(rule, _DECIMAL, counts)
        if fits[0] < ENOUGH:
            continue
        code = ", ".join(f"{name}={_code(value)}" for name, value in given.items())
        remark = None
        if mark == "," and not bool(texts.str.contains(r",[0-9]{1,2}\z|,[0-9]{4,}").any()):
            remark = "the comma may mark thousands instead: ask, and write thousands=','"
        yield Reading("Decimal", f"decimal({code})" if given else None, "numbers with decimals",
                      *_told(fits), remark=remark)  # fmt: skip
        return
    fits = _share(number(), pl.Float64(), counts)
    if fits[0] >= ENOUGH:
        yield Reading("float", None, "numbers with many decimals or exponents", *_told(fits))
    elif options:
        code = ", ".join(f"{name}={_code(value)}" for name, value in options.items())
        fits = _share(decimal(**options), pl.Float64(), counts)  # type: ignore[arg-type]
        yield Reading("float", f"decimal({code})", "numbers with many decimals", *_told(fits))


def _options(texts: pl.Series) -> dict[str, object]:
    symbols = "".join(s for s in _CURRENCIES if bool(texts.str.contains(s, literal=True).any()))
    found: dict[str, object] = {"symbols": symbols} if symbols else {}
    if bool(texts.str.contains(r"[0-9]\s?%\z").any()):
        found["percent"] = True
    if bool(texts.str.contains(r"\A\(.*\)\z|[0-9]-\z").any()):
        found["negatives"] = True
    if units := _units(texts):
        found["units"] = units
    return found


def _units(texts: pl.Series) -> list[str]:
    """What follows the numbers, where that is a few words: `12 oz`, `0.5kg`."""
    after = texts.str.extract(
        r"\A[+-]?[0-9][0-9.,]*\s*([^\s0-9+\-().,%$€£¥].{0,11})\z"
    ).drop_nulls()
    units = [unit.strip() for unit in after.unique() if not any(c.isdigit() for c in unit)]
    return sorted(set(units)) if len(units) <= _MOST_UNITS else []


def _share(rule: ParseRule, dtype: DataType, counts: pl.DataFrame) -> tuple[float, str | None]:
    """The share of values that a rule reads, and one that it does not."""
    read = counts.select("text", "count", ok=rule.value(pl.col("text"), dtype).is_not_null())
    total, fits = read["count"].sum(), read.filter("ok")["count"].sum()
    strays = read.filter(~pl.col("ok"))["text"]
    return (float(fits) / float(total) if total else 0.0), (strays[0] if len(strays) else None)


def _told(fits: tuple[float, str | None]) -> tuple[float, tuple[str, ...], str | None]:
    return fits[0], (), fits[1]


def _code(value: object) -> str:
    if isinstance(value, list):
        return sequence(value)
    return literal(value) if isinstance(value, str) else repr(value)
