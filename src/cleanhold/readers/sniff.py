"""What a file is, from its name and its first bytes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cleanhold.errors import DeliveryError, UsageError

if TYPE_CHECKING:
    from cleanhold.readers.encoding import TextEncoding

_BY_SUFFIX = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".parquet": "parquet",
    ".dbf": "dbase",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xlsb": "excel",
    ".xls": "excel",
    ".ods": "excel",
    ".sav": "statistics",
    ".zsav": "statistics",
    ".por": "statistics",
    ".dta": "statistics",
    ".sas7bdat": "statistics",
    ".xpt": "statistics",
    ".arrow": "arrow",
    ".arrows": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
    ".orc": "orc",
    ".avro": "avro",
    ".json": "json",
    ".xml": "xml",
}

_COMPRESSED = {".gz", ".gzip", ".zst", ".bz2", ".xz", ".zip"}

#: First bytes → what such a file is, what to do with it.
_MAGIC = (
    (b"\x1f\x8b", "gzip-compressed", "decompress it first (gunzip)"),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed", "decompress it first (unzstd)"),
    (b"\xfd7zXZ\x00", "xz-compressed", "decompress it first (unxz)"),
    (
        b"PK\x03\x04",
        "a ZIP archive or an Excel workbook",
        "unzip it; a workbook is read with --format excel",
    ),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Office file", "try --format excel"),
    (b"%PDF-", "a PDF", "ask the sender for CSV"),
    (b"ARROW1\x00\x00", "an Arrow IPC file", "read it as arrow"),
    (b"Obj\x01", "an Avro file", "read it as avro"),
    (b"SQLite format 3\x00", "a SQLite database", "export the table as CSV"),
)


#: Byte order marks that text in other encodings does not begin with, the longer ones first.
_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)


def has_plain_name(path: Path) -> bool:
    """Whether the bytes of a file's name are UTF-8; Polars scans no others."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def guess_format(path: Path) -> str:
    """The format that a file's name speaks of, as `reader_for` knows it.

    Raises:
        UsageError: the name does not say.
    """
    suffix = path.suffix.lower()
    if found := _BY_SUFFIX.get(suffix):
        return found
    if suffix in _COMPRESSED:
        raise UsageError(
            f"compressed files are not read ({suffix})",
            where=path.name,
            next="decompress it first, then name the decompressed file",
        )
    raise UsageError(
        "the file's name does not say what format it has",
        where=path.name,
        next="say so with --format; `cleanhold sniff FILE` proposes one",
    )


def require_text(path: Path, format: str, encoding: str = "utf-8") -> int:
    """The size in bytes of a file that may be text of this format, in this encoding.

    Raises:
        DeliveryError: it is missing, no file, empty, compressed or of another kind.
    """
    try:
        with path.open("rb") as handle:
            head = handle.read(16)
            size = handle.seek(0, 2)
            handle.seek(max(0, size - 4))
            tail = handle.read(4)
    except OSError as error:
        raise unreadable(path, error) from error
    if not size:
        raise DeliveryError(
            "the file is empty (0 bytes)",
            where=path.name,
            next="ask the sender to deliver again",
        )
    for magic, kind, advice in _MAGIC:
        if head.startswith(magic):
            raise DeliveryError(f"this is {kind}, not {format}", where=path.name, next=advice)
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if marked and not encoding.startswith(("utf-16", "utf-32", "detect")):
        raise DeliveryError(
            f"this is {marked} text, not {format} in {encoding}",
            where=path.name,
            next=f"declare encoding={marked.lower()!r}, or convert it to UTF-8",
        )
    if head.startswith(b"PAR1") and tail == b"PAR1":
        raise DeliveryError(
            f"this is a Parquet file, not {format}", where=path.name, next="read it as parquet"
        )
    if head.startswith(b"BZh") and head[4:10] == b"1AY&SY":
        raise DeliveryError(
            f"this is bzip2-compressed, not {format}",
            where=path.name,
            next="decompress it first (bunzip2)",
        )
    return size


def text_end(path: Path, size: int, encoding: TextEncoding | None = None) -> int:
    """Where the text ends: before a Ctrl-Z that closes the file, as old systems write it."""
    mark = b"\x1a" if encoding is None else "\x1a".encode(encoding.name)
    with path.open("rb") as handle:
        handle.seek(max(0, size - len(mark)))
        return size - len(mark) if handle.read() == mark and size % len(mark) == 0 else size


def unreadable(path: Path, error: OSError) -> DeliveryError:
    """The error for a file that the operating system does not let us read."""
    return DeliveryError(
        f"the file cannot be read: {error.strerror or error}",
        where=str(path),
        next="check that the path is right and that you may read it",
    )
