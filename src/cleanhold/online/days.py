"""Text to dates, for formats of plain directives; any other text is left to Polars."""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Callable
from datetime import date, timedelta

import polars as pl

from cleanhold.expressions.untranslatable import Untranslatable
from cleanhold.online.one_value import by_polars

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SHAPES = {
    "Y": "(?P<Y>[0-9]{4})",
    "y": "(?P<y>[0-9]{2})",
    "m": "(?P<m>[0-9]{2})",
    "d": "(?P<d>[0-9]{2})",
    "j": "(?P<j>[0-9]{3})",
    "b": "(?P<b>[A-Za-z]{3})",
}
_TOKEN = re.compile(r"%(.)|([^%])")
_WITHIN = ({"Y", "m", "d"}, {"Y", "b", "d"}, {"y", "m", "d"}, {"y", "b", "d"}, {"Y", "j"})
#: Two-digit years from here on are of the 1900s, as `builtins.dates` says of %y.
_PIVOT = 70


def day(layout: str) -> Callable[[str], date | None]:
    """Text in a strftime format as a date; null where there is no such day.

    Raises:
        Untranslatable: the format has other directives.
    """
    tokens = _TOKEN.findall(layout)
    directives = [d for d, _ in tokens if d]
    if set(directives) not in _WITHIN or len(set(directives)) != len(directives):
        raise Untranslatable(f"the date format {layout!r}")
    slow: Callable[[str], date | None] = by_polars(
        pl.col("x").str.to_date(layout, strict=False), pl.String()
    )
    written = "".join(_SHAPES[d] if d else re.escape(literal) for d, literal in tokens)
    loose = not re.search(r"%[Yymdj]%[Yymdj]", layout)
    if loose and not layout.startswith("%Y"):  # 1/2/2026; digits that touch must be padded
        written = re.sub(r"(<[md]>\[0-9\])\{2\}", r"\1{1,2}", written)
    shape = re.compile(written + r"\Z").match
    groups = shape.__self__.groupindex  # type: ignore[attr-defined]
    number_of = {d: groups.get(d, 0) for d in "Yymdjb"}
    year_at, month_at, day_at = (number_of[d] for d in "Ymd")
    short_at, ordinal_at, named_at = (number_of[d] for d in "yjb")

    def read(x: str) -> date | None:
        found = shape(x)
        if found is None:
            return slow(x)
        year = int(found[year_at]) if year_at else _century(int(found[short_at]))
        if year == 0:
            return slow(x)
        if ordinal_at:
            return _ordinal(year, int(found[ordinal_at]))
        if named_at:
            name = found[named_at].lower()
            if name not in _MONTHS:
                return slow(x)
            month = _MONTHS.index(name) + 1
        else:
            month = int(found[month_at])
        try:
            return date(year, month, int(found[day_at]))
        except ValueError:
            return None

    return read


def _century(year: int) -> int:
    return year + (1900 if year >= _PIVOT else 2000)


def _ordinal(year: int, number: int) -> date | None:
    if not 1 <= number <= 365 + isleap(year):
        return None
    return date(year, 1, 1) + timedelta(days=number - 1)
