"""Numbers of securities and of legal entities."""

from __future__ import annotations

import string

import polars as pl

from cleanhold.builtins.checks.listing import listed
from cleanhold.builtins.checks.shapes import (
    code_at,
    coded,
    luhn_sum,
    number,
    place,
    remainder_97,
    spelled,
    sum_of,
    text_rule,
    whole,
)
from cleanhold.core.rule import ColumnRule

#: Digits as they are, letters from 10.
_VALUES = {c: i for i, c in enumerate(string.digits + string.ascii_uppercase)}


@listed(
    passes=["US0378331005", "AU0000XVGZA3", "GB0002634946"],
    fails=["US0378331006", "US037833100", "us0378331005", "U50378331005"],
)
def isin() -> ColumnRule:
    """An International Securities Identification Number with its check digit.

    Source: ISO 6166:2021.
    """

    def judge(text: pl.Expr) -> pl.Expr:
        digits = spelled(text).str.zfill(24)  # 12 characters, 24 digits at the most
        left, right = number(digits.str.slice(0, 12)), number(digits.str.slice(12, 12))
        total = luhn_sum(left, 12) + luhn_sum(right, 12)
        return whole(text, "[A-Z]{2}[A-Z0-9]{9}[0-9]") & (total % 10 == 0)

    return text_rule("isin", "is not a valid ISIN: its check digit does not fit", judge)


@listed(
    passes=["037833100", "17275R102", "68389X105"],
    fails=["037833101", "17275R10", "17275r102", "68389X106"],
)
def cusip() -> ColumnRule:
    """A CUSIP number of a security in North America, with its check digit.

    Source: ANSI X9.6-2020.
    """

    def judge(text: pl.Expr) -> pl.Expr:
        values = coded(text, {**_VALUES, "*": 36, "@": 37, "#": 38}, 0, 8)
        parts = []
        for i in range(8):  # from the right; the last of the eight is doubled
            times = 2 - i % 2
            first_digit = values % 100 ** (i + 1) // (10 // times * 100**i)
            parts.append(code_at(values, i) * times % 10 + first_digit)
        check = number(text.str.slice(8, 1))
        shape = whole(text, "[0-9A-Z*@#]{8}[0-9]")
        return shape & ((sum_of(parts) + check) % 10 == 0)

    return text_rule("cusip", "is not a valid CUSIP: its check digit does not fit", judge)


@listed(passes=["0263494", "B0WNLY7", "7108899"], fails=["0263495", "B0WNLY8", "B0ENLY7", "026349"])
def sedol() -> ColumnRule:
    """A SEDOL number of a security in the United Kingdom, with its check digit.

    Source: London Stock Exchange, SEDOL Masterfile technical specification.
    """

    def judge(text: pl.Expr) -> pl.Expr:
        values = coded(text, _VALUES, 0, 7)
        weights = (1, 3, 1, 7, 3, 9, 1)
        total = sum_of([code_at(values, 6 - i) * weight for i, weight in enumerate(weights)])
        return whole(text, "[0-9B-DF-HJ-NP-TV-Z]{6}[0-9]") & (total % 10 == 0)

    return text_rule("sedol", "is not a valid SEDOL: its check digit does not fit", judge)


@listed(
    passes=["5493001KJTIIGC8Y1R12", "213800WSGIIZCXF1P572"],
    fails=["5493001KJTIIGC8Y1R13", "5493001KJTIIGC8Y1R1", "5493001kjtiigc8y1r12"],
)
def lei() -> ColumnRule:
    """A Legal Entity Identifier with its check digits.

    Source: ISO 17442-1:2020, check digits by ISO/IEC 7064 MOD 97-10.
    """

    def judge(text: pl.Expr) -> pl.Expr:
        return whole(text, "[A-Z0-9]{18}[0-9]{2}") & (remainder_97(spelled(text), 40) == 1)

    return text_rule("lei", "is not a valid LEI: its check digits do not fit", judge)


@listed(passes=["CSQU3054383", "MSKU6011672"], fails=["CSQU3054384", "CSQA3054383", "CSQU305438"])
def container_number() -> ColumnRule:
    """A freight container number with its check digit.

    Source: ISO 6346:2022.
    """
    skipped = [n for n in range(10, 39) if n % 11]  # letters have no multiple of 11
    values = dict(zip(string.ascii_uppercase, skipped, strict=True))

    def judge(text: pl.Expr) -> pl.Expr:
        letters, digits = coded(text, values, 0, 4), number(text.str.slice(4, 7))
        parts = [code_at(letters, 3 - i) * 2**i for i in range(4)]
        parts += [place(digits, 6 - i) * 2 ** (4 + i) for i in range(6)]
        shape = whole(text, "[A-Z]{3}[UJZ][0-9]{7}")
        return shape & (sum_of(parts) % 11 % 10 == place(digits, 0))

    return text_rule(
        "container_number", "is not a valid container number: its check digit does not fit", judge
    )
