"""Text that is a document: JSON, and what its parts must be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.builtins.beside import place_of_call
from cleanhold.builtins.checks.listing import listed
from cleanhold.builtins.checks.schemas import JsonSchema, read_schema
from cleanhold.builtins.checks.shapes import text_rule, whole
from cleanhold.core.rule import ColumnRule, Takes

_ORDER = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer"},
        "items": {"type": "array", "items": {"$ref": "#/$defs/item"}},
    },
    "$defs": {"item": {"properties": {"price": {"minimum": 0}}}},
}


@listed(passes=['{"a": [1, null]}', "null", '"text"'], fails=["{'a': 1}", "{", "", "[1,]", "nan"])
def json_text() -> ColumnRule:
    """Text that is JSON as a whole: any value. Numbers beyond 1.8e308 do not pass.

    Source: RFC 8259.
    """

    def judge(text: pl.Expr) -> pl.Expr:
        read = text.str.json_path_match("$").is_not_null()
        return read | whole(text, r"[ \t\r\n]*null[ \t\r\n]*")

    return text_rule("json_text", "is not JSON", judge)


@listed(passes=['{"a": 1}', " {} "], fails=["[1]", "{", '"a"', "null"])
def json_object() -> ColumnRule:
    """Text that is a JSON object. Source: RFC 8259."""

    def judge(text: pl.Expr) -> pl.Expr:
        return text.str.json_path_match("$").is_not_null() & text.str.contains(r"\A[ \t\r\n]*\{")

    return text_rule("json_object", "is not a JSON object", judge)


@listed(
    "$.customer.id",
    passes=['{"customer": {"id": 7}}'],
    fails=['{"customer": {}}', '{"customer": {"id": null}}', "7", "{"],
)
def json_has(path: str) -> ColumnRule:
    """JSON text that has a value, other than null, at a path. Source: RFC 9535.

    Args:
        path: such as `$.customer.id`.
    """
    return text_rule(
        "json_has",
        f"is not JSON that has a value at {path.replace('{', '{{').replace('}', '}}')}",
        lambda text: text.str.json_path_match(path).is_not_null(),
    )


@listed(
    _ORDER,
    passes=['{"id": 7, "items": [{"price": 0}]}', '{"id": 1.0, "more": null}'],
    fails=[
        '{"id": "7"}',
        "{}",
        '{"id": 7, "items": [{"price": -1}]}',
        "[]",
        "{",
        "",
        '{"id": NaN}',
    ],
)
def json_schema(schema: Mapping[str, Any] | str | Path) -> ColumnRule:
    """JSON text that a JSON Schema allows. The sentence says where it does not, as a JSON pointer,
    and what is wrong there; of several mistakes, the one that explains most.

    Each distinct text is judged by itself, in Python. `format` says what a text means and is not
    judged, and no schema is fetched. Source: JSON Schema, 2020-12 if `$schema` names no other.

    Args:
        schema: the schema, or the path of a JSON file that is one, relative to the file this is
            called in, the contract.

    Raises:
        ContractError: the file cannot be read, is no schema, or refers to what is not in it.
    """
    judged = JsonSchema(read_schema(schema, place_of_call()))
    return ColumnRule(
        name="json_schema",
        says="{column} does not fit its JSON schema, {found}",
        judge=lambda value: value.cast(pl.String).map_batches(
            judged.allows, return_dtype=pl.Boolean, is_elementwise=True
        ),
        takes=Takes.TEXT,
        found=lambda value: value.cast(pl.String).map_batches(
            judged.mistakes, return_dtype=pl.String, is_elementwise=True
        ),
        code=judged.text,
    )
