"""One field of many records → a column of text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from cleanhold.core.reading import Unreadable
from cleanhold.readers.framing import Mask, Octets, Offsets
from cleanhold.readers.mainframe import numbers
from cleanhold.readers.mainframe.code_pages import CodePage, code_page
from cleanhold.readers.mainframe.floats import floats
from cleanhold.readers.mainframe.items import Item
from cleanhold.readers.mainframe.layout import Place
from cleanhold.readers.mainframe.text import all_of, decoded, decoded_wide, in_hex, is_hex

#: What a whole field may be filled with to say that it has no value.
FILLINGS = ("low-values", "high-values", "blanks")


@dataclass(frozen=True)
class Coding:
    """How the machine that wrote the file writes text and numbers.

    Attributes:
        encoding: name of the code page.
        little: binary numbers have their low byte first.
        ibm: floats are hexadecimal; else IEEE 754.
        little_floats: floats have their low byte first.
        no_value: some of `FILLINGS`.
    """

    encoding: str
    little: bool
    ibm: bool
    little_floats: bool
    no_value: tuple[str, ...]

    @property
    def page(self) -> CodePage:
        return code_page(self.encoding)

    @property
    def zones(self) -> numbers.Zones:
        return numbers.EBCDIC if self.page.is_ebcdic else numbers.ASCII


def column(item: Item, field: Octets, present: Offsets, coding: Coding) -> pl.Series:
    """Read a field.

    Args:
        item: what it is.
        field: its bytes per record; what a record lacks is filled up with blanks.
        present: how many of the bytes a record has.
        coding: how they are written.

    Returns:
        Text; null where the record ends before the field, or the field is filled to say that it
        has no value; what cannot be read as `in_hex` writes it.
    """
    width = field.shape[1]
    values, bad = _read(item, field, coding)
    cut = present < width
    if is_number(item):
        bad = bad | cut
    if bad.any():
        # `in_hex` only of the bad ones: it is large.
        which = np.flatnonzero(bad)
        values = values.scatter(which, in_hex(field[which], present[which]))
    missing = present == 0
    if item.usage in (None, "display", "packed", "unsigned"):
        missing = missing | _filled(field, coding)
    if missing.any():
        values = values.scatter(np.flatnonzero(missing), None)
    return values


def is_number(item: Item) -> bool:
    """Whether a field becomes the text of a number."""
    return item.picture is None or item.picture.kind == "number"


def unreadable(place: Place) -> Unreadable:
    """What is true of a field's text where it could not be read."""
    return lambda text: is_hex(text, place.length, is_number=is_number(place.item))


def _filled(field: Octets, coding: Coding) -> Mask:
    """Which rows have nothing but one of the declared fillings."""
    bytes_ = {"low-values": 0, "high-values": 0xFF, "blanks": coding.page.blank}
    filled = np.zeros(len(field), dtype=np.bool_)
    for filling in coding.no_value:
        maybe = field[:, 0] == bytes_[filling]
        if maybe.any():
            maybe[maybe] = all_of(field[maybe] == bytes_[filling])
            filled |= maybe
    return filled


def _read(item: Item, field: Octets, coding: Coding) -> tuple[pl.Series, Mask]:
    """The texts, and which of them mean nothing."""
    picture = item.picture
    if picture is None:
        return floats(field, ibm=coding.ibm, little=coding.little_floats)
    if picture.kind == "wide":
        return decoded_wide(field)
    if picture.kind != "number":
        values, bad = decoded(field, coding.page)
        if picture.point is not None:
            at = picture.point
            values = values.str.head(at) + "." + values.str.slice(at)
        return values, bad
    if item.usage in ("packed", "unsigned"):
        number = numbers.packed(field, has_sign=item.usage == "packed")
    elif item.usage in ("binary", "native", "little"):
        little = coding.little or item.usage == "little"
        number = numbers.binary(
            field, signed=picture.signed, little=little, full=item.usage == "native"
        )
    else:
        return _zoned(item, field, coding)
    return numbers.written(number, picture.scale), number.bad


def _zoned(item: Item, field: Octets, coding: Coding) -> tuple[pl.Series, Mask]:
    """Numbers in characters; those of blanks alone stay blanks."""
    picture = item.picture
    assert picture is not None  # the caller sees to it
    digits = field
    if picture.point is not None:
        digits = np.delete(
            field, picture.point + (item.separate and item.sign == "leading"), axis=1
        )
    number = numbers.zoned(
        digits,
        coding.zones,
        signed=picture.signed,
        leading=item.sign == "leading",
        separate=item.separate,
        aligned_left=picture.scale == 0,
    )
    values = numbers.written(number, picture.scale, zeros=picture.scale == 0)
    blank = number.bad.copy()
    if blank.any():
        blank[blank] = all_of(field[blank] == coding.page.blank)
        values = values.scatter(np.flatnonzero(blank), " " * field.shape[1])
    return values, number.bad & ~blank
