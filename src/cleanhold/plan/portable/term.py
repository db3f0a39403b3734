"""Values of portable expressions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from cleanhold.core.parsing import DataType

#: The least and the greatest value that whole numbers can have.
Span = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A value that every engine computes alike, and without raising.

    Attributes:
        expr: it, in narwhals. Whole numbers are Int64, or UInt64 if `span` needs it.
        dtype: what Polars makes of it.
        span: of whole numbers; None for everything else.
        longest: characters of a text at most; None if that is not known.
        dynamic: a bare number, which takes the dtype of what it meets.
        value: what a literal is worth; `...` for anything else.
    """

    expr: nw.Expr
    dtype: DataType
    span: Span | None = None
    dynamic: bool = False
    value: Any = ...
    longest: int | None = None

    @property
    def is_literal(self) -> bool:
        return self.value is not ...


def truth(expr: nw.Expr) -> Term:
    """A Boolean."""
    return Term(expr, pl.Boolean())


def text(expr: nw.Expr) -> Term:
    """A text."""
    return Term(expr, pl.String())


def is_moment(dtype: DataType) -> bool:
    """Whether it is a point in time of which all engines hold the same values."""
    return dtype == pl.Datetime("us")
