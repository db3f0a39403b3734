"""Makes checks of the rules that fields and contracts are given."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import polars as pl

from cleanhold.core.check import Check, Kind, Reference, Severity
from cleanhold.core.contract import Column
from cleanhold.core.parsing import DataType
from cleanhold.core.reading import RECORD
from cleanhold.core.rule import (
    FOUND,
    WAS_PUBLISHED,
    ChangeRule,
    ColumnRule,
    GroupRule,
    ReferenceRule,
    RowRule,
    Rule,
    TableRule,
    Takes,
    before,
    is_suspect,
)
from cleanhold.errors import ContractError
from cleanhold.plan.checks import require_sayable
from cleanhold.plan.kinds import EACH, kind_of, named
from cleanhold.plan.recorder import Predicate, names_of
from cleanhold.plan.sentences import literal
from cleanhold.plan.terms import CheckTerms, one_of


def column_rules(
    column: Column, rules: Sequence[ColumnRule], schema: Mapping[str, DataType], where: str
) -> list[Check]:
    """The checks of one column that `field(checks=…)` asks for.

    Args:
        schema: columns of the contract → dtype.
        where: of the field, for messages.

    Raises:
        ContractError: a rule cannot judge values of this type.
    """
    return [_of_column(rule, column, schema, where) for rule in rules]


def _of_column(
    rule: ColumnRule, column: Column, schema: Mapping[str, DataType], where: str
) -> Check:
    label = f"{rule.name!r} of {column.name!r}"
    _require_type(rule.takes, label, column.name, column.dtype, where)

    def passes_on(name: str) -> pl.Expr:
        value = pl.col(name)
        return value.is_null() | rule.judge(value).fill_null(False)

    real = EACH + column.name if column.regex else column.name
    passes = passes_on(real)
    reads = tuple(dict.fromkeys([real, *names_of(passes)]))
    known = {**schema, real: column.dtype}
    _require_rows(Predicate(passes, reads), label, known, where)
    evidence = {FOUND: pl.String()} if rule.found else {}
    return Check(
        name=rule.name,
        kind=Kind.ROW,
        says=_sentence(rule, column.name, {**schema, **evidence}, where),
        severity=_severity(rule, column.severity, where),
        column=column.name,
        reads=tuple(column.name if r == real else r for r in reads),
        passes=passes,
        passes_on=passes_on if column.regex else None,
        found=partial(_of_values, rule.found) if rule.found else None,
        shows=partial(_of_values, rule.shows) if rule.shows else None,
        code=rule.code,
    )


def _of_values(tell: Callable[[pl.Expr], pl.Expr], column: str) -> pl.Expr:
    return tell(pl.col(column)).cast(pl.String)


def row_rules(
    rules: Sequence[TableRule],
    schema: Mapping[str, DataType],
    key: tuple[str, ...],
    where: str,
) -> list[Check]:
    """The checks that `@contract(checks=…)` asks for.

    Args:
        schema: columns of the contract → dtype.
        key: of the contract.
        where: of the contract, for messages.

    Raises:
        ContractError: a rule names a column that does not exist, cannot judge its type, or needs
            a key where there is none.
    """
    for rule in rules:
        if isinstance(rule, ChangeRule) and not key:
            raise ContractError(
                f"the check {rule.name!r} compares rows with those published under their keys, "
                "and the contract has no key",
                where=where,
                next="name the column that tells rows apart, key='deal_id', or take the check away",
            )
    return [_of_table(rule, schema, where) for rule in rules]


def _of_table(rule: TableRule, schema: Mapping[str, DataType], where: str) -> Check:
    if isinstance(rule, RowRule):
        return _of_row(rule, schema, where)
    if isinstance(rule, ReferenceRule):
        return _of_reference(rule, schema, where)
    return _of_group(rule, schema, where)


def _of_reference(rule: ReferenceRule, schema: Mapping[str, DataType], where: str) -> Check:
    named(repr(rule.name), rule.reads, schema, where)
    return Check(
        name=rule.name,
        kind=Kind.REFERENCE,
        says=_sentence(rule, None, schema, where),
        severity=_severity(rule, Severity.ERROR, where),
        reads=rule.reads,
        reference=Reference(rule.dataset, rule.keys),
    )


def _of_row(rule: RowRule, schema: Mapping[str, DataType], where: str) -> Check:
    own = [rule.column] if rule.column else []
    passes = rule.passes.fill_null(True)
    _require_types(rule, schema, where)
    reads = tuple(dict.fromkeys([*own, *names_of(passes)]))
    _require_rows(Predicate(passes, reads), repr(rule.name), schema, where)
    return Check(
        name=rule.name,
        kind=Kind.ROW,
        says=_sentence(rule, rule.column, schema, where),
        severity=_severity(rule, Severity.ERROR, where),
        column=rule.column,
        reads=reads,
        passes=passes,
    )


def _of_group(rule: GroupRule, schema: Mapping[str, DataType], where: str) -> Check:
    reads = tuple(dict.fromkeys([*([rule.column] if rule.column else []), *rule.reads]))
    types = named(repr(rule.name), reads, schema, where)
    _require_types(rule, schema, where)
    return Check(
        name=rule.name,
        kind=Kind.CHANGE if isinstance(rule, ChangeRule) else Kind.GROUP,
        says=_sentence(rule, rule.column, {**schema, FOUND: pl.String}, where),
        severity=_severity(rule, Severity.ERROR, where),
        column=rule.column,
        reads=reads,
        fails=rule.fails,
        weighs=rule.weighs,
        beyond=rule.beyond,
        code=rule.code,
        meaning=_meaning(rule, types, where),
    )


def _meaning(rule: GroupRule, schema: Mapping[str, DataType], where: str) -> str:
    """Hash of the plan that the rule makes, which is tried on rows of nulls."""
    given = dict(schema)
    if isinstance(rule, ChangeRule):
        given |= {before(c).meta.output_name(): d for c, d in schema.items()}
        given[WAS_PUBLISHED] = pl.Boolean()
    if rule.weighs:
        given |= {is_suspect(c).meta.output_name(): pl.Boolean() for c in schema}
    empty = pl.LazyFrame(schema={RECORD: pl.UInt64, **given})
    try:
        nulls = {c: pl.Series(c, [None, None], dtype=d) for c, d in given.items()}
        numbers = pl.Series(RECORD, [1, 2], dtype=pl.UInt64)
        rule.fails(pl.LazyFrame({RECORD: numbers, **nulls})).select(RECORD).collect()
        return hashlib.sha256(rule.fails(empty).serialize()).hexdigest()
    except Exception as error:  # anybody's rule may fail in any way
        raise ContractError(
            f"the check {rule.name!r} does not work on the types of its columns: "
            f"{str(error).splitlines()[0]}",
            where=where,
            next="compare what it does with the contract's types: "
            + ", ".join(f"{c} is {d}" for c, d in schema.items()),
        ) from error


def _require_types(rule: RowRule | GroupRule, schema: Mapping[str, DataType], where: str) -> None:
    types = named(repr(rule.name), tuple(rule.needs), schema, where)
    for name, takes in rule.needs.items():
        _require_type(takes, repr(rule.name), name, types[name], where)


def _require_type(takes: Takes, label: str, column: str, dtype: DataType, where: str) -> None:
    if not takes.fits(dtype):
        raise ContractError(
            f"the check {label} judges {takes}, but {column!r} is {dtype}",
            where=where,
            next="annotate the column with another type, or take the check away",
        )


def _sentence(rule: Rule, column: str | None, known: Mapping[str, DataType], where: str) -> str:
    says = rule.says.replace("{column}", literal(column)) if column else rule.says
    require_sayable(CheckTerms(says, column, where), known, where)
    return says


def _severity(rule: Rule, default: Severity, where: str) -> Severity:
    return default if rule.severity is None else one_of(Severity, rule.severity, "severity", where)


def _require_rows(
    predicate: Predicate, label: str, known: Mapping[str, DataType], where: str
) -> None:
    if kind_of(predicate, label=label, known=known, where=where) is not Kind.ROW:
        raise ContractError(
            f"the check {label} gives one answer about all rows, not one for each",
            where=where,
            next="compare values row by row",
        )
