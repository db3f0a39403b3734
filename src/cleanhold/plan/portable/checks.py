"""The checks of a contract, each as a portable expression or with what keeps it from being one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from cleanhold.core.check import Check, Kind
from cleanhold.core.contract import Contract
from cleanhold.core.parsing import DataType
from cleanhold.expressions.untranslatable import Untranslatable
from cleanhold.plan.kinds import EACH
from cleanhold.plan.plan import Plan
from cleanhold.plan.portable.term import is_moment
from cleanhold.plan.portable.translate import Translator

#: Checks that are over once there are typed values.
WHILE_READING = frozenset({Kind.PRESENT, Kind.PARSE, Kind.LAYOUT})

_NEEDS = {
    Kind.REFERENCE: "the keys of another table",
    Kind.CHANGE: "a comparison with what was published",
    Kind.GROUP: "a query of Polars over groups of rows",
    Kind.DATASET: "one answer for all rows together",
}


@dataclass(frozen=True, slots=True)
class Portable:
    """What of a contract runs on every engine.

    The checks that are over before there are values (`present`, `parse`) are in neither.

    Attributes:
        numbers: working column → what verdicts read beside the typed columns.
        verdicts: label of a check → true where a row fails it, never null.
        reasons: label of every other check → what of it has no portable form.
    """

    numbers: Mapping[str, nw.Expr]
    verdicts: Mapping[str, nw.Expr]
    reasons: Mapping[str, str]

    def judge(self, rows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        """Typed rows with a Boolean column for each verdict, called as the check's label."""
        for columns in filter(None, (self.numbers, self.verdicts)):
            rows = rows.with_columns(**columns)
        return rows.drop(*self.numbers)


def portable_plan(plan: Plan) -> Portable:
    """The checks of a contract that is bound to an extract's columns."""
    return _portable(plan.checks, plan.dtypes)


def portable_contract(contract: Contract) -> Portable:
    """The checks of a contract; those of a pattern column are over one called `each:<pattern>`."""
    schema = {EACH + c.name if c.regex else c.name: c.dtype for c in contract.columns}
    return _portable(contract.checks, schema)


def _portable(checks: Iterable[Check], schema: Mapping[str, DataType]) -> Portable:
    numbers: dict[str, nw.Expr] = {}
    verdicts: dict[str, nw.Expr] = {}
    reasons: dict[str, str] = {}
    for check in checks:
        if check.kind in WHILE_READING:
            continue
        translator = Translator(schema, f"__{check.label}:")
        try:
            verdicts[check.label] = _fails(check, translator, schema)
            numbers |= translator.numbers
        except Untranslatable as reason:
            reasons[check.label] = str(reason)
    return Portable(numbers, verdicts, reasons)


def _fails(check: Check, translator: Translator, schema: Mapping[str, DataType]) -> nw.Expr:
    if check.kind in _NEEDS:
        raise Untranslatable(_NEEDS[check.kind])
    if check.kind is Kind.APART:
        raise Untranslatable(f"a Python function: {check.because}")
    if check.kind is Kind.UNIQUE:
        return _shares(check, schema)
    if check.kind is Kind.NOT_NULL:
        return _is_missing(check, schema)
    assert check.passes is not None
    return ~translator.term(check.passes).expr


def _is_missing(check: Check, schema: Mapping[str, DataType]) -> nw.Expr:
    (name,) = _real(check.reads, schema)
    value = nw.col(name)
    missing = value.is_null()
    return missing | value.is_nan().fill_null(False) if schema[name].is_float() else missing


def _real(names: Iterable[str], schema: Mapping[str, DataType]) -> list[str]:
    """Columns by the names they have in the schema: a pattern stands for those it will match."""
    return [name if name in schema else EACH + name for name in names]


def _shares(check: Check, schema: Mapping[str, DataType]) -> nw.Expr:
    if check.keep != "none":
        raise Untranslatable(f"the {check.keep} of several rows, for a table has no order")
    key = _real(check.reads, schema)
    for name in key:
        dtype = schema[name]
        plain = dtype in (pl.String, pl.Boolean, pl.Date) or dtype.is_integer()
        if not (plain or is_moment(dtype) or isinstance(dtype, pl.Decimal)):
            raise Untranslatable(f"keys of {dtype}")
    given = nw.all_horizontal(*(~nw.col(n).is_null() for n in key), ignore_nulls=False)
    return (nw.len().over(*key) > 1) & given
