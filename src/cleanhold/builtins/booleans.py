"""Booleans, by sets of words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import polars as pl

from cleanhold.core.parsing import DataType, refuse_type
from cleanhold.errors import ContractError

_TRUE = ("y", "yes", "true", "t", "1")
_FALSE = ("n", "no", "false", "f", "0")

#: Spellings to look up at the most before texts are made lower case instead.
_MOST_SPELLINGS = 512


@dataclass(frozen=True, slots=True)
class Booleans:
    """See `booleans`."""

    true: tuple[str, ...] = _TRUE
    false: tuple[str, ...] = _FALSE

    fallible = True

    @property
    def says(self) -> str:
        return f"one of {', '.join(self.true)} or {', '.join(self.false)}"

    def clean(self, text: pl.Expr) -> pl.Expr:
        return text.str.strip_chars()

    def value(self, text: pl.Expr, dtype: DataType) -> pl.Expr:
        if dtype not in (pl.Boolean, pl.String) and not dtype.is_numeric():
            refuse_type("yes and no", dtype, "bool")
        true, false = _any_case(self.true), _any_case(self.false)
        if true is None or false is None:
            text = text.str.to_lowercase()
            true, false = list(self.true), list(self.false)
        is_true = text.is_in(true)
        found = pl.when(is_true | text.is_in(false)).then(is_true)
        return found if dtype == pl.Boolean else found.cast(dtype)


def booleans(true: Sequence[str] = _TRUE, false: Sequence[str] = _FALSE) -> Booleans:
    """Yes or no, by the words for each; upper and lower case are alike.

    Raises:
        ContractError: a word means both, or there are none for one of them.
    """
    words = [_words(true), _words(false)]
    if both := set(words[0]) & set(words[1]):
        raise ContractError(
            f"{sorted(both)[0]!r} means both true and false", next="leave it out of one of them"
        )
    if not all(words):
        raise ContractError(
            "booleans need words for both", next="write booleans(true=['Y'], false=['N'])"
        )
    return Booleans(*words)


def _words(given: Sequence[str]) -> tuple[str, ...]:
    if isinstance(given, str):
        return (given.strip().lower(),)
    return tuple(word.strip().lower() for word in given)


@lru_cache(maxsize=64)
def _any_case(words: tuple[str, ...]) -> list[str] | None:
    """Every way to write the words in upper and lower case; None if there are too many.

    Looking a text up among a hundred is cheaper than making it lower case first.
    """
    # ſ and K are letters of which the lower case is another one's, so ASCII words only.
    if sum(2 ** len(word) for word in words) > _MOST_SPELLINGS or not "".join(words).isascii():
        return None
    letters = ([(c.lower(), c.upper()) for c in word] for word in words)
    return sorted({"".join(spelling) for word in letters for spelling in product(*word)})
