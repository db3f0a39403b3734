"""Delimited text: CSV, TSV and their kin.

Records are framed by us (`quoting`) on the delivered bytes, then decoded; Polars reads the
well-framed ones as text, or they are cut (`cells`), and must be found to be exactly as many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.core.reading import Framing, Progress
from cleanhold.errors import UsageError
from cleanhold.readers.body import Body, chunks
from cleanhold.readers.cells import Cells
from cleanhold.readers.comments import comments
from cleanhold.readers.detection import encoding_of
from cleanhold.readers.dialect import Dialect, Marking, marking
from cleanhold.readers.direct import direct
from cleanhold.readers.encoding import BY_MARK, DETECT, TextEncoding, declared, text_encoding
from cleanhold.readers.envelope import reconciled, require_pattern, trailer
from cleanhold.readers.framing import Records
from cleanhold.readers.header import HeaderSearch
from cleanhold.readers.naming import column_names
from cleanhold.readers.quoting import split_delimited
from cleanhold.readers.sniff import require_text, text_end


@dataclass(frozen=True, slots=True)
class Delimited:
    """A reader of delimited text.

    Attributes:
        delimiter: what stands between fields, one character or more.
        quote: the character around fields that hold a delimiter, a line ending or itself
            (doubled); None if the extract knows no quoting.
        encoding: utf-8, utf-16, a code page, an encoding such as cp932; or `detect`.
        header: True if the first line names the columns; else the names.
        skip_lines: physical lines before the header (or the first record) that are not data.
        escape: the character that takes the special meaning from the next one; None for none.
        comment: what lines begin with that are no records; None if there are none.
        header_row: the physical line of the header (the first is 1), or names that it has: then
            the first line that has them is the header. None if it is the first line.
        header_rows: how many rows the header has; their texts are joined by a blank.
        header_record: regular expression of the lines before the header that speak of the
            delivery; the group `count` is the number of records that it promises.
        trailer: how many lines at the end are not data, or a regular expression of them, likewise.
    """

    delimiter: str = ","
    quote: str | None = '"'
    encoding: str = "utf-8"
    header: bool | Sequence[str] = True
    skip_lines: int = 0
    escape: str | None = None
    comment: str | None = None
    header_row: int | Sequence[str] | None = None
    header_rows: int = 1
    header_record: str | None = None
    trailer: int | str | None = None

    def __post_init__(self) -> None:
        if self.escape == self.quote:
            object.__setattr__(self, "escape", None)  # doubling, as always
        self.dialect.require_sound()
        object.__setattr__(self, "encoding", declared(self.encoding))
        if self.encoding != DETECT:
            known = f"{self.encoding}-le" if self.encoding in BY_MARK else self.encoding
            marking(self.dialect, text_encoding(known))
        if self.header is not True:
            object.__setattr__(self, "header", _given_names("header", self.header))
        self._require_place_of_header()
        if self.header_record is not None:
            require_pattern("header_record", self.header_record)
        if isinstance(self.trailer, str):
            require_pattern("trailer", self.trailer)
        elif self.trailer is not None and self.trailer < 1:
            raise UsageError(f"trailer must be 1 line or more, not {self.trailer}")

    def _require_place_of_header(self) -> None:
        for option, least in (("skip_lines", 0), ("header_rows", 1)):
            if getattr(self, option) < least:
                raise UsageError(f"{option} must be {least} or more, not {getattr(self, option)}")
        if self.header_row is None:
            return
        if self.header is not True or self.skip_lines:
            other = "skip_lines" if self.skip_lines else "header"
            raise UsageError(f"header_row and {other} both say where the header is")
        if not isinstance(self.header_row, int):
            object.__setattr__(self, "header_row", _given_names("header_row", self.header_row))
        elif self.header_row < 1:
            raise UsageError(f"header_row must be 1 or more, not {self.header_row}")

    @property
    def format(self) -> str:
        return "csv"

    @property
    def dialect(self) -> Dialect:
        """How fields are told apart."""
        return Dialect(self.delimiter, self.quote, self.escape, self.comment)

    def describe(self) -> dict[str, Any]:
        row = self.header_row
        always = {
            "format": self.format,
            "delimiter": self.delimiter,
            "quote": self.quote,
            "encoding": self.encoding,
            "header": True if self.header is True else list(self._names),
            "skip_lines": self.skip_lines,
        }
        seldom = {
            "escape": self.escape,
            "comment": self.comment,
            "header_row": row if row is None or isinstance(row, int) else list(row),
            "header_rows": None if self.header_rows == 1 else self.header_rows,
            "header_record": self.header_record,
            "trailer": self.trailer,
        }
        return {**always, **{name: value for name, value in seldom.items() if value is not None}}

    @property
    def _names(self) -> tuple[str, ...]:
        return () if isinstance(self.header, bool) else tuple(self.header)

    def open(self, path: Path, progress: Progress | None = None) -> Framing:
        """Open an extract; see `Reader.open`. With comments, reads it once to count them."""
        size = require_text(path, "delimited text", self.encoding)
        encoding, chosen = encoding_of(path, self.encoding)
        stop, promises, told = text_end(path, size, encoding), [], chosen
        if self.trailer is not None:
            end = trailer(path, stop, encoding, self.trailer)
            stop, told = end.at, (*told, *end.notes)
            promises += [end.promised] if end.promised else []
        marks = marking(self.dialect, encoding)
        head = self._search(path, stop, encoding, marks).found()
        names, renamed = column_names(head.names)
        body = Body(head.start, stop, size)
        split = _Split(encoding, marks, len(names))
        cells = Cells(self.dialect, encoding, names)
        facts = {"expected": len(names), "encoding": encoding.name}
        between = comments(path, body, split, encoding) if self.comment else None
        rows = chunks(path, body, split, cells.read, facts, progress, encoding)
        promises += head.promised
        return Framing(
            columns=dict.fromkeys(names, pl.String),
            chunks=reconciled(rows, promises, path) if promises else rows,
            encoding=encoding.name,
            overhead=body.overhead + (between.size if between else 0),
            notes=(*told, *head.notes, *renamed, *(between.notes if between else ())),
            direct=None if promises else direct(path, body, split, cells),
        )

    def _search(
        self, path: Path, stop: int, encoding: TextEncoding, marks: Marking
    ) -> HeaderSearch:
        row = self.header_row
        return HeaderSearch(
            path=path,
            stop=stop,
            dialect=self.dialect,
            encoding=encoding,
            frame=_Split(encoding, marks, None).all_lines,
            names=None if self.header is True else self._names,
            skip_lines=row - 1 if isinstance(row, int) else self.skip_lines,
            record=self.header_record,
            having=tuple(row) if row is not None and not isinstance(row, int) else (),
            rows=self.header_rows,
        )


@dataclass(frozen=True, slots=True)
class _Split:
    """A `framing.Split` of delimited text; `fields` per record, None while unknown."""

    encoding: TextEncoding
    marking: Marking
    fields: int | None

    def __call__(self, data: bytes, final: bool) -> Records:
        """Blank lines are records only where one field is all there is."""
        records = self.all_lines(data, final)
        return (records if self.fields == 1 else records.without_blank()).without_comments()

    def all_lines(self, data: bytes, final: bool) -> Records:
        """Comments and blank lines among the records."""
        view = self.encoding.view(data)
        records = split_delimited(view, final, self.marking, self.fields)
        return records.scaled(self.encoding.unit, len(data))


def _given_names(option: str, names: object) -> tuple[str, ...]:
    if not isinstance(names, Sequence) or isinstance(names, str) or not names:
        raise UsageError(
            f"{option} must be {'true or ' if option == 'header' else ''}the column names, not "
            f"{names!r}",
            next="give the names in the order of the fields if the extract has no header line",
        )
    given = tuple(str(name) for name in names)
    if column_names(given)[1] or any(name != name.strip() for name in given):
        raise UsageError(f"the column names given as {option} must be unique, and not blank")
    return given
