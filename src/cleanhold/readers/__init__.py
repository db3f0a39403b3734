"""Readers: one format per file. Every record of an extract becomes a row, or is refused.

The factories make readers; a reader opens extracts (`cleanhold.core.reading.Reader`). Each format's
module is imported when it is first used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cleanhold.core.reading import Reader
    from cleanhold.readers.arrow_file import Arrow
    from cleanhold.readers.avro_file import Avro
    from cleanhold.readers.copybook_records import Copybook
    from cleanhold.readers.dbase_file import Dbase
    from cleanhold.readers.delimited_text import Delimited
    from cleanhold.readers.excel_workbook import Excel
    from cleanhold.readers.fixed_width_text import Field, FixedWidth
    from cleanhold.readers.json_file import JsonDocument
    from cleanhold.readers.json_lines import Ndjson
    from cleanhold.readers.mainframe.fields import CopybookField
    from cleanhold.readers.orc_file import Orc
    from cleanhold.readers.parquet_file import Parquet
    from cleanhold.readers.statistics_file import Statistics
    from cleanhold.readers.xml_document import Xml

__all__ = [
    "arrow",
    "avro",
    "copybook",
    "dbase",
    "delimited",
    "excel",
    "fields_of",
    "fixed_width",
    "formats",
    "guess_format",
    "json_document",
    "ndjson",
    "orc",
    "parquet",
    "reader_for",
    "statistics",
    "tab_delimited",
    "xml",
]


def copybook(
    copybook: str | Path,
    recfm: str = "F",
    encoding: str = "cp037",
    *,
    record: str | None = None,
    segment_field: str | None = None,
    segments: Mapping[str, str] | None = None,
    segment: str | Sequence[str] = (),
    rdw: str = "big",
    rdw_adjustment: int = -4,
    bdw: str = "big",
    bdw_adjustment: int = -4,
    length_field: str | None = None,
    length_adjustment: int = 0,
    record_length: int | None = None,
    record_start: int = 0,
    record_end: int = 0,
    file_start: int = 0,
    file_end: int = 0,
    binary: str = "big",
    floats: str = "ibm",
    filler: bool = False,
    short: str = "refuse",
    long: str = "refuse",
    no_value: str | Sequence[str] = ("low-values",),
) -> Copybook:
    """A reader of mainframe records that a COBOL copybook describes; options as in `Copybook`."""
    options = locals()
    from cleanhold.readers.copybook_records import Copybook

    return Copybook(**{**options, "segments": segments or {}})


def fields_of(copybook: str | Path, *, filler: bool = False) -> list[CopybookField]:
    """The fields of a copybook: columns, offsets, lengths, types; see `CopybookField`."""
    from cleanhold.readers.mainframe.fields import fields_of

    return fields_of(copybook, filler=filler)


def delimited(
    delimiter: str = ",",
    quote: str | None = '"',
    encoding: str = "utf-8",
    header: bool | Sequence[str] = True,
    skip_lines: int = 0,
    escape: str | None = None,
    comment: str | None = None,
    header_row: int | Sequence[str] | None = None,
    header_rows: int = 1,
    header_record: str | None = None,
    trailer: int | str | None = None,
) -> Delimited:
    """A reader of CSV and its kin; options as in `Delimited`."""
    from cleanhold.readers.delimited_text import Delimited

    return Delimited(
        *(delimiter, quote, encoding, header, skip_lines, escape, comment),
        *(header_row, header_rows, header_record, trailer),
    )


def tab_delimited(
    delimiter: str = "\t",
    quote: str | None = '"',
    encoding: str = "utf-8",
    header: bool | Sequence[str] = True,
    skip_lines: int = 0,
    escape: str | None = None,
    comment: str | None = None,
    header_row: int | Sequence[str] | None = None,
    header_rows: int = 1,
    header_record: str | None = None,
    trailer: int | str | None = None,
) -> Delimited:
    """`delimited` with a tab between fields."""
    return delimited(
        *(delimiter, quote, encoding, header, skip_lines, escape, comment),
        *(header_row, header_rows, header_record, trailer),
    )


def fixed_width(
    layout: Sequence[Field] | str | Path,
    encoding: str = "utf-8",
    short: str = "refuse",
    width: int | None = None,
    skip_lines: int = 0,
    record_length: int | None = None,
    header_record: str | None = None,
    trailer: int | str | None = None,
) -> FixedWidth:
    """A reader of fixed-width text; options as in `FixedWidth`."""
    from cleanhold.readers.fixed_width_text import FixedWidth

    return FixedWidth(
        *(layout, encoding, short, width, skip_lines, record_length, header_record, trailer)
    )


def ndjson(flatten: str | Mapping[str, str] | None = None) -> Ndjson:
    """A reader of NDJSON, one JSON object per line; options as in `Ndjson`."""
    from cleanhold.readers.json_lines import Ndjson

    return Ndjson(flatten)


def json_document(
    records: str = "$", flatten: str | Mapping[str, str] | None = None
) -> JsonDocument:
    """A reader of one JSON document that holds a list of objects; options as in `JsonDocument`."""
    from cleanhold.readers.json_file import JsonDocument

    return JsonDocument(records, flatten)


def xml(
    record: str,
    columns: Mapping[str, str] | None = None,
    namespaces: Mapping[str, str] | None = None,
) -> Xml:
    """A reader of XML documents; options as in `Xml`."""
    from cleanhold.readers.xml_document import Xml

    return Xml(record, columns, namespaces)


def parquet(binary: str = "bytes") -> Parquet:
    """A reader of Parquet files; options as in `Parquet`."""
    from cleanhold.readers.parquet_file import Parquet

    return Parquet(binary)


def arrow(binary: str = "bytes") -> Arrow:
    """A reader of Arrow IPC files and streams; options as in `Arrow`."""
    from cleanhold.readers.arrow_file import Arrow

    return Arrow(binary)


def orc(binary: str = "bytes") -> Orc:
    """A reader of ORC files; options as in `Orc`."""
    from cleanhold.readers.orc_file import Orc

    return Orc(binary)


def avro(binary: str = "bytes") -> Avro:
    """A reader of Avro files; options as in `Avro`."""
    from cleanhold.readers.avro_file import Avro

    return Avro(binary)


def dbase(encoding: str | None = None, deleted: str = "refuse", count: str = "told") -> Dbase:
    """A reader of dBase and FoxPro tables; options as in `Dbase`."""
    from cleanhold.readers.dbase_file import Dbase

    return Dbase(encoding, deleted, count)


def excel(
    sheet: str | int | None = None,
    pattern: str | None = None,
    header: bool | int | Sequence[str] = True,
    skip_rows: int = 0,
    columns: str | None = None,
    merged: str = "top",
    exclude: Mapping[str, str] | None = None,
    row_numbers: bool = False,
) -> Excel:
    """A reader of workbooks (xlsx, xlsb, xls, ods); options as in `Excel`."""
    from cleanhold.readers.excel_workbook import Excel

    return Excel(sheet, pattern, header, skip_rows, columns, merged, exclude or {}, row_numbers)


def statistics(
    labels: str = "codes", missing: str = "code", encoding: str | None = None
) -> Statistics:
    """A reader of SPSS, Stata and SAS files; options as in `Statistics`."""
    from cleanhold.readers.statistics_file import Statistics

    return Statistics(labels, missing, encoding)


def reader_for(format: str, **options: Any) -> Reader:
    """The reader of a format, by name; see `cleanhold.readers.registry.reader_for`."""
    from cleanhold.readers.registry import reader_for

    return reader_for(format, **options)


def formats() -> list[str]:
    """The names of all formats, those of installed packages included."""
    from cleanhold.readers.registry import formats

    return formats()


def guess_format(path: Path) -> str:
    """The format that a file's name speaks of; raises `UsageError` if it does not say."""
    from cleanhold.readers.sniff import guess_format

    return guess_format(path)
