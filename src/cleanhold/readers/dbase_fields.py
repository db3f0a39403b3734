"""The fields of dBase records → columns of text, a column at a time.

What a field should hold is its text: a date `2026-11-21`, a truth value `true`, a number as it was
written. What is no such value stays as delivered (bytes in hexadecimal where the field is binary),
and the column's test, `UNREADABLE`, tells it from a value.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from cleanhold.core.reading import Unreadable
from cleanhold.readers.dbase_header import Field
from cleanhold.readers.dbase_memo import GOOD, Memos
from cleanhold.readers.dbase_text import Matrix, hexadecimal, matrix_texts, text_column
from cleanhold.readers.framing import Mask, Offsets
from cleanhold.readers.spans import tiles

#: What stands at the start of a text that tells of a memo which cannot be read. No code page has
#: this character.
TELLS = "\ufffd"

#: Julian day of 1970-01-01, and of the first and last day that can be written with four digits.
_EPOCH, _FIRST, _LAST = 2_440_588, 1_721_426, 5_373_484

_DAY_MS = 86_400_000


def _no_number(text: pl.Expr) -> pl.Expr:
    return ~text.str.contains(r"\A[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\z")


def _no_date(text: pl.Expr) -> pl.Expr:
    return ~text.str.contains(r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\z")


def _no_moment(text: pl.Expr) -> pl.Expr:
    return ~text.str.contains(r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T")


def _no_truth(text: pl.Expr) -> pl.Expr:
    return ~text.is_in(["true", "false"])


def _no_memo(text: pl.Expr) -> pl.Expr:
    return text.str.starts_with(TELLS)


#: Type of a field → what of its column is no value. A column of another type is always readable.
UNREADABLE: dict[str, Unreadable] = {
    **dict.fromkeys("NFBOYI+", _no_number),
    "D": _no_date,
    "T": _no_moment,
    "@": _no_moment,
    "L": _no_truth,
    "M": _no_memo,
}


def is_memo(field: Field, *, foxpro: bool) -> bool:
    """Whether a field points into the memo file."""
    return field.type in "MGPW" or (field.type == "B" and not foxpro)


def plain_column(
    field: Field, cells: Matrix, encoding: str, *, level7: bool
) -> tuple[pl.Series, Mask]:
    """The column of a field that stands in the record itself, and which rows are undecodable.

    Args:
        field: its length is the matrix's width.
        cells: a record per row.
        encoding: of texts.
        level7: dBase 7 writes numbers with the first byte first and the sign turned round.
    """
    none_bad = np.zeros(len(cells), dtype=np.bool_)
    if binary := _BINARY.get((field.type, field.length)):
        return binary(cells, level7).rename(field.name), none_bad
    if field.type not in "CNFDLV":
        return _unless_blank(hexadecimal(cells), cells).rename(field.name), none_bad
    texts, bad = matrix_texts(cells, encoding)
    if field.type in "CV":
        texts = texts.str.strip_chars_end(" \0")
    else:
        texts = texts.str.strip_chars(" \0")
        bad, texts = none_bad, texts.set(pl.Series(bad), None).fill_null(hexadecimal(cells))
    frame = texts.alias(field.name).to_frame()
    text = pl.col(field.name)
    filled = pl.when(text != "").then(text).otherwise(None)
    if field.type == "L":
        filled = filled.replace(
            {**dict.fromkeys("TtYy", "true"), **dict.fromkeys("FfNn", "false"), "?": None}
        )
    elif field.type == "D":
        plain = pl.when(text.str.contains(r"\A[0-9]{8}\z")).then(text)
        day = plain.str.to_date("%Y%m%d", strict=False).dt.strftime("%Y-%m-%d")
        filled = pl.when(text != "00000000").then(pl.coalesce(day, filled))
    return frame.select(filled.alias(field.name)).to_series(), bad


def memo_column(
    field: Field, pointers: pl.Series, memos: Memos | None, why: str, encoding: str
) -> pl.Series:
    """The texts that records point to; what cannot be had begins with `TELLS`.

    Args:
        field: a text (`M`), or bytes, which become hexadecimal.
        pointers: block numbers as text; null where there is no memo.
        memos: the memo file, or None and `why`.
        encoding: of texts.
    """
    missing = TELLS + "memo block " + pointers + ": "
    if memos is None:
        return (missing + why).rename(field.name)
    numbers = pointers.cast(pl.Int64, strict=False)
    which = np.flatnonzero(numbers.is_not_null().to_numpy())
    starts, lengths, found = memos.find(numbers.drop_nulls().to_numpy())
    data = memos.gather(starts, lengths)
    bounds = np.concatenate(([0], np.cumsum(lengths)))
    if field.type == "M":
        texts, bad = text_column(data, bounds, encoding)
    else:
        texts = "0x" + tiles(data, bounds, np.arange(len(lengths))).bin.encode("hex")
        bad = np.zeros(len(lengths), dtype=np.bool_)
    told = missing + "it is damaged, or not in the memo file"
    told = told.set(pl.Series(_scattered(which, bad, len(pointers))), None).fill_null(
        missing + f"it is not valid {encoding}"
    )
    wrong = ~numbers.is_not_null().to_numpy() | _scattered(which, bad | (found != GOOD), len(told))
    cells = pl.Series([None], dtype=pl.String).new_from_index(0, len(told))
    cells = cells.scatter(which, texts) if len(which) else cells
    return cells.set(pl.Series(wrong), None).fill_null(told).rename(field.name)


def memo_bytes(pointers: pl.Series, memos: Memos | None) -> Offsets:
    """How many bytes each record's memo has."""
    lengths = np.zeros(len(pointers), dtype=np.int64)
    if memos is not None:
        numbers = pointers.cast(pl.Int64, strict=False)
        which = np.flatnonzero(numbers.is_not_null().to_numpy())
        lengths[which] = memos.find(numbers.drop_nulls().to_numpy())[1]
    return lengths


def block_numbers(cells: Matrix) -> pl.Series:
    """Block numbers as text, null where there is no memo: 4 bytes (Visual FoxPro), or digits."""
    if cells.shape[1] == 4:
        numbers = pl.Series(np.ascontiguousarray(cells).view("<u4").ravel().astype(np.int64))
        return numbers.set(numbers == 0, None).cast(pl.String)
    texts, _ = matrix_texts(cells, "latin-1")
    texts = texts.str.strip_chars(" \0").str.replace(r"\A0+([0-9])", "$1")
    return texts.set(texts.is_in(["", "0"]), None)


def _scattered(which: Offsets, flags: Mask, count: int) -> Mask:
    whole = np.zeros(count, dtype=np.bool_)
    whole[which] = flags
    return whole


def _unless_blank(texts: pl.Series, cells: Matrix, blanks: tuple[int, ...] = (0, 32)) -> pl.Series:
    blank = np.isin(cells, blanks).all(axis=1)
    return texts.set(pl.Series(blank), None)


def _integers(cells: Matrix, level7: bool) -> pl.Series:
    four = np.ascontiguousarray(cells)
    if not level7:
        return pl.Series(four.view("<i4").ravel()).cast(pl.String)
    # dBase 7: the first bit is 0 where the number is negative; all zero bytes: no value.
    numbers = (four.view(">u4").ravel() ^ np.uint32(0x80000000)).astype(np.uint32).view(np.int32)
    return _unless_blank(pl.Series(numbers).cast(pl.String), cells, (0,))


def _doubles(cells: Matrix, level7: bool) -> pl.Series:
    eight = np.ascontiguousarray(cells)
    if level7:
        bits = eight.view(">u8").ravel().astype(np.uint64)
        sign = np.uint64(1 << 63)
        bits = np.where(bits & sign, bits ^ sign, ~bits)
        numbers = bits.view(np.float64)
    else:
        numbers = eight.view("<f8").ravel()
    texts = number_texts(pl.Series(numbers))
    return _unless_blank(texts, cells, (0,)) if level7 else texts


def number_texts(numbers: pl.Series) -> pl.Series:
    """Floats as the shortest text that reads back the same; whole ones have no `.0`."""
    return numbers.cast(pl.String).str.replace(r"\.0\z", "")


def _currency(cells: Matrix, level7: bool) -> pl.Series:
    amounts = pl.Series(np.ascontiguousarray(cells).view("<i8").ravel())
    digits = amounts.cast(pl.String).str.strip_prefix("-").str.zfill(5)
    sign = amounts.to_frame("n").select(
        pl.when(pl.col("n") < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    )
    return sign.to_series() + digits.str.head(-4) + "." + digits.str.tail(4)


def _moments(cells: Matrix, level7: bool) -> pl.Series:
    """Julian day and milliseconds of the day, both little-endian; all zero: no value."""
    two = np.ascontiguousarray(cells).view("<u4").astype(np.int64)
    day, ms = two[:, 0], two[:, 1]
    good = (day >= _FIRST) & (day <= _LAST) & (ms < _DAY_MS)
    since = np.where(good, (day - _EPOCH) * _DAY_MS + ms, 0)
    moments = pl.Series(since).cast(pl.Datetime("ms"))
    texts = moments.dt.strftime("%Y-%m-%dT%H:%M:%S%.3f").str.strip_suffix(".000")
    texts = texts.set(pl.Series(~good), None).fill_null(hexadecimal(cells))
    return _unless_blank(texts, cells)


#: (type, length) of a binary field → its column.
_BINARY: dict[tuple[str, int], Callable[[Matrix, bool], pl.Series]] = {
    ("I", 4): _integers,
    ("+", 4): _integers,
    ("B", 8): _doubles,
    ("O", 8): _doubles,
    ("Y", 8): _currency,
    ("T", 8): _moments,
    ("@", 8): _moments,
}
