"""Many short texts in a code page → one column of UTF-8, without a Python object per text."""

from __future__ import annotations

import codecs

import numpy as np
import numpy.typing as npt
import polars as pl

from cleanhold.readers.encoding import text_encoding
from cleanhold.readers.framing import Mask, Offsets
from cleanhold.readers.spans import tiles

#: Encodings that write a character as several bytes, none of which is a line feed.
_MULTIBYTE = {"cp932", "gbk", "gb18030", "cp949", "cp950", "big5", "shift_jis", "euc_kr"}

Matrix = npt.NDArray[np.uint8]


def known_encoding(name: str) -> str:
    """Python's name of an encoding that texts of tables can be in.

    Raises:
        UsageError: no such encoding, or one that fields of fixed length cannot have.
    """
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        found = name
    return found if found in _MULTIBYTE else text_encoding(name).name


def text_column(data: bytes, bounds: Offsets, encoding: str) -> tuple[pl.Series, Mask]:
    """The pieces of some bytes as texts.

    Args:
        data: the pieces, one after the other.
        bounds: n + 1 positions that cut them apart.
        encoding: one that `known_encoding` gave.

    Returns:
        n texts (String), and which of them are not valid: those say nothing of use.
    """
    count = len(bounds) - 1
    bad = np.zeros(count, dtype=np.bool_)
    if data.isascii():
        return tiles(data, bounds, np.arange(count)).cast(pl.String), bad
    octets = np.frombuffer(data, dtype=np.uint8)
    if encoding == "utf-8":
        # A line feed after each piece, so that none completes what the one before left open.
        apart = np.insert(octets, bounds[1:], ord("\n")).tobytes()
        ends = bounds[1:] + np.arange(1, count + 1)
        invalid = text_encoding("utf-8").invalid(apart)
        bad[np.searchsorted(ends, invalid, side="right")] = True
        pieces = tiles(data, bounds, np.arange(count))
        return pieces.set(pl.Series(bad), b"").cast(pl.String), bad
    if encoding in _MULTIBYTE:
        return _decoded(data, bounds, encoding)
    table = [bytes([byte]).decode(encoding, errors="replace").encode() for byte in range(256)]
    ends = np.concatenate(([0], np.cumsum(np.array([len(t) for t in table])[octets])))
    text = data.decode(encoding, errors="replace").encode()
    whole = tiles(text, ends[bounds], np.arange(count)).cast(pl.String)
    places = text_encoding(encoding).invalid(data)
    bad[np.searchsorted(bounds, places, side="right") - 1] = True
    return whole, bad


def _decoded(data: bytes, bounds: Offsets, encoding: str) -> tuple[pl.Series, Mask]:
    """Texts in an encoding that Python has to decode: together, or one by one if some are bad."""
    pieces = tiles(data, bounds, np.arange(len(bounds) - 1))
    if b"\n" not in data:
        try:
            texts = b"\n".join(pieces.to_list()).decode(encoding)
        except UnicodeDecodeError:
            pass
        else:
            return pl.Series(texts.split("\n"), dtype=pl.String), np.zeros(len(pieces), np.bool_)
    texts_or_none = [_text(piece, encoding) for piece in pieces]
    bad = np.array([text is None for text in texts_or_none], dtype=np.bool_)
    return pl.Series([text or "" for text in texts_or_none], dtype=pl.String), bad


def _text(piece: bytes, encoding: str) -> str | None:
    try:
        return piece.decode(encoding)
    except UnicodeDecodeError:
        return None


def matrix_texts(cells: Matrix, encoding: str) -> tuple[pl.Series, Mask]:
    """The rows of a byte matrix as texts, and which of them are not valid."""
    bounds = np.arange(len(cells) + 1, dtype=np.int64) * cells.shape[1]
    return text_column(np.ascontiguousarray(cells).tobytes(), bounds, encoding)


def hexadecimal(cells: Matrix) -> pl.Series:
    """The rows of a byte matrix as `0x…`."""
    width = cells.shape[1]
    if not width:
        return pl.Series([""] * len(cells), dtype=pl.String)
    bounds = np.arange(0, (len(cells) + 1) * width, width, dtype=np.int64)
    pieces = tiles(np.ascontiguousarray(cells).tobytes(), bounds, np.arange(len(cells)))
    return ("0x" + pieces.bin.encode("hex")).rename("")
