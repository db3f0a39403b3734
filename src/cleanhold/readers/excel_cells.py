"""The cells of a workbook as frames of text: the part of reading Excel that runs in a child.

python-calamine has the values, but gives an error of a formula as an empty cell; fastexcel, over
the same library, says where the errors are. Both keep a sheet in memory as a whole, and give a
Python object per cell or error: there is no other way.
"""

from __future__ import annotations

import mmap
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import BadZipFile, ZipFile

import polars as pl

from cleanhold.errors import DeliveryError
from cleanhold.readers.excel_sheets import (
    WORKSHEET,
    Extent,
    Row,
    chosen,
    filled,
    letters,
    table_extent,
)
from cleanhold.readers.excel_values import ERRORS, text_of
from cleanhold.readers.isolated import Piece, library
from cleanhold.readers.naming import column_names

#: Cells in a frame, about.
_CELLS = 250_000

#: The column of a frame that says which row of the sheet a row was, from 1.
SHEET_ROW = "__sheet_row"


def pieces(path: Path, options: dict[str, Any]) -> Iterator[Piece]:
    """What a workbook holds, then its rows.

    The first piece has `columns`, `notes`, `rows` (of the sheets, blank ones too). Frames follow:
    `SHEET_ROW`, then the columns.

    Args:
        path: of the workbook.
        options: those of `Excel`, as JSON values.

    Raises:
        DeliveryError: the workbook is encrypted or damaged, or has no such table.
        UsageError: a library is not installed.
    """
    calamine, fastexcel = library("python_calamine", "excel"), library("fastexcel", "excel")
    with as_workbook(path) as named:
        yield from _Workbook(calamine, fastexcel, named, options).pieces()


@contextmanager
def as_workbook(path: Path) -> Iterator[Path]:
    """A workbook under a name that its content asks for; errors of the libraries are translated.

    Raises:
        DeliveryError: it is encrypted or damaged.
        UsageError: a library is not installed.
    """
    calamine, fastexcel = library("python_calamine", "excel"), library("fastexcel", "excel")
    ending = _ending(path)
    with TemporaryDirectory(prefix="cleanhold-excel-") as folder:
        # The libraries go by the ending of the name, and a landed extract has none.
        named = Path(folder) / f"workbook{ending}"
        named.symlink_to(path.resolve())
        try:
            yield named
        except calamine.PasswordError as error:
            raise _protected() from error
        except (calamine.CalamineError, fastexcel.FastExcelError) as error:
            raise DeliveryError(
                f"the workbook cannot be read: {error}",
                next="open it in Excel and save it again, or ask the sender to deliver it again",
            ) from error


def _ending(path: Path) -> str:
    """How the name of a workbook with this content ends. Every member of an archive must be as
    its checksum says: the libraries do not look.
    """
    with path.open("rb") as handle:
        if handle.read(2) != b"PK":
            with mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as data:
                if data.find("EncryptedPackage".encode("utf-16-le")) >= 0:
                    raise _protected()
            return ".xls"
    try:
        with ZipFile(path) as archive:
            bad = archive.testzip()
            names = {name.lower() for name in archive.namelist()}
            manifest = "META-INF/manifest.xml"
            if manifest.lower() in names and b":encryption-data" in archive.read(manifest):
                raise _protected()
    except (BadZipFile, OSError, EOFError, RuntimeError, ValueError, KeyError, zlib.error) as error:
        raise _damaged(str(error)) from error
    if bad is not None:
        raise _damaged(f"{bad} is not what its checksum says")
    if "content.xml" in names:
        return ".ods"
    return ".xlsb" if "xl/workbook.bin" in names else ".xlsx"


def _damaged(why: str) -> DeliveryError:
    return DeliveryError(
        f"the workbook is damaged: {why}", next="ask the sender to deliver it again"
    )


def _protected() -> DeliveryError:
    return DeliveryError(
        "the workbook is protected by a password",
        next="ask the sender to deliver it without one",
    )


class _Workbook:
    def __init__(self, calamine: Any, fastexcel: Any, path: Path, options: dict[str, Any]) -> None:
        self._book = calamine.CalamineWorkbook.from_path(str(path))
        self._fastexcel, self._path, self._options = fastexcel, path, options
        self._sheet = lru_cache(maxsize=1)(self._book.get_sheet_by_index)

    def pieces(self) -> Iterator[Piece]:
        options = self._options
        which = chosen(self._book, options["sheet"], options["pattern"])
        extents = []
        for at in which:
            extents.append(
                table_extent(
                    self._sheet(at),
                    header=options["header"],
                    skip_rows=options["skip_rows"],
                    columns=options["columns"],
                )
            )
            if extents[-1].names != extents[0].names:
                first, other = self._name(which[0]), self._name(at)
                raise DeliveryError(
                    f"the sheets {first!r} and {other!r} do not have the same columns",
                    next="name sheets with the same columns in the same order",
                )
        names = list(extents[0].names)
        if options["pattern"] is not None:
            names.append("sheet")
        columns, notes = column_names(names)
        rows = 0
        for at, extent in zip(which, extents, strict=True):
            sheet = self._sheet(at)
            rows += max(sheet.end[0] + 1 - extent.first, 0)
            notes += self._told(sheet, extent)
        yield {"columns": columns, "notes": notes + self._others(which), "rows": rows}
        for at, extent in zip(which, extents, strict=True):
            yield from self._frames(at, extent, columns)

    def _name(self, at: int) -> str:
        return str(self._book.sheet_names[at])

    def _told(self, sheet: Any, extent: Extent) -> Iterator[str]:
        yield f"sheet {sheet.name!r}: row {extent.first + 1} is the first that may be a record"
        merged = sheet.merged_cell_ranges
        if merged is None and self._options["merged"] == "fill":
            raise DeliveryError(
                "which cells are merged cannot be told in this format",
                next="ask for xlsx or xls, or read it with merged='top'",
            )
        below = [one for one in merged or () if one[0][0] >= extent.first]
        if below and self._options["merged"] == "top":
            yield (
                f"sheet {sheet.name!r} has {len(below)} merged ranges among its records: only "
                "their first cell has the value"
            )

    def _others(self, which: list[int]) -> list[str]:
        others = [
            repr(one.name)
            for at, one in enumerate(self._book.sheets_metadata)
            if at not in which and str(one.typ) == WORKSHEET
        ]
        return [f"sheets that are not read: {', '.join(others[:20])}"] if others else []

    def _frames(self, at: int, extent: Extent, columns: list[str]) -> Iterator[pl.DataFrame]:
        sheet = self._sheet(at)
        rows: Iterator[tuple[int, Row]] = islice(enumerate(sheet.iter_rows()), extent.first, None)
        errors = self._errors(at, sheet)
        if errors:
            rows = _with_errors(rows, errors)
        if self._options["merged"] == "fill":
            below = [one for one in sheet.merged_cell_ranges if one[0][0] >= extent.first]
            rows = filled(rows, below, sheet.start[1])
        count = max(1, _CELLS // (extent.high - extent.low))
        while batch := list(islice(rows, count)):
            cells = zip(*(row[extent.low : extent.high] for _, row in batch), strict=True)
            data = {SHEET_ROW: pl.Series([at + 1 for at, _ in batch], dtype=pl.UInt32)}
            for name, column in zip(columns, cells, strict=False):
                data[name] = pl.Series(name, list(map(text_of, column)), dtype=pl.String)
            if self._options["pattern"] is not None:
                data[columns[-1]] = pl.Series([sheet.name] * len(batch), dtype=pl.String)
            yield pl.DataFrame(data)

    def _errors(self, at: int, sheet: Any) -> dict[int, dict[int, str]]:
        """Row of the sheet → column from its first in use → the error there."""
        loaded = self._fastexcel.read_excel(str(self._path)).load_sheet(
            at, header_row=None, skip_rows=0, dtypes="string", schema_sample_rows=1
        )
        if (loaded.height, loaded.width) != (sheet.end[0] + 1, sheet.width):
            raise DeliveryError(
                f"sheet {sheet.name!r} has {sheet.end[0] + 1} rows and {sheet.width} columns, or "
                f"{loaded.height} and {loaded.width}: the libraries do not agree",
                next="open it in Excel and save it again",
            )
        _, found = loaded.to_arrow_with_errors()
        errors: dict[int, dict[int, str]] = {}
        for error in found.errors if found else ():
            if name := re.search(r"'Error\((\w+)\)'", error.detail):
                row, column = error.position
                text = ERRORS.get(name[1], f"#{name[1].upper()}!")
                errors.setdefault(row, {})[column] = text
        return errors


def _with_errors(
    rows: Iterator[tuple[int, Row]], errors: dict[int, dict[int, str]]
) -> Iterator[tuple[int, Row]]:
    for at, row in rows:
        for column, text in errors.get(at, {}).items():
            if row[column] != "":
                raise DeliveryError(
                    f"cell {letters(column)}{at + 1} is {row[column]!r}, or {text}: the libraries "
                    "do not agree",
                    next="open it in Excel and save it again",
                )
            row[column] = text
        yield at, row
