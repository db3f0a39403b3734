"""Excel and OpenDocument workbooks: a table in a sheet, as text."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import polars as pl

from cleanhold.core.reading import LENGTH, OFFSET, RECORD, Chunk, Framing, Progress
from cleanhold.errors import DeliveryError, UsageError
from cleanhold.readers.excel_cells import SHEET_ROW
from cleanhold.readers.excel_sheets import column_number
from cleanhold.readers.excel_values import is_error
from cleanhold.readers.isolated import Piece, in_a_child
from cleanhold.readers.naming import column_names
from cleanhold.readers.refusals import MESSAGES, Refusal
from cleanhold.readers.sniff import unreadable

#: What a workbook may hold when it is unpacked: bytes, and members; and bytes as a multiple of its
#: size, once they are more than `_SMALL`.
_LARGEST, _MEMBERS, _RATIO, _SMALL = 4 * 2**30, 20_000, 250, 64 * 2**20

_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True, slots=True)
class Excel:
    """A reader of workbooks: xlsx, xlsm, xlsb, xls and ods, by their content.

    Columns are String: numbers, dates, times and truth values as `excel_values.text_of` writes
    them. An error of a formula is its text (`#DIV/0!`), and told by `Framing.unreadable`. Rows
    have a number but no byte span; blank rows are no records.

    Attributes:
        sheet: name of the sheet, or its number from 1; None: the only visible one with cells.
        pattern: regular expression of the names of visible sheets to read as one table, whole
            names; a column `sheet` says which a row is from. Their columns must be the same.
        header: True: the first row with anything in it names the columns; the number of that
            row in the sheet; names: the first row that holds all of these; False: there is none,
            and columns are called A, B, C …
        skip_rows: rows at the top of the sheet to pass over.
        columns: those of the table, like `B:F`; None: all in use.
        merged: `top`: of merged cells, the first has the value and the others are empty;
            `fill`: all have it (xlsx and xls only).
        exclude: column → regular expression; rows in which it is found are refused.
        row_numbers: add a column `sheet_row`: which row of the sheet a row is.
    """

    sheet: str | int | None = None
    pattern: str | None = None
    header: bool | int | Sequence[str] = True
    skip_rows: int = 0
    columns: str | None = None
    merged: str = "top"
    exclude: Mapping[str, str] = field(default_factory=dict)
    row_numbers: bool = False

    def __post_init__(self) -> None:
        if self.sheet is not None and self.pattern is not None:
            raise UsageError("give sheet or pattern, not both")
        object.__setattr__(self, "header", _header(self.header))
        if self.skip_rows < 0:
            raise UsageError(f"skip_rows must be 0 or more, not {self.skip_rows}")
        if self.merged not in ("top", "fill"):
            raise UsageError(f"merged must be 'top' or 'fill', not {self.merged!r}")
        _column_range(self.columns)
        if isinstance(self.row_numbers, str):
            object.__setattr__(self, "row_numbers", self.row_numbers.lower() == "true")
        if isinstance(self.exclude, str):
            object.__setattr__(self, "exclude", _excluded(self.exclude))
        for pattern in filter(None, (self.pattern, *self.exclude.values())):
            _require_pattern(pattern)

    @property
    def format(self) -> str:
        return "excel"

    def describe(self) -> dict[str, Any]:
        return {
            "format": self.format,
            "sheet": self.sheet,
            "pattern": self.pattern,
            "header": self.header if isinstance(self.header, bool | int) else list(self.header),
            "skip_rows": self.skip_rows,
            "columns": self.columns,
            "merged": self.merged,
            "exclude": dict(self.exclude),
            "row_numbers": self.row_numbers,
        }

    def open(self, path: Path, progress: Progress | None = None) -> Framing:
        """Open a workbook; see `Reader.open`.

        The cells are read in a child process while the chunks are iterated, so damage inside the
        file may raise `DeliveryError` there.
        """
        size = require_workbook(path)
        options = self.describe()
        options["sheet"] = None if self.sheet is None else str(self.sheet)
        options["columns"] = _column_range(self.columns)
        pieces = in_a_child("cleanhold.readers.excel_cells:pieces", path, options)
        facts = next(pieces)
        assert isinstance(facts, dict)
        columns: list[str] = facts["columns"]
        for name in self.exclude:
            if name not in columns:
                pieces.close()
                raise DeliveryError(
                    f"there is no column {name!r}, by which rows are excluded",
                    where=path.name,
                    next=f"its columns: {', '.join(columns[:50])}",
                )
        cells = columns if self.pattern is None else columns[:-1]
        row_number = column_names([*columns, "sheet_row"])[0][-1] if self.row_numbers else ""
        if row_number:
            columns = [*columns, row_number]
        return Framing(
            columns=dict.fromkeys(columns, pl.String),
            chunks=self._chunks(pieces, cells, row_number, size, facts["rows"], progress),
            encoding=None,
            notes=tuple(facts["notes"]),
            unreadable=dict.fromkeys(cells, is_error),
        )

    def _chunks(
        self,
        pieces: Generator[Piece, None, None],
        cells: list[str],
        row_number: str,
        size: int,
        rows: int,
        progress: Progress | None,
    ) -> Iterator[Chunk]:
        number, passed, told = 1, 0, 0
        try:
            for piece in pieces:
                assert isinstance(piece, pl.DataFrame)
                frame = piece.filter(pl.any_horizontal(pl.col(cells).is_not_null()))
                if row_number:
                    frame = frame.with_columns(pl.col(SHEET_ROW).cast(pl.String).alias(row_number))
                yield self._chunk(frame.drop(SHEET_ROW), number)
                number += frame.height
                passed += piece.height
                if progress:
                    read = size * passed // max(rows, passed)
                    progress(read - told)
                    told = read
            if progress and told < size:
                progress(size - told)
        finally:
            pieces.close()

    def _chunk(self, frame: pl.DataFrame, first: int) -> Chunk:
        """The rows numbered, and those that are excluded refused, with their cells as JSON."""
        nowhere = pl.lit(None, dtype=pl.UInt64)
        numbers = pl.int_range(first, first + frame.height, dtype=pl.UInt64, eager=True)
        out = pl.lit(False)
        message = pl.lit(None, dtype=pl.String)
        words = MESSAGES[Refusal.EXCLUDED_ROW]
        for name, pattern in self.exclude.items():
            found = pl.col(name).str.contains(pattern).fill_null(False)
            before, after = words.format(column=name, value="\0").split("\0")
            why = pl.concat_str(pl.lit(before), pl.col(name), pl.lit(after))
            message = pl.coalesce(message, pl.when(found).then(why))
            out |= found
        rows = frame.select(
            numbers.alias(RECORD), nowhere.alias(OFFSET), nowhere.alias(LENGTH), pl.all()
        )
        refused = rows.filter(out).select(
            pl.col(RECORD).alias("record"),
            nowhere.alias("offset"),
            nowhere.alias("length"),
            pl.lit(Refusal.EXCLUDED_ROW.code).alias("code"),
            message.alias("message"),
            pl.struct(frame.columns).struct.json_encode().cast(pl.Binary).alias("bytes"),
        )
        return Chunk(rows.filter(~out), refused)


def _header(header: Any) -> bool | int | tuple[str, ...]:
    """The option as it is declared, or as a command line has it (`header=3`, `header=false`)."""
    if isinstance(header, str):
        header = [header]
    if isinstance(header, Sequence) and len(header) == 1:
        text = str(header[0])
        if text.lower() in ("true", "false"):
            return text.lower() == "true"
        header = int(text) if text.isdigit() else header
    if isinstance(header, bool):
        return header
    if isinstance(header, int) and header > 0:
        return header
    if isinstance(header, Sequence) and header:
        return tuple(str(name).strip() for name in header)
    raise UsageError(f"header must be true, false, a row's number from 1, or names, not {header!r}")


def _column_range(columns: str | None) -> tuple[int, int] | None:
    if columns is None:
        return None
    found = re.fullmatch(r"\s*([A-Za-z]{1,3})\s*:\s*([A-Za-z]{1,3})\s*", columns)
    if found and column_number(found[1]) <= column_number(found[2]):
        return column_number(found[1]), column_number(found[2])
    raise UsageError(f"columns must be a range like 'B:F', not {columns!r}")


def _excluded(text: str) -> dict[str, str]:
    """`COLUMN:PATTERN`, as a command line has it."""
    name, colon, pattern = text.partition(":")
    if not (name.strip() and colon and pattern):
        raise UsageError(f"exclude must be COLUMN:PATTERN, not {text!r}")
    return {name.strip(): pattern}


def _require_pattern(pattern: str) -> None:
    try:
        re.compile(pattern)
        pl.Series([""]).str.contains(pattern)
    except (re.error, pl.exceptions.ComputeError) as error:
        raise UsageError(f"{pattern!r} is not a regular expression: {error}") from error


def require_workbook(path: Path) -> int:
    """The size in bytes of a file that may be a workbook, and would not burst."""
    try:
        with path.open("rb") as handle:
            head = handle.read(8)
            size = handle.seek(0, 2)
        if head == _COMPOUND:
            return size
        if not head.startswith(b"PK\x03\x04"):
            raise DeliveryError(
                "this is not an Excel or OpenDocument workbook",
                where=path.name,
                next="check the file; exports named .xls are often HTML or text inside",
            )
        with ZipFile(path) as archive:
            members = archive.infolist()
    except (BadZipFile, EOFError, ValueError, RuntimeError) as error:
        raise DeliveryError(
            f"the workbook is damaged: {error}",
            where=path.name,
            next="ask the sender to deliver it again",
        ) from error
    except OSError as error:
        raise unreadable(path, error) from error
    whole = sum(member.file_size for member in members)
    if len(members) > _MEMBERS or whole > _LARGEST or whole > max(_SMALL, _RATIO * size):
        raise DeliveryError(
            f"the workbook would be {whole} bytes in {len(members)} parts when it is unpacked",
            where=path.name,
            next="check it; if it is right, ask for it in parts, or as CSV",
        )
    return size
