"""Floating-point numbers → text, the shortest that reads back as the same number.

IBM hexadecimal floating point: z/Architecture Principles of Operation, chapter 18: a sign bit,
seven bits of exponent of 16 in excess of 64, then the fraction. IEEE 754: binary32 and binary64.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from cleanhold.readers.framing import Mask, Octets


def floats(field: Octets, *, ibm: bool, little: bool) -> tuple[pl.Series, Mask]:
    """The numbers as text, and which rows are none (infinite, not a number)."""
    if little:
        field = field[:, ::-1]
    field = np.ascontiguousarray(field)
    width = field.shape[1]
    if not ibm:
        values = field.view(f">f{width}")[:, 0].astype(np.float32 if width == 4 else np.float64)
        return _text(pl.Series(values)), ~np.isfinite(values)
    bits = field.view(f">u{width}")[:, 0].astype(np.uint64)
    places = np.uint64(8 * width - 8)
    fraction = (bits & ((np.uint64(1) << places) - np.uint64(1))).astype(np.float64)
    exponent = ((bits >> places) & np.uint64(0x7F)).astype(np.int64) - 64
    values = np.ldexp(fraction, 4 * exponent - int(places))
    sign = np.where(bits >> (places + np.uint64(7)), -1.0, 1.0)
    values = np.where(fraction == 0, 0.0, values * sign)
    text = _text(pl.Series(values))
    if width == 4:
        # 24 bits of fraction fit a binary32 exactly, whose shortest text is shorter.
        with np.errstate(over="ignore", under="ignore"):
            single = values.astype(np.float32)
        text = _text(pl.Series(single)).zip_with(pl.Series(single == values), text)
    return text, np.zeros(len(values), dtype=np.bool_)


def _text(values: pl.Series) -> pl.Series:
    return values.cast(pl.String)
