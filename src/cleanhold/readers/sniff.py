"""What a file is, from its name and its first bytes."""

from __future__ import annotations

from pathlib import Path

from cleanhold.errors import DeliveryError, UsageError

_BY_SUFFIX = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".parquet": "parquet",
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
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook", "unzip it, or export it as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Office file", "export it as CSV in UTF-8"),
    (b"%PDF-", "a PDF", "ask the sender for CSV"),
    (b"\xff\xfe", "UTF-16 text", "convert it to UTF-8 (iconv -f UTF-16 -t UTF-8)"),
    (b"\xfe\xff", "UTF-16 text", "convert it to UTF-8 (iconv -f UTF-16 -t UTF-8)"),
    (b"\x00\x00\xfe\xff", "UTF-32 text", "convert it to UTF-8 (iconv -f UTF-32 -t UTF-8)"),
    (b"ARROW1\x00\x00", "an Arrow IPC file", "read it as arrow"),
    (b"Obj\x01", "an Avro file", "read it as avro"),
    (b"SQLite format 3\x00", "a SQLite database", "export the table as CSV"),
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
        next="say so with --format csv, tsv, fixed-width, ndjson or parquet",
    )


def require_text(path: Path, format: str) -> int:
    """The size in bytes of a file that may be text of this format.

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


def text_end(path: Path, size: int) -> int:
    """Where the text ends: before a Ctrl-Z that closes the file, as old systems write it."""
    with path.open("rb") as handle:
        handle.seek(size - 1)
        return size - 1 if handle.read(1) == b"\x1a" else size


def unreadable(path: Path, error: OSError) -> DeliveryError:
    """The error for a file that the operating system does not let us read."""
    return DeliveryError(
        f"the file cannot be read: {error.strerror or error}",
        where=str(path),
        next="check that the path is right and that you may read it",
    )
