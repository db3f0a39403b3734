"""dBase tables: records of a fixed length, read a column at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from cleanhold.core.reading import Chunk, Framing, Progress
from cleanhold.errors import DeliveryError, UsageError
from cleanhold.readers.dbase_archive import is_archive, unpack
from cleanhold.readers.dbase_fields import UNREADABLE, is_memo
from cleanhold.readers.dbase_header import read_header
from cleanhold.readers.dbase_memo import memo_beside, open_memos
from cleanhold.readers.dbase_records import Table, extent_of
from cleanhold.readers.dbase_text import known_encoding
from cleanhold.readers.naming import column_names
from cleanhold.readers.sniff import unreadable


@dataclass(frozen=True, slots=True)
class Dbase:
    """A reader of dBase, FoxPro and Clipper tables (`.dbf`).

    Columns are String; what a field holds that is no value of its type stays as delivered and is
    told by `Framing.unreadable`. Memos are taken from the file beside the table that has its name
    and ends with `.dbt` or `.fpt`, or from the same ZIP archive: an extract has no neighbours
    once it is landed, so a delivery with memos is a ZIP of the two. Rows of an archive have no
    byte span.

    Attributes:
        encoding: of texts; None: the code page that the table names, or ASCII if it names none.
        deleted: `refuse` records that are marked as deleted, or `keep` them as rows: then a
            column `deleted_record` says `true` or `false`.
        count: `told`: other than the promised number of records is a note; `exact`: it is an
            error of the delivery.
    """

    encoding: str | None = None
    deleted: str = "refuse"
    count: str = "told"

    def __post_init__(self) -> None:
        if self.encoding is not None:
            object.__setattr__(self, "encoding", known_encoding(self.encoding))
        for name, value, known in (
            ("deleted", self.deleted, ("refuse", "keep")),
            ("count", self.count, ("told", "exact")),
        ):
            if value not in known:
                raise UsageError(f"{name} must be {known[0]!r} or {known[1]!r}, not {value!r}")

    @property
    def format(self) -> str:
        return "dbase"

    def describe(self) -> dict[str, Any]:
        return {
            "format": self.format,
            "encoding": self.encoding,
            "deleted": self.deleted,
            "count": self.count,
        }

    def open(self, path: Path, progress: Progress | None = None) -> Framing:
        """Open a table, or a ZIP archive of a table and its memo file; see `Reader.open`."""
        try:
            archive = is_archive(path)
        except OSError as error:
            raise unreadable(path, error) from error
        if not archive:
            return self._opened(path, memo_beside(path), progress, None)
        folder = TemporaryDirectory(prefix="cleanhold-dbase-")
        try:
            table, memo = unpack(path, Path(folder.name))
            opened = self._opened(table, memo, _scaled(progress, table, path), path, folder)
        except BaseException:
            folder.cleanup()
            raise
        return opened

    def _opened(
        self,
        path: Path,
        memo: Path | None,
        progress: Progress | None,
        archive: Path | None,
        folder: TemporaryDirectory[str] | None = None,
    ) -> Framing:
        where = archive or path
        try:
            size = path.stat().st_size
            with path.open("rb") as handle:
                header = read_header(where, handle.read(1 << 16), size)
        except OSError as error:
            raise unreadable(where, error) from error
        extent = extent_of(path, header, size)
        if self.count == "exact" and extent.whole != header.records:
            raise DeliveryError(
                f"the table promises {header.records} records and has {extent.whole}",
                where=where.name,
                next="ask the sender to deliver it again, or read it with count='told'",
            )
        encoding = self.encoding or header.code_page or "ascii"
        memos, why = None, ""
        needs_memos = any(is_memo(field, foxpro=header.foxpro) for field in header.fields)
        if needs_memos:
            memos, why = open_memos(
                memo, foxpro=header.foxpro, dbase3=header.version in (0x03, 0x83)
            )
        notes = list(header.notes)
        notes += [f"memos: {why}"] if why else []
        notes += extent.notes
        if not (self.encoding or header.code_page):
            notes.append("the table names no code page: texts are read as ASCII")
        names = [field.name for field in header.fields]
        marker = ""
        if self.deleted == "keep":
            marker = column_names([*names, "deleted_record"])[0][-1]
        table = Table(path, header, extent, encoding, memos, why, marker, archive is None)
        columns = [*names, marker] if marker else names
        return Framing(
            columns=dict.fromkeys(columns, pl.String),
            chunks=_cleaned(table.chunks(progress), folder),
            encoding=encoding if archive is None else None,
            overhead=header.length + extent.trailer if archive is None else 0,
            notes=tuple(notes),
            unreadable={
                field.name: UNREADABLE["M" if is_memo(field, foxpro=header.foxpro) else field.type]
                for field in header.fields
                if field.type in UNREADABLE or is_memo(field, foxpro=header.foxpro)
            },
        )


def _cleaned(chunks: Iterator[Chunk], folder: TemporaryDirectory[str] | None) -> Iterator[Chunk]:
    try:
        yield from chunks
    finally:
        if folder is not None:
            folder.cleanup()


def _scaled(progress: Progress | None, table: Path, archive: Path) -> Progress | None:
    """Progress in bytes of the archive, from progress in bytes of the table in it."""
    if progress is None:
        return None
    size, whole = archive.stat().st_size, max(table.stat().st_size, 1)
    read = told = 0

    def scaled(count: int) -> None:
        nonlocal read, told
        read += count
        now = size * read // whole
        progress(now - told)
        told = now

    return scaled
