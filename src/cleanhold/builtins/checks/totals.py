"""Sums and counts over the rows of a group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from cleanhold.builtins.checks.conditions import condition, failing, grouped, literal, shown
from cleanhold.builtins.checks.listing import listed
from cleanhold.core.rule import GroupRule, Takes
from cleanhold.errors import ContractError


@listed(
    "amount",
    by="order",
    equals="total",
    within=0.01,
    passes=[{"order": ["a", "a", "b"], "amount": [1.0, 2.0, 5.0], "total": [3.0, 3.0, 5.0]}],
    fails=[{"order": ["a", "a"], "amount": [1.0, 2.0], "total": [3.5, 3.5]}],
)
def group_sum(
    column: str, *, by: str | Sequence[str], equals: str | float, within: float = 0.0
) -> GroupRule:
    """Values that add up, in each group, to another column's value or to a number. All rows of a
    group that do not add up fail. Missing values count as 0.

    Args:
        by: column or columns that name the group.
        equals: the other column, or the number.
        within: how far the sum may be off.
    """
    keys = grouped(by)
    other = equals if isinstance(equals, str) else None

    def fails(rows: pl.LazyFrame) -> pl.LazyFrame:
        known = rows.drop_nulls(keys)
        value = pl.col(column).cast(pl.Float64)
        total, size = value.sum().over(keys), value.abs().sum().over(keys)
        aim = pl.col(other).cast(pl.Float64) if other else pl.lit(float(equals))
        allowed = within * (1 + 1e-9) + (size + aim.abs()) * 1e-12
        off = (total - aim).abs()
        return failing(known, ~(off <= allowed), total.round(6).cast(pl.String))

    meant = f"{literal(other)} is {{{other}}}" if other else f"it must be {equals}"
    return GroupRule(
        name="group_sum",
        says=f"{{column}} adds up to {{found}} for {shown(tuple(keys))}, but {meant}",
        reads=(*keys, column, *([other] if other else [])),
        fails=fails,
        column=column,
        needs=dict.fromkeys([column, *([other] if other else [])], Takes.NUMBER),
    )


@listed(
    by="order",
    least=1,
    most=2,
    passes=[{"order": ["a", "b", "b", None, None, None]}],
    fails=[{"order": ["a", "a", "a"]}],
)
def group_size(*, by: str | Sequence[str], least: int = 1, most: int | None = None) -> GroupRule:
    """A number of rows in each group. All rows of a group that is too small or too large fail.

    Args:
        by: column or columns that name the group.
        least: rows at the least; `most`: at the most, no limit if None.
    """
    keys = grouped(by)

    def fails(rows: pl.LazyFrame) -> pl.LazyFrame:
        known = rows.drop_nulls(keys)
        count = pl.len().over(keys)
        bad = count < least if most is None else ~count.is_between(least, most)
        return failing(known, bad, count.cast(pl.String))

    upper = " or more" if most is None else f" to {most}" if most != least else ""
    return GroupRule(
        name="group_size",
        says=f"there are {{found}} rows of {shown(tuple(keys))}; there must be {least}{upper}",
        reads=tuple(keys),
        fails=fails,
    )


@listed(
    "kind",
    "primary",
    by="customer",
    passes=[{"customer": ["a", "a", "b"], "kind": ["primary", "other", "primary"]}],
    fails=[
        {"customer": ["a", "a"], "kind": ["primary", "primary"]},
        {"customer": ["a", "a"], "kind": ["other", None]},
    ],
)
def group_has(
    column: str, equals: Any, *, by: str | Sequence[str], least: int = 1, most: int | None = 1
) -> GroupRule:
    """A number of rows of each group that have a certain value: exactly one, if nothing else is
    said. All rows of a group that has too few fail; of one that has too many, those that have it.

    Args:
        equals: the value, or a list of values.
        by: column or columns that name the group.
        least: rows at the least; `most`: at the most, no limit if None.

    Raises:
        ContractError: `equals` is None.
    """
    if equals is None:
        raise ContractError("group_has needs a value", next="write group_has('kind', 'primary', …)")
    keys = grouped(by)
    met, _ = condition(column, equals)

    def fails(rows: pl.LazyFrame) -> pl.LazyFrame:
        known = rows.drop_nulls(keys)
        count = met.sum().over(keys)
        many = pl.lit(False) if most is None else (count > most) & met
        return failing(known, (count < least) | many, count.cast(pl.String))

    upper = " or more" if most is None else f" to {most}" if most != least else ""
    return GroupRule(
        name="group_has",
        says=f"{{found}} rows of {shown(tuple(keys))} have {literal(column)} {literal(equals)}; "
        f"there must be {least}{upper}",
        reads=(*keys, column),
        fails=fails,
    )
