"""The hash of a table's values, whatever file they were in and whichever library reads them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import polars as pl

from cleanhold.core.run import canonical_json

#: Rows whose bytes are in memory together.
_ROWS = 100_000

#: Dtypes whose values count as they are written.
_AS_TEXT = (pl.String, pl.Categorical, pl.Enum, pl.Decimal, pl.Int128, pl.UInt128)


def frame_hash(frame: pl.DataFrame) -> str:
    """Hex SHA-256 of names, dtypes and values, in their order.

    It depends on nothing but these: neither on the version of Polars nor on how the frame is laid
    out in memory. Numbers count by their bits, so that `0.0` and `-0.0` differ.
    """
    said = hashlib.sha256(canonical_json([frame.height, frame.width]))
    for column in frame.iter_columns():
        of_it = hashlib.sha256(canonical_json([column.name, _dtype(column.dtype)]))
        for start in range(0, column.len(), _ROWS):
            for part in _bytes(column.slice(start, _ROWS)):
                of_it.update(part)
        said.update(of_it.digest())
    return said.hexdigest()


def _dtype(dtype: pl.DataType) -> str:
    is_text = isinstance(dtype, pl.Categorical | pl.Enum)
    return type(dtype).__name__ if is_text else str(dtype)


def _bytes(values: pl.Series) -> Iterator[bytes]:
    """The bytes of some values; what is null first."""
    dtype = values.dtype
    yield values.is_null().to_numpy().tobytes()
    if isinstance(dtype, pl.Struct):
        for field in values.struct.fields:
            yield from _bytes(values.struct.field(field))
    elif isinstance(dtype, pl.List | pl.Array):
        lists = values.arr.to_list() if isinstance(dtype, pl.Array) else values
        yield lists.list.len().fill_null(0).cast(pl.Int64).to_numpy().tobytes()
        yield from _bytes(lists.drop_nulls().explode(empty_as_null=False))
    elif isinstance(dtype, pl.Binary):
        yield from _bytes(values.bin.encode("hex"))
    elif isinstance(dtype, _AS_TEXT):
        texts = values.cast(pl.String).fill_null("")
        yield texts.str.len_bytes().cast(pl.Int64).to_numpy().tobytes()
        yield texts.str.join("").item().encode()
    elif not isinstance(dtype, pl.Null):
        physical = values.to_physical()
        empty = False if isinstance(dtype, pl.Boolean) else 0
        yield physical.fill_null(empty).to_numpy().tobytes()
