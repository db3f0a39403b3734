"""Well-framed text → one column per field, cut at the positions of its delimiters.

For text in dialects that Polars' parser does not know, where nothing can stand in for the marks
(`stand_ins`).
"""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from cleanhold.readers.dialect import Dialect, marking
from cleanhold.readers.framing import LF, Mask, Offsets, content_ends, octets, positions
from cleanhold.readers.utf8 import Utf8


def cut(text: bytes, count: int, names: list[str], dialect: Dialect) -> pl.DataFrame | None:
    """The cells of UTF-8 text whose records end with LF or CR LF, or None if they are not `count`.

    Quotes around a cell go, and doubled ones become one; an escape goes if it stands before a
    delimiter, quote, escape or line ending, and stays (with what follows) before anything else.
    """
    if not Utf8().is_valid(text):
        return None
    marked = marking(dialect, Utf8())
    symbols, marks = marked.symbols, octets(marked.marks(text))
    if marked.quote:
        at = positions(marks, (LF, symbols.delimiter, symbols.quote))
        is_quote = marks[at] == symbols.quote
        stops = at[~(np.logical_xor.accumulate(is_quote) | is_quote)]
    else:
        stops = positions(marks, (LF, symbols.delimiter))
    if text and text[-1] != LF:
        stops = np.append(stops, len(text))
    is_end = np.append(marks, np.uint8(LF))[stops] == LF
    if len(stops) != count * len(names) or not is_end[len(names) - 1 :: len(names)].all():
        return None
    if is_end.sum() != count:
        return None
    starts = np.concatenate(([0], stops[:-1] + 1))
    ends = np.where(is_end, content_ends(marks, stops), stops + 1 - len(marked.delimiter))
    quoted = np.zeros(len(starts), dtype=np.bool_)
    if marked.quote:
        quoted = (marks[np.minimum(starts, len(marks) - 1)] == symbols.quote) & (starts < ends)
        starts, ends = starts + quoted * len(marked.quote), ends - quoted * len(marked.quote)
    frame = _columns(text, starts, ends, (starts < ends) | quoted, names)
    return frame.with_columns(_plain(dialect)) if _is_dressed(text, dialect) else frame


def _columns(
    text: bytes, starts: Offsets, ends: Offsets, present: Mask, names: list[str]
) -> pl.DataFrame:
    import pyarrow as pa  # not above: well-formed files in plain dialects need none of it

    cuts = np.empty(2 * len(starts), dtype=np.int64)
    cuts[0::2], cuts[1::2] = starts, ends
    buffers = [None, pa.py_buffer(cuts), pa.py_buffer(text)]
    pieces = pa.Array.from_buffers(pa.large_string(), len(cuts) - 1, buffers)
    columns = []
    for nth in range(len(names)):
        wanted = 2 * np.arange(nth, len(starts), len(names), dtype=np.int64)
        is_there = np.packbits(present[nth :: len(names)], bitorder="little")
        index = pa.Array.from_buffers(
            pa.int64(), len(wanted), [pa.py_buffer(is_there), pa.py_buffer(wanted)]
        )
        columns.append(pl.Series(names[nth], pl.from_arrow(pieces.take(index)), dtype=pl.String))
    return pl.DataFrame(columns)


def _is_dressed(text: bytes, dialect: Dialect) -> bool:
    """Whether a cell may hold doubled quotes or escapes."""
    return (dialect.quote is not None and (2 * dialect.quote).encode() in text) or (
        dialect.escape is not None and dialect.escape.encode() in text
    )


def _plain(dialect: Dialect) -> pl.Expr:
    """Every cell without escapes and doubled quotes."""
    patterns = []
    if dialect.escape is not None:
        special = [dialect.escape, dialect.quote or "", dialect.delimiter[0], "\n", "\r"]
        either = "|".join(["\r\n", *(re.escape(mark) for mark in special if mark)])
        patterns.append(f"{re.escape(dialect.escape)}({either})")
    if dialect.quote is not None:
        mark = re.escape(dialect.quote)
        patterns.append(f"{mark}({mark})")
    whole = "|".join(patterns)
    kept = "".join(f"${{{n}}}" for n in range(1, len(patterns) + 1))
    return pl.all().str.replace_all(whole, kept)
