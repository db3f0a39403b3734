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
    from cleanhold.readers.delimited_text import Delimited
    from cleanhold.readers.fixed_width_text import Field, FixedWidth
    from cleanhold.readers.json_file import JsonDocument
    from cleanhold.readers.json_lines import Ndjson
    from cleanhold.readers.orc_file import Orc
    from cleanhold.readers.parquet_file import Parquet
    from cleanhold.readers.xml_document import Xml

__all__ = [
    "arrow",
    "avro",
    "delimited",
    "fixed_width",
    "formats",
    "guess_format",
    "json_document",
    "ndjson",
    "orc",
    "parquet",
    "reader_for",
    "tab_delimited",
    "xml",
]


def delimited(
    delimiter: str = ",",
    quote: str | None = '"',
    encoding: str = "utf-8",
    header: bool | Sequence[str] = True,
    skip_lines: int = 0,
) -> Delimited:
    """A reader of CSV and its kin; options as in `Delimited`."""
    from cleanhold.readers.delimited_text import Delimited

    return Delimited(delimiter, quote, encoding, header, skip_lines)


def tab_delimited(
    delimiter: str = "\t",
    quote: str | None = '"',
    encoding: str = "utf-8",
    header: bool | Sequence[str] = True,
    skip_lines: int = 0,
) -> Delimited:
    """`delimited` with a tab between fields."""
    return delimited(delimiter, quote, encoding, header, skip_lines)


def fixed_width(
    layout: Sequence[Field],
    encoding: str = "utf-8",
    short: str = "refuse",
    width: int | None = None,
    skip_lines: int = 0,
) -> FixedWidth:
    """A reader of fixed-width text; options as in `FixedWidth`."""
    from cleanhold.readers.fixed_width_text import FixedWidth

    return FixedWidth(layout, encoding, short, width, skip_lines)


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


def parquet(binary: str = "text") -> Parquet:
    """A reader of Parquet files; options as in `Parquet`."""
    from cleanhold.readers.parquet_file import Parquet

    return Parquet(binary)


def arrow(binary: str = "text") -> Arrow:
    """A reader of Arrow IPC files and streams; options as in `Arrow`."""
    from cleanhold.readers.arrow_file import Arrow

    return Arrow(binary)


def orc(binary: str = "text") -> Orc:
    """A reader of ORC files; options as in `Orc`."""
    from cleanhold.readers.orc_file import Orc

    return Orc(binary)


def avro(binary: str = "text") -> Avro:
    """A reader of Avro files; options as in `Avro`."""
    from cleanhold.readers.avro_file import Avro

    return Avro(binary)


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
