"""Bytes of fields → columns of text, without a Python object per record."""

from __future__ import annotations

import numpy as np
import polars as pl

from cleanhold.readers.framing import Mask, Octets, Offsets
from cleanhold.readers.mainframe.code_pages import UNDEFINED, CodePage

_HEX = np.frombuffer(b"0123456789ABCDEF", dtype=np.uint8)
_DASH, _ZERO, _X = b"-0x"


def any_of(mask: Mask) -> Mask:
    """Whether any flag of a row is set; by columns, which is quicker for rows of few."""
    found = np.zeros(len(mask), dtype=np.bool_)
    if mask.any():
        for flags in mask.T:
            found |= flags
    return found


def all_of(mask: Mask) -> Mask:
    """Whether all flags of a row are set."""
    return ~any_of(~mask)


def series(data: bytes | Octets, offsets: Offsets) -> pl.Series:
    """Texts that lie one after the other in UTF-8: text i from `offsets[i]` to `offsets[i + 1]`."""
    import pyarrow as pa  # not above: it loads slowly

    buffers = [
        None,
        pa.py_buffer(np.ascontiguousarray(offsets, dtype=np.int64)),
        pa.py_buffer(data),
    ]
    texts = pa.Array.from_buffers(pa.large_utf8(), len(offsets) - 1, buffers)
    return pl.Series(pl.from_arrow(texts), dtype=pl.String)


def kept(characters: Octets, keep: Mask) -> pl.Series:
    """The ASCII characters of each row that are kept, run together."""
    lengths = np.zeros(len(characters), dtype=np.int64)
    for flags in keep.T:
        lengths += flags
    return series(characters[keep], _offsets(lengths))


def whole(characters: Octets) -> pl.Series:
    """The ASCII characters of each row."""
    rows, width = characters.shape
    return series(
        np.ascontiguousarray(characters).ravel(), np.arange(rows + 1, dtype=np.int64) * width
    )


def decoded(field: Octets, page: CodePage) -> tuple[pl.Series, Mask]:
    """The characters of a text field, and which rows have a byte that means nothing."""
    rows, width = field.shape
    plain = page.ascii[field]
    if not (plain == 255).any():
        return whole(plain), np.zeros(rows, dtype=np.bool_)
    utf8, lengths = page.utf8(field.tobytes())
    offsets = _offsets(lengths.reshape(rows, width).sum(axis=1, dtype=np.int64))
    undefined = np.array([character == UNDEFINED for character in page.characters])
    return series(utf8, offsets), any_of(undefined[field])


def decoded_wide(field: Octets) -> tuple[pl.Series, Mask]:
    """The characters of a NATIONAL field (UTF-16, big endian), and which rows are not valid."""
    units = np.ascontiguousarray(field).view(">u2").astype(np.uint16)
    high, low = (units & 0xFC00) == 0xD800, (units & 0xFC00) == 0xDC00
    paired = np.zeros_like(low)
    paired[:, 1:] = high[:, :-1]
    lone = low & ~paired
    lone[:, :-1] |= high[:, :-1] & ~low[:, 1:]
    lone[:, -1] |= high[:, -1]
    units = np.where(lone, np.uint16(0xFFFD), units)
    lengths = np.where(units < 0x80, 1, np.where(units < 0x800, 2, 3))
    lengths = np.where((high | low) & ~lone, 2, lengths)  # four bytes for a pair
    utf8 = units.astype(">u2").tobytes().decode("utf-16-be").encode()
    return series(utf8, _offsets(lengths.sum(axis=1))), any_of(lone)


def _offsets(lengths: Offsets) -> Offsets:
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def in_hex(field: Octets, present: Offsets) -> pl.Series:
    """What could not be read: `0x`, then two digits per byte; `--` for those that are missing."""
    rows, width = field.shape
    characters = np.empty((rows, 2 + 2 * width), dtype=np.uint8)
    characters[:, 0], characters[:, 1] = _ZERO, _X
    characters[:, 2::2], characters[:, 3::2] = _HEX[field >> 4], _HEX[field & 15]
    missing = np.repeat(np.arange(width) >= present[:, None], 2, axis=1)
    characters[:, 2:][missing] = _DASH
    return whole(characters)


def is_hex(text: pl.Expr, length: int, *, is_number: bool) -> pl.Expr:
    """Whether a text is what `in_hex` makes of a field of that length.

    A number never begins like that, and a text of as many characters as the field has bytes is
    always shorter.
    """
    if is_number:
        return text.str.starts_with("0x")
    return (text.str.len_chars() == 2 + 2 * length) & text.str.starts_with("0x")
