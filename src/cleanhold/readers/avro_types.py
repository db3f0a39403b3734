"""Avro's types as Arrow's, and the values that Arrow does not take as fastavro gives them.

Logical types are undone here and not by fastavro, which makes Python dates of them: those end in
the year 9999, and a delivery may not. Source: Apache Avro 1.12 specification, "Logical Types".
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

Convert = Callable[[Any], Any]

_EXACT = Context(prec=100)

#: Logical types of whole numbers, which Arrow takes as they are: how Arrow calls the type.
_TIMES: dict[str, tuple[str, tuple[str, ...]]] = {
    "date": ("date32", ()),
    "time-millis": ("time32", ("ms",)),
    "time-micros": ("time64", ("us",)),
    "timestamp-millis": ("timestamp", ("ms", "UTC")),
    "timestamp-micros": ("timestamp", ("us", "UTC")),
    "timestamp-nanos": ("timestamp", ("ns", "UTC")),
    "local-timestamp-millis": ("timestamp", ("ms",)),
    "local-timestamp-micros": ("timestamp", ("us",)),
    "local-timestamp-nanos": ("timestamp", ("ns",)),
}
_PLAIN = {
    "null": "null",
    "boolean": "bool_",
    "int": "int32",
    "long": "int64",
    "float": "float32",
    "double": "float64",
    "bytes": "large_binary",
    "string": "large_string",
    "enum": "large_string",
    "fixed": "large_binary",
}


@dataclass(frozen=True, slots=True)
class Column:
    """An Avro type as a column.

    Attributes:
        type: Arrow's.
        convert: makes of a value what Arrow takes; None if it does already.
    """

    type: Any
    convert: Convert | None = None

    def values(self, values: list[Any]) -> Any:
        """Values as fastavro gives them → an Arrow array."""
        import pyarrow as pa

        if self.convert is not None:
            values = [None if v is None else self.convert(v) for v in values]
        return pa.array(values, self.type)


def without_logic(schema: Any) -> Any:
    """The schema with nothing but Avro's own types: fastavro gives their values untouched."""
    if isinstance(schema, list):
        return [without_logic(part) for part in schema]
    if isinstance(schema, dict):
        kept = {k: v for k, v in schema.items() if k not in ("logicalType", "default")}
        nested = {k: without_logic(kept[k]) for k in ("type", "items", "values") if k in kept}
        if isinstance(kept.get("fields"), list):
            nested["fields"] = [without_logic(field) for field in kept["fields"]]
        return {**kept, **nested}
    return schema


def column_of(
    schema: Any, named: dict[str, Any], within: str = "", inside: tuple[str, ...] = ()
) -> Column:
    """The column of a type.

    Args:
        schema: as the file has it.
        named: full name → a named type and its namespace; what is met is put there.
        within: the namespace around it.
        inside: full names of the records around it: what contains itself becomes JSON text.
    """
    import pyarrow as pa

    if isinstance(schema, str) and schema not in _PLAIN:
        full = schema if "." in schema or not within else f"{within}.{schema}"
        full = full if full in named else schema
        if full in inside:
            return Column(pa.large_string(), _json)
        return column_of(named[full][0], named, named[full][1], inside)
    if isinstance(schema, list):
        return _union(schema, named, within, inside)
    if isinstance(schema, str):
        return Column(getattr(pa, _PLAIN[schema])())
    kind = schema["type"]
    if isinstance(kind, dict | list):
        return column_of(kind, named, within, inside)
    if kind in ("record", "error", "enum", "fixed"):
        name = schema["name"]
        within = schema.get("namespace", within) if "." not in name else name.rpartition(".")[0]
        full = name if "." in name or not within else f"{within}.{name}"
        named[full] = (schema, within)
        inside = (*inside, full)
    if logical := _logical(schema):
        return logical
    if kind in ("record", "error"):
        return _record(schema, named, within, inside)
    if kind == "array":
        item = column_of(schema["items"], named, within, inside)
        each = item.convert
        return Column(pa.large_list(item.type), each and (lambda v: [_one(each, x) for x in v]))
    if kind == "map":
        item = column_of(schema["values"], named, within, inside)
        return Column(
            pa.map_(pa.large_string(), item.type),
            lambda v: [(key, _one(item.convert, x)) for key, x in v.items()],
        )
    if kind not in _PLAIN:  # a reference, written as an object
        return column_of(kind, named, within, inside)
    return Column(getattr(pa, _PLAIN[kind])())


def _one(convert: Convert | None, value: Any) -> Any:
    return value if value is None or convert is None else convert(value)


def _record(schema: Any, named: dict[str, Any], within: str, inside: tuple[str, ...]) -> Column:
    import pyarrow as pa

    fields = {f["name"]: column_of(f["type"], named, within, inside) for f in schema["fields"]}
    changed = {name: column.convert for name, column in fields.items() if column.convert}

    def convert(value: Mapping[str, Any]) -> dict[str, Any]:
        return {**value, **{name: _one(how, value[name]) for name, how in changed.items()}}

    kind = pa.struct([pa.field(name, column.type) for name, column in fields.items()])
    return Column(kind, convert if changed else None)


def _union(parts: list[Any], named: dict[str, Any], within: str, inside: tuple[str, ...]) -> Column:
    import pyarrow as pa

    columns = [column_of(part, named, within, inside) for part in parts if part != "null"]
    if not columns:
        return Column(pa.null())
    return columns[0] if len(columns) == 1 else Column(pa.large_string(), _json)


def _logical(schema: Mapping[str, Any]) -> Column | None:
    """The column of a logical type; None where there is none, or it does not fit its type."""
    import pyarrow as pa

    logical, kind = schema.get("logicalType"), schema["type"]
    if logical in _TIMES and kind in ("int", "long"):
        name, options = _TIMES[logical]
        if (kind == "int") == (logical in ("date", "time-millis")):
            return Column(getattr(pa, name)(*options))
    if logical == "decimal" and kind in ("bytes", "fixed"):
        precision, scale = schema.get("precision", 0), schema.get("scale", 0)
        make = pa.decimal128 if precision <= 38 else pa.decimal256
        if 0 < precision <= 76 and 0 <= scale <= precision:
            return Column(make(precision, scale), lambda v: _decimal(v, scale))
    if logical == "uuid" and kind == "fixed" and schema.get("size") == 16:
        return Column(pa.large_string(), lambda v: str(uuid.UUID(bytes=v)))
    if logical == "duration" and kind == "fixed" and schema.get("size") == 12:
        return Column(pa.large_string(), _duration)
    return None


def _decimal(value: bytes, scale: int) -> Decimal:
    return Decimal(int.from_bytes(value, "big", signed=True)).scaleb(-scale, _EXACT)


def _duration(value: bytes) -> str:
    """Three little-endian numbers, as ISO 8601 writes them."""
    months, days, millis = (int.from_bytes(value[at : at + 4], "little") for at in (0, 4, 8))
    return f"P{months}M{days}DT{millis // 1000}.{millis % 1000:03}S"


def _json(value: Any) -> str:
    """Text as it is, everything else as JSON; bytes in hex."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=lambda other: bytes(other).hex().upper())
