"""What the checks of text are made of: whole-text patterns and check-digit arithmetic.

Patterns are plain ASCII classes between anchors that every engine reads alike. Arithmetic is on
integers of at most 18 digits, place by place: no loop over rows, no exception on any text.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence

import polars as pl

from cleanhold.core.rule import ColumnRule, Takes

#: A=10 … Z=35, as ISO 7064, ISIN and IBAN have it.
_LETTERS = {letter: str(10 + i) for i, letter in enumerate(string.ascii_uppercase)}
_CHUNK = 18


def text_rule(name: str, meant: str, judge: Callable[[pl.Expr], pl.Expr]) -> ColumnRule:
    """A rule about text; `meant` goes on after "{column} is {value}, which …"."""
    return ColumnRule(
        name=name,
        says=f"{{column}} is {{value}}, which {meant}",
        judge=lambda value: judge(value.cast(pl.String)),
        takes=Takes.TEXT,
    )


def whole(text: pl.Expr, pattern: str) -> pl.Expr:
    """True where the pattern matches the whole text."""
    return text.str.contains(rf"\A(?:{pattern})\z")


def shaped(name: str, meant: str, pattern: str) -> ColumnRule:
    """A rule about text that a pattern matches as a whole."""
    return text_rule(name, meant, lambda text: whole(text, pattern))


def without(text: pl.Expr, marks: str) -> pl.Expr:
    """The text without any of these characters."""
    return text.str.replace_many(list(marks), [""])


def number(digits: pl.Expr) -> pl.Expr:
    """Up to 19 digits as a number; null for any other text."""
    return digits.cast(pl.UInt64, strict=False)


def place(of: pl.Expr, right: int) -> pl.Expr:
    """One digit of a number; the last is place 0."""
    unit: int = 10**right
    return of // unit % 10


def weighted(of: pl.Expr, weights: Sequence[int]) -> pl.Expr:
    """The sum of a number's digits times their weights; the last weight is the last digit's."""
    last = len(weights) - 1
    return sum_of([place(of, last - i) * weight for i, weight in enumerate(weights) if weight])


def luhn_sum(of: pl.Expr, places: int, doubled: int = 1) -> pl.Expr:
    """The Luhn sum of a number's last digits; `doubled` is the parity of places that count twice.

    Source: ISO/IEC 7812-1:2017, annex B.
    """
    return sum_of([_doubled(of, i) if i % 2 == doubled else place(of, i) for i in range(places)])


def _doubled(of: pl.Expr, right: int) -> pl.Expr:
    """The digits of twice a digit, added: the last is twice the rest by 5, the first 1 from 5 on.

    Each part is made of the number itself: what two parts share, Polars would compute apart, each
    time from the text on.
    """
    unit: int = 10**right
    half: int = 5 * unit
    return of // unit % 5 * 2 + of // half % 2


def sum_of(parts: Sequence[pl.Expr]) -> pl.Expr:
    """The sum of expressions; null if any of them is."""
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def spelled(text: pl.Expr) -> pl.Expr:
    """Letters as two digits each: A is 10, Z is 35."""
    return text.str.replace_many(list(_LETTERS), list(_LETTERS.values()))


def remainder_97(digits: pl.Expr, longest: int) -> pl.Expr:
    """Digits as a number, modulo 97 (ISO/IEC 7064:2003, MOD 97-10).

    Args:
        longest: digits of the longest text.
    """
    chunks = -(-longest // _CHUNK)
    digits = digits.str.zfill(chunks * _CHUNK)
    parts = [
        number(digits.str.slice(i * _CHUNK, _CHUNK)) % 97
        * pow(10, _CHUNK * (chunks - 1 - i), 97)
        for i in range(chunks)
    ]  # fmt: skip
    return sum_of(parts) % 97


def coded(text: pl.Expr, values: dict[str, int], at: int, length: int) -> pl.Expr:
    """Characters as two digits each (`values`), up to nine of them from `at`, as a number."""
    part = text.str.slice(at, length)
    return number(part.str.replace_many(list(values), [f"{v:02d}" for v in values.values()]))


def code_at(coded_as: pl.Expr, right: int) -> pl.Expr:
    """One character's value of what `coded` gives; the last is place 0."""
    unit: int = 100**right
    return coded_as // unit % 100
