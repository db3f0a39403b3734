"""Conversions between types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from cleanhold.core.parsing import DataType
from cleanhold.expressions.limits import limits
from cleanhold.expressions.untranslatable import Untranslatable
from cleanhold.online.numerals import fixed, floating, whole_number
from cleanhold.online.writer import Term, Writer


def cast(writer: Writer, term: Term, dtype: DataType, strict: bool) -> Term:
    """The term as another type; null where the value does not fit."""
    if term.dtype == dtype and not term.dynamic:
        return term
    if term.is_literal:
        raise Untranslatable("converting literals")
    if strict:  # it would stop the pass on a value that does not fit
        raise Untranslatable("conversions that may raise")
    convert, nullable = _conversion(term.dtype, dtype)
    code = f"{writer.constant(convert)}({term.code})"
    if term.nullable:
        code = f"None if {term.code} is None else {code}"
    return Term(writer.let(code), dtype, term.nullable or nullable)


def _conversion(old: DataType, new: DataType) -> tuple[Callable[[Any], Any], bool]:
    """A function of one value, and whether it may give null."""
    if old == pl.String:
        if new.is_integer():
            return whole_number(new), True
        if new == pl.Float64:
            return floating(new), True
        if isinstance(new, pl.Decimal):
            return fixed(new), True
    elif old.is_integer():
        if new == pl.Float64:
            return float, False
        if new.is_integer():
            low, high = limits(new)
            return lambda x: x if low <= x <= high else None, True
        if new == pl.String:
            return str, False
    elif old == pl.Float64 and new == pl.Int64:
        return _cut, True
    raise Untranslatable(f"{old} as {'Enum' if new == pl.Enum else new}")


def _cut(x: float) -> int | None:
    """A float as a 64-bit integer, towards zero."""
    return int(x) if -(2.0**63) <= x < 2.0**63 else None
