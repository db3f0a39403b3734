"""Texts: what Polars' string functions make of one of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from cleanhold.online.one_value import by_polars

_lower = by_polars(pl.col("x").str.to_lowercase(), pl.String())
_upper = by_polars(pl.col("x").str.to_uppercase(), pl.String())

#: A capital at the beginning of each word; what a word is, Polars knows.
title: Callable[[str], str] = by_polars(pl.col("x").str.to_titlecase(), pl.String())


def lower(x: str) -> str:
    """Lower case; letters beyond ASCII as Polars' version of Unicode has them."""
    return x.lower() if x.isascii() else str(_lower(x))


def upper(x: str) -> str:
    """Upper case; see `lower`."""
    return x.upper() if x.isascii() else str(_upper(x))


def normalised(form: Any) -> Callable[[str], str]:
    """A normal form of Unicode; ASCII is in all of them."""
    slow: Callable[[str], str] = by_polars(pl.col("x").str.normalize(form), pl.String())
    return lambda x: x if x.isascii() else slow(x)


def replaced_all(old: list[str], new: list[str]) -> Callable[[str], str]:
    """Texts in the place of others; of several that begin at one character, the first."""
    several = pl.col("x").str.replace_many(old, new, leftmost=True)
    slow: Callable[[str], str] = by_polars(several, pl.String())
    return lambda x: slow(x) if any(text in x for text in old) else x


def zero_filled(width: int) -> Callable[[str], str]:
    """Zeros in front up to a width, as `str.zfill` has it."""
    slow: Callable[[str], str] = by_polars(pl.col("x").str.zfill(width), pl.String())
    return lambda x: x.rjust(width, "0") if x.isascii() and x.isalnum() else slow(x)


def without(characters: str) -> Callable[[str], str]:
    """The text without any of these characters."""
    table = dict.fromkeys(map(ord, characters))
    found = set(characters)
    return lambda x: x if found.isdisjoint(x) else x.translate(table)
