"""PICTURE strings: what kind of field, how many digits or characters.

IBM Enterprise COBOL for z/OS, Language Reference, "PICTURE clause".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_REPEATED = re.compile(r"(.)\(([0-9]+)\)")

#: Longest picture taken, in characters: more is a slip of the pen, and memory.
_LONGEST = 1 << 24


@dataclass(frozen=True, slots=True)
class Picture:
    """What a PICTURE says.

    Attributes:
        kind: `number` (9, S, V, P), `text` (X, A and what is inserted), `wide` (N, G: two bytes a
            character) or `edited` (a number as it is printed: text).
        size: digits of a number, characters of a text.
        scale: digits after the decimal point; negative where P stands for zeros before it.
        signed: S.
        point: characters before the point, where it is printed in a number, or implied in an
            edited one.
    """

    kind: str
    size: int
    scale: int = 0
    signed: bool = False
    point: int | None = None


def picture(written: str) -> Picture:
    """Read a PICTURE string.

    Raises:
        ValueError: it is none; the message says why.
    """
    symbols = written.upper()
    if sum(int(count) for _, count in _REPEATED.findall(symbols)) > _LONGEST:
        raise ValueError("it has too many characters")
    symbols = _REPEATED.sub(lambda found: found[1] * int(found[2]), symbols)
    if not symbols or not re.fullmatch(r"[AXNG9SVPZBE0/,.+\-*$£€CRDB]+", symbols):
        raise ValueError("it has characters that no picture has")
    used = set(symbols)
    if used <= set("9SVP"):
        return _number(symbols)
    if used <= set("NGB"):
        return Picture("wide", len(symbols))
    if used & set("XA"):
        if used - set("AX9B0/"):
            raise ValueError("it mixes text with symbols of numbers")
        return Picture("text", len(symbols))
    if "S" in used:
        # Not in the standard, but some write S9(3).99 for a zoned number with its point.
        if not (found := re.fullmatch(r"S(9+)[.,](9+)", symbols)):
            raise ValueError("S is not where it may be")
        whole, decimals = map(len, found.groups())
        return Picture("number", whole + decimals, decimals, signed=True, point=whole)
    before, implied, _ = symbols.partition("V")
    size = len(_places(symbols))
    return Picture("edited", size, point=len(_places(before)) if implied else None)


def _number(symbols: str) -> Picture:
    signed = symbols.startswith("S")
    found = re.fullmatch(r"(9*)(P*)(V?)(P*)(9*)", symbols.removeprefix("S"))
    if found is None:
        raise ValueError("S, V and P are not where they may be")
    whole, zeros, point, leading, fraction = found.groups()
    if (leading and (whole or zeros)) or (zeros and whole and (fraction or leading)):
        raise ValueError("P stands in the middle")
    size = len(whole) + len(fraction)
    if not size:
        raise ValueError("it has no digit")
    if zeros and whole:  # 99PP: zeros after the digits
        return Picture("number", size, -len(zeros), signed)
    if zeros or leading:  # PP99, VPP99: zeros between the point and the digits
        return Picture("number", size, size + len(zeros) + len(leading), signed)
    return Picture("number", size, len(fraction) if point else 0, signed)


def _places(symbols: str) -> str:
    """The symbols that take a character each."""
    return re.sub(r"[VP]", "", symbols)
