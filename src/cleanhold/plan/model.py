"""Reads a pandera model, with or without terms, into a `Contract`."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from decimal import Decimal
from math import isinf
from typing import Any

import pandera.polars as pa
import polars as pl
from pandera.engines import polars_engine

from cleanhold.builtins import default_rule
from cleanhold.core.check import Check, Kind, Severity
from cleanhold.core.contract import EXTRA, Column, Contract, LoadMode, Missing, Unknown
from cleanhold.core.finding import RECORD_NUMBER, ROW_ID
from cleanhold.core.parsing import DataType
from cleanhold.core.promise import AS_USUAL
from cleanhold.core.readiness import UNSAID
from cleanhold.errors import ContractError
from cleanhold.plan.automatic import require_correctable
from cleanhold.plan.binding import RAW
from cleanhold.plan.checks import column_checks, frame_check
from cleanhold.plan.complaints import schema_of
from cleanhold.plan.impossible import failing_default, require_possible
from cleanhold.plan.kinds import EACH
from cleanhold.plan.plan import FAIL, TEXT
from cleanhold.plan.promises import require_event_time
from cleanhold.plan.rules import column_rules, row_rules
from cleanhold.plan.segments import require_segments
from cleanhold.plan.sentences import literal
from cleanhold.plan.terms import (
    FIELD_TERMS,
    TERMS,
    FieldTerms,
    Terms,
    require_checks,
    unknown_column,
)

_KEEP = {"all": "none", "exclude_first": "first", "exclude_last": "last"}

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
    schema = schema_of(model, where)
    if not schema.columns:
        raise ContractError(
            "the contract has no columns",
            where=where,
            next="write one line a column: contact_id: str = field()",
        )
    missing = terms.missing if terms else Missing.REFUSE
    columns = tuple(_column(c, schema, missing, where) for c in schema.columns.values())
    _require_sources_once(columns, [_place_of(c, where) for c in schema.columns.values()])
    known = {EACH + c.name if c.regex else c.name: c.dtype for c in columns}
    checks: list[Check] = []
    for column, source in zip(columns, schema.columns.values(), strict=True):
        checks += column_checks(column, source, known, _place_of(source, where))
        checks += column_rules(column, _field_terms(source).rules, known, _place_of(source, where))
    for index, declared in enumerate(schema.checks):
        checks.append(frame_check(declared, index, known, where))
    checks += row_rules(terms.rules if terms else (), known, terms.key if terms else (), where)
    checks += _unique_checks(schema, terms, columns, checks, where)
    dataset = terms.dataset if terms else _dataset_name(name)
    nulls = terms.nulls if terms else None
    require_checks(terms.never_waived if terms else (), checks, where)
    for column, source in zip(columns, schema.columns.values(), strict=True):
        place = _place_of(source, where)
        require_possible(column, source, place)
        require_correctable(column, checks, terms.key if terms else (), place)
        _require_reference(column, dataset, [c.name for c in columns], place)
    segments = terms.segments if terms else ()
    require_segments(segments, columns, where)
    require_event_time(terms.events if terms else None, columns, where)
    return Contract(
        dataset=dataset,
        columns=columns,
        checks=tuple(_named_apart(checks)),
        version=terms.version if terms else "0",
        owner=terms.owner if terms else "",
        description=(terms.description if terms else "") or _docstring(model),
        key=terms.key if terms else (),
        load=terms.load if terms else LoadMode.REPLACE,
        tolerance=terms.tolerance if terms else None,
        freshness=terms.freshness if terms else None,
        segments=segments,
        loss_bias=terms.loss_bias if terms else 0.02,
        drift=terms.drift if terms else None,
        nulls=("",) if nulls is None else nulls,
        own_nulls=nulls is not None,
        unknown=_unknown(terms, schema, columns, where),
        ordered=bool(schema.ordered),
        where=where,
        automatic_limit=terms.automatic_limit if terms else None,
        notes=tuple(filter(None, (failing_default(c, checks) for c in columns))),
        approval_above=terms.approval_above if terms else None,
        longest_waiver=terms.longest_waiver if terms else None,
        never_waived=terms.never_waived if terms else (),
        volume=terms.volume if terms else AS_USUAL,
        events=terms.events if terms else None,
        readiness=terms.readiness if terms else UNSAID,
    )


def _require_reference(column: Column, dataset: str, known: list[str], where: str) -> None:
    """A reference to the dataset itself names another of its columns."""
    target = column.references
    if target is None or target.dataset != dataset:
        return
    if target.columns == (column.name,):
        raise ContractError(
            f"the column {column.name!r} references itself",
            where=where,
            next="name the column of the dataset whose values it must be one of",
        )
    for name in target.columns:
        if name not in known:
            unknown_column("references names", name, known, where)


def _field_terms(column: pa.Column) -> FieldTerms:
    return (column.metadata or {}).get(FIELD_TERMS) or FieldTerms()


def _place_of(column: pa.Column, where: str) -> str:
    """Where the field was written: its own line if it has terms."""
    return _field_terms(column).where or f"{where}, column {column.name}"


def _default(column: pa.Column, dtype: DataType, where: str) -> object:
    """The value for nulls; pandera takes an expression as well."""
    default = column.default
    if isinstance(default, pl.Expr) and default.meta.root_names():
        raise ContractError(
            f"the default of {column.name!r} reads other columns",
            where=where,
            next="give a value; what depends on other columns is made when features are built",
        )
    try:
        made = default if isinstance(default, pl.Expr) else pl.lit(default, dtype=dtype)
        value: object = pl.select(made.cast(dtype)).item()
    except Exception as error:  # Polars and Python each have their own complaints
        raise ContractError(
            f"the default {default!r} of {column.name!r} does not fit {dtype}",
            where=where,
            next="give a value of the column's type",
        ) from error
    if isinstance(default, int | float) and isinstance(value, int | float | Decimal):
        told = float(value) if isinstance(default, float) else value
        if dtype.is_float():  # what is near it is what any value becomes, but for infinity
            is_other = isinf(value) and not isinf(default)
        else:
            is_other = told != default and default == default  # a cast cuts off; NaN is not itself
        if is_other:
            raise ContractError(
                f"the default {default!r} of {column.name!r} would become {value}",
                where=where,
                next="give a value of the column's type",
            )
    return value if isinstance(default, pl.Expr) else default


def _unknown(
    terms: Terms | None, schema: pa.DataFrameSchema, columns: tuple[Column, ...], where: str
) -> Unknown:
    """The policy for unknown columns; pandera's `strict` where the contract's terms say nothing."""
    said = Unknown.REFUSE if schema.strict is True else Unknown.IGNORE
    wanted = said if terms is None or terms.unknown is None else terms.unknown
    if wanted is not said and schema.strict:
        raise ContractError(
            f"unknown={str(wanted)!r} contradicts Config, which has strict = {schema.strict!r}",
            where=where,
            next="remove strict from Config",
        )
    if wanted is Unknown.KEEP and any(c.name == EXTRA for c in columns):
        raise ContractError(
            f"the column name {EXTRA!r} is reserved: unknown columns are kept in it",
            where=where,
            next=f"call the field something else and say where it comes from: source={EXTRA!r}",
        )
    return wanted


def _column(column: pa.Column, schema: pa.DataFrameSchema, missing: Missing, where: str) -> Column:
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
    dtype = _dtype(column, schema, where)
    default = None if column.default is None else _default(column, dtype, where)
    fillable = default is not None or column.nullable
    made_up = schema.add_missing_columns and fillable and not regex
    required = bool(column.required) and not made_up
    fills = required and fillable and not regex and missing is Missing.NULL
    return Column(
        name=name,
        dtype=dtype,
        source=terms.source,
        source_matches=terms.source_matches,
        parse=terms.parse or default_rule(dtype),
        nulls=terms.nulls,
        nullable=bool(column.nullable),
        required=required and not fills,
        fills=fills,
        regex=regex,
        default=default,
        privacy=terms.privacy,
        classified=terms.classified,
        references=terms.references,
        severity=terms.severity,
        description=column.description or column.title or "",
        automatic=terms.automatic,
        drift=terms.drift,
    )


def _dtype(column: pa.Column, schema: pa.DataFrameSchema, where: str) -> DataType:
    """The Polars dtype of a column. Types that do more than name one are not run."""
    declared = schema.dtype or column.dtype
    if declared is None:
        raise ContractError(
            f"the column {column.name!r} has no type", where=where, next="annotate it, e.g. as str"
        )
    if type(declared).__module__ != polars_engine.__name__ or declared.type in (None, pl.Object):
        raise ContractError(
            f"the column {column.name!r} has the type {type(declared).__name__}, which cannot be "
            "checked without calling Python for each row",
            where=where,
            next="give it a Polars type, and write what the type does as a parse rule or a check",
        )
    dtype: DataType = declared.type
    try:
        pl.Series([None], dtype=dtype)
    except Exception as error:  # Polars has its own complaint for each type
        raise ContractError(
            f"the column {column.name!r} has the type {dtype}, which cannot be: "
            f"{str(error).splitlines()[0]}",
            where=where,
            next="mend the type",
        ) from error
    return dtype


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
    patterns = [c.name for c in columns if c.regex]
    keep = _KEEP[schema.report_duplicates]
    sets = [(key, keep, patterns) for key in _sets(schema.unique, where)]
    if terms and terms.key:
        sets.append((terms.key, "none", []))
    found = []
    single = {c.column for c in checks if c.kind is Kind.UNIQUE}
    for key, keep, may_match in sets:
        for name in key:
            if name not in known and not any(re.fullmatch(p, name) for p in may_match):
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
        for is_loose, what, remove in (
            (column.nullable, "is nullable", "nullable=True"),
            (not column.required, "may be missing from the extract", "Optional[…]"),
            (column.default is not None, "has a default", "default"),
            (column.severity is Severity.WARN, "is only warned of", "severity='warn'"),
        ):
            if is_loose:
                raise ContractError(
                    f"the key column {name!r} {what}",
                    where=where,
                    next=f"a key is never missing: remove {remove}, or choose another key",
                )
    return found


def _sets(unique: Any, where: str) -> list[tuple[str, ...]]:
    """`Config.unique`: one name, several, or several sets of them."""
    if not unique:
        return []
    if not isinstance(unique, str | list | tuple):
        raise ContractError(
            f"Config has unique={unique!r}, which names no columns",
            where=where,
            next="write unique = ['a', 'b']",
        )
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
