"""Records as they come: mappings, or JSON text, which becomes text as the NDJSON reader has it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date
from typing import Any, NoReturn

import polars as pl

from cleanhold.core.parsing import DataType
from cleanhold.errors import UsageError

#: What a record may be.
Record = Mapping[str, Any] | str | bytes | bytearray

_LEAST, _MOST = -(2**63), 2**63 - 1
_SIMPLE = frozenset((str, bool, int, float, date, type(None)))
_WORDS = {True: "true", False: "false"}
_BLANKS = " \t\n\r"


class Refused(Exception):
    """The record cannot become a row; says why, with the readers' code."""


def fields_of(record: Record) -> Mapping[str, Any]:
    """The fields of a record, raw column → value.

    Raises:
        Refused: it is no valid JSON object, or has text that is no Unicode text.
        UsageError: it is something else.
    """
    if isinstance(record, Mapping):
        _require_text(record)
        return record
    if not isinstance(record, str | bytes | bytearray):
        raise UsageError(
            f"a record cannot be {type(record).__name__}",
            next="give a dict of raw column names and values, or JSON text",
        )
    try:
        text = record if isinstance(record, str) else record.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("undecodable: the bytes are not valid utf-8") from None
    fields = _fields(text)
    if "\\u" in text or isinstance(record, str):
        _require_text(fields)
    return fields


def _require_text(fields: Mapping[str, Any]) -> None:
    """Refuse half of a surrogate pair, which is no character."""
    try:
        for name, value in fields.items():
            if not name.isascii():
                name.encode()
            if type(value) is str and not value.isascii():
                value.encode()
    except UnicodeEncodeError:
        raise Refused("bad_json: a text has half of a surrogate pair") from None
    except AttributeError:
        raise UsageError("a column name is no text", next="name columns by texts") from None


def _fields(text: str) -> dict[str, str | None]:
    try:
        pairs = _PAIRS.decode(text)
    except (ValueError, RecursionError):
        raise Refused("bad_json: the text is not one valid JSON object") from None
    if type(pairs) is not _Pairs:
        raise Refused("bad_json: the text is not one valid JSON object")
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise Refused("duplicate_key: the object has the same key twice")
    for name, value in pairs:
        if value.__class__ is bool:
            fields[name] = _WORDS[value]
        elif value.__class__ is _Pairs or value.__class__ is list:
            return _as_written(text)
    return fields


class _Pairs(list[tuple[str, Any]]):
    """The members of a JSON object."""


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


_PAIRS = json.JSONDecoder(
    object_pairs_hook=_Pairs, parse_int=str, parse_float=str, parse_constant=_no_constant
)


def _as_written(text: str) -> dict[str, str | None]:
    """The fields of a valid object that has objects or lists in it, which stay JSON text."""
    fields: dict[str, str | None] = {}
    at = _skip(text, 0) + 1
    while True:
        name, at = _PAIRS.raw_decode(text, _skip(text, at))
        start = _skip(text, _skip(text, at) + 1)
        value, at = _PAIRS.raw_decode(text, start)
        if isinstance(value, list):
            value = text[start:at]
        fields[name] = _WORDS[value] if isinstance(value, bool) else value
        at = _skip(text, at) + 1
        if text[at - 1] == "}":
            return fields


def _skip(text: str, at: int) -> int:
    while text[at] in _BLANKS:
        at += 1
    return at


def are_simple(kinds: Iterable[type], values: Iterable[Any]) -> bool:
    """Whether the Python types of values decide their dtypes; large integers need a look."""
    if not _SIMPLE.issuperset(kinds):
        return False
    return all(type(value) is not int or _LEAST <= value <= _MOST for value in values)


def dtype_of(value: Any) -> DataType | None:
    """The dtype of a value of a record; None for None."""
    if value is None:
        return None
    if isinstance(value, str):
        return pl.String()
    if isinstance(value, bool):
        return pl.Boolean()
    if isinstance(value, int) and _LEAST <= value <= _MOST:
        return pl.Int64()
    if isinstance(value, float):
        return pl.Float64()
    if type(value) is date:
        return pl.Date()
    dtype = None
    with suppress(Exception):  # Polars has several complaints about what it cannot hold
        dtype = pl.Series([value]).dtype
    if dtype is None or dtype == pl.Object:
        raise UsageError(
            f"a value of type {type(value).__name__} has no column type",
            next="give text, numbers, true or false, dates, or None",
        )
    return dtype
