"""Reads the checks of a pandera schema into `Check`s."""

from __future__ import annotations

import difflib
import inspect
import string
import typing
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pandera.polars as pa
import polars as pl
from pandera.api.function_dispatch import Dispatcher

from cleanhold.core.check import Check, Kind, Severity
from cleanhold.core.contract import Column
from cleanhold.core.parsing import DataType
from cleanhold.errors import ContractError
from cleanhold.plan.recorder import Predicate, predicate_of
from cleanhold.plan.sentences import builtin_sentence, listed, literal
from cleanhold.plan.terms import CHECK_TERMS, CheckTerms, check_pattern

_ALL_OF = "unique_values_eq"
_EACH = "each"  # stands for the real columns of a pattern while its checks are read


def column_checks(
    column: Column, source: pa.Column, schema: Mapping[str, DataType], where: str
) -> list[Check]:
    """The checks of one column: those that its terms imply, then pandera's.

    Args:
        column: as cleanhold has it; `source`: as pandera has it.
        schema: columns of the contract that are no patterns → dtype.
        where: of the field, for messages.

    Raises:
        ContractError: a check cannot be used.
    """
    said = literal(column.name)
    checks: list[Check] = []

    def add(name: str, kind: Kind, says: str) -> None:
        reads = () if kind is Kind.PRESENT else (column.name,)
        reference = column.references if kind is Kind.REFERENCE else None
        checks.append(
            Check(name, kind, says, column.severity, column.name, reads=reads, reference=reference)
        )

    if column.required:
        add("present", Kind.PRESENT, f"the extract has no column {said}")
    if column.parse is None or column.parse.fallible or column.dtype != pl.String:
        meant = literal(column.parse.says if column.parse else str(column.dtype))
        add("parse", Kind.PARSE, f"{said} is {{value}}, which is not {meant}")
    if not column.nullable:
        add("not_null", Kind.NOT_NULL, f"{said} is missing")
    if source.unique:
        others = "which other rows of this extract have too"
        add("unique", Kind.UNIQUE, f"{said} is {{value}}, {others}")
    for number, declared in enumerate(source.checks):
        checks += _of_column(declared, number, column, schema, where)
    if column.references:
        target = literal(column.references.dataset)
        add("references", Kind.REFERENCE, f"{said} is {{value}}, which {target} does not have")
    return checks


def _of_column(
    declared: pa.Check, index: int, column: Column, schema: Mapping[str, DataType], where: str
) -> list[Check]:
    name = declared.name or f"check_{index}"
    statistics = declared.statistics or {}
    where = _place(declared, where)
    for pattern in filter(None, [statistics.get("pattern")]):
        check_pattern(getattr(pattern, "pattern", pattern), where)
    real = _EACH if column.regex else column.name
    known = {**schema, real: column.dtype}
    label = f"{name!r} of {column.name!r}"
    severity = Severity.WARN if declared.raise_warning else column.severity
    if name == _ALL_OF:
        kind_of = partial(_kind_of, label=label, known=known, where=where)
        return _all_of(declared, column, severity, kind_of)
    found = predicate_of(declared, real, known, where)
    kind = _kind_of(found, label=label, known=known, where=where)
    given = str(declared.error or "")
    custom = None if given.startswith(f"{name}(") else literal(given)
    said = literal(column.name) + (" is {value}; it" if kind is Kind.ROW else " as a whole")
    reads = tuple(dict.fromkeys((real, *found.reads)))

    def passes_on(name: str) -> pl.Expr:
        return predicate_of(declared, name, {**schema, name: column.dtype}, where).passes

    return [
        Check(
            name=name,
            kind=kind,
            says=custom
            or builtin_sentence(name, column.name, statistics)
            or f"{said} fails {literal(name)}",
            severity=severity,
            column=column.name,
            reads=tuple(column.name if r == real else r for r in reads),
            passes=found.passes,
            passes_on=passes_on if column.regex else None,
        )
    ]


def _all_of(
    declared: pa.Check, column: Column, severity: Severity, kind_of: Callable[[Predicate], Kind]
) -> list[Check]:
    """`unique_values_eq` in its two halves: rows hold nothing else, and each value occurs."""
    values = sorted(declared.statistics["values"], key=str)  # type: ignore[index]
    real = _EACH if column.regex else column.name
    shown = literal(listed(values))

    def is_one(name: str) -> pl.Expr:
        return pl.col(name).is_in(values).fill_null(bool(declared.ignore_na))

    def each_occurs(name: str) -> pl.Expr:
        return pl.all_horizontal([(pl.col(name) == v).any() for v in values] or pl.lit(True))

    kind_of(Predicate(is_one(real), (real,)))
    one = Check(
        name=_ALL_OF,
        kind=Kind.ROW,
        says=f"{literal(column.name)} is {{value}}; it must be one of {shown}",
        severity=severity,
        column=column.name,
        reads=(column.name,),
        passes=is_one(real),
        passes_on=is_one if column.regex else None,
    )
    each = replace(
        one,
        name=f"{_ALL_OF}_complete",
        kind=Kind.DATASET,
        says=f"{literal(column.name)} must hold each of {shown} somewhere, and does not",
        passes=each_occurs(real),
        passes_on=each_occurs if column.regex else None,
    )
    return [one, each]


def frame_check(
    declared: pa.Check, index: int, schema: Mapping[str, DataType], where: str
) -> Check:
    """A check of the row: cleanhold's `@check` or pandera's `@pa.dataframe_check`.

    Raises:
        ContractError: it cannot be used; `where` is the check's own line where it has one.
    """
    name = declared.name or f"check_{index}"
    terms: CheckTerms | None = (declared.statistics or {}).get(CHECK_TERMS)
    where = terms.where if terms else _place(declared, where)
    found = predicate_of(declared, None, schema, where)
    column = terms.column if terms else None
    _require_columns(repr(name), tuple([column] if column else []), schema, where)
    kind = _kind_of(found, label=repr(name), known=schema, where=where)
    if terms:
        _require_sayable(terms, schema if kind is Kind.ROW else {}, where)
    says = terms.says if terms else literal(declared.error or f"the row fails {name}")
    return Check(
        name=name,
        kind=kind,
        says=says,
        severity=Severity.WARN if declared.raise_warning else Severity.ERROR,
        column=column,
        reads=found.reads,
        passes=found.passes,
    )


def unknown_column(what: str, name: str, known: Collection[str], where: str) -> typing.NoReturn:
    """Raise `ContractError` about a name that is no column of the contract."""
    close = difflib.get_close_matches(name, known, n=1)
    meant = f"did you mean {close[0]!r}? " if close else ""
    raise ContractError(
        f"{what} {name!r}, which is not a column of the contract",
        where=where,
        next=f"{meant}its columns are {', '.join(known)}",
    )


def _place(declared: pa.Check, where: str) -> str:
    """`file:line` of the function a person wrote, or of the field the check belongs to."""
    function: Any = declared._check_fn
    if not isinstance(function, Dispatcher) and inspect.isfunction(function):
        info = inspect.getclosurevars(function).nonlocals.get("self")
        function = getattr(info, "check_fn", function)  # a method of a model, as pandera wraps it
    code = getattr(function, "__code__", None)
    if code is None or function.__module__.startswith("pandera."):
        return where
    return f"{code.co_filename}:{code.co_firstlineno}"


def _require_columns(
    label: str, reads: tuple[str, ...], known: Mapping[str, DataType], where: str
) -> None:
    for name in reads:
        if name not in known:
            unknown_column(f"the check {label} names", name, known, where)


def _require_sayable(terms: CheckTerms, known: Mapping[str, DataType], where: str) -> None:
    """Each `{…}` of a sentence must be the plain name of something the row has."""
    try:
        parts = list(string.Formatter().parse(terms.says))
    except ValueError as error:
        raise ContractError(
            f"the braces in says={terms.says!r} do not match: {error}",
            where=where,
            next="write {column} for a value, and {{ or }} for a brace",
        ) from error
    names = [*known, *(["value"] if terms.column else [])]
    for _, name, spec, conversion in parts:
        if name is None:
            continue
        if spec or conversion:
            raise ContractError(
                f"says={terms.says!r} formats {name!r}, which is not supported",
                where=where,
                next=f"write {{{name}}} alone",
            )
        if not known:
            raise ContractError(
                f"says={terms.says!r} shows {name!r}, but the check is about all rows together",
                where=where,
                next="say it without a value, or compare values row by row",
            )
        if name not in names:
            unknown_column(f"says={terms.says!r} shows", name, names, where)


def _kind_of(found: Predicate, *, label: str, known: Mapping[str, DataType], where: str) -> Kind:
    """Whether a check is about rows or about all of them, by trying it on rows of nulls."""
    _require_columns(label, found.reads, known, where)
    schema = {name: known[name] for name in found.reads} or {_EACH: pl.Null}
    heights = []
    for height in (2, 3):
        nulls = {c: pl.Series(c, [None] * height, dtype=d) for c, d in schema.items()}
        try:
            given = pl.LazyFrame(nulls).select(found.passes.alias("verdict")).collect()
        except Exception as error:  # a person's expression may fail in any way
            raise ContractError(
                f"the check {label} does not work on the types of its columns: "
                f"{str(error).splitlines()[0]}",
                where=where,
                next="compare what it does with the contract's types: "
                + ", ".join(f"{c} is {d}" for c, d in schema.items()),
            ) from error
        if given.schema["verdict"] != pl.Boolean:
            raise ContractError(
                f"the check {label} gives {given.schema['verdict']}, not true or false",
                where=where,
                next="compare values row by row, like col('amount') > 0",
            )
        heights.append(given.height)
    if heights == [2, 3]:
        return Kind.ROW
    if heights == [1, 1] and found.reads:
        return Kind.DATASET
    raise ContractError(
        f"the check {label} gives {heights[0]} value{'s' * (heights[0] != 1)} for 2 rows",
        where=where,
        next="give one for each row, like col('amount') > 0, or one for them all, like "
        "col('amount').sum() > 0",
    )
