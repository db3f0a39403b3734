"""Which values of a row go together: combinations that are allowed, words that imply others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import polars as pl

from cleanhold.builtins.checks.conditions import among, condition, literal, named, shown
from cleanhold.builtins.checks.listing import listed
from cleanhold.builtins.checks.places import postal_code
from cleanhold.core.rule import ColumnRule, RowRule
from cleanhold.errors import ContractError


@listed(
    "state",
    "active",
    then="paid",
    is_in=["yes", "free"],
    passes=[
        {"state": "active", "paid": "yes"},
        {"state": "ended", "paid": "no"},
        {"state": "active", "paid": None},
    ],
    fails=[{"state": "active", "paid": "no"}],
)
def implies(when: str, equals: Any, *, then: str, is_in: Sequence[Any]) -> RowRule:
    """Where one column has a certain value, another has one of some values, or none.

    Args:
        equals: the value, or a list of values; None for any.
        is_in: the values that the other column may then have.

    Raises:
        ContractError: `is_in` is one text.
    """
    met, said = condition(when, equals)
    values = is_in if isinstance(is_in, str) else sorted(set(is_in), key=str)
    return RowRule(
        name="implies",
        says=f"{{column}} is {{value}}, which it may not be where {said}",
        passes=~met | among(pl.col(then), values),
        column=then,
    )


@listed(
    "country",
    "currency",
    pairs={"DE": ["EUR"], "CH": ["CHF", "EUR"]},
    passes=[
        {"country": "CH", "currency": "CHF"},
        {"country": "US", "currency": "EUR"},
        {"country": "DE", "currency": None},
    ],
    fails=[{"country": "DE", "currency": "CHF"}],
)
def goes_with(column: str, other: str, *, pairs: Mapping[Any, Sequence[Any]]) -> RowRule:
    """Values of another column that each value of a column allows; those not listed allow all.

    Args:
        pairs: value of `column` → the values that `other` may have.

    Raises:
        ContractError: there are no pairs, or one has a text where its values belong.
    """
    if not pairs:
        raise ContractError("goes_with needs pairs", next="write pairs={'DE': ['EUR']}")
    a, b = pl.col(column), pl.col(other)
    allowed = [(a != value).fill_null(True) | among(b, values) for value, values in pairs.items()]
    return RowRule(
        name="goes_with",
        says=f"{literal(other)} is {{value}}, which does not go with "
        f"{literal(column)} {{{column}}}",
        passes=pl.all_horizontal([one.fill_null(True) for one in allowed]),
        column=other,
    )


@listed(
    "country",
    "currency",
    allowed=[("DE", "EUR"), ("CH", "CHF"), ("CH", "EUR")],
    passes=[{"country": "CH", "currency": "EUR"}, {"country": "DE", "currency": None}],
    fails=[{"country": "DE", "currency": "CHF"}, {"country": "US", "currency": "EUR"}],
)
def together_in(
    *columns: str, allowed: Sequence[Sequence[Any]], missing_counts: bool = False
) -> RowRule:
    """Values of several columns that, together, are one of the combinations listed.

    Args:
        allowed: combinations, each with a value for every column.
        missing_counts: a value that is missing is a value too, which `None` stands for in a
            combination; only a row with none of the values passes unasked.

    Raises:
        ContractError: there are no combinations, or one has not a value for every column.
    """
    if (
        not columns
        or not allowed
        or any(isinstance(one, str) or len(one) != len(columns) for one in allowed)
    ):
        raise ContractError(
            f"together_in needs combinations of {len(columns)} values, one for each column",
            next="write together_in('country', 'currency', allowed=[('DE', 'EUR')])",
        )
    any_is_missing = pl.any_horizontal([pl.col(c).is_null() for c in columns])
    all_are_missing = pl.all_horizontal([pl.col(c).is_null() for c in columns])
    return RowRule(
        name="together_in",
        says=f"{named(columns)} may not have these values together: {shown(columns)}",
        passes=(all_are_missing if missing_counts else any_is_missing)
        | _one_of(columns, [tuple(one) for one in allowed]),
    )


def _one_of(columns: Sequence[str], allowed: Sequence[tuple[Any, ...]]) -> pl.Expr:
    """Whether the columns have one of the combinations; a null equals None. Never null."""
    first, *others = columns
    here = pl.col(first)
    if not others:
        values = [value for (value,) in allowed if value is not None]
        known = among(here, values).fill_null(False) if values else pl.lit(False)
        return known | here.is_null() if (None,) in allowed else known
    after: dict[Any, list[tuple[Any, ...]]] = {}
    for value, *rest in allowed:
        after.setdefault(value, []).append(tuple(rest))
    return pl.any_horizontal(
        [
            (here.is_null() if value is None else (here == value).fill_null(False))
            & _one_of(others, rest)
            for value, rest in after.items()
        ]
    )


@listed(
    "payer",
    "payee",
    "agent",
    passes=[
        {"payer": "a", "payee": "b", "agent": "c"},
        {"payer": "a", "payee": None, "agent": None},
    ],
    fails=[{"payer": "a", "payee": "b", "agent": "a"}],
)
def all_different(*columns: str) -> RowRule:
    """Columns of which no two have the same value in a row.

    Raises:
        ContractError: fewer than two columns are named, or one twice.
    """
    if len(columns) < 2 or len(set(columns)) < len(columns):
        raise ContractError(
            "all_different needs two columns or more, each once",
            next="write all_different('payer', 'payee')",
        )
    pairs = [(pl.col(a) != pl.col(b)).fill_null(True) for a, b in combinations(columns, 2)]
    return RowRule(
        name="all_different",
        says=f"{named(columns)} must all be different; here: {shown(columns)}",
        passes=pl.all_horizontal(pairs),
    )


@listed(
    "zip",
    postal_code("DE"),
    when="country",
    equals="DE",
    passes=[
        {"zip": "10115", "country": "DE"},
        {"zip": "SW1A 1AA", "country": "GB"},
        {"zip": None, "country": "DE"},
        {"zip": "SW1A 1AA", "country": None},
    ],
    fails=[{"zip": "1011", "country": "DE"}],
)
def checked_when(column: str, rule: ColumnRule, *, when: str, equals: Any = None) -> RowRule:
    """A check of a column that counts only where another column has a certain value (or any, if
    none is named).

    Args:
        rule: the check, as `field` takes it.
        when: the other column.
        equals: its value, or a list of values.

    Raises:
        ContractError: `rule` is no check of a column, or one that calls Python functions.
    """
    if not isinstance(rule, ColumnRule):
        raise ContractError(
            f"checked_when is given {getattr(rule, '__name__', rule)!r}, which is no check of a "
            "column",
            next="call it: checked_when('zip', postal_code('DE'), when='country', equals='DE')",
        )
    if rule.code or rule.found:
        raise ContractError(
            f"checked_when cannot take {rule.name!r}, which looks at each value in Python",
            next=f"hold the whole column to it: field(checks=[{rule.name}(…)])",
        )
    met, said = condition(when, equals)
    value = pl.col(column)
    return RowRule(
        name="checked_when",
        says=f"{rule.says}, where {said}",
        severity=rule.severity,
        passes=~met | value.is_null() | rule.judge(value).fill_null(False),
        needs={column: rule.takes},
        column=column,
    )
