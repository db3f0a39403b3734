"""Framed records of delimited text → one text column per field.

Polars' own parser reads the dialects that it knows, and those that can be turned into one
(`stand_ins`); what is left is cut (`cutting`). Either must find exactly the records that were
framed. An empty field is null; an empty quoted field (`""`) is an empty string.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from cleanhold.readers.cutting import cut
from cleanhold.readers.dialect import Dialect
from cleanhold.readers.encoding import TextEncoding
from cleanhold.readers.framing import Batch, Offsets, Records, octets, positions
from cleanhold.readers.refusals import Refusal
from cleanhold.readers.spans import holding, joined, span_columns, with_faults
from cleanhold.readers.stand_ins import stand_ins

#: First bytes of text that Polars would not take as text: it drops a byte order mark and inflates
#: what looks compressed ("x^" does). A first record that begins like either is put behind an
#: empty one.
MISREAD = (b"\xef", b"x", b"(", b"\x1f")

#: Runs of good records in a block that are put together run by run.
_MOST_RUNS = 500


@dataclass(frozen=True, slots=True)
class Cells:
    """How records become cells.

    Attributes:
        dialect: how fields are told apart.
        encoding: of the bytes.
        names: of the columns.
    """

    dialect: Dialect
    encoding: TextEncoding
    names: list[str]

    def read(self, batch: Batch, first: int) -> tuple[pl.DataFrame, Batch]:
        """The rows with their spans, and the batch with every verdict."""
        records = with_nuls(batch.data, batch.records, self.encoding)
        if self.encoding.name != "utf-8":  # there, the parser notices
            records = self._decodable(batch.data, records)
        which = np.flatnonzero(records.faults == Refusal.NONE)
        frame = self._parse(batch.data, records, which)
        if frame is None:
            records = self._decodable(batch.data, records)
            which = np.flatnonzero(records.faults == Refusal.NONE)
            parts = list(self._agreed(batch.data, records, which))
            agreed = np.concatenate([which[:0], *(w for w, _ in parts)])
            records = with_faults(records, np.setdiff1d(which, agreed), Refusal.PARSER_DISAGREES)
            which = agreed
            frame = pl.concat([self.empty(), *(f for _, f in parts)])
        rows = pl.DataFrame(span_columns(batch, first, which)).hstack(frame)
        return rows, replace(batch, records=records)

    def empty(self) -> pl.DataFrame:
        return pl.DataFrame(schema=dict.fromkeys(self.names, pl.String))

    def _decodable(self, data: bytes, records: Records) -> Records:
        bad = holding(records, self.encoding.invalid(data))
        return with_faults(records, bad, Refusal.UNDECODABLE)

    def _agreed(
        self, data: bytes, records: Records, which: Offsets
    ) -> Iterator[tuple[Offsets, pl.DataFrame]]:
        """Halve until the parser agrees, or a single record is left that it does not read."""
        frame = self._parse(data, records, which)
        if frame is not None:
            yield which, frame
        elif len(which) > 1:
            middle = len(which) // 2
            yield from self._agreed(data, records, which[:middle])
            yield from self._agreed(data, records, which[middle:])

    def _parse(self, data: bytes, records: Records, which: Offsets) -> pl.DataFrame | None:
        """The cells of some records, or None if the parser does not find exactly those."""
        if not len(which):
            return self.empty()
        text = b""
        if self._ends_stay(data) and is_plain(data, records, self.encoding):
            text = _runs(data, records, which)
        text = text or joined(data, records, which, self.encoding.newline)
        return self.parse(self.encoding.to_utf8(text), len(which))

    def _ends_stay(self, data: bytes) -> bool:
        """Whether no line ending means another thing once it is a line feed alone, or is added."""
        escape = self.dialect.escape
        return escape is None or (
            self.encoding.keeps_ascii and b"\r" not in data and not data.endswith(escape.encode())
        )

    def parse(self, text: bytes, count: int) -> pl.DataFrame | None:
        """The cells of UTF-8 text, or None if the parser does not find `count` rows in it."""
        if self.dialect.is_plain:
            return self._read_csv(text, count, self.dialect)
        known = stand_ins(text, len(self.names), count, self.dialect)
        if known is None:
            return cut(text, count, self.names, self.dialect)
        if known.text.endswith(b"\n") != text.endswith(b"\n"):
            return None  # escaped, in this text; every other one that is makes a row fewer
        frame = self._read_csv(known.text, count, known.dialect)
        return None if frame is None else known.restored(frame)

    def _read_csv(self, text: bytes, count: int, dialect: Dialect) -> pl.DataFrame | None:
        guarded, delimiter = text[:1] in MISREAD, dialect.delimiter
        if guarded:
            text = delimiter.encode() * (len(self.names) - 1) + b"\n" + text
        try:
            frame = pl.read_csv(
                text,
                has_header=False,
                schema=dict.fromkeys(self.names, pl.String),
                separator=delimiter,
                quote_char=dialect.quote,
                empty_string_is_null=True,
                raise_if_empty=False,
            )
        except (pl.exceptions.PolarsError, OSError):
            return None
        frame = frame[1:] if guarded else frame
        return frame if frame.height == count else None


def with_nuls(data: bytes, records: Records, encoding: TextEncoding) -> Records:
    """The records, those that hold a NUL character refused."""
    if b"\0" not in data:
        return records
    nul = positions(octets(encoding.view(data)), (0,)) * encoding.unit
    return with_faults(records, holding(records, nul), Refusal.NUL_BYTE, instead=True)


def is_plain(data: bytes, records: Records, encoding: TextEncoding) -> bool:
    """Whether each record is its content and one LF or CR LF, as the parser understands them."""
    unit = encoding.unit
    feed, back = (f"{mark}".encode(encoding.name) for mark in "\n\r")
    units = np.frombuffer(data, dtype=f"u{unit}", count=len(data) // unit)
    lf, cr = (np.frombuffer(mark, dtype=units.dtype)[0] for mark in (feed, back))
    bounds, ends = records.bounds // unit, records.ends // unit
    if bounds[0] or records.stops is not None:
        return False
    if ends[-1] == bounds[-1]:  # the file's last line has no ending
        bounds, ends = bounds[:-1], ends[:-1]
    if (units[bounds[1:] - 1] != lf).any():
        return False
    longer = np.flatnonzero(bounds[1:] - ends != 1)
    return bool(
        (units[ends[longer]] == cr).all() and (bounds[1:] - ends)[longer].max(initial=2) == 2
    )


def _runs(data: bytes, records: Records, which: Offsets) -> bytes:
    """The bytes of some records, with their line endings, if they are few runs; else nothing."""
    if len(which) == len(records):
        return data[: records.end]
    breaks = np.flatnonzero(np.diff(which) != 1)
    if len(breaks) > _MOST_RUNS:
        return b""
    firsts = records.bounds[which[np.append(0, breaks + 1)]].tolist()
    lasts = records.bounds[which[np.append(breaks, len(which) - 1)] + 1].tolist()
    return b"".join(data[a:b] for a, b in zip(firsts, lasts, strict=True))
