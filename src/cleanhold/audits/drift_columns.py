"""Which columns of a candidate are compared with its baseline, and as what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from cleanhold.core.check import Kind
from cleanhold.core.contract import Column, Contract, Privacy
from cleanhold.core.promise import Alarm

#: Different numbers that are compared one by one; more are compared as quantities.
_FEW_NUMBERS = 12

#: Different texts that are compared one by one, if each has so many rows; of others, the lengths.
_FEW_TEXTS, _ROWS_EACH = 200, 5


class ComparedAs(StrEnum):
    """As what the values of a column are compared."""

    QUANTITIES = "quantities"
    CATEGORIES = "categories"
    LENGTHS = "lengths"
    NOTHING = "nothing"  # only how many there are


@dataclass(frozen=True, slots=True)
class Watched:
    """A column that is looked at, and what the contract, or a pact, says of its drift.

    Attributes:
        then: what becomes of a candidate in which it has drifted: `warn` or `stop`.
        limit: of its first measure, where the contract gives one; the others move with it.
        values: whether its values are compared; of keys and other identifiers only the nulls are.
    """

    name: str
    dtype: pl.DataType
    then: Alarm
    limit: float | None
    personal: bool
    values: bool


def watched(contract: Contract, schema: pl.Schema) -> Iterator[Watched]:
    """The columns of a table that the audit looks at, in their order.

    New ids come with every delivery, and so do new dates: ids are not compared, dates only where
    the contract says so.
    """
    identifiers = _identifiers(contract)
    for name, dtype in schema.items():
        column = _declared(contract, name)
        if column is None or name in contract.key:
            continue
        own = column.drift
        then = own if isinstance(own, Alarm) else contract.drift or Alarm.WARN
        if then is Alarm.OFF:
            continue
        is_reference = column.references is not None and dtype.is_numeric()
        moves_on = dtype.is_temporal() and own is None
        yield Watched(
            name,
            dtype,
            then,
            own if isinstance(own, float) else None,
            column.privacy is not Privacy.NONE,
            values=not (name in identifiers or is_reference or moves_on or dtype.is_nested()),
        )


def _declared(contract: Contract, name: str) -> Column | None:
    found = (c for c in contract.columns if c.regex and re.fullmatch(c.name, name))
    return contract.column(name) or next(found, None)


def _identifiers(contract: Contract) -> set[str]:
    """Columns whose values are all different, by the contract."""
    unique = (c for c in contract.checks if c.kind is Kind.UNIQUE and len(c.reads) <= 1)
    return {check.column for check in unique if check.column}


def compared_as(column: Watched, before: pl.Series) -> ComparedAs:
    """As what a column is compared, by its values in the baseline (without nulls)."""
    if not column.values:
        return ComparedAs.NOTHING
    different = before.n_unique()
    if before.dtype.is_numeric() or before.dtype.is_temporal():
        return ComparedAs.CATEGORIES if different <= _FEW_NUMBERS else ComparedAs.QUANTITIES
    if before.dtype == pl.Boolean or isinstance(before.dtype, pl.Enum):
        return ComparedAs.CATEGORIES
    if before.dtype in (pl.String, pl.Categorical):
        few = different <= _FEW_TEXTS and different * _ROWS_EACH <= before.len()
        return ComparedAs.CATEGORIES if few else ComparedAs.LENGTHS
    return ComparedAs.NOTHING
