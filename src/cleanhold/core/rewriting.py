"""Corrections that a case's values speak for together: dates, numbers, what others have.

Each takes the distinct values of a raw column as delivered, and none guesses: where two readings
fit, there is no candidate.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

import polars as pl

from cleanhold.core.correction import Correction
from cleanhold.core.suggestion import Candidate, mapping

#: Ways to write a day, each tried on all values.
_LAYOUTS = (
    "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d",
    "%Y%m%d", "%d%m%Y", "%m%d%Y", "%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y",
    "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S",
)  # fmt: skip

#: Years that a layout must give; others are a sign that it does not fit.
_FROM, _TO = 1850, 2150


def redated(column: str, values: Sequence[str], wanted: Sequence[str]) -> list[Candidate]:
    """Read as dates in another layout, if all values fit it and no other reading fits them all.

    Args:
        wanted: the layouts that the contract reads.
    """
    texts = pl.Series(values, dtype=pl.String).str.strip_chars()
    is_midnight = texts.str.ends_with("00:00:00").all()
    readings: dict[tuple[object, ...], str] = {}
    for layout in _LAYOUTS:
        if "%H" in layout and not is_midnight:
            continue  # a time of day would be lost
        days = texts.str.to_date(layout, strict=False)
        if layout not in wanted and days.dt.year().is_between(_FROM, _TO).fill_null(False).all():
            readings.setdefault(tuple(days), layout)
    if len(readings) != 1 or not values:
        return []
    (layout,) = readings.values()
    shown = date(2026, 12, 31).strftime(layout)
    told = f"all {len(values):,} values are dates like {shown}, and fit no other layout"
    if len(values) == 1:
        told = f"it is a date like {shown}, and fits no other layout"
    return [Candidate("read as dates", Correction({}, {}, {column: (layout, wanted[0])}), told)]


def renumbered(column: str, values: Sequence[str], mark: str) -> list[Candidate]:
    """Read as numbers with the other decimal mark, if all are and one cannot be read otherwise.

    Args:
        mark: the decimal mark that the contract reads, `.` or `,`.
    """
    other = "," if mark == "." else "."
    apart = rf"[{re.escape(mark)}'\u00a0\u202f ]"
    shape = re.compile(
        rf"\s*([-+]?)(\d{{1,3}}(?:{apart}\d{{3}})+|\d+)(?:{re.escape(other)}(\d+))?\s*"
    )
    found = {value: shape.fullmatch(value) for value in values}
    parts = {value: match.groups() for value, match in found.items() if match}
    told = any(part[2] is not None and (len(part[2]) != 3 or not part[1].isdigit())
               for part in parts.values())  # fmt: skip
    if len(parts) < len(found) or not told:
        return []
    pairs = {
        value: sign + re.sub(r"\D", "", whole) + (mark + rest if rest else "")
        for value, (sign, whole, rest) in parts.items()
    }
    return mapping(column, pairs, f"read {other} as the decimal mark", "and all values fit")


#: Numbers below zero as accountants and mainframes write them, and with the sign of typesetters.
_BELOW_ZERO = re.compile(
    r"\s*(?:\(([0-9][0-9.,' ]*)\)|([0-9][0-9.,' ]*?)\s?[-\u2212]|\u2212\s?([0-9][0-9.,' ]*))\s*"
)


def signed(column: str, values: Sequence[str]) -> list[Candidate]:
    """Read brackets, a minus at the end and U+2212 as a minus, if all values have one of them."""
    found = {value: _BELOW_ZERO.fullmatch(value) for value in values}
    pairs = {v: "-" + next(g for g in m.groups() if g).strip() for v, m in found.items() if m}
    if len(pairs) < len(found):
        return []
    return mapping(column, pairs, "read as numbers below zero", "and all values are written so")


def agreed(
    column: str, pairs: Sequence[tuple[str | None, str | None]], what: str, evidence: str
) -> list[Candidate]:
    """Values that something else says of each row, if it says one of all rows of an old value.

    Args:
        pairs: of each row, its old value and the new one; None if nothing is said of it.
    """
    news: dict[str | None, set[str | None]] = {}
    for old, new in pairs:
        news.setdefault(old, set()).add(new)
    every = set().union(*news.values())
    if None in news and len(every) == 1 and None not in every:
        (put,) = every
        told = f"all become '{put}', {evidence}"
        return [Candidate(what, Correction({column: put}, {}, {}), told)]
    sure = {}
    for text, (first, *others) in ((old, list(new)) for old, new in news.items()):
        if text is not None and first is not None and not others:
            sure[text] = first
    return mapping(column, sure, what, evidence)
