"""Python rows as lines of JSON, with every value as it was."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from cleanhold.errors import DeliveryError


def as_lines(rows: Iterable[Any]) -> tuple[int, bytes]:
    """Rows as NDJSON in UTF-8, and how many they are.

    A row is a mapping, or a table of Arrow or pandas or Polars, which is as many as it has;
    anything else is a row with one field, `value`. Numbers keep their digits: a decimal is a text
    of them. Times are ISO 8601, bytes base64, what is no number in JSON (NaN) is its name.

    Raises:
        DeliveryError: a value has no form in JSON.
    """
    count, lines = 0, []
    for row in _each(rows):
        count += 1
        lines.append(_line(row))
    return count, b"".join(lines)


def _each(rows: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    for row in rows:
        if isinstance(row, Mapping):
            yield row
        elif hasattr(row, "to_pylist"):  # Arrow
            yield from row.to_pylist()
        elif hasattr(row, "to_dicts"):  # Polars
            yield from row.to_dicts()
        elif hasattr(row, "to_dict") and hasattr(row, "columns"):  # pandas
            yield from row.to_dict("records")
        elif hasattr(row, "model_dump"):  # pydantic
            yield row.model_dump()
        else:
            yield {"value": row}


def _line(row: Mapping[str, Any]) -> bytes:
    try:
        try:
            text = json.dumps(row, ensure_ascii=False, allow_nan=False, default=_value)
        except ValueError:  # NaN or infinity somewhere
            text = json.dumps(_named(row), ensure_ascii=False, default=_value)
    except (TypeError, ValueError, RecursionError) as error:
        raise DeliveryError(
            f"a row cannot be written as JSON: {error}",
            next="have the resource yield numbers, texts, times, bytes, lists and dictionaries, "
            "or map such values: resource.add_map(…)",
        ) from error
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:  # half of a surrogate pair; an escape keeps it
        return json.dumps(json.loads(text)).encode() + b"\n"


def _value(value: Any) -> Any:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return f"PT{value.total_seconds():f}S"
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(value).decode()
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal | UUID):
        return str(value)
    if hasattr(value, "model_dump"):
        return value.model_dump()
    raise TypeError(f"a {type(value).__name__} has no form in JSON")


def _named(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _named(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_named(item) for item in value]
    return value
