"""Reads a pandera model, with or without terms, into a `Contract`."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from typing import Any

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaInitError

from cleanhold.builtins import default_rule
from cleanhold.core.check import Check, Kind
from cleanhold.core.contract import Column, Contract, LoadMode
from cleanhold.core.finding import RECORD_NUMBER, ROW_ID
from cleanhold.core.parsing import DataType
from cleanhold.errors import ContractError
from cleanhold.plan.binding import RAW
from cleanhold.plan.checks import column_checks, frame_check, unknown_column
from cleanhold.plan.plan import FAIL, TEXT
from cleanhold.plan.sentences import literal
from cleanhold.plan.terms import FIELD_TERMS, TERMS, FieldTerms, Terms

_KEEP = {"all": "none", "exclude_first": "first", "exclude_last": "last"}
_SCHEMA = pa.DataFrameSchema

#: Names of the columns of our files, and what working columns begin with.
_RESERVED = (ROW_ID, RECORD_NUMBER)
_WORKING = ("__", RAW, TEXT, FAIL)


def has_terms(value: object) -> bool:
    """Whether `@contract` was applied to this very model (not to a parent of it)."""
    return TERMS in vars(value)


def read_model(model: Any, name: str) -> Contract:
    """The contract that a pandera `DataFrameModel` or `DataFrameSchema` declares.

    Args:
        model: the model or schema.
        name: what to call the dataset if the model carries no terms.

    Raises:
        ContractError: something in it cannot be used; says what, where and what to do.
    """
    terms: Terms | None = vars(model).get(TERMS)
    where = terms.where if terms else _place(model)
    _require_names_once(model, where)
    schema = _schema(model, where)
    if not schema.columns:
        raise ContractError(
            "the contract has no columns",
            where=where,
            next="write one line a column: contact_id: str = field()",
        )
    columns = tuple(_column(c, schema, where) for c in schema.columns.values())
    _require_sources_once(columns, [_place_of(c, where) for c in schema.columns.values()])
    known = {c.name: c.dtype for c in columns if not c.regex}
    checks: list[Check] = []
    for column, source in zip(columns, schema.columns.values(), strict=True):
        checks += column_checks(column, source, known, _place_of(source, where))
    for index, declared in enumerate(schema.checks):
        checks.append(frame_check(declared, index, known, where))
    checks += _unique_checks(schema, terms, columns, checks, where)
    return Contract(
        dataset=terms.dataset if terms else _dataset_name(name),
        columns=columns,
        checks=tuple(_named_apart(checks)),
        version=terms.version if terms else "0",
        owner=terms.owner if terms else "",
        description=(terms.description if terms else "") or _docstring(model),
        key=terms.key if terms else (),
        load=terms.load if terms else LoadMode.REPLACE,
        tolerance=terms.tolerance if terms else None,
        freshness=terms.freshness if terms else None,
        nulls=terms.nulls if terms else ("",),
        strict=schema.strict is True,
        ordered=bool(schema.ordered),
        where=where,
    )


def _schema(model: Any, where: str) -> pa.DataFrameSchema:
    try:
        schema: pa.DataFrameSchema = model if isinstance(model, _SCHEMA) else model.to_schema()
    except SchemaInitError as error:
        raise _in_our_words(model, str(error), where) from error
    except (TypeError, NameError, AttributeError, ValueError) as error:
        if found := re.search(
            r"has no attribute '(\w+)'\. Make sure any custom checks", str(error)
        ):
            raise ContractError(
                f"Config has {found.group(1)!r}, which is no option and no registered check",
                where=_line_of(model, found.group(1), where),
                next="remove it, or look for its right name in pandera's Config",
            ) from error
        raise ContractError(
            f"pandera cannot make a schema of this model: {error}",
            where=where,
            next="annotate each column with a type: str, int, float, bool, Decimal, date, "
            "datetime, or a Polars type",
        ) from error
    return schema


def _in_our_words(model: Any, said: str, where: str) -> ContractError:
    """pandera's complaint about a model, with the line it is about."""
    if found := re.search(r"missing annotations: \['(\w+)'", said):
        name = found.group(1)
        return ContractError(
            f"the column {name!r} has no type",
            where=_line_of(model, name, where),
            next=f"annotate it: {name}: str = field(…)",
        )
    if found := re.search(r"'(\w+)' can only be assigned a 'Field', not a '<class '(\w+)'>", said):
        name, kind = found.groups()
        return ContractError(
            f"the column {name!r} is given a value ({kind}) where its field belongs",
            where=_line_of(model, name, where),
            next=f"write {name}: … = field(), or field(default=…) for a value where none arrives",
        )
    if found := re.search(r"Check (\w+) is assigned to a non-existing field '(.+)'", said):
        return ContractError(
            f"the check {found.group(1)!r} names {found.group(2)!r}, which is not a column of the "
            "contract",
            where=_line_of(model, f"def {found.group(1)}", where),
            next="name one of its columns",
        )
    return ContractError(said, where=where, next="mend the model as pandera asks")


def _line_of(model: Any, begins: str, where: str) -> str:
    """`file:line` of the line of a model that begins so."""
    try:
        lines, first = inspect.getsourcelines(model)
        file = inspect.getsourcefile(model)
    except (OSError, TypeError):
        return where
    for number, line in enumerate(lines):
        if re.match(rf"\s*{re.escape(begins)}\b", line):
            return f"{file}:{first + number}"
    return where


def _require_names_once(model: Any, where: str) -> None:
    """Two fields of a model may not have one alias: pandera keeps the last, and says nothing."""
    if not isinstance(model, type):
        return
    seen: dict[object, str] = {}
    for name in dict.fromkeys(
        n for m in reversed(model.__mro__) for n in inspect.get_annotations(m)
    ):
        if name.startswith("_") or name == "Config":
            continue
        column = getattr(model, name, name)
        if isinstance(column, str) and seen.setdefault(column, name) != name:
            raise ContractError(
                f"the fields {seen[column]!r} and {name!r} are both the column {column!r}",
                where=_line_of(model, name, where),
                next="give one of them another alias",
            )


def _field_terms(column: pa.Column) -> FieldTerms:
    return (column.metadata or {}).get(FIELD_TERMS) or FieldTerms()


def _place_of(column: pa.Column, where: str) -> str:
    """Where the field was written: its own line if it has terms."""
    return _field_terms(column).where or f"{where}, column {column.name}"


def _require_default(column: pa.Column, dtype: DataType, where: str) -> None:
    if column.default is None:
        return
    try:
        pl.select(pl.lit(column.default, dtype=dtype))
    except Exception as error:  # Polars and Python each have their own complaints
        raise ContractError(
            f"the default {column.default!r} of {column.name!r} does not fit {dtype}",
            where=where,
            next="give a value of the column's type",
        ) from error


def _column(column: pa.Column, schema: pa.DataFrameSchema, where: str) -> Column:
    terms = _field_terms(column)
    name, where = str(column.name), _place_of(column, where)
    regex = bool(column.regex)
    pattern_like = not regex and name.startswith("^") and name.endswith("$")
    if name in _RESERVED or name.startswith(_WORKING) or pattern_like:
        raise ContractError(
            f"the column name {name!r} is reserved",
            where=where,
            next=f"call it something else and say where it comes from: source={name!r}",
        )
    if regex:
        _require_pattern(name, where)
    dtype = (schema.dtype or column.dtype).type if schema.dtype or column.dtype else None
    if dtype is None:
        raise ContractError(
            f"the column {name!r} has no type", where=where, next="annotate it, e.g. as str"
        )
    _require_default(column, dtype, where)
    made_up = schema.add_missing_columns and (column.default is not None or column.nullable)
    return Column(
        name=name,
        dtype=dtype,
        source=terms.source,
        parse=terms.parse or default_rule(dtype),
        nulls=terms.nulls,
        nullable=bool(column.nullable),
        required=bool(column.required) and not made_up,
        regex=regex,
        default=column.default,
        privacy=terms.privacy,
        references=terms.references,
        severity=terms.severity,
        description=column.description or column.title or "",
    )


def _require_pattern(name: str, where: str) -> None:
    try:
        re.compile(name)
    except re.error as error:
        raise ContractError(
            f"the column pattern {name!r} is not a regular expression: {error}",
            where=where,
            next="write a pattern of header names, like alias='month_[0-9]{2}', regex=True",
        ) from error


def _unique_checks(
    schema: pa.DataFrameSchema,
    terms: Terms | None,
    columns: tuple[Column, ...],
    checks: list[Check],
    where: str,
) -> list[Check]:
    known = [c.name for c in columns if not c.regex]
    keep = _KEEP[schema.report_duplicates]
    sets = [(key, keep) for key in _sets(schema.unique)]
    if terms and terms.key:
        sets.append((terms.key, "none"))
    found = []
    single = {c.column for c in checks if c.kind is Kind.UNIQUE}
    for key, keep in sets:
        for name in key:
            if name not in known:
                unknown_column("the key names", name, known, where)
        if len(key) == 1 and key[0] in single:
            continue
        single.update(key[:1] if len(key) == 1 else ())
        shown = " and ".join(f"{literal(k)} {{{k}}}" for k in key)
        found.append(
            Check(
                name="unique" if len(key) == 1 else "unique_" + "_".join(key),
                kind=Kind.UNIQUE,
                says=f"other rows of this extract have {shown} too",
                column=key[0] if len(key) == 1 else None,
                reads=key,
                keep=keep,
            )
        )
    for name in terms.key if terms else ():
        column = next(c for c in columns if c.name == name)
        if column.nullable:
            raise ContractError(
                f"the key column {name!r} is nullable",
                where=where,
                next="a key is never missing: remove nullable=True, or choose another key",
            )
    return found


def _sets(unique: Any) -> list[tuple[str, ...]]:
    """`Config.unique`: one name, several, or several sets of them."""
    if not unique:
        return []
    if isinstance(unique, str):
        return [(unique,)]
    if all(isinstance(name, str) for name in unique):
        return [tuple(unique)]
    return [(key,) if isinstance(key, str) else tuple(key) for key in unique]


def _named_apart(checks: list[Check]) -> list[Check]:
    """Give checks that share column and name a number, so that each can be told."""
    seen: dict[str, int] = {}
    named = []
    for check in checks:
        seen[check.label] = seen.get(check.label, 0) + 1
        count = seen[check.label]
        named.append(check if count == 1 else replace(check, name=f"{check.name}_{count}"))
    return named


def _require_sources_once(columns: tuple[Column, ...], places: list[str]) -> None:
    names: set[str] = set()
    for column, where in zip(columns, places, strict=True):
        for source in column.source:
            if source in names:
                raise ContractError(
                    f"two columns read the source column {source!r}",
                    where=where,
                    next="each source column may feed one column",
                )
            names.add(source)


def _docstring(model: Any) -> str:
    text = vars(model).get("__doc__") if isinstance(model, type) else model.description
    return next(iter(inspect.cleandoc(text or "").splitlines()), "")


def _dataset_name(name: str) -> str:
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return re.sub(r"[^a-z0-9_.]+", "_", snake).strip("_.") or "dataset"


def _place(model: Any) -> str:
    if not isinstance(model, type):
        return str(model.name or "a schema")
    try:
        _, line = inspect.getsourcelines(model)
        return f"{inspect.getsourcefile(model)}:{line}"
    except (OSError, TypeError):
        return model.__name__
