"""Quantities: numbers with a unit, as numbers in one unit."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

import polars as pl

from cleanhold.builtins.units import Unit, Units, units_into
from cleanhold.builtins.written_numbers import Number
from cleanhold.core.parsing import DataType, refuse_type
from cleanhold.errors import ContractError

#: Places and digits before the point that a decimal is converted with.
_PLACES, _DIGITS = 20, 18
_EXACT = pl.Decimal(38, _PLACES)
_GAP = r"[ \x{A0}]?"
_BLANKS = " \u00a0"


@dataclass(frozen=True, slots=True)
class Quantity:
    """See `quantity`."""

    unit: str
    assume: str | None = None
    thousands: str = ""
    mark: str = "."
    compound: bool = False
    rounded: bool = False
    _units: Units = field(init=False, repr=False, compare=False)

    fallible = True

    def __post_init__(self) -> None:
        units = units_into(self.unit)
        object.__setattr__(self, "_units", units)
        Number(self.thousands, self.mark)  # refuses marks that cannot be told apart
        if self.assume is not None and self._folded(self.assume) not in units.known:
            raise ContractError(
                f"assume={self.assume!r} is not a unit that can become {self.unit}",
                next="name one of its kind: quantity('kg', assume='g')",
            )
        if self.compound and any(u.before for u in units.known.values()):
            raise ContractError(
                "two temperatures in a row are no temperature", next="leave compound= out"
            )

    @property
    def says(self) -> str:
        return f"a quantity like 1{self.thousands[:1]}234{self.mark}5 {self.unit}"

    def clean(self, text: pl.Expr) -> pl.Expr:
        return text.str.strip_chars()

    def value(self, text: pl.Expr, dtype: DataType) -> pl.Expr:
        if not dtype.is_numeric():
            refuse_type("quantities", dtype, "float, Decimal or int")
        digits, names = self._digits(), self._names()
        end = f"{_GAP}(?:{names})"
        one = rf"{digits}{end}" if self.assume is None else rf"{digits}(?:{end})?"
        found = self._converted(pl.when(text.str.contains(rf"\A[+-]?{one}\z")).then(text), dtype)
        if self.compound:
            two = rf"\A[+-]?[0-9]+{end}{_GAP}{digits}{end}\z"
            both = pl.when(text.str.contains(two)).then(text)
            found = pl.coalesce(found, self._summed(both, dtype))
        if not dtype.is_float():  # an integer by a decimal, which rounds where that cuts off
            found = found.cast(pl.Decimal(38, _places(dtype)), strict=False)
        return found.cast(dtype, strict=False)

    def _summed(self, text: pl.Expr, dtype: DataType) -> pl.Expr:
        """Two quantities as one; the second is less than one unit of the first."""
        first = text.str.replace(r"([0-9][^0-9]+)[0-9].*\z", "$1")
        second = text.str.replace(r"\A[+-]?[0-9]+[^0-9]+", "")
        one = self._converted(first.str.replace(r"\A[+-]?[0-9]+", "1"), dtype, rounded=True)
        more = self._converted(second, dtype)
        more = pl.when(more < one).then(more)
        sign = pl.when(text.str.starts_with("-")).then(-1).otherwise(1)
        return self._converted(first, dtype) + more * sign.cast(self._kind(dtype))

    def _converted(self, text: pl.Expr, dtype: DataType, *, rounded: bool = False) -> pl.Expr:
        """Texts of the right shape in the declared unit, as a float or a decimal."""
        unit = text.str.strip_chars_start(f"+-0123456789{_BLANKS}{self.mark}{self.thousands}")
        unit = unit.str.strip_chars_end(_BLANKS)
        number = text.str.strip_chars_end(_BLANKS).str.strip_suffix(unit)
        number = number.str.strip_chars_end(_BLANKS)
        if self.thousands:
            number = number.str.replace_many(list(self.thousands), [""])
        if self.mark != ".":
            number = number.str.replace(self.mark, ".", literal=True)
        value = number.cast(self._kind(dtype), strict=False)
        unit = unit.str.replace("\u00a0", " ", literal=True)
        if self.assume is not None:
            unit = unit.str.replace(r"\A\z", self.assume)
        unit = unit.str.to_lowercase() if self._units.any_case else unit
        return self._worth(value, unit, dtype, rounded=rounded or self.rounded)

    def _worth(self, value: pl.Expr, unit: pl.Expr, dtype: DataType, *, rounded: bool) -> pl.Expr:
        names, known = list(self._units.known), list(self._units.known.values())
        place = unit.cast(pl.Enum(names), strict=False).to_physical()
        kind = self._kind(dtype)

        def of(figure: Callable[[Unit], Fraction | int]) -> pl.Expr:
            figures = [_in(Fraction(figure(u)), kind) for u in known]
            listed = pl.lit(figures, dtype=pl.List(kind))
            return listed.list.get(place, null_on_oob=True)

        after = known[0].after
        if any(u.before for u in known):
            value = value + of(lambda u: u.before)
        if kind == pl.Float64:
            made = value * of(lambda u: u.factor.numerator)  # exact, so that one step rounds
            return made / of(lambda u: u.factor.denominator)
        # What would not fit must go before it is multiplied: Polars stops at an overflow.
        room = of(lambda u: 10 ** (_DIGITS - 1) // u.factor.numerator)
        times = pl.when(value.abs() < room).then(value) * of(lambda u: u.factor.numerator)
        made = times / of(lambda u: u.factor.denominator)
        shift = pl.lit(_in(after, kind), dtype=kind)
        made = made - shift if after else made
        if rounded or dtype.is_float():
            return made
        # At once: what an expression names twice, Polars computes twice.
        kept = made.cast(pl.Decimal(38, _places(dtype)), strict=False).cast(_EXACT, strict=False)
        back = kept + shift if after else kept
        return pl.when(back * of(lambda u: u.factor.denominator) == times).then(kept)

    def _kind(self, dtype: DataType) -> pl.DataType:
        """What numbers are converted as. A temperature's zero is moved, which floats blur."""
        is_moved = any(unit.before for unit in self._units.known.values())
        return pl.Float64() if dtype.is_float() and not is_moved else _EXACT

    def _digits(self) -> str:
        """A number as a regular expression, without a sign, no longer than can be converted."""
        marks = [re.escape(mark) for mark in self.thousands]
        groups = "".join(rf"[0-9]{{1,3}}(?:{mark}[0-9]{{3}}){{1,4}}|" for mark in marks)
        whole, mark = f"(?:{groups}[0-9]{{1,{_DIGITS - 1}}})", re.escape(self.mark)
        most = f"{{0,{_PLACES}}}0*"
        return rf"(?:{whole}(?:{mark}[0-9]{most})?|{mark}[0-9][0-9]{most})"

    def _names(self) -> str:
        """Names of units as a regular expression; where a longer one fits, it is taken."""
        names = sorted(self._units.known, key=len, reverse=True)
        written = "|".join(re.escape(n).replace(r"\ ", r"[ \x{A0}]") for n in names)
        return f"(?i:{written})" if self._units.any_case else written

    def _folded(self, unit: str) -> str:
        return unit.lower() if self._units.any_case else unit


def quantity(
    unit: str,
    *,
    assume: str | None = None,
    thousands: str = "",
    mark: str = ".",
    compound: bool = False,
    rounded: bool = False,
) -> Quantity:
    """A number with a unit, as a number in one unit: with `kg`, `500 g` is 0.5.

    Units of mass, length, volume, time, data and temperature convert by exact factors; an unknown
    unit, or one of another kind, does not parse. Upper and lower case are alike, but not in data.

    Source: NIST Special Publication 811 (2008), appendix B; IEC 80000-13:2008.

    Args:
        unit: the column's: `kg`, `m`, `L`, `s`, `MB`, `°C`, or another of its kind.
        assume: the unit of a number that has none, which else does not parse.
        thousands: mark between groups of three digits; `mark`: decimal mark.
        compound: also read two in a row, the first a whole number: `1 lb 3 oz`,
            the second less than one of the first.
        rounded: round what has more decimals than the column keeps, halves to the even digit.
            Without it a number that cannot be written exactly does not parse, but in a column of
            floats.

    Raises:
        ContractError: the unit is not known.
    """
    return Quantity(unit, assume, thousands, mark, compound, rounded)


def _places(dtype: DataType) -> int:
    return dtype.scale if isinstance(dtype, pl.Decimal) else 0


def _in(figure: Fraction, kind: pl.DataType) -> Decimal | float:
    """A figure as a value of the kind; one of a decimal has few places."""
    if kind == pl.Float64:
        return float(figure)
    return Decimal(figure.numerator) / Decimal(figure.denominator)
