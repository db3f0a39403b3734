"""Zoned, packed and binary numbers → text as a person writes them, digit for digit.

IBM z/Architecture Principles of Operation, chapter 8 ("Decimal Instructions": zoned and packed
format, sign codes) and chapter 7 (binary integers). Packed signs A, C, E, F are plus, B and D are
minus. A zoned digit has the zone F, or C (plus) or D (minus) where the sign is: the other codes are
letters more often than signs. In ASCII the signs are the characters that these are in EBCDIC (`{`,
A–I plus; `}`, J–R minus), or `p` to `y` for minus, as Micro Focus COBOL writes them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from cleanhold.readers.framing import Mask, Octets
from cleanhold.readers.mainframe.text import all_of, any_of, kept

_NONE = 255
_MINUS, _POINT, _ZERO = b"-.0"


@dataclass(frozen=True, eq=False, slots=True)
class Digits:
    """The digits of a number per row.

    Attributes:
        digits: 0 to 9; whatever where `bad`.
        negative: its sign.
        bad: not a number.
        empty: where there was no digit, but a blank before or after; None if nowhere.
    """

    digits: Octets
    negative: Mask
    bad: Mask
    empty: Mask | None = None


def written(number: Digits, scale: int, *, zeros: bool = False) -> pl.Series:
    """The numbers as text.

    Args:
        number: the digits.
        scale: how many of them are decimals, see `Picture.scale`.
        zeros: keep zeros before the first other digit.
    """
    digits = number.digits
    if scale < 0:
        digits = np.pad(digits, ((0, 0), (0, -scale)))
    if scale >= digits.shape[1]:
        digits = np.pad(digits, ((0, 0), (scale + 1 - digits.shape[1], 0)))
    rows, count = digits.shape
    integers = count - max(scale, 0)
    width = 1 + count + (scale > 0)
    characters = np.empty((rows, width), dtype=np.uint8)
    keep = np.ones((rows, width), dtype=np.bool_)
    characters[:, 0] = _MINUS
    keep[:, 0] = number.negative
    keep[number.negative, 0] = any_of(digits[number.negative] != 0)
    characters[:, 1 : 1 + integers] = digits[:, :integers] + _ZERO
    if not zeros:
        seen = np.zeros(rows, dtype=np.bool_)
        for at in range(integers - 1):
            seen |= digits[:, at] != 0
            keep[:, 1 + at] = seen
    elif number.empty is not None:
        keep[:, 1 : 1 + integers] = ~number.empty
    if scale > 0:
        characters[:, 1 + integers] = _POINT
        characters[:, 2 + integers :] = digits[:, integers:] + _ZERO
    return kept(characters, keep)


def packed(field: Octets, *, has_sign: bool) -> Digits:
    """Packed decimals: two digits a byte, the last half byte is the sign."""
    rows, width = field.shape
    halves = np.empty((rows, 2 * width), dtype=np.uint8)
    halves[:, 0::2], halves[:, 1::2] = field >> 4, field & 15
    if not has_sign:
        return Digits(halves, np.zeros(rows, dtype=np.bool_), any_of(halves > 9))
    digits, sign = halves[:, :-1], halves[:, -1]
    bad = any_of(digits > 9) | (sign < 10)
    return Digits(digits, (sign == 0xB) | (sign == 0xD), bad)


def binary(field: Octets, *, signed: bool, little: bool, full: bool) -> Digits:
    """Binary integers of any length, two's complement if signed.

    An unsigned one with its first bit set is more than its picture's digits can be. Only where
    the compiler lets it have the `full` range (COMP-5) is it a number.
    """
    if little:
        field = field[:, ::-1]
    rows, width = field.shape
    first_bit: Mask = field[:, 0] >= 0x80
    nowhere = np.zeros(rows, dtype=np.bool_)
    negative, bad = (first_bit, nowhere) if signed else (nowhere, nowhere if full else first_bit)
    missing = -width % 4
    parts = np.zeros((rows, width + missing), dtype=np.uint8)
    parts[:, missing:] = field
    if missing:
        parts[negative, :missing] = 0xFF
    limbs = parts.view(">u4").astype(np.uint64)
    _make_positive(limbs, negative)
    count = len(str(256**width))
    groups = [_divide(limbs) for _ in range(-(-count // 9))]
    digits = np.empty((rows, 9 * len(groups)), dtype=np.uint8)
    for number, group in enumerate(groups):
        left = group.astype(np.uint32)
        for place in range(9):
            rest = left // np.uint32(10)
            digits[:, -1 - 9 * number - place] = left - rest * np.uint32(10)
            left = rest
    return Digits(digits[:, -count:], negative, bad)


def _make_positive(limbs: npt.NDArray[np.uint64], negative: Mask) -> None:
    """Two's complement of the negative ones, in place; limbs of 32 bits, the highest first."""
    if not negative.any():
        return
    turned = limbs[negative] ^ np.uint64(0xFFFFFFFF)
    carry = np.ones(len(turned), dtype=np.uint64)
    for at in reversed(range(turned.shape[1])):
        total = turned[:, at] + carry
        turned[:, at], carry = total & np.uint64(0xFFFFFFFF), total >> np.uint64(32)
    limbs[negative] = turned


def _divide(limbs: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Divide by 10⁹ in place; gives the remainders."""
    billion = np.uint64(10**9)
    rest = np.zeros(len(limbs), dtype=np.uint64)
    for at in range(limbs.shape[1]):
        part = (rest << np.uint64(32)) | limbs[:, at]
        limbs[:, at] = part // billion
        rest = part - limbs[:, at] * billion
    return rest


@dataclass(frozen=True, eq=False)
class Zones:
    """How digits and signs are written as characters.

    Attributes:
        digit: byte → digit, `_NONE` if it is none.
        signed_digit: byte → digit, of one that may carry the sign.
        minus: bytes that carry a minus with their digit.
        plus_sign, minus_sign, blank: the characters.
    """

    digit: Octets
    signed_digit: Octets
    minus: Mask
    plus_sign: int
    minus_sign: int
    blank: int


def _zones(plain: int, plus: dict[int, int], minus: dict[int, int], signs: bytes) -> Zones:
    digit = np.full(256, _NONE, dtype=np.uint8)
    digit[plain : plain + 10] = range(10)
    signed = digit.copy()
    negative = np.zeros(256, dtype=np.bool_)
    for byte, value in (*plus.items(), *minus.items()):
        signed[byte] = value
    negative[list(minus)] = True
    return Zones(digit, signed, negative, *signs)


def _ten(start: int) -> dict[int, int]:
    return {start + value: value for value in range(10)}


EBCDIC = _zones(0xF0, _ten(0xC0), _ten(0xD0), b"\x4e\x60\x40")
ASCII = _zones(
    ord("0"),
    {ord(c): value for value, c in enumerate("{ABCDEFGHI")},
    {ord(c): value for value, c in enumerate("}JKLMNOPQR")} | _ten(ord("p")),
    b"+- ",
)


def zoned(
    field: Octets,
    zones: Zones,
    *,
    signed: bool,
    leading: bool = False,
    separate: bool = False,
    aligned_left: bool = False,
) -> Digits:
    """Numbers in characters. Blanks before the first digit count as zeros.

    A signed number may also begin with its sign as a character, in the place of a digit.

    Args:
        field: the bytes per record.
        zones: how they are written.
        signed: there may be a sign.
        leading: it is in the first character, else in the last.
        separate: it is a character of its own.
        aligned_left: an unsigned number may be followed by blanks or NULs.
    """
    at = 0 if leading else field.shape[1] - 1
    minus, plus = field == zones.minus_sign, field == zones.plus_sign
    is_sign = np.zeros_like(minus)
    if separate:
        is_sign[:, at] = minus[:, at] | plus[:, at]
    elif signed:
        is_sign[:, 0] = minus[:, 0] | plus[:, 0]
    digits = zones.digit[field]
    negative = any_of(is_sign & minus)
    if separate:
        digits[:, at] = _NONE
    elif signed:
        digits[:, at] = zones.signed_digit[field[:, at]]
        negative |= zones.minus[field[:, at]] & ~any_of(is_sign)
    empty = is_sign
    if (digits == _NONE).any():
        blank = field == zones.blank
        empty = empty | (np.logical_and.accumulate(blank | is_sign, axis=1) & ~is_sign)
        if aligned_left and not signed and not separate:
            rest = (blank | (field == 0))[:, ::-1]
            empty |= np.logical_and.accumulate(rest, axis=1)[:, ::-1]
    digits[empty] = 0
    bad = any_of(digits == _NONE) | all_of(empty)
    if separate:
        bad |= ~is_sign[:, at]
        inner = slice(1, None) if leading else slice(None, -1)
        digits, empty = digits[:, inner], empty[:, inner]
    digits[digits == _NONE] = 0
    return Digits(digits, negative, bad, empty if empty.any() else None)
