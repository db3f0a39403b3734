"""Comparisons and logic with three values, the same everywhere."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import reduce
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from cleanhold.expressions.untranslatable import Untranslatable
from cleanhold.plan.portable.numbers import EXACT, alike, floating, span_of, within
from cleanhold.plan.portable.term import Term, is_moment, truth

_COMPARE: dict[str, Callable[[Any, Any], nw.Expr]] = {
    "Eq": operator.eq,
    "NotEq": operator.ne,
    "Lt": operator.lt,
    "LtEq": operator.le,
    "Gt": operator.gt,
    "GtEq": operator.ge,
}


def binary(op: str, left: Term, right: Term) -> Term:
    """A comparison, `&`, `|`."""
    if op in ("And", "LogicalAnd"):
        return both([left, right])
    if op in ("Or", "LogicalOr"):
        return either([left, right])
    if op == "Xor":
        return truth(operator.ne(*_truths([left, right])))
    if op in ("EqValidity", "NotEqValidity"):
        return _same_or_missing(op, left, right)
    if op not in _COMPARE:
        raise Untranslatable(f"the operator {op}")
    return compare(op, left, right)


def compare(op: str, left: Term, right: Term) -> Term:
    """One of the six comparisons; null if a side is null. NaN equals NaN and is the greatest."""
    a, b = _comparable(left, right)
    if left.dtype == pl.Boolean and op not in ("Eq", "NotEq"):
        raise Untranslatable("order among true and false")
    return truth(_COMPARE[op](a, b))


def _comparable(left: Term, right: Term) -> Sequence[nw.Expr]:
    kinds = (left.dtype, right.dtype)
    if left.value is None or right.value is None:
        raise Untranslatable("comparing with null")
    if all(d.is_integer() for d in kinds):
        if not (_is_exact(left, right) or left.dynamic or right.dynamic):
            raise Untranslatable(f"comparing {kinds[0]} with {kinds[1]}")
        return alike([left, right])
    if pl.Float64 in kinds and all(d.is_integer() or d == pl.Float64 for d in kinds):
        for number, other in ((left, right), (right, left)):
            if number.span is not None and other.dynamic and not within(number.span, EXACT):
                raise Untranslatable(f"comparing {number.dtype} with a float")
        return floating(left), floating(right)
    if any(isinstance(d, pl.Decimal) for d in kinds):
        return _decimals(left, right)
    plain = (pl.String, pl.Boolean, pl.Date)
    if kinds[0] == kinds[1] and (kinds[0] in plain or is_moment(kinds[0])):
        return left.expr, right.expr
    raise Untranslatable(f"comparing {kinds[0]} with {kinds[1]}")


def _is_exact(left: Term, right: Term) -> bool:
    """Whether Polars compares whole numbers as such; signed and unsigned 64 bits meet as floats."""
    small = within(span_of(left), EXACT) and within(span_of(right), EXACT)
    wide = (pl.UInt64, pl.Int128, pl.UInt128)
    return small or left.dtype == right.dtype or not (left.dtype in wide or right.dtype in wide)


def _decimals(left: Term, right: Term) -> Sequence[nw.Expr]:
    if left.dtype == right.dtype and not (left.is_literal or right.is_literal):
        return left.expr, right.expr
    number, other = (right, left) if left.is_literal else (left, right)
    value = other.value
    fits = isinstance(number.dtype, pl.Decimal) and _fits(value, number.dtype)
    if not fits or not (isinstance(value, Decimal) or other.dynamic):
        raise Untranslatable(f"comparing {left.dtype} with {right.dtype}")
    literal = nw.lit(Decimal(value))
    return (literal, number.expr) if left.is_literal else (number.expr, literal)


def _fits(value: object, dtype: pl.Decimal) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return False
    _, digits, exponent = Decimal(value).as_tuple()
    places = -int(exponent) if isinstance(exponent, int) else 99
    before = len(digits) - places
    return 0 <= places <= dtype.scale and before <= (dtype.precision or 38) - dtype.scale


def _same_or_missing(op: str, left: Term, right: Term) -> Term:
    a, b = _comparable(left, right)
    same = (a == b).fill_null(False) | (a.is_null() & b.is_null())
    return truth(same if op == "EqValidity" else ~same)


def _truths(terms: Sequence[Term]) -> list[nw.Expr]:
    for term in terms:
        if term.dtype != pl.Boolean:
            raise Untranslatable(f"logic on {term.dtype}")
    return [term.expr for term in terms]


def both(terms: Sequence[Term], _: Any = None) -> Term:
    """`&` of any number: false if one is, else null if one is."""
    return truth(reduce(operator.and_, _truths(terms)))


def either(terms: Sequence[Term], _: Any = None) -> Term:
    """`|` of any number: true if one is, else null if one is."""
    return truth(reduce(operator.or_, _truths(terms)))


def _not(terms: Sequence[Term], _: Any) -> Term:
    return truth(~_truths(terms)[0])


def _is_null(terms: Sequence[Term], _: Any) -> Term:
    return truth(terms[0].expr.is_null())


def _is_not_null(terms: Sequence[Term], _: Any) -> Term:
    return truth(~terms[0].expr.is_null())


def _of_float(meant: Callable[[nw.Expr], nw.Expr]) -> Callable[[Sequence[Term], Any], Term]:
    def judge(terms: Sequence[Term], _: Any) -> Term:
        (term,) = terms
        if term.dtype != pl.Float64:
            raise Untranslatable(f"NaN and infinity of {term.dtype}")
        return truth(meant(term.expr))

    return judge


def _is_in(terms: Sequence[Term], options: Any) -> Term:
    term, listed = terms
    inner = listed.dtype.inner if isinstance(listed.dtype, pl.List) else None
    if options != {"nulls_equal": False} or not isinstance(listed.value, list) or inner is None:
        raise Untranslatable("is_in among other values of the row")
    listable = (pl.String, pl.Date, pl.Float64)
    same = inner == term.dtype and (term.dtype in listable or is_moment(term.dtype))
    wholes = term.dtype.is_integer() and inner.is_integer() and _is_small(term, listed)
    if None in listed.value or not (same or wholes):
        raise Untranslatable(f"{term.dtype} in a list of {inner}")
    return truth(term.expr.is_in(listed.value))


def _is_small(term: Term, listed: Term) -> bool:
    most = max(map(abs, listed.value), default=0)
    return within(span_of(term), (-(2**63), 2**63 - 1)) and most < 2**63


def _is_between(terms: Sequence[Term], options: Any) -> Term:
    term, low, high = terms
    closed = options["closed"]
    lower = compare("GtEq" if closed in ("Both", "Left") else "Gt", term, low)
    upper = compare("LtEq" if closed in ("Both", "Right") else "Lt", term, high)
    return both([lower, upper])


FUNCTIONS: dict[str, Callable[[Sequence[Term], Any], Term]] = {
    "Not": _not,
    "IsNull": _is_null,
    "IsNotNull": _is_not_null,
    "IsNan": _of_float(lambda value: value.is_nan()),
    "IsNotNan": _of_float(lambda value: ~value.is_nan()),
    "IsFinite": _of_float(lambda value: value.is_finite()),
    "IsInfinite": _of_float(lambda value: ~value.is_finite() & ~value.is_nan()),
    "IsIn": _is_in,
    "IsBetween": _is_between,
    "AllHorizontal": both,
    "AnyHorizontal": either,
}
#: What is the same for every number of a type that has neither NaN nor infinities.
OF_ORDINARY = {"IsNan": False, "IsNotNan": True, "IsFinite": True, "IsInfinite": False}
