"""Which values must be there together, and which must not."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import polars as pl

from cleanhold.builtins.checks.conditions import condition, named, shown
from cleanhold.builtins.checks.listing import listed
from cleanhold.core.rule import ColumnRule, RowRule
from cleanhold.errors import ContractError


def _given(columns: tuple[str, ...]) -> pl.Expr:
    """How many of the columns have a value."""
    return pl.sum_horizontal([pl.col(c).is_not_null().cast(pl.Int32) for c in columns])


def _require_several(name: str, columns: tuple[str, ...]) -> None:
    if len(set(columns)) < 2 or len(set(columns)) < len(columns):
        raise ContractError(
            f"{name} needs two columns or more, each once", next=f"write {name}('email', 'phone')"
        )


@listed(passes=[None], fails=["x", ""])
def empty() -> ColumnRule:
    """No value in any row: a column that is no longer used."""
    return ColumnRule(
        name="empty",
        says="{column} is {value}, and must be empty",
        judge=lambda value: value.is_null(),
    )


@listed(
    "closed_on",
    when="stage",
    equals="closed",
    passes=[
        {"closed_on": "1 May", "stage": "closed"},
        {"closed_on": None, "stage": "open"},
        {"closed_on": None, "stage": None},
    ],
    fails=[{"closed_on": None, "stage": "closed"}],
)
def requires(column: str, *, when: str, equals: Any = None) -> RowRule:
    """A value where another column has a certain value (or any, if none is named).

    Args:
        when: the other column.
        equals: its value, or a list of values.
    """
    met, said = condition(when, equals)
    return RowRule(
        name="requires",
        says=f"{{column}} is missing, though {said}",
        passes=~met | pl.col(column).is_not_null(),
        column=column,
    )


@listed(
    "closed_on",
    when="stage",
    equals=["open", "new"],
    passes=[
        {"closed_on": "1 May", "stage": "closed"},
        {"closed_on": None, "stage": "open"},
        {"closed_on": "1 May", "stage": None},
    ],
    fails=[{"closed_on": "1 May", "stage": "open"}, {"closed_on": "1 May", "stage": "new"}],
)
def empty_when(column: str, *, when: str, equals: Any = None) -> RowRule:
    """No value where another column has a certain value (or any, if none is named).

    Args:
        when: the other column.
        equals: its value, or a list of values.
    """
    met, said = condition(when, equals)
    return RowRule(
        name="empty_when",
        says=f"{{column}} is {{value}}, though {said}",
        passes=~met | pl.col(column).is_null(),
        column=column,
    )


@listed(
    "person",
    "firm",
    passes=[{"person": "Ada", "firm": None}, {"person": None, "firm": "Acme"}],
    fails=[{"person": "Ada", "firm": "Acme"}, {"person": None, "firm": None}],
)
def exactly_one_of(*columns: str) -> RowRule:
    """One of several columns has a value, and the others have none.

    Raises:
        ContractError: fewer than two columns are named, or one twice.
    """
    _require_several("exactly_one_of", columns)
    return RowRule(
        name="exactly_one_of",
        says=f"exactly one of {named(columns)} must be given; here: {shown(columns)}",
        passes=_given(columns) == 1,
    )


@listed(
    "email",
    "phone",
    passes=[{"email": "a@b.org", "phone": None}, {"email": "a@b.org", "phone": "1"}],
    fails=[{"email": None, "phone": None}],
)
def at_least_one_of(*columns: str) -> RowRule:
    """One of several columns, or more, has a value.

    Raises:
        ContractError: fewer than two columns are named, or one twice.
    """
    _require_several("at_least_one_of", columns)
    return RowRule(
        name="at_least_one_of",
        says=f"{named(columns)} are all missing; one of them must be given",
        passes=_given(columns) >= 1,
    )


@listed(
    "discount",
    "voucher",
    passes=[{"discount": 5, "voucher": None}, {"discount": None, "voucher": None}],
    fails=[{"discount": 5, "voucher": "V1"}],
)
def at_most_one_of(*columns: str) -> RowRule:
    """Columns that exclude each other: at most one of them has a value.

    Raises:
        ContractError: fewer than two columns are named, or one twice.
    """
    _require_several("at_most_one_of", columns)
    return RowRule(
        name="at_most_one_of",
        says=f"only one of {named(columns)} may be given; here: {shown(columns)}",
        passes=_given(columns) <= 1,
    )


@listed(
    "lat",
    "lon",
    passes=[{"lat": 52.5, "lon": 13.4}, {"lat": None, "lon": None}],
    fails=[{"lat": 52.5, "lon": None}],
)
def all_or_none(*columns: str) -> RowRule:
    """Columns that belong together: all have a value, or none has.

    Raises:
        ContractError: fewer than two columns are named, or one twice.
    """
    _require_several("all_or_none", columns)
    return RowRule(
        name="all_or_none",
        says=f"{named(columns)} must be given together; here: {shown(columns)}",
        passes=_given(columns).is_in([0, len(columns)]),
    )


@listed(
    "street",
    "street2",
    "street3",
    passes=[
        {"street": "a", "street2": "b", "street3": None},
        {"street": None, "street2": None, "street3": None},
    ],
    fails=[{"street": None, "street2": "b", "street3": None}],
)
def filled_in_order(*columns: str) -> RowRule:
    """Columns filled from the first on: none has a value after one that has not.

    Raises:
        ContractError: fewer than two columns are named, or one twice.
    """
    _require_several("filled_in_order", columns)
    steps = [
        pl.col(first).is_not_null() | pl.col(then).is_null() for first, then in pairwise(columns)
    ]
    return RowRule(
        name="filled_in_order",
        says=f"{named(columns)} must be filled in this order; here: {shown(columns)}",
        passes=pl.all_horizontal(steps),
    )
