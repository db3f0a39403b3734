"""JSON values and keys as text, many at once.

A scalar becomes text as it is written (`1.50` stays `1.50`, `true` is `true`), a string without
its quotes and escapes, null is null; an object or a list stays JSON text. Source: RFC 8259.
"""

from __future__ import annotations

import json
from typing import NoReturn

import numpy as np
import polars as pl

from cleanhold.readers.framing import octets

_STRING = r'\A"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"\z'
_SCALAR = r"\A(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)\z"


def keys_of(raw: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The text of keys, and which are no JSON strings; each different key is judged once."""
    different = raw.unique()
    text, bad, _ = texts_of(different, different.str.contains(_STRING), check_strings=True)
    bad |= ~different.str.starts_with('"')
    judged = pl.DataFrame({"raw": different, "text": text, "bad": bad})
    looked_up = raw.to_frame("raw").join(judged, on="raw", how="left", maintain_order="left")
    return looked_up["text"], looked_up["bad"]


def has_controls(data: bytes) -> bool:
    """Whether a byte is there that must not stand in a JSON string as it is."""
    marks = octets(data)
    return int(np.count_nonzero(marks < 0x20)) > data.count(b"\n") + data.count(b"\r")


def texts_of(
    raw: pl.Series, two_quotes: pl.Series, check_strings: bool
) -> tuple[pl.Series, pl.Series, pl.Series]:
    """The text of JSON values (null for null), which are no valid JSON, which objects or lists.

    Args:
        raw: the values as written, without blanks around them.
        two_quotes: which hold exactly two unescaped quotes.
        check_strings: strings may hold control characters, so look.
    """
    is_string = two_quotes & raw.str.starts_with('"') & raw.str.ends_with('"')
    is_escaped = is_string & raw.str.contains("\\", literal=True)
    text = pl.select(pl.when(raw != "null").then(raw)).to_series()
    text = text.str.strip_prefix('"').str.strip_suffix('"')
    is_nested = raw.str.contains(r"\A[{\[]")
    bad = ~(is_string | is_nested)
    for which, valid in ((bad, _SCALAR), (is_string if check_strings else is_escaped, _STRING)):
        where = which.arg_true()
        bad = bad.scatter(where, ~raw.gather(where).str.contains(valid))
    if (where := (is_escaped & ~bad).arg_true()).len():
        plain = _unescaped(raw.gather(where))
        text = text.scatter(where, plain)
        bad = bad.scatter(where, plain.is_null())
    if (where := is_nested.arg_true()).len():
        bad = bad.scatter(where, ~_well_formed(raw.gather(where)))
        text = text.scatter(where, raw.gather(where))
    return text.alias("text"), bad, is_nested


def _unescaped(strings: pl.Series) -> pl.Series:
    """Valid JSON strings → their text; null for half a surrogate pair, which is no text."""
    plain = json.loads("[" + ",".join(strings.to_list()) + "]")
    try:
        return pl.Series(plain, dtype=pl.String)
    except UnicodeEncodeError:
        return pl.Series(
            [None if any("\ud800" <= c <= "\udfff" for c in text) else text for text in plain],
            dtype=pl.String,
        )


def _well_formed(values: pl.Series) -> pl.Series:
    """Which objects and lists are valid JSON. All are tried at once; one by one if some is not."""
    if _loads("[" + ",".join(values.to_list()) + "]"):
        return pl.Series([True]).new_from_index(0, len(values))
    return pl.Series([_loads(value) for value in values.to_list()], dtype=pl.Boolean)


def _loads(text: str) -> bool:
    try:
        json.loads(text, parse_int=str, parse_float=str, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return False
    return True


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
