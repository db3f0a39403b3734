"""Numbers: decimals, digits, steps, signs."""

from __future__ import annotations

import math
from decimal import Decimal

import polars as pl

from cleanhold.builtins.checks.listing import listed
from cleanhold.core.rule import ColumnRule, Takes
from cleanhold.errors import ContractError

#: Floats that differ by less than this, relative to their size, are the same number.
_CLOSE = 1e-15


def _number_rule(name: str, says: str, judge: object) -> ColumnRule:
    return ColumnRule(
        name=name,
        says=f"{{column}} is {{value}}; it {says}",
        judge=judge,  # type: ignore[arg-type]
        takes=Takes.NUMBER,
    )


def _near_whole(value: pl.Expr) -> pl.Expr:
    """Whole but for the error of floats. NaN and infinities are not."""
    nearest = value.round(0)
    return ((value - nearest).abs() <= _CLOSE * value.abs().clip(1.0, None)) & value.is_finite()


@listed(
    2,
    passes=[1.25, 3.0, -0.1, 0.07],
    fails=[1.255, 0.001, 123456789.125, float("nan"), float("inf")],
)
def decimals(most: int) -> ColumnRule:
    """At most so many decimal places that count, as far as a 64-bit float can tell.

    Args:
        most: decimal places.
    """

    def judge(value: pl.Expr) -> pl.Expr:
        return _near_whole(value.cast(pl.Float64) * 10.0**most)

    places = "decimal" if most == 1 else "decimals"
    return _number_rule("decimals", f"must have at most {most} {places}", judge)


@listed(4, passes=[1234.5, -9999, 0.5], fails=[12345.0, float("inf"), float("nan")])
def digits_before_point(most: int) -> ColumnRule:
    """At most so many digits before the decimal point."""

    def judge(value: pl.Expr) -> pl.Expr:
        return value.cast(pl.Float64).abs() < 10.0**most

    return _number_rule(
        "digits_before_point", f"must have at most {most} digits before the point", judge
    )


@listed(0.05, passes=[0.15, 1.0, -0.05, 0.0], fails=[0.12, 0.01, float("nan")])
def multiple_of(step: float | Decimal) -> ColumnRule:
    """A multiple of a step: a price in steps of 0.05, a pack of 6.

    Raises:
        ContractError: the step is not more than zero.
    """
    if not (math.isfinite(step) and step > 0):
        raise ContractError(
            f"{step!r} is not a step", next="give a number above 0, like multiple_of(0.05)"
        )

    def judge(value: pl.Expr) -> pl.Expr:
        return _near_whole(value.cast(pl.Float64) / float(step))

    return _number_rule("multiple_of", f"must be a multiple of {step}", judge)


@listed(passes=[1.0, -5.0, 0.0], fails=[float("inf"), float("-inf"), float("nan")])
def finite() -> ColumnRule:
    """A number that is neither infinite nor NaN."""
    return _number_rule(
        "finite", "must be a finite number", lambda v: v.cast(pl.Float64).is_finite()
    )


@listed(passes=[1.0, -3.0, 2e15], fails=[1.5, 0.1, float("nan"), float("inf")])
def whole_number() -> ColumnRule:
    """A number without decimals, in a column whose type allows them."""

    def judge(value: pl.Expr) -> pl.Expr:
        exact = value.cast(pl.Float64)
        return (exact == exact.round(0)) & exact.is_finite()

    return _number_rule("whole_number", "must be a whole number", judge)


@listed(passes=[0.5, 1], fails=[0, -1, float("nan")])
def positive() -> ColumnRule:
    """More than zero."""
    return _number_rule(
        "positive", "must be more than 0", lambda v: (v > 0) & v.cast(pl.Float64).is_not_nan()
    )


@listed(passes=[0.5, 0], fails=[-1, -0.01, float("nan")])
def not_negative() -> ColumnRule:
    """Zero or more."""
    return _number_rule(
        "not_negative", "must be 0 or more", lambda v: (v >= 0) & v.cast(pl.Float64).is_not_nan()
    )


@listed(passes=[-1, 2.5], fails=[0, 0.0, -0.0])
def not_zero() -> ColumnRule:
    """Any number but zero."""
    return _number_rule("not_zero", "must not be 0", lambda v: v != 0)


@listed(passes=[0.0, 0.25, 1], fails=[25, -0.1, 1.01, float("nan")])
def share() -> ColumnRule:
    """A share from 0 to 1: what a percentage is once it is divided by 100."""
    return _number_rule(
        "share", "must be a share from 0 to 1, not a percentage", lambda v: v.is_between(0, 1)
    )


@listed(passes=[0, 12.5, 100], fails=[100.5, -1, float("nan")])
def percentage() -> ColumnRule:
    """A percentage from 0 to 100."""
    return _number_rule(
        "percentage", "must be a percentage from 0 to 100", lambda v: v.is_between(0, 100)
    )


@listed(999, 9999, -1, passes=[5, 99], fails=[999, 9999.0, -1])
def not_sentinel(*codes: float) -> ColumnRule:
    """None of the numbers that stand for "no value": 999, -1 and their like.

    Raises:
        ContractError: no number is given.
    """
    if not codes:
        raise ContractError("not_sentinel needs numbers", next="write not_sentinel(999, -1)")

    def judge(value: pl.Expr) -> pl.Expr:
        return ~value.cast(pl.Float64).is_in([float(c) for c in codes])

    return ColumnRule(
        name="not_sentinel",
        says="{column} is {value}, which stands for a value that is missing",
        judge=judge,
        takes=Takes.NUMBER,
    )
