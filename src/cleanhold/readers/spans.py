"""Byte spans of a block as Polars columns, without a Python object per record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from cleanhold.core.reading import LENGTH, OFFSET, RECORD, REFUSED_SCHEMA
from cleanhold.readers.framing import Batch, Offsets, Records, octets
from cleanhold.readers.refusals import MESSAGES, Refusal


def tiles(data: bytes, bounds: Offsets, which: Offsets) -> pl.Series:
    """Some of the pieces that `bounds` cuts the bytes into, copied (Binary)."""
    import pyarrow as pa  # not above: a well-formed file needs none of it, and it loads slowly

    # Made of buffers: `pyarrow.array` imports pandas to learn that a NumPy array is not its.
    offsets, wanted = (np.ascontiguousarray(n, dtype=np.int64) for n in (bounds, which))
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    pieces = pa.Array.from_buffers(pa.large_binary(), len(offsets) - 1, buffers)
    taken = pieces.take(
        pa.Array.from_buffers(pa.int64(), len(wanted), [None, pa.py_buffer(wanted)])
    )
    return pl.Series(pl.from_arrow(taken), dtype=pl.Binary)


def run_together(data: bytes | memoryview, bounds: Offsets, which: Offsets) -> bytes:
    """Some of the pieces that `bounds` cuts the bytes into, one after the other."""
    if len(which) == len(bounds) - 1:
        return bytes(data[: bounds[-1]])
    lengths = bounds[which + 1] - bounds[which]
    skipped = bounds[which] - np.concatenate(([0], np.cumsum(lengths)[:-1]))
    return octets(data)[np.repeat(skipped, lengths) + np.arange(lengths.sum())].tobytes()


def contents(data: bytes, records: Records, which: Offsets) -> pl.Series:
    """The contents of some records, without line endings (Binary)."""
    return _up_to(data, records, records.ends, which)


def _own_bytes(data: bytes, records: Records, which: Offsets) -> pl.Series:
    """The bytes of some records, without the overhead after them (Binary)."""
    if records.stops is None:
        return tiles(data, records.bounds, which)
    return _up_to(data, records, records.stops, which)


def _up_to(data: bytes, records: Records, ends: Offsets, which: Offsets) -> pl.Series:
    cuts = np.empty(2 * len(records) + 1, dtype=np.int64)
    cuts[0::2], cuts[1::2] = records.bounds, ends
    return tiles(data, cuts, 2 * which)


def joined(data: bytes, records: Records, which: Offsets, newline: bytes = b"\n") -> bytes:
    """The contents of some records (ascending), each followed by one line feed.

    Args:
        data: the block.
        records: in it; between two contents stands a line ending.
        which: indices of those wanted.
        newline: the line feed in their encoding, as many bytes as its unit has.
    """
    if not len(which):
        return b""
    unit = len(newline)
    low, high = int(records.bounds[which[0]]), int(records.bounds[which[-1] + 1])
    high -= (high - low) % unit
    whole = np.frombuffer(data[low:high] + newline, dtype=f"u{unit}")
    part = whole.copy()
    starts, ends = (records.bounds[which] - low) // unit, (records.ends[which] - low) // unit
    part[ends] = whole[-1]
    edges = np.zeros(len(part) + 1, dtype=np.int8)
    edges[starts] += 1
    edges[ends + 1] -= 1
    return part[np.cumsum(edges[:-1], dtype=np.int8).view(np.bool_)].tobytes()


def span_columns(batch: Batch, first: int, which: Offsets) -> list[pl.Series]:
    """The `ROW_SPAN` columns of some records; `first` is the number of the batch's first."""
    bounds = batch.records.bounds
    return [
        pl.Series(RECORD, (which + first).astype(np.uint64)),
        pl.Series(OFFSET, (bounds[which] + batch.offset).astype(np.uint64)),
        pl.Series(LENGTH, batch.records.lengths[which].astype(np.uint64)),
    ]


def refused(batch: Batch, first: int, facts: Mapping[str, object]) -> pl.DataFrame:
    """The refused records of a batch, `REFUSED_SCHEMA`.

    Args:
        batch: with its verdicts.
        first: the record number of the batch's first record.
        facts: what the messages may quote besides `{count}`.
    """
    faults = batch.records.faults
    which = np.flatnonzero(faults)
    if not len(which):
        return pl.DataFrame(schema=REFUSED_SCHEMA)
    codes = {int(refusal): refusal.code for refusal in MESSAGES}
    words = {int(refusal): text.format_map(_Facts(facts)) for refusal, text in MESSAGES.items()}
    record, offset, length = span_columns(batch, first, which)
    found = pl.DataFrame(
        {
            "record": record,
            "offset": offset,
            "length": length,
            "fault": faults[which],
            "count": batch.records.counts[which],
            "bytes": _own_bytes(batch.data, batch.records, which),
        }
    )
    message = pl.col("fault").replace_strict(words, return_dtype=pl.String)
    return found.with_columns(
        code=pl.col("fault").replace_strict(codes, return_dtype=pl.String),
        message=message.str.replace("{count}", pl.col("count").cast(pl.String), literal=True),
    ).select(*REFUSED_SCHEMA)


class _Facts(dict[str, object]):
    """Leaves `{count}` in place: it differs per record."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def with_faults(
    records: Records, which: Offsets, fault: Refusal, *, instead: bool = False
) -> Records:
    """The records, some of them refused; a verdict they have stays, unless `instead`."""
    faults = records.faults.copy()
    faults[which if instead else which[faults[which] == Refusal.NONE]] = fault
    return replace(records, faults=faults)


def holding(records: Records, positions: Offsets) -> Offsets:
    """The records (indices, ascending) that hold these byte positions (ascending)."""
    within = positions[(positions >= records.bounds[0]) & (positions < records.bounds[-1])]
    return np.unique(np.searchsorted(records.bounds, within, side="right") - 1)
