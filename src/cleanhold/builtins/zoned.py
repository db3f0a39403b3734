"""Zoned decimals as text: mainframe numbers whose last (or first) digit has the sign, too."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from cleanhold.builtins.written_numbers import Number
from cleanhold.core.parsing import DataType, refuse_type
from cleanhold.errors import ContractError

#: Characters that are a digit 0 to 9 with a sign: as EBCDIC prints them, and as Micro Focus
#: COBOL writes minus in ASCII.
_PLUS, _MINUS = "{ABCDEFGHI", ("}JKLMNOPQR", "pqrstuvwxy")
_DIGITS = [str(digit) for digit in range(10)]


@dataclass(frozen=True, slots=True)
class Zoned:
    """See `zoned`."""

    implied: int = 0
    sign: str = "trailing"
    separate: bool = False

    fallible = True

    @property
    def says(self) -> str:
        example = {
            ("trailing", False): "00123D",
            ("leading", False): "{01234",
            ("trailing", True): "001234-",
            ("leading", True): "-001234",
        }[self.sign, self.separate]
        told = f", the last {self.implied} digits being decimals" if self.implied else ""
        return f"a number like {example}{told}"

    def clean(self, text: pl.Expr) -> pl.Expr:
        return text.str.strip_chars()

    def value(self, text: pl.Expr, dtype: DataType) -> pl.Expr:
        if not dtype.is_numeric() and dtype != pl.String:
            refuse_type("zoned decimals", dtype, "int, float or Decimal")
        minus = "-" if self.separate else "[" + "".join(_MINUS) + "]"
        signed = "[+-]" if self.separate else f"[0-9{_PLUS}{''.join(_MINUS)}]"
        digits = "[0-9]+" if self.separate else "[0-9]*"
        if self.sign == "leading":
            is_meant, is_minus = rf"\A{signed}{digits}\z", rf"\A{minus}"
        else:
            is_meant, is_minus = rf"\A{digits}{signed}\z", rf"{minus}\z"
        bare = text.str.replace_many(["+", "-"], [""])
        for characters in (_PLUS, *_MINUS):
            bare = bare.str.replace_many(list(characters), _DIGITS)
        plain = pl.when(text.str.contains(is_minus)).then(pl.lit("-") + bare).otherwise(bare)
        number = Number(implied=self.implied or None, fraction=bool(self.implied))
        return number.value(pl.when(text.str.contains(is_meant)).then(plain), dtype)


def zoned(*, implied: int = 0, sign: str = "trailing", separate: bool = False) -> Zoned:
    """A zoned decimal in text, as mainframe extracts keep it when they become text.

    The character with the sign is its digit, too: `{`, `A` to `I` are +0 to +9, `}`, `J` to `R`
    (or `p` to `y`) are -0 to -9, and a plain digit is positive. `0012D` is 124, `0012M` is -124.

    Args:
        implied: how many of the last digits are decimals: `0012D` with 2 is 1.24.
        sign: which character has it, the `trailing` or the `leading` one.
        separate: the sign is a character of its own there, `+` or `-`, and must be there.

    Raises:
        ContractError: an option has another value.
    """
    if sign not in ("trailing", "leading"):
        raise ContractError(
            f"sign={sign!r} is no place of a sign", next="write sign='trailing' or sign='leading'"
        )
    if not isinstance(implied, int) or implied < 0:
        raise ContractError(
            f"implied={implied!r} is not a number of decimals",
            next="say how many of the last digits are decimals: implied=2",
        )
    return Zoned(implied, sign, separate)
