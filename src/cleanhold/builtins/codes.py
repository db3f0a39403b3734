"""Code maps: what a legacy code means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from cleanhold.core.parsing import DataType
from cleanhold.errors import ContractError


@dataclass(frozen=True, slots=True)
class Codes:
    """See `codes`."""

    mapping: tuple[tuple[str, str], ...]

    fallible = True

    @property
    def says(self) -> str:
        return "one of the codes " + ", ".join(code for code, _ in self.mapping)

    def clean(self, text: pl.Expr) -> pl.Expr:
        return text.str.strip_chars()

    def value(self, text: pl.Expr, dtype: DataType) -> pl.Expr:
        # Not `replace_strict`: Polars 2.1 gathers whole columns for it, however long.
        meanings = dict(self.mapping)
        fitting = pl.Series(list(meanings.values())).cast(dtype, strict=False)
        if fitting.has_nulls():
            unfit, meaning = self.mapping[fitting.is_null().arg_max() or 0]
            raise ContractError(
                f"the code {unfit!r} means {meaning!r}, which is no {dtype}",
                next="annotate the column as str, or mend the meaning",
            )
        code = text.cast(pl.Enum(list(meanings)), strict=False).to_physical()
        found = pl.lit(list(meanings.values()), dtype=pl.List(pl.String)).list.get(
            code, null_on_oob=True
        )
        return found if dtype == pl.String else found.cast(dtype, strict=False)


def codes(mapping: Mapping[str, str]) -> Codes:
    """The meaning of a code; a code that is not in the map does not parse.

    Args:
        mapping: code → meaning. Codes are compared without the blanks around them.

    Raises:
        ContractError: there are no codes, or they are no texts.
    """
    if not isinstance(mapping, Mapping) or not mapping:
        raise ContractError("a code map needs codes", next="write codes({'A': 'active'})")
    for code, meaning in mapping.items():
        if not isinstance(code, str) or not isinstance(meaning, str):
            raise ContractError(
                f"the code map has {code!r}: {meaning!r}, which are not both text",
                next="write them in quotes: codes({'1': 'active'}); the column's type makes "
                "numbers of them",
            )
    return Codes(tuple((code.strip(), meaning) for code, meaning in mapping.items()))
