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

    from cleanhold.audits.leakage import leaks as leaks
    from cleanhold.audits.overlap import overlap as overlap
    from cleanhold.builtins import EMAIL as EMAIL
    from cleanhold.builtins import PHONE as PHONE
    from cleanhold.builtins import UUID as UUID
    from cleanhold.builtins import booleans as booleans
    from cleanhold.builtins import codes as codes
    from cleanhold.builtins import dates as dates
    from cleanhold.builtins import datetimes as datetimes
    from cleanhold.builtins import decimal as decimal
    from cleanhold.builtins import emails as emails
    from cleanhold.builtins import excel_dates as excel_dates
    from cleanhold.builtins import integer as integer
    from cleanhold.builtins import json as json
    from cleanhold.builtins import julian as julian
    from cleanhold.builtins import mojibake as mojibake
    from cleanhold.builtins import number as number
    from cleanhold.builtins import phones as phones
    from cleanhold.builtins import quantity as quantity
    from cleanhold.builtins import split as split
    from cleanhold.builtins import text as text
    from cleanhold.builtins import unix_times as unix_times
    from cleanhold.builtins import zoned as zoned
    from cleanhold.core.expected import expectations as expectations
    from cleanhold.core.feature import feature as feature
    from cleanhold.core.source import Source as Source
    from cleanhold.deliveries.dlt_resource import dlt as dlt
    from cleanhold.deliveries.sql_query import sql as sql
    from cleanhold.pipeline.check import check_file as check_file
    from cleanhold.plan.declare import contract as contract
    from cleanhold.plan.declare import field as field
    from cleanhold.plan.declare_check import check as check
    from cleanhold.plan.load import load_contract as load_contract
    from cleanhold.plan.pact import need as need
    from cleanhold.plan.pact import pact as pact
    from cleanhold.readers import arrow as arrow
    from cleanhold.readers import avro as avro
    from cleanhold.readers import copybook as copybook
    from cleanhold.readers import dbase as dbase
    from cleanhold.readers import delimited as delimited
    from cleanhold.readers import excel as excel
    from cleanhold.readers import fixed_width as fixed_width
    from cleanhold.readers import json_document as json_document
    from cleanhold.readers import ndjson as ndjson
    from cleanhold.readers import orc as orc
    from cleanhold.readers import parquet as parquet
    from cleanhold.readers import statistics as statistics
    from cleanhold.readers import xml as xml
    from cleanhold.workspace.guarding import guard as guard
    from cleanhold.workspace.training import rebuild as rebuild
    from cleanhold.workspace.training import training_set as training_set
    from cleanhold.workspace.workspace import Workspace as Workspace
    from cleanhold.workspace.workspace import read as read
    from cleanhold.workspace.workspace import reading as reading
    from cleanhold.workspace.workspace import snapshots as snapshots
    from cleanhold.workspace.workspace import waived as waived

#: Public name → module that has it.
_HOMES = {
    "Expr": "polars",
    "col": "polars",
    **dict.fromkeys(
        ("EMAIL", "PHONE", "UUID", "booleans", "codes", "dates", "datetimes", "decimal",
         "emails", "excel_dates", "integer", "json", "julian", "mojibake", "number", "phones",
         "quantity", "split", "text", "unix_times", "zoned"),
        "cleanhold.builtins",
    ),
    **dict.fromkeys(("contract", "field"), "cleanhold.plan.declare"),
    "check": "cleanhold.plan.declare_check",
    **dict.fromkeys(
        ("arrow", "avro", "copybook", "dbase", "delimited", "excel", "fixed_width",
         "json_document", "ndjson", "orc", "parquet", "statistics", "xml"),
        "cleanhold.readers",
    ),
    **dict.fromkeys(
        ("Workspace", "read", "reading", "snapshots", "waived"), "cleanhold.workspace.workspace"
    ),
    **dict.fromkeys(("rebuild", "training_set"), "cleanhold.workspace.training"),
    "Source": "cleanhold.core.source",
    "dlt": "cleanhold.deliveries.dlt_resource",
    "sql": "cleanhold.deliveries.sql_query",
    "check_file": "cleanhold.pipeline.check",
    "expectations": "cleanhold.core.expected",
    "feature": "cleanhold.core.feature",
    "guard": "cleanhold.workspace.guarding",
    "leaks": "cleanhold.audits.leakage",
    "load_contract": "cleanhold.plan.load",
    **dict.fromkeys(("need", "pact"), "cleanhold.plan.pact"),
    "overlap": "cleanhold.audits.overlap",
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
