"""What a written number may look like, and how its dress is taken off."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from cleanhold.core.parsing import DataType, refuse_type
from cleanhold.errors import ContractError

#: Blanks that may stand between a number and its symbol: plain, and no-break.
_BLANKS = " \u00a0"
_GAP = f"[{_BLANKS}]?"

#: Places that a decimal has beyond its column's while it is divided and rounded.
_GUARD = 8


@dataclass(frozen=True, slots=True)
class Number:
    """See `decimal`, `integer` and `number`.

    One regular expression decides whether a text is such a number, marks and symbols where
    they belong; only then are they taken away. ASCII digits only.
    """

    thousands: str = ""
    mark: str = "."
    symbols: str = ""
    percent: bool | Literal["fraction"] = False
    negatives: bool = False
    implied: int | None = None
    fraction: bool = True
    exponent: bool = False
    units: tuple[str, ...] = ()
    rounded: bool = False
    currencies: tuple[str, ...] = ()
    credit: Literal["negative", "positive"] | None = None
    grouping: Literal["thousands", "indian"] = "thousands"

    fallible = True

    def __post_init__(self) -> None:
        self._require_marks()
        for word in (*self.units, *self.currencies):
            is_text = isinstance(word, str)
            if not is_text or not re.match(r"[^\s0-9+\-().,]", word) or word != word.strip():
                raise ContractError(
                    f"{word!r} cannot be a unit after a number",
                    next="write what follows the number and a blank, like units=['kg', 'kg.']",
                )
        if self.implied is not None and self.implied < 1:
            raise ContractError(
                f"implied={self.implied!r} is not a number of decimals",
                next="say how many of the last digits are decimals: implied=2",
            )
        if self.percent not in (True, False, "fraction"):
            raise ContractError(
                f"percent={self.percent!r} is not known",
                next="write percent=True (40% is 40) or percent='fraction' (40% is 0.4)",
            )
        if self.credit not in (None, "negative", "positive"):
            raise ContractError(
                f"credit={self.credit!r} does not say which sign CR stands for",
                next="write credit='negative' or credit='positive'",
            )
        if self.grouping not in ("thousands", "indian"):
            raise ContractError(
                f"grouping={self.grouping!r} is not known",
                next="write grouping='indian' for 12,34,567, or leave it out",
            )

    def _require_marks(self) -> None:
        for option in (self.mark, self.thousands):
            if not isinstance(option, str) or re.search(r"[^\W_]|[+\-()]", option) or not self.mark:
                raise ContractError(
                    f"{option!r} cannot be a mark in a number",
                    next="give one character, like mark=',' or thousands='.'",
                )
        if len(self.mark) > 1 or self.mark in self.thousands:
            raise ContractError(
                f"thousands and mark are both {self.mark!r}"
                if self.mark in self.thousands
                else f"the mark {self.mark!r} is more than one character",
                next="give the other one too: decimal(thousands='.', mark=',')",
            )
        if set(self.symbols) & {*"0123456789+-().", self.mark, *self.thousands}:
            raise ContractError(
                f"symbols={self.symbols!r} has a digit, sign, bracket or mark of numbers in it",
                next="give currency signs only, like symbols='$€'",
            )

    @property
    def says(self) -> str:
        if self.implied:
            return f"a number like 000123450, the last {self.implied} digits being decimals"
        mark = self.thousands[:1]
        whole = f"1{mark}234"
        if mark and self.grouping == "indian":
            whole = f"1{mark}23{mark}456"
        if not self.fraction:
            return f"a number like {whole}"
        unit = f" {self.units[0]}" if self.units else ""
        unit = "%" if self.percent == "fraction" else unit
        return f"a number like {whole}{self.mark}50{unit}"

    def clean(self, text: pl.Expr) -> pl.Expr:
        return text.str.strip_chars()

    def value(self, text: pl.Expr, dtype: DataType) -> pl.Expr:
        if not dtype.is_numeric() and dtype != pl.String:
            refuse_type("numbers", dtype, "int, float or Decimal")
        is_meant = text.str.contains(self.shape(dtype))
        plain = self._plain(text)
        value = self._hundredth(plain, dtype) if self._divides else plain.cast(dtype, strict=False)
        if dtype.is_float():  # 1e999 is not infinite, it is too large
            is_meant &= value.is_finite()
        if self.exponent and isinstance(dtype, pl.Decimal) and not self.rounded:
            is_meant &= _places(plain) <= dtype.scale
        return pl.when(is_meant).then(value)

    @property
    def _divides(self) -> bool:
        return self.percent == "fraction"

    def _hundredth(self, plain: pl.Expr, dtype: DataType) -> pl.Expr:
        if dtype.is_float():
            return plain.cast(dtype, strict=False) / 100
        if not isinstance(dtype, pl.Decimal) or dtype.scale < 2:
            raise ContractError(
                f"hundredths of a number cannot be {dtype}",
                next="annotate the column as float or as a Decimal of two places or more, or keep "
                "the number as written: percent=True",
            )
        places = dtype.scale + (_GUARD if self.rounded else 0)
        value = plain.cast(pl.Decimal(38, min(places, 38)), strict=False)
        return (value / pl.lit(100).cast(pl.Decimal(38, 0))).cast(dtype, strict=False)

    def shape(self, dtype: DataType) -> str:
        """A regular expression of texts that are such a number.

        Brackets and marks of credit come in the place of a sign, not with one.
        """
        body = self.digits(dtype)
        ends = self._ends()
        end = f"(?:{ends})" if self._divides else f"(?:{ends})?" if ends else ""
        bare, signed = f"{body}{end}", f"[+-]?{body}{end}"
        if self.symbols or self.currencies:
            signs = ["[" + "".join(map(re.escape, self.symbols)) + "]"] if self.symbols else []
            symbol = "|".join([*signs, *map(re.escape, self.currencies)])
            symbol = f"(?:{symbol})" if self.currencies else symbol
            bare = f"(?:{symbol}{_GAP}{body}|{body}(?:{_GAP}{symbol})?){end}"
            signed = f"(?:[+-]?{bare}|{symbol}{_GAP}[+-]{body}{end})"
        ways = [signed]
        if self.negatives:
            ways += [rf"\({bare}\)", f"{bare}-"]
        if self.credit:
            ways.append(f"{bare}{_GAP}(?:[Cc][Rr]|[Dd][Rr])")
        return rf"\A{signed}\z" if len(ways) == 1 else rf"\A(?:{'|'.join(ways)})\z"

    def _ends(self, without: Sequence[str] = ()) -> str:
        """What may follow the number, once some characters are taken away; empty if nothing may."""
        units = ("".join(c for c in unit if c not in without) for unit in self.units)
        ends = ["%"] * bool(self.percent) + [re.escape(unit) for unit in units if unit]
        return f"{_GAP}(?:{'|'.join(ends)})" if ends else ""

    def digits(self, dtype: DataType) -> str:
        """A regular expression of the number alone, without a sign."""
        if self.implied is not None:
            return "[0-9]+"
        grouped = "".join(f"{self._grouped(re.escape(mark))}|" for mark in self.thousands)
        whole = f"(?:{grouped}[0-9]+)"
        if not self.fraction:
            return whole
        mark = re.escape(self.mark)
        some, any_ = "[0-9]+", "[0-9]*"
        if isinstance(dtype, pl.Decimal) and not self.rounded and not self.exponent:
            # more places than the dtype keeps would be rounded
            scale = dtype.scale - 2 * self._divides
            some, any_ = rf"[0-9]{{1,{scale or 1}}}0*", rf"[0-9]{{0,{scale}}}0*"
        most = "{1,9}" if isinstance(dtype, pl.Decimal) else "+"
        exponent = f"(?:[eE][+-]?[0-9]{most})?" if self.exponent else ""
        return rf"(?:{whole}(?:{mark}{any_})?|{mark}{some}){exponent}"

    def _grouped(self, mark: str) -> str:
        if self.grouping == "indian":
            return rf"[0-9]{{1,2}}(?:{mark}[0-9]{{2}})*{mark}[0-9]{{3}}"
        return rf"[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+"

    def _plain(self, text: pl.Expr) -> pl.Expr:
        """The number without its dress: `($1,234.50)` → `-1234.50`."""
        if self.currencies:  # before the characters they may be made of: US$
            words = "|".join(map(re.escape, sorted(self.currencies, key=len, reverse=True)))
            text = text.str.replace(f"{_GAP}(?:{words}){_GAP}", "")
        dress = [*self.symbols, *self.thousands, *(_BLANKS if self.symbols else "")]
        if dress:
            text = text.str.replace_many(dress, [""])
        if self.negatives:  # accountants' (1.00) and trailing minus 1.00-
            text = text.str.replace(r"\A\((.*)\)\z", "-$1").str.replace(r"\A(.+)-\z", "-$1")
        if self.credit:
            minus, plus = "[Cc][Rr]", "[Dd][Rr]"
            if self.credit == "positive":
                minus, plus = plus, minus
            text = text.str.replace(rf"{_GAP}{plus}\z", "")
            text = text.str.replace(rf"\A(.*[^{_BLANKS}]){_GAP}{minus}\z", "-$1")
        if ends := self._ends(without=dress):  # `fl oz` has a blank, `US$` a symbol
            text = text.str.replace(rf"{ends}\z", "")
        if self.implied is not None:
            return text.str.zfill(self.implied + 1).str.replace(
                rf"([0-9]{{{self.implied}}})\z", ".$1"
            )
        return text if self.mark == "." else text.str.replace(self.mark, ".", literal=True)


def _places(plain: pl.Expr) -> pl.Expr:
    """Decimal places of a number with an exponent: none is lost where there is room for them."""
    exponent = plain.str.extract(r"[eE]([+-]?[0-9]{1,9})\z").cast(pl.Int64).fill_null(0)
    decimals = plain.str.extract(r"\.([0-9]*?)0*(?:[eE].*)?\z").str.len_chars().fill_null(0)
    return decimals.cast(pl.Int64) - exponent
