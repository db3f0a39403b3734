"""What a contract promises, as expectations in the form Great Expectations writes them (JSON)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, time
from decimal import Decimal
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import polars as pl

from cleanhold.core.check import Check, Kind, Severity
from cleanhold.core.contract import EXTRA, Column, Contract, LoadMode, Unknown
from cleanhold.core.parsing import DataType

#: In an expectation's `meta`: the check of the contract that it stands for.
CHECK = "check"

#: Polars dtype → what DuckDB calls it when it reads the Parquet files.
_TYPES: dict[Any, str] = {
    pl.Boolean: "BOOLEAN",
    pl.Categorical: "VARCHAR",
    pl.Date: "DATE",
    pl.Decimal: "DECIMAL",
    pl.Enum: "VARCHAR",
    pl.Float32: "FLOAT",
    pl.Float64: "DOUBLE",
    pl.Int8: "TINYINT",
    pl.Int16: "SMALLINT",
    pl.Int32: "INTEGER",
    pl.Int64: "BIGINT",
    pl.String: "VARCHAR",
    pl.UInt8: "UTINYINT",
    pl.UInt16: "USMALLINT",
    pl.UInt32: "UINTEGER",
    pl.UInt64: "UBIGINT",
}


def suite_of(contract: Contract) -> dict[str, Any]:
    """The suite of a contract: one expectation per promise that there is an expectation for.

    Checks of the contract that are expressions of its own have none, nor have columns whose names
    are patterns.
    """
    try:
        meta = {"great_expectations_version": version("great-expectations")}
    except PackageNotFoundError:  # it takes none to write a suite
        meta = {}
    return {
        "name": contract.dataset,
        "expectations": promises(contract),
        "meta": meta,
        "notes": f"from contract {contract.dataset} {contract.version}",
    }


def promises(contract: Contract) -> list[dict[str, Any]]:
    """The expectations of `suite_of`, those about the whole table first."""
    found = list(_of_table(contract))
    for column in contract.columns:
        if not column.regex and (name := _type(column.dtype)):
            kwargs = {"column": column.name, "type_": name}
            found.append(_one(contract, "values_to_be_of_type", kwargs, f"{column.name}.type"))
    for check in contract.checks:
        found += [_one(contract, what, kwargs, check.label, check.severity)
                  for what, kwargs in _of_check(check, contract)]  # fmt: skip
    return found


def _of_table(contract: Contract) -> Iterator[dict[str, Any]]:
    names = [c.name for c in contract.columns if not c.regex]
    names += [EXTRA] if contract.unknown is Unknown.KEEP else []
    exact = not any(c.regex for c in contract.columns)
    yield _one(contract, "row_count_to_be_between", {"min_value": 1}, "rows")
    kwargs = {"column_set": names, "exact_match": exact}
    yield _one(contract, "columns_to_match_set", kwargs, "columns")


def _one(
    contract: Contract,
    what: str,
    kwargs: Mapping[str, Any],
    check: str,
    severity: Severity = Severity.ERROR,
) -> dict[str, Any]:
    subject = next((s for k, s in _SUBJECTS.items() if k in kwargs), "table")
    return {
        "type": f"expect_{subject}_{what}",
        "kwargs": {name: _json(value) for name, value in kwargs.items()},
        "meta": {"contract": contract.dataset, "version": contract.version, CHECK: check},
        "severity": "critical" if severity is Severity.ERROR else "warning",
    }


_SUBJECTS = {"column": "column", "column_list": "compound"}


def _of_check(check: Check, contract: Contract) -> Iterator[tuple[str, dict[str, Any]]]:
    """What a check says of the table: the end of an expectation's name, and its arguments."""
    column = contract.column(check.column or "")
    if check.kind is Kind.UNIQUE:
        yield from _unique(check, contract)
    elif column is None or column.regex:
        return
    elif check.kind is Kind.NOT_NULL:
        yield "values_to_not_be_null", {"column": column.name}
    elif check.kind is Kind.ROW and check.options:
        yield from _of_values(check, column)


def _unique(check: Check, contract: Contract) -> Iterator[tuple[str, dict[str, Any]]]:
    """Where what is unique in an extract is unique in the table it becomes, too."""
    if contract.load is not LoadMode.REPLACE and check.reads != contract.key:
        return
    if len(check.reads) == 1:
        yield "values_to_be_unique", {"column": check.reads[0]}
    else:
        kwargs = {"column_list": list(check.reads), "ignore_row_if": "any_value_is_missing"}
        yield "columns_to_be_unique", kwargs


def _of_values(check: Check, column: Column) -> Iterator[tuple[str, dict[str, Any]]]:
    given, on = check.options, {"column": column.name}
    match check.name.rstrip("_0123456789"):  # two of a kind are numbered
        case "isin":
            yield "values_to_be_in_set", on | {"value_set": given["allowed_values"]}
        case "notin":
            yield "values_to_not_be_in_set", on | {"value_set": given["forbidden_values"]}
        case "equal_to":
            yield "values_to_be_in_set", on | {"value_set": [given["value"]]}
        case "not_equal_to":
            yield "values_to_not_be_in_set", on | {"value_set": [given["value"]]}
        case "greater_than" | "greater_than_or_equal_to" | "less_than" | "less_than_or_equal_to":
            side = "min" if check.name.startswith("greater") else "max"
            strict = {} if "equal" in check.name else {f"strict_{side}": True}
            yield "values_to_be_between", on | {f"{side}_value": given[f"{side}_value"]} | strict
        case "in_range":
            between = on | {side: given[side] for side in ("min_value", "max_value")}
            strict = {f"strict_{side}": True for side in ("min", "max")
                      if not given.get(f"include_{side}", True)}  # fmt: skip
            yield "values_to_be_between", between | strict
        case "str_length":
            if given.get("exact_value") is not None:
                yield "value_lengths_to_equal", on | {"value": given["exact_value"]}
            else:
                ends = {k: given[k] for k in ("min_value", "max_value") if given.get(k) is not None}
                yield "value_lengths_to_be_between", on | ends
        case "str_matches" | "str_contains" as kind:
            pattern = str(getattr(given["pattern"], "pattern", given["pattern"]))
            begins = "^" if kind == "str_matches" and not pattern.startswith("^") else ""
            yield "values_to_match_regex", on | {"regex": begins + pattern}
        case "str_startswith":
            yield "values_to_match_regex", on | {"regex": "^" + re.escape(str(given["string"]))}
        case "str_endswith":
            yield "values_to_match_regex", on | {"regex": re.escape(str(given["string"])) + "$"}


def _type(dtype: DataType) -> str | None:
    return _TYPES.get(dtype.base_type())


def _json(value: Any) -> Any:
    """An argument as a JSON value: dates as ISO text, decimals as numbers."""
    if isinstance(value, set | frozenset):
        return sorted(map(_json, value), key=str)
    if isinstance(value, list | tuple | range):
        return [_json(one) for one in value]
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    return value
