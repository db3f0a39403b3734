"""Fixed-width text: fields by position, in records that are lines or have a fixed length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from cleanhold.core.reading import Framing, Progress
from cleanhold.errors import UsageError
from cleanhold.readers.body import Body, chunks, content_start, first_bytes, text_body
from cleanhold.readers.cells import with_nuls
from cleanhold.readers.detection import encoding_of
from cleanhold.readers.encoding import TextEncoding, declared
from cleanhold.readers.envelope import Around, header_record, reconciled, require_pattern, trailer
from cleanhold.readers.framing import Batch, Offsets, Records, records_of, split_lines
from cleanhold.readers.layout import Field as Field
from cleanhold.readers.layout import checked
from cleanhold.readers.refusals import Refusal
from cleanhold.readers.sniff import require_text
from cleanhold.readers.spans import holding, joined, span_columns, tiles, with_faults

#: How much of a file is looked at for its header record, in bytes.
_HEAD = 1 << 20


@dataclass(frozen=True, slots=True)
class FixedWidth:
    """A reader of fixed-width text.

    Cells are the characters as delivered, blanks included: trimming belongs to parsing. In UTF-8
    a position is a character, not a byte. Lines end as they like (LF, CR LF, CR; NEL in EBCDIC);
    blank lines are no records.

    Attributes:
        layout: (name, start, length) of each field, in the order of the columns; gaps between
            fields are filler and not read. Or the path of a table with these columns (CSV, TSV).
        encoding: utf-8, utf-16, a code page, an encoding such as cp932; or `detect`.
        short: `refuse` a line that is shorter than the layout, or `pad` it with blanks (some
            systems trim the blanks at the end of a line).
        width: characters per line, if there is filler after the last field.
        skip_lines: physical lines before the first record that are not data.
        record_length: code units per record (bytes, except in UTF-16 and UTF-32) of a file without
            line endings; None where records are lines.
        header_record: regular expression of the lines before the records that speak of the
            delivery; the group `count` is the number of records that it promises.
        trailer: how many lines at the end are not data, or a regular expression of them, likewise.
    """

    layout: Sequence[Field] | str | Path
    encoding: str = "utf-8"
    short: str = "refuse"
    width: int | None = None
    skip_lines: int = 0
    record_length: int | None = None
    header_record: str | None = None
    trailer: int | str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "layout", checked(self.layout))
        object.__setattr__(self, "encoding", declared(self.encoding))
        if self.short not in ("refuse", "pad"):
            raise UsageError(f"short must be 'refuse' or 'pad', not {self.short!r}")
        if self.skip_lines < 0:
            raise UsageError(f"skip_lines must be 0 or more, not {self.skip_lines}")
        if self.record_length is not None:
            self._require_no_lines()
            object.__setattr__(self, "width", self.record_length)
        end = max(start + length - 1 for _, start, length in self._fields)
        if self.width is None:
            object.__setattr__(self, "width", end)
        elif self.width < end:
            raise UsageError(f"width is {self.width}, but the layout ends at {end}")
        for option in ("header_record", "trailer"):
            if isinstance(pattern := getattr(self, option), str):
                require_pattern(option, pattern)
        if isinstance(self.trailer, int) and self.trailer < 1:
            raise UsageError(f"trailer must be 1 line or more, not {self.trailer}")

    def _require_no_lines(self) -> None:
        for option in ("skip_lines", "header_record", "trailer", "width"):
            if getattr(self, option) not in (None, 0, self.record_length):
                raise UsageError(f"record_length and {option} do not go together")
        if self.short == "pad":
            raise UsageError("record_length and short='pad' do not go together")

    @property
    def _fields(self) -> tuple[Field, ...]:
        assert isinstance(self.layout, tuple)
        return self.layout

    @property
    def format(self) -> str:
        return "fixed-width"

    def describe(self) -> dict[str, Any]:
        always = {
            "format": self.format,
            "layout": [list(field) for field in self._fields],
            "encoding": self.encoding,
            "short": self.short,
            "width": self.width,
            "skip_lines": self.skip_lines,
        }
        seldom = {
            "record_length": self.record_length,
            "header_record": self.header_record,
            "trailer": self.trailer,
        }
        return {**always, **{name: value for name, value in seldom.items() if value is not None}}

    def open(self, path: Path, progress: Progress | None = None) -> Framing:
        """Open an extract; see `Reader.open`."""
        size = require_text(path, "fixed-width text", self.encoding)
        encoding, chosen = encoding_of(path, self.encoding)
        split = _Split(encoding, self.record_length)
        ends: list[Around] = []
        if self.record_length is None:
            body = text_body(path, "fixed-width text", encoding, self.skip_lines)
            body, ends = self._within(path, body, encoding)
        else:
            body = Body(0, size, size)
        cells = _Cells(self._fields, encoding, self.width or 0, self.short == "pad", split)
        facts = {"expected": self.width, "encoding": encoding.name}
        rows = chunks(path, body, split, cells.read, facts, progress, encoding)
        promises = [end.promised for end in ends if end.promised]
        return Framing(
            columns=dict.fromkeys([name for name, _, _ in self._fields], pl.String),
            chunks=reconciled(rows, promises, path) if promises else rows,
            encoding=encoding.name,
            overhead=body.overhead,
            notes=(*chosen, *body.notes, *(note for end in ends for note in end.notes)),
        )

    def _within(self, path: Path, body: Body, encoding: TextEncoding) -> tuple[Body, list[Around]]:
        """The body between header and trailer records, and what these say."""
        ends = []
        if self.trailer is not None:
            ends.append(trailer(path, body.stop, encoding, self.trailer))
            body = replace(body, stop=ends[-1].at, start=min(body.start, ends[-1].at))
        if self.header_record is not None:
            data = first_bytes(path, min(body.stop, _HEAD))
            ends.append(header_record(path, data, body.start, encoding, self.header_record))
            body = replace(body, start=content_start(data, ends[-1].at, encoding))
        return body, ends


@dataclass(frozen=True, slots=True)
class _Split:
    """A `framing.Split` of fixed-width text: lines, or `length` code units each."""

    encoding: TextEncoding
    length: int | None

    def __call__(self, data: bytes, final: bool) -> Records:
        if self.length is None:
            records = split_lines(self.encoding.view(data), final)
            return records.scaled(self.encoding.unit, len(data))
        bounds = np.arange(0, len(data), self.length * self.encoding.unit, dtype=np.int64)
        ends = np.append(bounds[1:], len(data))
        return records_of(np.append(bounds, len(data)), ends)


@dataclass(frozen=True, slots=True)
class _Cells:
    layout: tuple[Field, ...]
    encoding: TextEncoding
    width: int
    pad: bool
    split: _Split

    def read(self, batch: Batch, first: int) -> tuple[pl.DataFrame, Batch]:
        """The rows with their spans, and the batch with every verdict."""
        data, records = batch.data[: batch.records.end], batch.records
        if self.split.length is not None:
            data, records = self._as_lines(data, records)
        records = with_nuls(data, records, self.encoding)
        invalid = holding(records, self.encoding.invalid(data))
        records = with_faults(records, invalid, Refusal.UNDECODABLE)
        which = np.flatnonzero(records.faults == Refusal.NONE)
        lines = self._text(data, records, which)
        found = lines.str.len_chars().to_numpy().astype(np.int64)
        wrong = found > self.width if self.pad else found != self.width
        counts = records.counts.copy()
        counts[which] = found
        records = with_faults(replace(records, counts=counts), which[wrong], Refusal.WRONG_LENGTH)
        which, lines = which[~wrong], lines.filter(pl.Series(~wrong))
        if self.pad:
            lines = lines.str.pad_end(self.width)
        cells = lines.to_frame("line").select(
            pl.col("line").str.slice(start - 1, length).alias(name)
            for name, start, length in self.layout
        )
        rows = pl.DataFrame(span_columns(batch, first, which)).hstack(cells)
        judged = replace(batch.records, faults=records.faults, counts=records.counts)
        return rows, replace(batch, records=judged)

    def _as_lines(self, data: bytes, records: Records) -> tuple[bytes, Records]:
        """The same records with a line feed after each, so that no character spans two."""
        unit = len(self.encoding.newline)
        whole = len(data) - len(data) % unit
        units = np.frombuffer(data, dtype=f"u{unit}", count=whole // unit)
        feed = np.frombuffer(self.encoding.newline, dtype=f"u{unit}")
        lines = np.insert(units, records.bounds[1:] // unit, feed[0])
        bounds = records.bounds + np.arange(len(records) + 1) * unit
        bounds[-1] -= len(data) - whole  # a unit that is cut is judged by its record's length
        return lines.tobytes(), replace(records, bounds=bounds, ends=bounds[1:] - unit)

    def _text(self, data: bytes, records: Records, which: Offsets) -> pl.Series:
        """The decoded contents of some records, without line endings."""
        feed = self.encoding.newline
        lines = joined(data, records, which, feed)
        lengths = (records.ends - records.bounds[:-1])[which] // len(feed) + 1
        units = np.frombuffer(lines, dtype=f"u{len(feed)}")
        feeds = np.flatnonzero(units == np.frombuffer(feed, dtype=units.dtype)[0])
        text = self.encoding.to_utf8(lines)
        ends = np.flatnonzero(np.frombuffer(text, dtype=np.uint8) == ord("\n"))
        ends = ends[np.searchsorted(feeds, np.cumsum(lengths) - 1)]  # others are in the contents
        cuts = np.zeros(2 * len(ends) + 1, dtype=np.int64)
        cuts[1::2], cuts[2::2] = ends, ends + 1
        return tiles(text, cuts, 2 * np.arange(len(which))).cast(pl.String)
