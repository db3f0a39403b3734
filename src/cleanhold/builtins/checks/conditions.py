"""Conditions that rules about several columns are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from cleanhold.core.reading import RECORD
from cleanhold.core.rule import FOUND
from cleanhold.errors import ContractError


def literal(text: object) -> str:
    """Text that stands for itself in a sentence."""
    return str(text).replace("{", "{{").replace("}", "}}")


def shown(columns: tuple[str, ...]) -> str:
    """Each column with its value: `a {a}, b {b}`."""
    return ", ".join(f"{literal(c)} {{{c}}}" for c in columns)


def named(columns: tuple[str, ...]) -> str:
    """Columns as a list: `a, b and c`."""
    names = [literal(c) for c in columns]
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def condition(when: str, equals: Any) -> tuple[pl.Expr, str]:
    """Whether a column has one of these values (any, if `equals` is None), and how to say so.

    Never null: a column without a value meets no condition.
    """
    column = pl.col(when)
    if equals is None:
        return column.is_not_null(), f"{literal(when)} is given ({{{when}}})"
    values = sorted(equals, key=str) if isinstance(equals, list | tuple | set | frozenset) else None
    met = column == equals if values is None else among(column, values)
    return met.fill_null(False), f"{literal(when)} is {{{when}}}"


def among(column: pl.Expr, values: Sequence[Any]) -> pl.Expr:
    """Whether a column has one of some values.

    Polars looks texts up at once; numbers and dates it only compares one by one, if their types
    need not be the column's (1 among floats).

    Raises:
        ContractError: the values are one text, which is a list of letters to Python.
    """
    if isinstance(values, str):
        raise ContractError(
            f"{values!r} is one text, not a list of values", next=f"write [{values!r}]"
        )
    if not values or any(isinstance(v, str) for v in values):
        return column.is_in(list(values))
    return pl.any_horizontal([column == v for v in values])


def grouped(by: str | Sequence[str]) -> list[str]:
    """One column or several, as a list."""
    return [by] if isinstance(by, str) else list(by)


def of_group(keys: Sequence[str]) -> str:
    """How a sentence names the group: ` of meter {meter}`, or nothing for the whole extract."""
    return f" of {shown(tuple(keys))}" if keys else ""


def failing(rows: pl.LazyFrame, bad: pl.Expr, found: pl.Expr | None = None) -> pl.LazyFrame:
    """What `GroupRule.fails` gives: the rows where `bad` is true, and the evidence."""
    told = pl.lit(None, dtype=pl.String) if found is None else found
    return (
        rows.select(RECORD, bad.fill_null(False).alias("__bad"), told.alias(FOUND))
        .filter("__bad")
        .select(RECORD, FOUND)
    )
