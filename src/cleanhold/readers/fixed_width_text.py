"""Fixed-width text: one record per line, fields by position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from cleanhold.core.reading import ROW_SPAN, Framing, Progress
from cleanhold.errors import UsageError
from cleanhold.readers.body import chunks, text_body
from cleanhold.readers.encoding import TextEncoding, text_encoding
from cleanhold.readers.framing import Batch, Offsets, Records, octets, positions, split_lines
from cleanhold.readers.refusals import Refusal
from cleanhold.readers.spans import contents, holding, span_columns, with_faults

#: A field: its name, where it starts (the first character is 1), how many characters it has.
Field = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class FixedWidth:
    """A reader of fixed-width text.

    Cells are the characters as delivered, blanks included: trimming belongs to parsing. In UTF-8
    a position is a character, not a byte. Lines end as they like (LF, CR LF, CR); blank lines
    are no records.

    Attributes:
        layout: (name, start, length) of each field, in the order of the columns; gaps between
            fields are filler and not read.
        encoding: utf-8 or a single-byte encoding.
        short: `refuse` a line that is shorter than the layout, or `pad` it with blanks (some
            systems trim the blanks at the end of a line).
        width: characters per line, if there is filler after the last field.
        skip_lines: physical lines before the first record that are not data.
    """

    layout: Sequence[Field]
    encoding: str = "utf-8"
    short: str = "refuse"
    width: int | None = None
    skip_lines: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "layout", _checked(self.layout))
        object.__setattr__(self, "encoding", text_encoding(self.encoding).name)
        if self.short not in ("refuse", "pad"):
            raise UsageError(f"short must be 'refuse' or 'pad', not {self.short!r}")
        if self.skip_lines < 0:
            raise UsageError(f"skip_lines must be 0 or more, not {self.skip_lines}")
        end = max(start + length - 1 for _, start, length in self.layout)
        if self.width is None:
            object.__setattr__(self, "width", end)
        elif self.width < end:
            raise UsageError(f"width is {self.width}, but the layout ends at {end}")

    @property
    def format(self) -> str:
        return "fixed-width"

    def describe(self) -> dict[str, Any]:
        return {
            "format": self.format,
            "layout": [list(field) for field in self.layout],
            "encoding": self.encoding,
            "short": self.short,
            "width": self.width,
            "skip_lines": self.skip_lines,
        }

    def open(self, path: Path, progress: Progress | None = None) -> Framing:
        """Open an extract; see `Reader.open`."""
        encoding = text_encoding(self.encoding)
        body = text_body(path, "fixed-width text", encoding, self.skip_lines)
        cells = _Cells(tuple(self.layout), encoding, self.width or 0, pad=self.short == "pad")
        facts = {"expected": self.width, "encoding": self.encoding}
        return Framing(
            columns=dict.fromkeys([name for name, _, _ in self.layout], pl.String),
            chunks=chunks(path, body, split_lines, cells.read, facts, progress),
            encoding=self.encoding,
            overhead=body.overhead,
            notes=body.notes,
        )


def _checked(layout: object) -> tuple[Field, ...]:
    if not isinstance(layout, Sequence) or isinstance(layout, str) or not layout:
        raise _mistaken("it has no fields")
    fields: list[Field] = []
    for number, item in enumerate(layout, start=1):
        match item:
            case [str(name), int(start), int(length)] if name.strip() and start > 0 and length > 0:
                fields.append((name, start, length))
            case _:
                raise _mistaken(f"field {number} is {item!r}")
    names = [name for name, _, _ in fields]
    for name in names:
        if names.count(name) > 1 or name in ROW_SPAN:
            why = "is reserved" if name in ROW_SPAN else "is there twice"
            raise _mistaken(f"the name {name!r} {why}")
    ordered = sorted(fields, key=lambda field: field[1])
    for (before, start, length), (after, begin, _) in pairwise(ordered):
        if begin < start + length:
            raise _mistaken(
                f"{before!r} ends at {start + length - 1}, but {after!r} starts at {begin}"
            )
    return tuple(fields)


def _mistaken(why: str) -> UsageError:
    return UsageError(
        f"the layout is mistaken: {why}",
        next='write each field as ("name", start, length); the first character of a line is 1',
    )


@dataclass(frozen=True, slots=True)
class _Cells:
    layout: tuple[Field, ...]
    encoding: TextEncoding
    width: int
    pad: bool

    def read(self, batch: Batch, first: int) -> tuple[pl.DataFrame, Batch]:
        """The rows with their spans, and the batch with every verdict."""
        data, records = batch.data[: batch.records.end], batch.records
        if b"\0" in data:
            nul = positions(octets(data), (0,))
            records = with_faults(records, holding(records, nul), Refusal.NUL_BYTE, instead=True)
        invalid = holding(records, self.encoding.invalid(data))
        records = with_faults(records, invalid, Refusal.UNDECODABLE)
        which = np.flatnonzero(records.faults == Refusal.NONE)
        lines = self._text(data, records, which)
        found = lines.str.len_chars().to_numpy().astype(np.int64)
        wrong = found > self.width if self.pad else found != self.width
        counts = records.counts.copy()
        counts[which] = found
        records = with_faults(
            Records(records.bounds, records.ends, records.faults, counts),
            which[wrong],
            Refusal.WRONG_LENGTH,
        )
        which, lines = which[~wrong], lines.filter(pl.Series(~wrong))
        if self.pad:
            lines = lines.str.pad_end(self.width)
        cells = lines.to_frame("line").select(
            pl.col("line").str.slice(start - 1, length).alias(name)
            for name, start, length in self.layout
        )
        rows = pl.DataFrame(span_columns(batch, first, which)).hstack(cells)
        return rows, Batch(batch.data, batch.offset, records, batch.read)

    def _text(self, data: bytes, records: Records, which: Offsets) -> pl.Series:
        """The decoded contents of some records, without line endings."""
        if self.encoding.undefined is not None and not data.isascii() and len(which):
            # Line endings are ASCII, so the same bytes in UTF-8 have the same lines.
            data = self.encoding.to_utf8(data)
            records = split_lines(data, True)
        return contents(data, records, which).cast(pl.String)
