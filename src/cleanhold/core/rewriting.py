"""Corrections that a case's values speak for by themselves: blanks, case, dates, numbers, codes.

Each takes the distinct values of a raw column as delivered, and none guesses: where two readings
fit, there is no candidate.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Collection, Sequence

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

#: How alike two texts must be (difflib's ratio), and how much more than the next.
_ALIKE, _AHEAD = 0.75, 0.05

_TIDY: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("remove blanks", lambda text: " ".join(text.split())),
    ("narrow wide characters", lambda text: unicodedata.normalize("NFKC", text)),
    ("write in capitals", str.upper),
    ("write in small letters", str.lower),
)


def tidied(column: str, values: Sequence[str]) -> list[Candidate]:
    """Without needless blanks, in usual width, in one case."""
    return [c for what, f in _TIDY for c in mapping(column, {v: f(v) for v in values}, what)]


def redated(column: str, values: Sequence[str], wanted: Sequence[str]) -> list[Candidate]:
    """Read as dates in another layout, if all values fit it and no other reading fits them all.

    Args:
        wanted: the layouts that the contract reads.
    """
    texts = pl.Series(values, dtype=pl.String).str.strip_chars()
    readings: dict[tuple[object, ...], str] = {}
    for layout in _LAYOUTS:
        days = texts.str.to_date(layout, strict=False)
        if layout not in wanted and days.dt.year().is_between(_FROM, _TO).fill_null(False).all():
            readings.setdefault(tuple(days), layout)
    if len(readings) != 1 or not values:
        return []
    (layout,) = readings.values()
    told = f"all {len(values):,} values are dates like {layout}, and fit no other layout"
    if len(values) == 1:
        told = f"it is a date like {layout}, and fits no other layout"
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


def nearest(column: str, values: Sequence[str], known: Collection[str]) -> list[Candidate]:
    """The value of a list that each is most like, where one is clearly ahead."""
    names: dict[str, list[str]] = {}
    for name in sorted(known):
        names.setdefault(name.casefold(), []).append(name)
    pairs, least = {}, 1.0
    for value in values:
        text = value.strip().casefold()
        close = difflib.get_close_matches(text, names, n=2, cutoff=_ALIKE)
        ratios = [difflib.SequenceMatcher(None, name, text).ratio() for name in close]
        if close and len(names[close[0]]) == 1 and (
            len(close) == 1 or ratios[0] - ratios[1] >= _AHEAD
        ):  # fmt: skip
            pairs[value] = names[close[0]][0]
            least = min(least, ratios[0])
    return mapping(column, pairs, "take the nearest known value", f"{least:.0%} alike or more")


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
