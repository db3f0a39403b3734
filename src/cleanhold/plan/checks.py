"""Reads the checks of a pandera schema into `Check`s."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import pandera.polars as pa
import polars as pl
from pandera.engines.polars_engine import Category

from cleanhold.core.check import Check, Kind, Severity
from cleanhold.core.contract import Column
from cleanhold.core.parsing import DataType
from cleanhold.errors import ContractError
from cleanhold.plan.functions import code_of, place_of
from cleanhold.plan.kinds import EACH, kind_of, named
from cleanhold.plan.memberships import with_values_of
from cleanhold.plan.nested import nested_checks
from cleanhold.plan.recorder import NotAnExpressionError, Predicate, predicate_of
from cleanhold.plan.sentences import ROW_FAILS, builtin_sentence, listed, literal
from cleanhold.plan.terms import CHECK_TERMS, CheckTerms, check_pattern, unknown_column
from cleanhold.plan.trial import tried
from cleanhold.plan.watched import answer

_ALL_OF = "unique_values_eq"


def column_checks(
    column: Column, source: pa.Column, schema: Mapping[str, DataType], where: str
) -> list[Check]:
    """The checks of one column: those that its terms imply, then pandera's.

    Args:
        column: as cleanhold has it; `source`: as pandera has it.
        schema: columns of the contract → dtype; patterns after `EACH`.
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
        checks.append(parse_check(column))
    if not column.nullable:
        add("not_null", Kind.NOT_NULL, f"{said} is missing")
    if source.unique:
        others = "which other rows of this extract have too"
        add("unique", Kind.UNIQUE, f"{said} is {{value}}, {others}")
    checks += nested_checks(column, source, where)
    if isinstance(source.dtype, Category) and source.dtype.categories:
        one_of = pa.Check.isin(list(source.dtype.categories), name="categories")
        checks += _of_column(one_of, -1, column, schema, where)
    for number, declared in enumerate(source.checks):
        checks += _of_column(declared, number, column, schema, where)
    if column.references:
        target = literal(column.references.dataset)
        add("references", Kind.REFERENCE, f"{said} is {{value}}, which {target} does not have")
    return checks


def parse_check(column: Column) -> Check:
    """The check that a column's text could be read."""
    said = literal(column.name)
    meant = literal(column.parse.says if column.parse else str(column.dtype))
    says = f"{said} is {{value}}, which is not {meant}"
    return Check("parse", Kind.PARSE, says, column.severity, column.name, reads=(column.name,))


def _of_column(
    declared: pa.Check, index: int, column: Column, schema: Mapping[str, DataType], where: str
) -> list[Check]:
    name = declared.name or f"check_{index}"
    statistics = declared.statistics or {}
    where = place_of(declared, where)
    declared = with_values_of(declared, column.dtype)
    for pattern in filter(None, [statistics.get("pattern")]):
        check_pattern(getattr(pattern, "pattern", pattern), where)
    real = EACH + column.name if column.regex else column.name
    # in a model of nothing but patterns, pandera shows a check its own column only
    alone = all(n.startswith(EACH) for n in schema)
    shown = {real: column.dtype} if alone else schema
    label = f"{name!r} of {column.name!r}"
    severity = Severity.WARN if declared.raise_warning else column.severity
    if name == _ALL_OF:
        judged = partial(kind_of, label=label, known=schema, where=where)
        return _all_of(declared, column, severity, judged)
    given = str(declared.error or "")
    custom = None if given.startswith(f"{name}(") else literal(given)
    try:
        found = predicate_of(declared, real, shown, where)
    except NotAnExpressionError as reason:
        apart = _apart(declared, name, real, shown, reason, label, where)
        said = literal(column.name) + (" as a whole" if apart.is_whole else " is {value}; it")
        return [
            replace(
                apart,
                says=custom or f"{said} fails {literal(name)}",
                severity=severity,
                column=column.name,
                runs=partial(answer, declared, alone=alone),
                reads=tuple(dict.fromkeys((column.name, *(r for r in apart.reads if r != real)))),
            )
        ]
    kind = kind_of(found, label=label, known=schema, where=where)
    said = literal(column.name) + (" is {value}; it" if kind is Kind.ROW else " as a whole")
    reads = tuple(dict.fromkeys((real, *found.reads)))
    said_by_name = builtin_sentence(name, column.name, statistics)

    def passes_on(name: str) -> pl.Expr:
        return predicate_of(declared, name, {name: column.dtype}, where).passes

    def over(schema: Mapping[str, DataType], name: str | None) -> Check:
        return _of_column(
            declared, index, replace(column, name=name or column.name, regex=False), schema, where
        )[0]

    return [
        Check(
            name=name,
            kind=kind,
            says=custom or said_by_name or f"{said} fails {literal(name)}",
            severity=severity,
            column=column.name,
            reads=tuple(column.name if r == real else r for r in reads),
            passes=found.passes,
            passes_on=passes_on if column.regex else None,
            code=found.code,
            over=over if found.selects and not alone else None,
            options=statistics if said_by_name else {},
        )
    ]


def _apart(
    declared: pa.Check,
    name: str,
    column: str | None,
    schema: Mapping[str, DataType],
    reason: NotAnExpressionError,
    label: str,
    where: str,
) -> Check:
    """A check that is run before the pass, for it is no expression."""
    trial = tried(declared, column, schema, reason, label, where)
    return Check(
        name=name,
        kind=Kind.APART,
        says=literal(declared.error or f"{ROW_FAILS} {name}"),
        reads=tuple(r for r in trial.reads if not r.startswith(EACH)),
        runs=partial(answer, declared),
        is_whole=trial.whole,
        because=str(reason),
        code=code_of(declared),
    )


def _all_of(
    declared: pa.Check, column: Column, severity: Severity, judged: Callable[[Predicate], Kind]
) -> list[Check]:
    """`unique_values_eq` in its two halves: rows hold nothing else, and each value occurs."""
    values = sorted(declared.statistics["values"], key=str)  # type: ignore[index]
    real = EACH + column.name if column.regex else column.name
    shown = literal(listed(values))

    def is_one(name: str) -> pl.Expr:
        return pl.col(name).is_in(values).fill_null(bool(declared.ignore_na))

    def each_occurs(name: str) -> pl.Expr:
        return pl.all_horizontal([(pl.col(name) == v).any() for v in values] or pl.lit(True))

    judged(Predicate(is_one(real), (real,)))
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

    Args:
        declared: pandera's; `index`: its place among them.
        schema: columns of the contract → dtype; patterns after `EACH`.
        where: for messages.

    Raises:
        ContractError: it cannot be used; `where` is the check's own line where it has one.
    """
    name = declared.name or f"check_{index}"
    terms: CheckTerms | None = (declared.statistics or {}).get(CHECK_TERMS)
    where = terms.where if terms else place_of(declared, where)
    severity = Severity.WARN if declared.raise_warning else Severity.ERROR
    column = terms.column if terms else None
    try:
        found = predicate_of(declared, None, schema, where)
    except NotAnExpressionError as reason:
        apart = _apart(declared, name, None, schema, reason, repr(name), where)
        return replace(apart, severity=severity)
    named(repr(name), tuple([column] if column else []), schema, where)
    kind = kind_of(found, label=repr(name), known=schema, where=where)
    if terms:
        require_sayable(terms, schema if kind is Kind.ROW else {}, where)

    def over(schema: Mapping[str, DataType], name: str | None) -> Check:
        return frame_check(declared, index, schema, where)

    says = terms.says if terms else literal(declared.error or f"{ROW_FAILS} {name}")
    return Check(
        name=name,
        kind=kind,
        says=says,
        severity=severity,
        column=column,
        reads=found.reads,
        passes=found.passes,
        code=found.code,
        over=over if found.selects else None,
    )


def require_sayable(terms: CheckTerms, known: Mapping[str, DataType], where: str) -> None:
    """Raise `ContractError` unless each `{…}` of a sentence names something that the row has."""
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
