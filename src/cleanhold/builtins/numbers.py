"""Numbers: marks, grouping, currencies, percent, signs, units, implied decimals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from cleanhold.builtins.written_numbers import Number


def decimal(
    *,
    thousands: str = "",
    mark: str = ".",
    symbols: str | Sequence[str] = "",
    percent: bool | Literal["fraction"] = False,
    negatives: bool = False,
    implied: int | None = None,
    units: Sequence[str] = (),
    rounded: bool = False,
    credit: Literal["negative", "positive"] | None = None,
    grouping: Literal["thousands", "indian"] = "thousands",
    exponent: bool = False,
) -> Number:
    """A decimal number. It never passes through a float on its way to a `Decimal` column.

    Args:
        thousands: mark between groups of three digits, `,` in `1,234.50`; of several marks,
            `"'’"`, a number has one. All its groups have it, or none: `1,2` and `1,234567` do
            not parse.
        mark: decimal mark.
        symbols: currency signs that may stand at one end, `$€`: `-$5`, `$-5`, `5 €`. In a list
            they may be words, to the letter: `["EUR", "US$", "€"]`.
        percent: allow a `%` at the end (the number stays as written: `40%` is 40).
            `"fraction"` takes a hundredth of it (`40%` is 0.4) and demands the `%`, for
            without it nobody knows.
        negatives: read `(1.00)` and `1.00-` as -1.00.
        implied: digits after a decimal point that is not written: `000123450` with 2 is
            1234.50. A point that is written then does not parse.
        units: words that may follow, to the letter: `["oz", "oz.", "ounce"]`. They all mean the
            same, for the number stays as written; `quantity` converts.
        rounded: round what has more decimals than a `Decimal` column keeps, halves to the even
            digit. Without it such a number does not parse: nothing is rounded in silence.
        credit: read `CR` and `DR` at the end, one as a minus: `"negative"` makes `5.00 CR`
            -5.00, `"positive"` `5.00 DR`.
        grouping: `"indian"` for groups of two before the last three: `12,34,567`.
        exponent: allow one: `1.5e3` is 1500.

    Raises:
        ContractError: the marks cannot be told apart, or an option has no such value.
    """
    signs, currencies = _currencies(symbols)
    return Number(
        thousands,
        mark,
        signs,
        percent,
        negatives,
        implied,
        exponent=exponent,
        units=_several(units),
        rounded=rounded,
        currencies=currencies,
        credit=credit,
        grouping=grouping,
    )


def integer(
    *,
    thousands: str = "",
    units: Sequence[str] = (),
    negatives: bool = False,
    grouping: Literal["thousands", "indian"] = "thousands",
) -> Number:
    """A whole number; the options as for `decimal`."""
    mark = "," if "." in thousands else "."
    return Number(
        thousands,
        mark,
        negatives=negatives,
        fraction=False,
        units=_several(units),
        grouping=grouping,
    )


def number(
    *,
    thousands: str = "",
    mark: str = ".",
    symbols: str | Sequence[str] = "",
    units: Sequence[str] = (),
    percent: bool | Literal["fraction"] = False,
    negatives: bool = False,
) -> Number:
    """A floating-point number, with or without an exponent; the options as for `decimal`.

    `inf` and `nan` do not parse.
    """
    signs, currencies = _currencies(symbols)
    return Number(
        thousands,
        mark,
        signs,
        percent,
        negatives,
        exponent=True,
        units=_several(units),
        currencies=currencies,
    )


def _several(units: Sequence[str]) -> tuple[str, ...]:
    return (units,) if isinstance(units, str) else tuple(units)


def _currencies(symbols: str | Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Signs of one character, and words."""
    if isinstance(symbols, str):
        return symbols, ()
    signs = "".join(s for s in symbols if isinstance(s, str) and len(s) == 1 and not s.isalpha())
    return signs, tuple(s for s in symbols if s not in list(signs))
