"""Arithmetic that is the same everywhere.

Polars wraps whole numbers around where other engines raise, so of each term it is known between
which numbers its values lie; what may leave its dtype has no portable form. Floats are IEEE 754
doubles everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from cleanhold.core.parsing import DataType
from cleanhold.expressions.limits import limits
from cleanhold.expressions.untranslatable import Untranslatable
from cleanhold.plan.portable.term import Span, Term

#: Whole numbers up to here are floats without loss.
EXACT: Span = (-(2**53), 2**53)

_SIGNED: Span = (-(2**63), 2**63 - 1)
_UNSIGNED: Span = (0, 2**64 - 1)


def within(inner: Span, outer: Span) -> bool:
    """Whether every number of one span is in the other."""
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def around(*spans: Span) -> Span:
    """The span that holds them all."""
    return min(low for low, _ in spans), max(high for _, high in spans)


def whole(expr: nw.Expr, dtype: DataType, span: Span) -> Term:
    """A term of whole numbers; `expr` may be of any integer type."""
    return Term(expr.cast(_machine(span)), dtype, span)


def literal_whole(value: int, dtype: DataType, *, dynamic: bool) -> Term:
    """A whole number."""
    span = (value, value)
    return Term(nw.lit(value, _machine(span)), dtype, span, dynamic, value)


def alike(terms: Sequence[Term], *others: Span) -> list[nw.Expr]:
    """Whole numbers in one type, which holds the spans too."""
    machine = _machine(around(*(span_of(t) for t in terms), *others))
    return [
        nw.lit(t.value, machine) if t.is_literal else t.expr.cast(machine)
        for t in terms
    ]  # fmt: skip


def span_of(term: Term) -> Span:
    """Of whole numbers.

    Raises:
        Untranslatable: they are others, or of more than 64 bits.
    """
    if term.span is None:
        raise Untranslatable(f"arithmetic on {term.dtype}")
    return term.span


def floating(term: Term) -> nw.Expr:
    """A number as a double."""
    if term.is_literal and isinstance(term.value, int | float):
        return nw.lit(float(term.value), nw.Float64)
    if term.dtype == pl.Float64:
        return term.expr
    if term.span is None:
        raise Untranslatable(f"{term.dtype} as Float64")
    return term.expr.cast(nw.Float64)


def arithmetic(op: str, left: Term, right: Term, dtype: DataType) -> Term:
    """`+`, `-`, `*`, `/`, `//` or `%` of numbers; `dtype` is what Polars makes of it."""
    if dtype == pl.Float64 and op in _FLOATS:
        return Term(_FLOATS[op](floating(left), floating(right)), dtype)
    if not dtype.is_integer() or op not in _WHOLES:
        raise Untranslatable(f"{_WRITTEN[op]} giving {dtype}")
    if op in ("FloorDivide", "Modulus") and not (right.is_literal and right.value > 0):
        raise Untranslatable(f"{_WRITTEN[op]} by anything but a number above 0")
    span = _SPANS[op](span_of(left), span_of(right))
    if not within(span, limits(dtype)):
        raise Untranslatable(f"{_WRITTEN[op]}, which may leave {dtype}")
    a, b = alike([left, right], span)
    return whole(_WHOLES[op](a, b), dtype, span)


def total(terms: Sequence[Term], dtype: DataType, *, ignore_nulls: bool) -> Term:
    """The sum of values of one row."""
    if dtype.is_float() and len(terms) > 2:
        raise Untranslatable("a sum of more than two floats, which depends on their order")
    if ignore_nulls:
        zero = literal_whole(0, dtype, dynamic=True)
        terms = [filled(t, zero) for t in terms]
    sum_so_far = terms[0]
    for term in terms[1:]:
        sum_so_far = arithmetic("Plus", sum_so_far, term, dtype)
    return sum_so_far


def filled(term: Term, other: Term) -> Term:
    """A number, or another one where it is null."""
    if term.dtype.is_float():
        return Term(nw.coalesce(floating(term), floating(other)), term.dtype)
    span = around(span_of(term), span_of(other))
    return whole(nw.coalesce(*alike([term, other])), term.dtype, span)


def absolute(term: Term) -> Term:
    """The distance from zero."""
    if term.dtype == pl.Float64:
        return Term(term.expr.abs(), term.dtype)
    low, high = span_of(term)
    span = (0 if low <= 0 <= high else min(abs(low), abs(high)), max(abs(low), abs(high)))
    if not within(span, limits(term.dtype)):
        raise Untranslatable(f"abs, which may leave {term.dtype}")
    return whole(term.expr.abs() if low < 0 else term.expr, term.dtype, span)


def clipped(term: Term, bound: Term, options: Any) -> Term:
    """No less than a bound. Engines differ on whether NaN is more than a greatest one."""
    if options != {"has_min": True, "has_max": False} or term.dtype != pl.Float64:
        raise Untranslatable("clip, but for floats to a least value")
    if not isinstance(bound.value, int | float):
        raise Untranslatable("clip by another value of the row")
    return Term(term.expr.clip(float(bound.value), None), term.dtype)


def rounded(term: Term, options: Any) -> Term:
    """The nearest whole number, the even one of two: engines' own functions differ on halves."""
    if options != {"decimals": 0, "mode": "HalfToEven"} or term.dtype != pl.Float64:
        raise Untranslatable("round, but for floats to whole numbers")
    value = term.expr
    below = value.floor()
    rest = value - below
    is_even = (below / 2.0).floor() * 2.0 == below
    down = (rest < 0.5) | ((rest == 0.5) & is_even)
    nearest = nw.when(down).then(below).otherwise(below + 1.0)
    sign_kept = nw.when((value < 0.0) & (nearest == 0.0)).then(nw.lit(-0.0)).otherwise(nearest)
    return Term(sign_kept, term.dtype)


def _machine(span: Span) -> type[nw.Int64] | type[nw.UInt64]:
    if within(span, _SIGNED):
        return nw.Int64
    if within(span, _UNSIGNED):
        return nw.UInt64
    raise Untranslatable("whole numbers of more than 64 bits")


def _plus(a: Span, b: Span) -> Span:
    return a[0] + b[0], a[1] + b[1]


def _minus(a: Span, b: Span) -> Span:
    return a[0] - b[1], a[1] - b[0]


def _times(a: Span, b: Span) -> Span:
    products = [x * y for x in a for y in b]
    return min(products), max(products)


def _shares(a: Span, b: Span) -> Span:
    return a[0] // b[0], a[1] // b[0]


def _remainders(a: Span, b: Span) -> Span:
    return a if a[0] >= 0 and a[1] < b[0] else (0, b[0] - 1)


_SPANS: dict[str, Callable[[Span, Span], Span]] = {
    "Plus": _plus,
    "Minus": _minus,
    "Multiply": _times,
    "FloorDivide": _shares,
    "Modulus": _remainders,
}
_WHOLES: dict[str, Callable[[nw.Expr, nw.Expr], nw.Expr]] = {
    "Plus": lambda a, b: a + b,
    "Minus": lambda a, b: a - b,
    "Multiply": lambda a, b: a * b,
    "FloorDivide": lambda a, b: a // b,
    "Modulus": lambda a, b: a % b,
}
_FLOATS: dict[str, Callable[[nw.Expr, nw.Expr], nw.Expr]] = {
    "Plus": lambda a, b: a + b,
    "Minus": lambda a, b: a - b,
    "Multiply": lambda a, b: a * b,
    "TrueDivide": lambda a, b: a / b,
}
_WRITTEN = {
    "Plus": "+",
    "Minus": "-",
    "Multiply": "*",
    "TrueDivide": "/",
    "RustDivide": "/",
    "FloorDivide": "//",
    "Modulus": "%",
}
#: The operators there are.
OPERATORS = frozenset(_WRITTEN)
