"""Units of measure: what they are called, and what they are, exactly.

Sources: NIST Special Publication 811 (2008), appendix B, of which only the exact factors are taken;
IEC 80000-13:2008 (kibi-, mebi-, …). A unit is a fraction of its family's first, so that none is
rounded. Gallons, pints and fluid ounces are those of the United States; the Imperial ones are
called `imp gal` and so on (1 imp gal = 4.546 09 L). A month and a year have no one length.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from cleanhold.errors import ContractError

#: Names of a unit, and how many of the family's first it is.
_MASS = {
    "kg kilo kilos kgs kilogram kilograms kilogramme kilogrammes": "1",
    "g gr gram grams gramme grammes": "1/1000",
    "mg milligram milligrams": "1/1000000",
    "µg μg ug mcg microgram micrograms": "1/1000000000",
    "t tonne tonnes": "1000",
    "lb lbs lb. lbs. pound pounds": "0.45359237",
    "oz oz. ounce ounces": "0.028349523125",
    "st stone stones": "6.35029318",
    "short_ton short_tons": "907.18474",
    "long_ton long_tons": "1016.0469088",
    "oz_t ozt troy_ounce troy_ounces": "0.0311034768",
}
_LENGTH = {
    "m metre metres meter meters": "1",
    "km kilometre kilometres kilometer kilometers": "1000",
    "dm": "1/10",
    "cm centimetre centimetres centimeter centimeters": "1/100",
    "mm millimetre millimetres millimeter millimeters": "1/1000",
    "µm μm um": "1/1000000",
    "in in. inch inches": "0.0254",
    "ft ft. foot feet": "0.3048",
    "yd yd. yard yards": "0.9144",
    "mi mile miles": "1609.344",
    "nmi nautical_mile nautical_miles": "1852",
}
_VOLUME = {
    "L l litre litres liter liters": "1",
    "dl": "1/10",
    "cl": "1/100",
    "mL ml millilitre millilitres milliliter milliliters cc cm³ cm3": "1/1000",
    "hl": "100",
    "m³ m3": "1000",
    "gal gallon gallons": "3.785411784",
    "qt quart quarts": "0.946352946",
    "pt pint pints": "0.473176473",
    "fl_oz fl._oz fl_oz. fl._oz. floz fluid_ounce fluid_ounces": "0.0295735295625",
    "imp_gal": "4.54609",
    "imp_qt": "1.1365225",
    "imp_pt": "0.56826125",
    "imp_fl_oz": "0.0284130625",
    "bbl barrel barrels": "158.987294928",
}
_TIME = {
    "s sec sec. secs second seconds": "1",
    "ms millisecond milliseconds": "1/1000",
    "µs μs us": "1/1000000",
    "min min. mins minute minutes": "60",
    "h hr hrs hour hours": "3600",
    "d day days": "86400",
    "wk week weeks": "604800",
}
_DATA = {
    "B byte bytes": "1",
    "bit bits": "1/8",
    "kB KB": "1000",
    "MB": "1000000",
    "GB": "1000000000",
    "TB": "1000000000000",
    "KiB": "1024",
    "MiB": "1048576",
    "GiB": "1073741824",
    "TiB": "1099511627776",
}
_TEMPERATURE = {"K kelvin": "1", "°C C celsius": "1", "°F F fahrenheit": "5/9"}

#: Degrees to add before a temperature is one in kelvins.
_ZERO = {"K": Fraction(0), "°C": Fraction("273.15"), "°F": Fraction("459.67")}

#: Family → its units, and whether upper and lower case are alike. A megabit is no millibit.
_FAMILIES: Mapping[str, tuple[Mapping[str, str], bool]] = {
    "mass": (_MASS, True),
    "length": (_LENGTH, True),
    "volume": (_VOLUME, True),
    "time": (_TIME, True),
    "data": (_DATA, False),
    "temperature": (_TEMPERATURE, True),
}


@dataclass(frozen=True, slots=True)
class Unit:
    """What a unit is worth in another.

    value in the other = (value + before) * factor - after.
    """

    factor: Fraction
    before: Fraction = Fraction(0)
    after: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Units:
    """The units of one family, as they convert into one of them.

    Attributes:
        known: a unit's name, in lower case if `any_case` → what it is worth.
        any_case: upper and lower case are alike.
    """

    known: Mapping[str, Unit]
    any_case: bool


def units_into(name: str) -> Units:
    """Every unit that can become another.

    Raises:
        ContractError: there is no such unit.
    """
    for table, any_case in _FAMILIES.values():
        worth = {n: (names.split()[0], Fraction(f)) for names, f in table.items()
                 for n in _names(names, any_case)}  # fmt: skip
        if (own := worth.get(name.lower() if any_case else name)) is None:
            continue
        zero = {first: _ZERO.get(first, Fraction(0)) for first, _ in worth.values()}
        known = {
            n: Unit(factor / own[1], zero[first], zero[own[0]])
            for n, (first, factor) in worth.items()
        }
        return Units(known, any_case)
    raise ContractError(
        f"{name!r} is not a unit that is known",
        next="use one of " + ", ".join(n.split()[0] for t, _ in _FAMILIES.values() for n in t),
    )


def _names(written: str, any_case: bool) -> list[str]:
    names = [name.replace("_", " ") for name in written.split()]
    return list(dict.fromkeys(n.lower() if any_case else n for n in names))
