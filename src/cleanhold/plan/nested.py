"""Checks within a struct column that is declared by a model of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import pandera.polars as pa
import polars as pl
from pandera.engines.polars_engine import PanderaSchema

from cleanhold.core.check import Check, Severity
from cleanhold.core.contract import Column
from cleanhold.errors import ContractError
from cleanhold.plan.functions import place_of
from cleanhold.plan.kinds import EACH, kind_of
from cleanhold.plan.recorder import NotAnExpressionError, Predicate, predicate_of, within
from cleanhold.plan.sentences import literal


@dataclass(frozen=True, slots=True)
class _Condition:
    """What must hold within a struct; `passes` is over the struct's column."""

    name: str
    says: str
    passes: pl.Expr
    warns: bool = False
    code: str = ""


def nested_checks(column: Column, source: pa.Column, where: str) -> list[Check]:
    """The checks of a column whose type is another model: a null struct passes them all.

    Args:
        column: as cleanhold has it; `source`: as pandera has it.
        where: of the field, for messages.

    Raises:
        ContractError: something in the model has no meaning within a struct.
    """
    if not isinstance(source.dtype, PanderaSchema):
        return []
    schema = source.dtype.schema
    real = EACH + column.name if column.regex else column.name

    def at(name: str) -> list[_Condition]:
        return list(_conditions(schema, pl.col(name), "", where))

    def one(index: int, name: str) -> pl.Expr:
        return at(name)[index].passes

    checks = []
    for index, found in enumerate(at(real)):
        known = {real: column.dtype}
        label = f"{found.name!r} of {column.name!r}"
        checks.append(
            Check(
                name=found.name,
                kind=kind_of(Predicate(found.passes, (real,)), label=label, known=known,
                             where=where),
                says=f"{literal(column.name)} is {{value}}; {found.says}",
                severity=Severity.WARN if found.warns else column.severity,
                column=column.name,
                reads=(column.name,),
                passes=found.passes,
                passes_on=partial(one, index) if column.regex else None,
                code=found.code,
            )
        )  # fmt: skip
    return checks


def _conditions(
    schema: pa.DataFrameSchema, outer: pl.Expr, path: str, where: str
) -> Iterator[_Condition]:
    """What a model asks of the struct that `outer` is, and of structs within it.

    Args:
        schema: the model's.
        path: of the struct within its column, with a dot at its end, or nothing.
    """
    fields: dict[str, pl.Expr] = {}
    for name, column in schema.columns.items():
        _require_plain(column, f"{path}{name}", where)
        fields[name] = outer.struct.field(name)
    dtypes = {name: column.dtype.type for name, column in schema.columns.items()}

    def holds(passes: pl.Expr) -> pl.Expr:
        return outer.is_null() | passes

    def told(check: pa.Check, column: str | None) -> _Condition:
        prefix = f"{path}{column}." if column else path
        place = place_of(check, where)
        try:
            found = predicate_of(check, column, dtypes, place)
        except NotAnExpressionError as reason:
            raise _unusable(f"the check {check.name!r} within it, for {reason}", place) from None
        if found.selects:
            raise _unusable(f"the check {check.name!r} within it, for it names no column", place)
        for name in found.reads:
            if name not in fields:
                raise _unusable(f"the check {check.name!r} within it, for {name!r} is not", place)
        said = check.error or f"{prefix.removesuffix('.') or 'it'} fails {check.name}"
        passes = holds(within(found.passes, fields))
        return _Condition(
            f"{prefix}{check.name}", literal(said), passes, check.raise_warning, found.code
        )

    for name, column in schema.columns.items():
        at, shown = fields[name], f"{path}{name}"
        if not column.nullable:
            given = at.is_not_null()
            if column.dtype.type.is_float():
                given &= at.is_not_nan().fill_null(True)
            yield _Condition(f"{shown}.not_null", f"{literal(shown)} is missing", holds(given))
        if column.unique:
            passes = at.is_null() | ~at.is_duplicated()
            says = f"other rows have its {literal(shown)} too"
            yield _Condition(f"{shown}.unique", says, holds(passes))
        for check in column.checks:
            yield told(check, name)
        if isinstance(column.dtype, PanderaSchema):
            yield from _conditions(column.dtype.schema, at, f"{shown}.", where)
    for check in schema.checks:
        yield told(check, None)
    if schema.unique:
        raise _unusable("Config.unique within it", where)


def _require_plain(column: pa.Column, shown: str, where: str) -> None:
    """Within a struct there is nothing to match, fill or convert."""
    if column.dtype is None:
        raise _unusable(f"{shown!r}, for it has no type", where)
    if column.regex:
        raise _unusable(f"{shown!r}, for it is a pattern", where)
    if column.default is not None:
        raise _unusable(f"the default of {shown!r}", where)


def _unusable(what: str, where: str) -> ContractError:
    return ContractError(
        f"a column of structs cannot have {what}",
        where=where,
        next="write it as a check of the column: col('address').struct.field('zip') …",
    )
