"""Cells of a workbook as text, alike in all formats; and which texts are errors of a formula."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import polars as pl

#: What Excel shows for an error, by the library's name of it.
ERRORS = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
    "GettingData": "#GETTING_DATA",
}

#: LibreOffice has errors of its own: `Err:502`.
_ERROR = (
    r"\A(#(DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!|GETTING_DATA|SPILL!|CALC!)|Err:5[0-9]{2})\z"
)


def is_error(text: pl.Expr) -> pl.Expr:
    """Whether a text is an error of a formula, or spells one."""
    return text.str.contains(_ERROR)


def text_of(value: Any) -> str | None:
    """A cell as text; None where it is empty.

    A whole number has no `.0`, another float is the shortest text that reads back the same
    (`repr`). Dates, times and moments are ISO 8601; a duration is `PT255H10M10S`.
    """
    match value:
        case "":
            return None
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float():
            whole = value.is_integer() and abs(value) < 1e16
            return str(int(value)) if whole else repr(value)
        case timedelta():
            return _duration(value)
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return str(value)


def _duration(value: timedelta) -> str:
    sign = "-" if value < timedelta(0) else ""
    seconds, micros = divmod(abs(value) // timedelta(microseconds=1), 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{micros:06}".rstrip("0") if micros else ""
    return f"{sign}PT{hours}H{minutes}M{seconds}{fraction}S"
