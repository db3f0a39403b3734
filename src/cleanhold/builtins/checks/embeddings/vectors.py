"""Embeddings: vectors that a model made, as lists of numbers."""

from __future__ import annotations

import polars as pl

from cleanhold.builtins.checks.listing import listed
from cleanhold.core.rule import ColumnRule, Takes
from cleanhold.errors import ContractError

NAN = float("nan")


def numbers(vector: pl.Expr) -> pl.Expr:
    """A vector as a list of 64-bit floats, whether it is a list or an array of any numbers."""
    return vector.cast(pl.List(pl.Float64))


def norm(vector: pl.Expr) -> pl.Expr:
    """The Euclidean length of a vector; NaN or infinite if an element is."""
    return numbers(vector).list.eval(pl.element() * pl.element()).list.sum().sqrt()


@listed(3, passes=[[0.1, 0.2, 0.3]], fails=[[0.1, 0.2], [0.1, 0.2, 0.3, 0.4], []])
def has_dimension(count: int) -> ColumnRule:
    """A vector of so many numbers."""
    return ColumnRule(
        name="has_dimension",
        says=f"{{column}} has {{found}} dimensions; it must have {count}",
        judge=lambda value: numbers(value).list.len() == count,
        takes=Takes.VECTOR,
        found=lambda value: numbers(value).list.len(),
    )


@listed(passes=[[0.1, 0.2], [0.0]], fails=[[0.1, NAN], [float("inf"), 0.1], [None, 0.1]])
def finite_vector() -> ColumnRule:
    """A vector without NaN, infinities and missing numbers."""

    def odd(value: pl.Expr) -> pl.Expr:
        fine = pl.element().is_finite().fill_null(False)
        return numbers(value).list.eval((~fine).cast(pl.UInt32)).list.sum()

    return ColumnRule(
        name="finite_vector",
        says="{column} has {found} numbers that are NaN, infinite or missing",
        judge=lambda value: odd(value) == 0,
        takes=Takes.VECTOR,
        found=odd,
    )


@listed(passes=[[0.0, 0.1], [NAN, 0.0]], fails=[[0.0, 0.0], [0.0, -0.0, 0.0], []])
def not_zero_vector() -> ColumnRule:
    """A vector that is not zero throughout: what many a model answers to an empty text."""
    return ColumnRule(
        name="not_zero_vector",
        says="{column} is zero in all its dimensions",
        judge=lambda value: numbers(value).list.eval(pl.element() != 0).list.any(),
        takes=Takes.VECTOR,
    )


@listed(passes=[[0.6, 0.8], [1.0, 0.005]], fails=[[0.6, 0.6], [3.0, 4.0], [NAN, 1.0], []])
def unit_length(within: float = 0.01) -> ColumnRule:
    """A vector whose Euclidean length is 1, as cosine search by dot product needs it.

    Args:
        within: how far from 1 the length may be. Vectors stored as 16-bit floats need 0.01.

    Raises:
        ContractError: `within` is negative.
    """
    if within < 0:
        raise ContractError(f"within={within!r} is negative", next="write within=0.01")

    def judge(value: pl.Expr) -> pl.Expr:
        length = norm(value)
        return length.is_finite() & ((length - 1).abs() <= within)

    return ColumnRule(
        name="unit_length",
        says=f"{{column}} has the length {{found}}; it must be 1, within {within}",
        judge=judge,
        takes=Takes.VECTOR,
        found=lambda value: norm(value).round(6),
    )
