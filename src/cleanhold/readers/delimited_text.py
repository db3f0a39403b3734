"""Delimited text: CSV, TSV and their kin.

Records are framed by us (`quoting`), then Polars reads the well-framed ones as text (`cells`) and
must find exactly as many rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.core.reading import Framing, Progress
from cleanhold.errors import UsageError
from cleanhold.readers.body import Body, chunks
from cleanhold.readers.cells import Cells
from cleanhold.readers.direct import direct
from cleanhold.readers.encoding import text_encoding
from cleanhold.readers.framing import Records
from cleanhold.readers.header import read_header
from cleanhold.readers.naming import column_names
from cleanhold.readers.quoting import Dialect, split_delimited
from cleanhold.readers.sniff import require_text, text_end


@dataclass(frozen=True, slots=True)
class Delimited:
    """A reader of delimited text.

    Attributes:
        delimiter: one ASCII character between fields.
        quote: one ASCII character around fields that hold a delimiter, a line ending or itself
            (doubled); None if the extract knows no quoting.
        encoding: utf-8 or a single-byte encoding.
        header: True if the first line names the columns; else the names.
        skip_lines: physical lines before the header (or the first record) that are not data.
    """

    delimiter: str = ","
    quote: str | None = '"'
    encoding: str = "utf-8"
    header: bool | Sequence[str] = True
    skip_lines: int = 0

    def __post_init__(self) -> None:
        for option, mark in (("delimiter", self.delimiter), ("quote", self.quote)):
            if mark is not None and not (len(mark) == 1 and "\0" < mark <= "\x7f"):
                raise UsageError(f"{option} must be one ASCII character, not {mark!r}")
            if mark in ("\n", "\r"):
                raise UsageError(f"{option} cannot be a line ending")
        if self.delimiter == self.quote:
            raise UsageError(f"delimiter and quote are both {self.quote!r}")
        if self.skip_lines < 0:
            raise UsageError(f"skip_lines must be 0 or more, not {self.skip_lines}")
        object.__setattr__(self, "encoding", text_encoding(self.encoding).name)
        if self.header is not True:
            object.__setattr__(self, "header", _given_names(self.header))

    @property
    def format(self) -> str:
        return "csv"

    def describe(self) -> dict[str, Any]:
        return {
            "format": self.format,
            "delimiter": self.delimiter,
            "quote": self.quote,
            "encoding": self.encoding,
            "header": True if self.header is True else list(self._names),
            "skip_lines": self.skip_lines,
        }

    @property
    def _names(self) -> tuple[str, ...]:
        return () if isinstance(self.header, bool) else tuple(self.header)

    def open(self, path: Path, progress: Progress | None = None) -> Framing:
        """Open an extract; see `Reader.open`."""
        size = require_text(path, "delimited text")
        stop = text_end(path, size)
        head = read_header(
            path,
            stop,
            dialect=self.dialect(None),
            encoding=text_encoding(self.encoding),
            names=None if self.header is True else self._names,
            skip_lines=self.skip_lines,
        )
        names, notes = column_names(head.names)
        dialect = self.dialect(len(names))
        body = Body(head.start, stop, size)
        split = partial(_split, dialect)
        cells = Cells(dialect, text_encoding(self.encoding), names)
        facts = {"expected": len(names), "encoding": self.encoding}
        return Framing(
            columns=dict.fromkeys(names, pl.String),
            chunks=chunks(path, body, split, cells.read, facts, progress),
            encoding=self.encoding,
            overhead=body.overhead,
            notes=(*head.notes, *notes),
            direct=direct(path, body, split, cells),
        )

    def dialect(self, fields: int | None) -> Dialect:
        return Dialect(ord(self.delimiter), ord(self.quote) if self.quote else None, fields)


def _split(dialect: Dialect, data: bytes, final: bool) -> Records:
    """Blank lines are records only where one field is all there is."""
    records = split_delimited(data, final, dialect)
    return records if dialect.fields == 1 else records.without_blank()


def _given_names(names: object) -> tuple[str, ...]:
    if not isinstance(names, Sequence) or isinstance(names, str) or not names:
        raise UsageError(
            f"header must be true or the column names, not {names!r}",
            next="give the names in the order of the fields if the extract has no header line",
        )
    given = tuple(str(name) for name in names)
    if column_names(given)[1] or any(name != name.strip() for name in given):
        raise UsageError("the column names given as header must be unique, and not blank")
    return given
