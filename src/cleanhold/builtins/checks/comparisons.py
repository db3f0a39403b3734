"""How the columns of a row compare: order, tolerance, totals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import reduce

import polars as pl

from cleanhold.builtins.checks.calendar import years_between
from cleanhold.builtins.checks.conditions import literal, named, shown
from cleanhold.builtins.checks.listing import listed
from cleanhold.builtins.checks.shapes import sum_of
from cleanhold.core.rule import RowRule, Takes
from cleanhold.errors import ContractError

_DAYS = [
    {"start": "2026-01-01", "end": "2026-01-05"},
    {"start": "2026-01-05", "end": "2026-01-05"},
    {"start": None, "end": "2026-01-05"},
]


@listed("start", "end", passes=_DAYS, fails=[{"start": "2026-01-06", "end": "2026-01-05"}])
def in_order(*columns: str, strictly: bool = False) -> RowRule:
    """Values (dates, numbers) that do not go down from column to column. Missing ones are left out.

    Args:
        strictly: each must be more than the one before.

    Raises:
        ContractError: fewer than two columns are named.
    """
    if len(columns) < 2:
        raise ContractError("in_order needs two columns or more", next="in_order('start', 'end')")
    pairs = [(a, b) for i, a in enumerate(columns) for b in columns[i + 1 :]]
    steps = [
        (pl.col(a) < pl.col(b) if strictly else pl.col(a) <= pl.col(b)).fill_null(True)
        for a, b in pairs
    ]
    return RowRule(
        name="in_order",
        says=f"{named(columns)} must follow in this order; here: {shown(columns)}",
        passes=pl.all_horizontal(steps),
    )


@listed(
    "net",
    "paid",
    within=0.01,
    passes=[{"net": 10.0, "paid": 10.01}, {"net": None, "paid": 1.0}],
    fails=[{"net": 10.0, "paid": 10.02}, {"net": 10.0, "paid": -10.0}],
)
def equals_column(
    column: str, other: str, *, within: float = 0.0, missing_counts: bool = False
) -> RowRule:
    """The value of another column, but for a tolerance.

    Args:
        within: how far they may be apart; numbers only.
        missing_counts: a value that is missing equals only another that is missing.
    """
    a, b = pl.col(column), pl.col(other)
    needs = {}
    if within:
        needs = {column: Takes.NUMBER, other: Takes.NUMBER}
        apart = (a.cast(pl.Float64) - b.cast(pl.Float64)).abs()
        equal = apart <= within * (1 + 1e-9) + _error(a, b)
        told = f"more than {within} away from {literal(other)}, {{{other}}}"
    else:
        equal = a == b
        told = f"but {literal(other)} is {{{other}}}"
    if missing_counts:
        equal = equal.fill_null(a.is_null() & b.is_null())
    return RowRule(
        name="equals_column",
        says=f"{{column}} is {{value}}, {told}",
        passes=equal,
        needs=needs,
        column=column,
    )


def _error(*of: pl.Expr) -> pl.Expr:
    """How far floats of these sizes may be off for no other reason than being floats."""
    return pl.sum_horizontal([e.cast(pl.Float64).abs() for e in of]) * 1e-14


@listed(
    "buyer",
    "seller",
    passes=[{"buyer": "a", "seller": "b"}, {"buyer": None, "seller": None}],
    fails=[{"buyer": "a", "seller": "a"}],
)
def differs_from(column: str, other: str) -> RowRule:
    """Another value than that of another column."""
    return RowRule(
        name="differs_from",
        says=f"{{column}} and {literal(other)} are both {{value}}",
        passes=pl.col(column) != pl.col(other),
        column=column,
    )


@listed(
    "ordered",
    "shipped",
    most=30,
    passes=[
        {"ordered": date(2026, 1, 1), "shipped": date(2026, 1, 31)},
    ],
    fails=[
        {"ordered": date(2026, 1, 1), "shipped": date(2026, 2, 1)},
        {"ordered": date(2026, 1, 2), "shipped": date(2026, 1, 1)},
    ],
)
def days_between(earlier: str, later: str, *, least: int = 0, most: int | None = None) -> RowRule:
    """So many days from one date to another.

    Args:
        least: days at the least; 0 for the same day or later.
        most: days at the most; no limit if None.
    """
    days = (pl.col(later).cast(pl.Date) - pl.col(earlier).cast(pl.Date)).dt.total_days()
    upper = f" to {most}" if most is not None else " or more"
    return RowRule(
        name="days_between",
        says=f"{literal(later)} {{{later}}} is not {least}{upper} days after "
        f"{literal(earlier)} {{{earlier}}}",
        passes=days >= least if most is None else days.is_between(least, most),
        needs={earlier: Takes.DATE, later: Takes.DATE},
    )


@listed(
    "born",
    "hired",
    16,
    100,
    passes=[{"born": date(2000, 2, 29), "hired": date(2016, 2, 29)}, {"born": None, "hired": None}],
    fails=[
        {"born": date(2000, 2, 29), "hired": date(2016, 2, 28)},
        {"born": date(1800, 1, 1), "hired": date(2016, 2, 28)},
    ],
)
def age_at(born: str, on: str, least: int, most: int) -> RowRule:
    """An age, in whole years, in a range on the date of another column."""
    age = years_between(pl.col(born).cast(pl.Date), pl.col(on).cast(pl.Date))
    return RowRule(
        name="age_at",
        says=f"born on {{{born}}}, on {literal(on)} {{{on}}} not {least} to {most} years old",
        passes=age.is_between(least, most),
        needs={born: Takes.DATE, on: Takes.DATE},
    )


@listed(
    "total",
    ["net", "tax"],
    within=0.01,
    passes=[
        {"total": 11.9, "net": 10.0, "tax": 1.9},
        {"total": 10.0, "net": 10.0, "tax": None},
        {"total": None, "net": 10.0, "tax": 1.9},
    ],
    fails=[{"total": 12.0, "net": 10.0, "tax": 1.9}],
)
def sum_equals(total: str, parts: Sequence[str], *, within: float = 0.0) -> RowRule:
    """A total that is the sum of other columns. A part that is missing counts as 0; with no part
    at all there is nothing to check.

    Args:
        within: how far it may be off.
    """
    columns = [pl.col(p).cast(pl.Float64) for p in parts]
    off = (pl.col(total).cast(pl.Float64) - pl.sum_horizontal(columns)).abs()
    none = pl.all_horizontal([c.is_null() for c in columns])
    return RowRule(
        name="sum_equals",
        says=f"{{column}} is {{value}}, but the sum is another: {shown(tuple(parts))}",
        passes=none | (off <= within * (1 + 1e-9) + _error(pl.col(total), *columns)),
        column=total,
        needs=dict.fromkeys([total, *parts], Takes.NUMBER),
    )


@listed(
    "amount",
    ["price", "quantity"],
    within=0.01,
    passes=[{"amount": 6.0, "price": 1.5, "quantity": 4}],
    fails=[{"amount": 6.5, "price": 1.5, "quantity": 4}],
)
def product_equals(product: str, factors: Sequence[str], *, within: float = 0.0) -> RowRule:
    """A product of other columns, such as price times quantity.

    Args:
        within: how far it may be off.
    """
    made = reduce(lambda a, b: a * b, [pl.col(f).cast(pl.Float64) for f in factors])
    off = (pl.col(product).cast(pl.Float64) - made).abs()
    return RowRule(
        name="product_equals",
        says=f"{{column}} is {{value}}, but the product is another: {shown(tuple(factors))}",
        passes=off <= within * (1 + 1e-9) + _error(pl.col(product), made),
        column=product,
        needs=dict.fromkeys([product, *factors], Takes.NUMBER),
    )


@listed(
    "part",
    "whole",
    least=0.1,
    most=0.5,
    passes=[{"part": 1.0, "whole": 4.0}, {"part": 1.0, "whole": 0.0}],
    fails=[{"part": 3.0, "whole": 4.0}, {"part": 0.1, "whole": 4.0}],
)
def ratio_between(part: str, whole: str, *, least: float, most: float) -> RowRule:
    """A share of another column in a range. Where the other is 0 there is nothing to check."""
    below = pl.col(whole).cast(pl.Float64)
    ratio = pl.when(below != 0).then(pl.col(part).cast(pl.Float64) / below)
    return RowRule(
        name="ratio_between",
        says=f"{{column}} {{value}} is not from {least} to {most} times "
        f"{literal(whole)} {{{whole}}}",
        passes=ratio.is_between(least, most),
        column=part,
        needs={part: Takes.NUMBER, whole: Takes.NUMBER},
    )


@listed(
    "email",
    "domain",
    passes=[{"email": "a@b.org", "domain": "b.org"}, {"email": None, "domain": "b.org"}],
    fails=[{"email": "a@b.org", "domain": "c.org"}],
)
def contains_column(column: str, other: str) -> RowRule:
    """Text that has the text of another column in it."""
    text, part = pl.col(column).cast(pl.String), pl.col(other).cast(pl.String)
    return RowRule(
        name="contains_column",
        says=f"{{column}} is {{value}}, which does not contain {literal(other)} {{{other}}}",
        passes=text.str.contains(part, literal=True),
        column=column,
    )


@listed(
    "a",
    "b",
    "c",
    total=100,
    within=0.5,
    passes=[{"a": 50.0, "b": 30.2, "c": 20.0}, {"a": None, "b": 100.0, "c": None}],
    fails=[{"a": 50.0, "b": 30.0, "c": 10.0}],
)
def sum_is(*columns: str, total: float, within: float = 0.0) -> RowRule:
    """Columns whose sum is a certain number, as shares of 100. Missing ones count as 0; with none
    at all there is nothing to check.

    Args:
        within: how far it may be off.
    """
    values = [pl.col(c).cast(pl.Float64) for c in columns]
    counted = [v.fill_null(0.0) for v in values]
    none = pl.all_horizontal([v.is_null() for v in values])
    off = (sum_of(counted) - total).abs()
    return RowRule(
        name="sum_is",
        says=f"{named(columns)} must add up to {total}; here: {shown(columns)}",
        passes=none | (off <= within * (1 + 1e-9) + _error(*counted)),
        needs=dict.fromkeys(columns, Takes.NUMBER),
    )
