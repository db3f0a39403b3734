"""Conversions that are the same everywhere, and never raise."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import polars as pl

from cleanhold.core.parsing import DataType
from cleanhold.expressions.limits import limits
from cleanhold.expressions.untranslatable import Untranslatable
from cleanhold.plan.portable.numbers import floating, whole, within
from cleanhold.plan.portable.patterns import up_to
from cleanhold.plan.portable.term import Span, Term, is_moment, text


def cast(term: Term, dtype: DataType, *, strict: bool) -> Term:
    """The term as another type; null where the value does not fit."""
    if term.dtype == dtype and not term.dynamic:
        return term
    if term.is_literal:
        raise Untranslatable("converting literals")
    if isinstance(term.dtype, pl.Enum | pl.Categorical) and dtype == pl.String:
        return text(term.expr.cast(nw.String))
    if dtype == pl.Float64:
        return Term(floating(term), dtype)
    if dtype == pl.Date and is_moment(term.dtype):
        return Term(term.expr.cast(nw.Date), dtype)
    if dtype.is_integer():
        return _whole(term, dtype, strict=strict)
    raise Untranslatable(f"{term.dtype} as {dtype}")


def _whole(term: Term, dtype: DataType, *, strict: bool) -> Term:
    span = limits(dtype)
    if term.dtype == pl.Boolean:
        return whole(term.expr, dtype, (0, 1))
    if term.span is not None and within(term.span, span):
        return whole(term.expr, dtype, term.span)
    if strict:  # it would stop the pass on a value that does not fit
        raise Untranslatable("a conversion that may raise")
    if term.dtype != pl.String:
        raise Untranslatable(f"{term.dtype} as {dtype}")
    # Engines read blanks, exponents and underlines in numbers, or do not: only digits get there.
    low, high = span = _readable(term, span)
    sign = rf"\+?{up_to(high)}" + (rf"|-{up_to(-low)}" if low < 0 else "")
    is_number = term.expr.str.contains(rf"\A(?:{sign})\z")
    return whole(nw.when(is_number).then(term.expr), dtype, span)


def _readable(term: Term, span: Span) -> Span:
    """The numbers of a span that a text is long enough for."""
    if term.longest is None:
        return span
    most = int(10**term.longest) - 1
    return max(span[0], -most), min(span[1], most)
