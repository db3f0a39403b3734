"""Numbers: decimal marks, thousands, currency signs, percent, units, implied decimals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from cleanhold.core.parsing import DataType, refuse_type
from cleanhold.errors import ContractError

#: Blanks that may stand between a number and its symbol: plain, and no-break.
_BLANKS = " \u00a0"
_GAP = f"[{_BLANKS}]?"


@dataclass(frozen=True, slots=True)
class Number:
    """See `decimal`, `integer` and `number`.

    One regular expression decides whether a text is such a number, marks and symbols where
    they belong; only then are they taken away. ASCII digits only.
    """

    thousands: str = ""
    mark: str = "."
    symbols: str = ""
    percent: bool = False
    negatives: bool = False
    implied: int | None = None
    fraction: bool = True
    exponent: bool = False
    units: tuple[str, ...] = ()
    rounded: bool = False

    fallible = True

    def __post_init__(self) -> None:
        for option in (self.mark, self.thousands):
            if (
                not isinstance(option, str)
                or len(option) > 1
                or (option and option in "0123456789+-()")
                or not self.mark
            ):
                raise ContractError(
                    f"{option!r} cannot be a mark in a number",
                    next="give one character, like mark=',' or thousands='.'",
                )
        if self.thousands == self.mark:
            raise ContractError(
                f"thousands and mark are both {self.mark!r}",
                next="give the other one too: decimal(thousands='.', mark=',')",
            )
        if set(self.symbols) & {*"0123456789+-().", self.mark, self.thousands}:
            raise ContractError(
                f"symbols={self.symbols!r} has a digit, sign, bracket or mark of numbers in it",
                next="give currency signs only, like symbols='$€'",
            )
        for unit in self.units:
            is_text = isinstance(unit, str)
            if not is_text or not re.match(r"[^\s0-9+\-().,]", unit) or unit != unit.strip():
                raise ContractError(
                    f"{unit!r} cannot be a unit after a number",
                    next="write what follows the number and a blank, like units=['kg', 'kg.']",
                )
        if self.implied is not None and self.implied < 1:
            raise ContractError(
                f"implied={self.implied!r} is not a number of decimals",
                next="say how many of the last digits are decimals: implied=2",
            )

    @property
    def says(self) -> str:
        if self.implied:
            return f"a number like 000123450, the last {self.implied} digits being decimals"
        if not self.fraction:
            return f"a number like 1{self.thousands}234"
        unit = f" {self.units[0]}" if self.units else ""
        return f"a number like 1{self.thousands}234{self.mark}50{unit}"

    def clean(self, text: pl.Expr) -> pl.Expr:
        return text.str.strip_chars()

    def value(self, text: pl.Expr, dtype: DataType) -> pl.Expr:
        if not dtype.is_numeric() and dtype != pl.String:
            refuse_type("numbers", dtype, "int, float or Decimal")
        is_meant = text.str.contains(self._shape(dtype))
        value = self._plain(text).cast(dtype, strict=False)
        if dtype.is_float():  # 1e999 is not infinite, it is too large
            is_meant &= value.is_finite()
        return pl.when(is_meant).then(value)

    def _shape(self, dtype: DataType) -> str:
        """Texts that are such a number; brackets come with `negatives`, not with a sign too."""
        body = self._digits(dtype)
        ends = self._ends()
        end = f"(?:{ends})?" if ends else ""
        bare, signed = f"{body}{end}", f"[+-]?{body}{end}"
        if self.symbols:
            symbol = "[" + "".join(map(re.escape, self.symbols)) + "]"
            bare = f"(?:{symbol}{_GAP}{body}|{body}(?:{_GAP}{symbol})?){end}"
            signed = f"(?:[+-]?{bare}|{symbol}{_GAP}[+-]{body}{end})"
        if not self.negatives:
            return rf"\A{signed}\z"
        return rf"\A(?:{signed}|\({bare}\)|{bare}-)\z"

    def _ends(self, without: Sequence[str] = ()) -> str:
        """What may follow the number, once some characters are taken away; empty if nothing may."""
        units = ("".join(c for c in unit if c not in without) for unit in self.units)
        ends = ["%"] * self.percent + [re.escape(unit) for unit in units if unit]
        return f"{_GAP}(?:{'|'.join(ends)})" if ends else ""

    def _digits(self, dtype: DataType) -> str:
        if self.implied is not None:
            return "[0-9]+"
        grouped = (
            rf"[0-9]{{1,3}}(?:{re.escape(self.thousands)}[0-9]{{3}})+|" if self.thousands else ""
        )
        whole = f"(?:{grouped}[0-9]+)"
        if not self.fraction:
            return whole
        mark = re.escape(self.mark)
        some, any_ = "[0-9]+", "[0-9]*"
        if (
            isinstance(dtype, pl.Decimal) and not self.rounded
        ):  # more places than the dtype keeps would be rounded
            some, any_ = rf"[0-9]{{1,{dtype.scale or 1}}}0*", rf"[0-9]{{0,{dtype.scale}}}0*"
        exponent = "(?:[eE][+-]?[0-9]+)?" if self.exponent else ""
        return rf"(?:{whole}(?:{mark}{any_})?|{mark}{some}){exponent}"

    def _plain(self, text: pl.Expr) -> pl.Expr:
        """The number without its dress: `($1,234.50)` → `-1234.50`."""
        dress = [*self.symbols, *self.thousands, *(_BLANKS if self.symbols else "")]
        if dress:
            text = text.str.replace_many(dress, [""])
        if self.negatives:  # accountants' (1.00) and trailing minus 1.00-
            text = text.str.replace(r"\A\((.*)\)\z", "-$1").str.replace(r"\A(.+)-\z", "-$1")
        if ends := self._ends(without=dress):  # `fl oz` has a blank, `US$` a symbol
            text = text.str.replace(rf"{ends}\z", "")
        if self.implied is not None:
            return text.str.zfill(self.implied + 1).str.replace(
                rf"([0-9]{{{self.implied}}})\z", ".$1"
            )
        return text if self.mark == "." else text.str.replace(self.mark, ".", literal=True)


def decimal(
    *,
    thousands: str = "",
    mark: str = ".",
    symbols: str = "",
    percent: bool = False,
    negatives: bool = False,
    implied: int | None = None,
    units: Sequence[str] = (),
    rounded: bool = False,
) -> Number:
    """A decimal number.

    Args:
        thousands: mark between groups of three digits, `,` in `1,234.50`. All groups have it,
            or none: `1,2` and `1,234567` do not parse.
        mark: decimal mark.
        symbols: currency signs that may stand at one end, `$€`: `-$5`, `$-5`, `5 €`.
        percent: allow a `%` at the end (the number stays as written: `40%` is 40).
        negatives: read `(1.00)` and `1.00-` as -1.00.
        implied: digits after a decimal point that is not written: `000123450` with 2 is
            1234.50. A point that is written then does not parse.
        units: words that may follow, to the letter: `["oz", "oz.", "ounce"]`. They all mean the
            same, for the number stays as written.
        rounded: round what has more decimals than a `Decimal` column keeps, halves to the even
            digit. Without it such a number does not parse: nothing is rounded in silence.

    Raises:
        ContractError: the marks cannot be told apart.
    """
    return Number(
        thousands,
        mark,
        symbols,
        percent,
        negatives,
        implied,
        units=_several(units),
        rounded=rounded,
    )


def integer(*, thousands: str = "", units: Sequence[str] = ()) -> Number:
    """A whole number; `thousands` and `units` as for `decimal`."""
    mark = "," if thousands == "." else "."
    return Number(thousands, mark, fraction=False, units=_several(units))


def number(
    *, thousands: str = "", mark: str = ".", symbols: str = "", units: Sequence[str] = ()
) -> Number:
    """A floating-point number, with or without an exponent. `inf` and `nan` do not parse."""
    return Number(thousands, mark, symbols, exponent=True, units=_several(units))


def _several(units: Sequence[str]) -> tuple[str, ...]:
    return (units,) if isinstance(units, str) else tuple(units)
