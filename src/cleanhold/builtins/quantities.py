"""Quantities: numbers with a unit, as numbers in one unit."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

import polars as pl

from cleanhold.builtins.units import Unit, Units, units_into
from cleanhold.builtins.written_numbers import Number
from cleanhold.core.parsing import DataType, refuse_type
from cleanhold.errors import ContractError

#: Places and digits before the point that a conversion is done with.
_PLACES, _DIGITS = 20, 18
_EXACT = pl.Decimal(38, _PLACES)
_GAP = r"[ \x{A0}]?"


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
    _number: Number = field(init=False, repr=False, compare=False)

    fallible = True

    def __post_init__(self) -> None:
        units = units_into(self.unit)
        object.__setattr__(self, "_units", units)
        object.__setattr__(self, "_number", Number(self.thousands, self.mark, rounded=True))
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
        digits, names = self._number.digits(dtype), self._names()
        unit = f"{_GAP}({names})" if self.assume is None else f"(?:{_GAP}({names}))?"
        exact = not self.rounded and not dtype.is_float()
        found = self._converted(text, rf"\A([+-]?{digits}){unit}\z", exact=exact)
        if self.compound:
            both = rf"\A([+-]?[0-9]+){_GAP}({names}){_GAP}({digits}){_GAP}({names})\z"
            found = pl.coalesce(found, self._summed(text, both, exact=exact))
        return self._fitted(found, dtype)

    def _summed(self, text: pl.Expr, shape: str, *, exact: bool) -> pl.Expr:
        """Two quantities as one; the second is less than one unit of the first."""
        first = self._converted(text, shape, exact=exact)
        second = self._converted(text, shape, at=3, exact=exact)
        one = self._worth(pl.lit("1").cast(_EXACT), self._unit(text, shape, 2), exact=exact)
        second = pl.when(second < one).then(second)
        return first + pl.when(text.str.starts_with("-")).then(-second).otherwise(second)

    def _converted(self, text: pl.Expr, shape: str, at: int = 1, *, exact: bool) -> pl.Expr:
        """The number of one group and the unit of the next, in the declared unit."""
        number = text.str.extract(shape, at)
        plain = number.str.replace_many(list(self.thousands), [""]) if self.thousands else number
        if self.mark != ".":
            plain = plain.str.replace(self.mark, ".", literal=True)
        short = plain.str.contains(rf"\A[+-]?[0-9]{{0,{_DIGITS}}}(?:\.[0-9]{{0,{_PLACES}}}0*)?\z")
        value = pl.when(short).then(plain).cast(_EXACT, strict=False)
        return self._worth(value, self._unit(text, shape, at + 1), exact=exact)

    def _unit(self, text: pl.Expr, shape: str, at: int) -> pl.Expr:
        unit = text.str.extract(shape, at)
        if self.assume is not None:
            unit = unit.fill_null(self.assume)
        unit = unit.str.replace("\u00a0", " ", literal=True)
        return unit.str.to_lowercase() if self._units.any_case else unit

    def _worth(self, value: pl.Expr, unit: pl.Expr, *, exact: bool) -> pl.Expr:
        names, known = list(self._units.known), list(self._units.known.values())
        place = unit.cast(pl.Enum(names), strict=False).to_physical()

        def of(figure: Callable[[Unit], Fraction | int]) -> pl.Expr:
            return _listed([figure(u) for u in known]).list.get(place, null_on_oob=True)

        if any(u.before for u in known):
            value = pl.when(value.abs() < 10**9).then(value) + of(lambda u: u.before)
        # What would not fit must go before it is multiplied: Polars stops at an overflow.
        room = of(lambda u: Fraction(10 ** (_DIGITS - 1) // u.factor.numerator))
        times = pl.when(value.abs() < room).then(value) * of(lambda u: u.factor.numerator)
        made = times / of(lambda u: u.factor.denominator)
        if exact:
            made = pl.when(made * of(lambda u: u.factor.denominator) == times).then(made)
        after = next(iter(known)).after
        return made - _literal(after) if after else made

    def _fitted(self, made: pl.Expr, dtype: DataType) -> pl.Expr:
        if dtype.is_float():
            return made.cast(dtype)
        places = dtype.scale if isinstance(dtype, pl.Decimal) else 0
        kept = made.cast(pl.Decimal(38, places), strict=False)
        if not self.rounded:
            kept = pl.when(kept.cast(_EXACT, strict=False) == made).then(kept)
        return kept.cast(dtype, strict=False)

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


def _literal(figure: Fraction | int) -> pl.Expr:
    return pl.lit(_written(figure)).cast(_EXACT)


def _listed(figures: list[Fraction | int]) -> pl.Expr:
    return pl.lit([_written(f) for f in figures], dtype=pl.List(pl.String)).cast(pl.List(_EXACT))


def _written(figure: Fraction | int) -> str:
    """A figure of two decimals at the most, as text."""
    whole, hundredths = divmod(int(Fraction(figure) * 100), 100)
    return f"{whole}.{hundredths:02}"
