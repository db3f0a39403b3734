"""cleanhold: every row is published, held with its reasons, or refused with its bytes kept.

What contracts, sources and model code import from here is all there is to know; everything is
loaded on first use, so that `import cleanhold` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from polars import Expr as Expr
    from polars import col as col

    from cleanhold.builtins import EMAIL as EMAIL
    from cleanhold.builtins import PHONE as PHONE
    from cleanhold.builtins import UUID as UUID
    from cleanhold.builtins import booleans as booleans
    from cleanhold.builtins import codes as codes
    from cleanhold.builtins import dates as dates
    from cleanhold.builtins import datetimes as datetimes
    from cleanhold.builtins import decimal as decimal
    from cleanhold.builtins import integer as integer
    from cleanhold.builtins import julian as julian
    from cleanhold.builtins import mojibake as mojibake
    from cleanhold.builtins import number as number
    from cleanhold.builtins import text as text
    from cleanhold.core.feature import feature as feature
    from cleanhold.core.source import Source as Source
    from cleanhold.pipeline.check import check_file as check_file
    from cleanhold.plan.declare import check as check
    from cleanhold.plan.declare import contract as contract
    from cleanhold.plan.declare import field as field
    from cleanhold.plan.load import load_contract as load_contract
    from cleanhold.readers import arrow as arrow
    from cleanhold.readers import avro as avro
    from cleanhold.readers import delimited as delimited
    from cleanhold.readers import fixed_width as fixed_width
    from cleanhold.readers import json_document as json_document
    from cleanhold.readers import ndjson as ndjson
    from cleanhold.readers import orc as orc
    from cleanhold.readers import parquet as parquet
    from cleanhold.readers import xml as xml
    from cleanhold.workspace.guarding import guard as guard
    from cleanhold.workspace.workspace import Workspace as Workspace
    from cleanhold.workspace.workspace import read as read
    from cleanhold.workspace.workspace import snapshots as snapshots

#: Public name → module that has it.
_HOMES = {
    "Expr": "polars",
    "col": "polars",
    **dict.fromkeys(
        ("EMAIL", "PHONE", "UUID", "booleans", "codes", "dates", "datetimes", "decimal",
         "integer", "julian", "mojibake", "number", "text"),
        "cleanhold.builtins",
    ),
    **dict.fromkeys(("check", "contract", "field"), "cleanhold.plan.declare"),
    **dict.fromkeys(
        ("arrow", "avro", "delimited", "fixed_width", "json_document", "ndjson", "orc", "parquet",
         "xml"),
        "cleanhold.readers",
    ),
    **dict.fromkeys(("Workspace", "read", "snapshots"), "cleanhold.workspace.workspace"),
    "Source": "cleanhold.core.source",
    "check_file": "cleanhold.pipeline.check",
    "feature": "cleanhold.core.feature",
    "guard": "cleanhold.workspace.guarding",
    "load_contract": "cleanhold.plan.load",
}  # fmt: skip

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'cleanhold' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "errors"]
