"""Corrections: rules that give held rows other raw values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl


@dataclass(frozen=True, slots=True)
class Correction:
    """How raw values are corrected, column by column as delivered. Values are text or null.

    Attributes:
        put: column → its new value, whatever it was.
        mapped: column → old value → new value; other values stay.
        reread: column → (layout the dates are written in, layout the contract reads), both in
            the codes of `strftime`; text that does not fit the first stays.
    """

    put: Mapping[str, str | None]
    mapped: Mapping[str, Mapping[str, str | None]]
    reread: Mapping[str, tuple[str, str]]

    @property
    def columns(self) -> tuple[str, ...]:
        """The raw columns it may change."""
        return tuple(dict.fromkeys([*self.put, *self.mapped, *self.reread]))

    def values(self, text: pl.Expr, column: str) -> pl.Expr:
        """A raw column → its corrected values (String)."""
        if column in self.put:
            return pl.lit(self.put[column], dtype=pl.String)
        if column in self.mapped:
            pairs = self.mapped[column]
            news = pl.Series([*pairs.values()], dtype=pl.String)
            return text.replace_strict([*pairs], news, default=text, return_dtype=pl.String)
        written, wanted = self.reread[column]
        return text.str.strip_chars().str.to_date(written, strict=False).dt.to_string(
            wanted
        ).fill_null(text)  # fmt: skip

    def as_dict(self) -> dict[str, Any]:
        """JSON values, for the decision."""
        rules: dict[str, Any] = {}
        if self.put:
            rules["set"] = dict(self.put)
        if self.mapped:
            rules["map"] = {column: dict(pairs) for column, pairs in self.mapped.items()}
        if self.reread:
            rules["reread"] = {column: list(pair) for column, pair in self.reread.items()}
        return rules
