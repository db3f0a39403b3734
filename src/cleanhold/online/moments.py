"""Text to points in time, for formats of plain directives; any other text is left to Polars."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import polars as pl

from cleanhold.expressions.untranslatable import Untranslatable
from cleanhold.online.one_value import by_polars

_SHAPES = {
    "Y": "(?P<Y>[0-9]{4})",
    "m": "(?P<m>[0-9]{2})",
    "d": "(?P<d>[0-9]{2})",
    "H": "(?P<H>[0-9]{2})",
    "M": "(?P<M>[0-5][0-9])",
    "S": "(?P<S>[0-5][0-9])",
    ".f": r"(?:\.(?P<f>[0-9]{1,%d}))?",
    "z": "(?P<z>[+-](?:[01][0-9]|2[0-3])[0-5][0-9])",
}
_TOKEN = re.compile(r"%(\.f|.)|([^%])")
_DAY = {"Y", "m", "d"}
_WITHIN = (_DAY, _DAY | {"H", "M"}, _DAY | {"H", "M", "S"}, _DAY | {"H", "M", "S", ".f"})
_PLACES = {"ms": 3, "us": 6}


def moment(layout: str, dtype: pl.Datetime) -> Callable[[str], datetime | None]:
    """Text in a strftime format as a naive datetime; in UTC if the format has %z.

    Raises:
        Untranslatable: the format has other directives, or the dtype other zones or units.
    """
    tokens = _TOKEN.findall(layout)
    directives = [d for d, _ in tokens if d]
    zoned = "z" in directives
    once = len(set(directives)) == len(directives) and set(directives) - {"z"} in _WITHIN
    if not once or dtype.time_zone != ("UTC" if zoned else None):
        raise Untranslatable(f"the time format {layout!r}")
    if dtype.time_unit not in _PLACES:
        raise Untranslatable(f"times in {dtype.time_unit}")
    slow: Callable[[str], datetime | None] = by_polars(
        pl.col("x")
        .str.to_datetime(layout, strict=False, time_unit=dtype.time_unit, time_zone=dtype.time_zone)
        .dt.replace_time_zone(None),
        pl.String(),
    )
    written = "".join(_SHAPES[d] if d else re.escape(literal) for d, literal in tokens)
    if ".f" in directives:
        written %= _PLACES[dtype.time_unit]
    shape = re.compile(written + r"\Z").match
    clock = "H" in directives, "S" in directives, ".f" in directives

    def read(x: str) -> datetime | None:
        found = shape(x)
        if found is None or found["Y"] == "0000":
            return slow(x)
        hour, minute = (int(found["H"]), int(found["M"])) if clock[0] else (0, 0)
        second = int(found["S"]) if clock[1] else 0
        fraction = int((found["f"] or "0").ljust(6, "0")) if clock[2] else 0
        try:
            moment = datetime(
                int(found["Y"]), int(found["m"]), int(found["d"]), hour, minute, second, fraction
            )
        except ValueError:
            return None
        return moment - _offset(found["z"]) if zoned else moment

    return read


def _offset(written: str) -> timedelta:
    """`+0130` as a time span."""
    span = timedelta(hours=int(written[1:3]), minutes=int(written[3:5]))
    return -span if written[0] == "-" else span
