"""How text becomes a value: the shape every parse rule has."""

from __future__ import annotations

from typing import NoReturn, Protocol, runtime_checkable

import polars as pl

from cleanhold.errors import ContractError

#: A Polars dtype, as class or instance.
DataType = pl.DataType | type[pl.DataType]


@runtime_checkable
class ParseRule(Protocol):
    """Turns delivered text into a value, as expressions over whole columns.

    Rules are frozen dataclasses, so that `repr` tells their options: it is part of the
    contract's fingerprint. Built-ins live in `cleanhold.builtins`; a team's own rule is any
    object of this shape.
    """

    @property
    def says(self) -> str:
        """What the text should look like, for people: "a date like 2026-12-31"."""
        ...

    @property
    def fallible(self) -> bool:
        """Whether some text cannot be parsed. Text that may be anything never fails."""
        ...

    def clean(self, text: pl.Expr) -> pl.Expr:
        """Text as delivered → text to compare with the null tokens (trimmed, mostly)."""
        ...

    def value(self, text: pl.Expr, dtype: DataType) -> pl.Expr:
        """Clean, non-null text → value of `dtype`; null where it cannot be parsed.

        Raises:
            ContractError: texts of this kind are never values of `dtype`.
        """
        ...


def refuse_type(what: str, dtype: DataType, fits: str) -> NoReturn:
    """Raise `ContractError` about a rule whose texts are never values of a type.

    Args:
        what: the rule reads; `fits`: the types it can make.
    """
    raise ContractError(
        f"a rule that reads {what} cannot make {dtype}",
        next=f"annotate the column as {fits}, or take another rule",
    )
