"""Mainframe extracts: records that a COBOL copybook describes, in EBCDIC or ASCII."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.core.reading import Framing, Progress
from cleanhold.errors import DeliveryError, UsageError
from cleanhold.readers.mainframe.code_pages import code_page
from cleanhold.readers.mainframe.columns import FILLINGS, Coding
from cleanhold.readers.mainframe.copybook_text import copybook_text
from cleanhold.readers.mainframe.extract import Extract
from cleanhold.readers.mainframe.items import Item, records_of
from cleanhold.readers.mainframe.record_formats import (
    HEADER,
    Cutter,
    Fixed,
    Walked,
    header_length,
)
from cleanhold.readers.mainframe.self_measured import by_counts, by_field
from cleanhold.readers.mainframe.shape import Shape
from cleanhold.readers.sniff import text_end, unreadable

#: Record formats; FB is F, for blocks of fixed records leave no trace in a file.
RECORD_FORMATS = ("F", "FB", "V", "VB", "D", "U")

FLOATS = ("ibm", "ibm-little", "ieee", "ieee-little")


@dataclass(frozen=True, slots=True)
class Copybook:
    """A reader of records that a COBOL copybook describes.

    Every column is text: characters as delivered, blanks included; numbers as a person writes
    them (`-123.45`), digit for digit. What is not a number where one should be is the bytes in
    hex (`0x12AB`), and holds its row.

    Attributes:
        copybook: its text, or the file it is in.
        recfm: `F` (or `FB`) fixed length; `V` each record after its descriptor word, `VB` in
            blocks besides; `D` lines of text; `U` no headers: each record says itself how long
            it is, by `length_field` or by the counts of its arrays.
        encoding: the code page.
        record: the level 01 item to read, if the copybook has several that do not describe the
            same records.
        segment_field: the field that says of which kind a record is.
        segments: its values → the group that only such records have.
        segment: the kinds that become rows, all if not given; the others are counted in a note.
        rdw, bdw: byte order of record and block descriptor words, `big` or `little`.
        rdw_adjustment, bdw_adjustment: what must be added to the length in a descriptor word to
            get the bytes after it; -4, as it counts itself.
        length_field: the field that says how long its record is.
        length_adjustment: what must be added to it to get the bytes of the whole record.
        record_length: bytes of a record with recfm F, if the copybook does not describe all of
            it; what it describes must be there.
        record_start, record_end: bytes of each record before and after what the copybook
            describes.
        file_start, file_end: bytes of the file before the first and after the last record.
        binary: byte order of binary numbers, `big` or `little`.
        floats: how COMP-1 and COMP-2 are written: `ibm` (hexadecimal), `ieee`, or either with
            `-little` behind it for the low byte first.
        filler: FILLER becomes columns too.
        short: `refuse` a record that ends before its last field, or `pad` it: fields that are
            not there are null, a text that is cut off is filled with blanks.
        long: `refuse` a record that goes on after its last field, or `ignore` what is there.
        no_value: what fills a text, zoned or packed field that has no value: `low-values`
            (bytes 00), `high-values` (bytes FF), `blanks`. Such cells are null.
    """

    copybook: str | Path
    recfm: str = "F"
    encoding: str = "cp037"
    record: str | None = None
    segment_field: str | None = None
    segments: Mapping[str, str] = field(default_factory=dict)
    segment: str | Sequence[str] = ()
    rdw: str = "big"
    rdw_adjustment: int = -4
    bdw: str = "big"
    bdw_adjustment: int = -4
    length_field: str | None = None
    length_adjustment: int = 0
    record_length: int | None = None
    record_start: int = 0
    record_end: int = 0
    file_start: int = 0
    file_end: int = 0
    binary: str = "big"
    floats: str = "ibm"
    filler: bool = False
    short: str = "refuse"
    long: str = "refuse"
    no_value: str | Sequence[str] = ("low-values",)

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "copybook", copybook_text(self.copybook))
        put(self, "recfm", str(self.recfm).upper())
        put(self, "encoding", code_page(self.encoding).name)
        put(self, "segments", dict(self.segments))
        put(self, "segment", _several(self.segment))
        put(self, "no_value", _several(self.no_value))
        _one_of("recfm", self.recfm, RECORD_FORMATS)
        _one_of("floats", self.floats, FLOATS)
        for name in ("rdw", "bdw", "binary"):
            _one_of(name, getattr(self, name), ("big", "little"))
        _one_of("short", self.short, ("refuse", "pad"))
        _one_of("long", self.long, ("refuse", "ignore"))
        for filling in self.no_value:
            _one_of("no_value", filling, FILLINGS)
        for name in ("record_start", "record_end", "file_start", "file_end"):
            if getattr(self, name) < 0:
                raise UsageError(f"{name} must be 0 or more, not {getattr(self, name)}")
        if bool(self.segments) != bool(self.segment_field):
            raise UsageError(
                "segment_field and segments go together",
                next="write segment_field='SEGMENT-ID', segments={'C': 'COMPANY'}",
            )
        for wanted in self.segment:
            if wanted not in self.segments:
                raise UsageError(f"segment {wanted!r} is not in segments")
        if self.record_length is not None and (
            self.recfm not in ("F", "FB") or self.record_length < 1
        ):
            raise UsageError("record_length is for recfm F, and 1 or more")
        if self.length_field and self.recfm != "U":
            raise UsageError("length_field is for recfm U: records without headers")
        shape = self._shape()
        _ = shape.columns
        for name in filter(None, (self.segment_field, self.length_field)):
            shape.place_of(name)

    @property
    def format(self) -> str:
        return "copybook"

    def describe(self) -> dict[str, Any]:
        """The options; the copybook itself as the SHA-256 of its text."""
        options = {name: getattr(self, name) for name in self.__slots__}
        digest = hashlib.sha256(str(self.copybook).encode()).hexdigest()
        changed = {
            "copybook": digest,
            "segments": dict(self.segments),
            "segment": list(self.segment),
            "no_value": list(self.no_value),
        }
        return {"format": self.format, **options, **changed}

    def open(self, path: Path, progress: Progress | None = None) -> Framing:
        """Open an extract; see `Reader.open`."""
        size = _size(path)
        if size < self.file_start + self.file_end:
            raise DeliveryError(
                f"the file has {size:,} bytes, fewer than file_start and file_end leave out",
                where=path.name,
                next="ask the sender to deliver it again",
            )
        shape = self._shape()
        stop = size - self.file_end
        cutter = None if self.recfm == "D" else partial(self._cutter, shape)
        if self.recfm == "D" and not self.file_end:
            stop = text_end(path, size)
        extract = Extract(path, self.file_start, max(stop, self.file_start), cutter, shape)
        around = size - (extract.stop - extract.start)
        overhead, notes = around, list[str]()
        if self.segment:
            found, ids = extract.others()
            overhead += found
            notes += [
                f"{count:,} records of segment {name!r} are not read here"
                for name, count in sorted(ids.items())
            ]
        if progress:
            progress(around)
        return Framing(
            columns=dict.fromkeys(shape.columns.values(), pl.String),
            chunks=extract.chunks(self._facts(shape), progress),
            encoding=self.encoding,
            overhead=overhead,
            notes=tuple(notes),
            unreadable=shape.unreadable,
        )

    def _shape(self) -> Shape:
        return Shape(
            top=_top(str(self.copybook), self.record),
            coding=Coding(
                self.encoding,
                self.binary == "little",
                self.floats.startswith("ibm"),
                self.floats.endswith("-little"),
                tuple(self.no_value),
            ),
            variable=self.recfm not in ("F", "FB"),
            segment_field=self.segment_field,
            segments=self.segments,
            wanted=tuple(self.segment),
            filler=self.filler,
            head=self.record_start,
            tail=self.record_end,
            pad=self.short == "pad",
            surplus=self.long == "ignore" or self.record_length is not None,
        )

    def _cutter(self, shape: Shape) -> Cutter:
        if self.recfm in ("F", "FB"):
            return Fixed(self.record_length or _around(self, shape))
        if self.recfm == "U":
            if self.length_field:
                return Walked(by_field(shape, self.length_field, self.length_adjustment))
            return Walked(by_counts(shape))
        rdw = header_length(little=self.rdw == "little", adjustment=self.rdw_adjustment, smallest=0)
        bdw = header_length(
            little=self.bdw == "little", adjustment=self.bdw_adjustment, smallest=1, blocks=True
        )
        return Walked(rdw, HEADER, bdw if self.recfm == "VB" else None)

    def _facts(self, shape: Shape) -> dict[str, object]:
        """What the messages of refused records quote."""
        return {
            "expected": self._expected(shape),
            "segments": ", ".join(sorted(self.segments)),
            "segment_field": self.segment_field,
        }

    def _expected(self, shape: Shape) -> str:
        """The lengths that records may have, in words."""
        if self.recfm in ("F", "FB"):
            return str(self.record_length or _around(self, shape))
        if shape.variable and shape.full.counts:
            return "what the counts of its arrays make it"
        return " or ".join(str(end) for end in sorted({each.end for each in shape.layouts}))


def _around(reader: Copybook, shape: Shape) -> int:
    return reader.record_start + shape.full.storage + reader.record_end


@lru_cache(maxsize=64)
def _top(copybook: str, record: str | None) -> list[Item]:
    return records_of(copybook, record)


def _several(value: str | Sequence[str]) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else value
    return tuple(part.strip() for part in parts if part.strip())


def _one_of(name: str, value: object, known: Sequence[str]) -> None:
    if value not in known:
        raise UsageError(f"{name} must be one of {', '.join(known)}, not {value!r}")


def _size(path: Path) -> int:
    try:
        with path.open("rb") as handle:
            size = handle.seek(0, 2)
    except OSError as error:
        raise unreadable(path, error) from error
    if not size:
        raise DeliveryError(
            "the file is empty (0 bytes)",
            where=path.name,
            next="ask the sender to deliver again",
        )
    return size
