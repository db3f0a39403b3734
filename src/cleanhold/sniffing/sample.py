"""A bounded look at a file: pieces from its start, its middle and its end."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import zstandard

from cleanhold.errors import DeliveryError
from cleanhold.readers.sniff import unreadable

#: Bytes of a piece. A file of at most three pieces is looked at as a whole.
PIECE = 1 << 20

_Opener = Callable[[IO[bytes]], Any]


def _zstd(raw: IO[bytes]) -> Any:
    return zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True)


#: First bytes → name of the compression, and what reads it.
_COMPRESSED: tuple[tuple[bytes, str, _Opener], ...] = (
    (b"\x1f\x8b", "gzip", lambda raw: gzip.GzipFile(fileobj=raw)),
    (b"BZh", "bzip2", bz2.BZ2File),
    (b"\xfd7zXZ\x00", "xz", lzma.LZMAFile),
    (b"\x28\xb5\x2f\xfd", "zstd", _zstd),
)

#: What unpacking raises on damaged bytes, or on methods that are not known.
_DAMAGED = (
    EOFError,
    RuntimeError,
    lzma.LZMAError,
    zipfile.BadZipFile,
    zlib.error,
    zstandard.ZstdError,
)

#: Members that make a ZIP archive a document instead of a parcel.
_OFFICE = ("[Content_Types].xml", "mimetype", "META-INF/manifest.xml")


@dataclass(frozen=True, slots=True)
class Sample:
    """Bytes of a file, decompressed.

    Attributes:
        pieces: from the start, and from the middle and the end if it is longer than that.
        size: bytes of the file as it lies on disk.
        whole: whether the pieces are all of it.
        compression: gzip, bzip2, xz, zstd, zip; None if there is none.
        member: the member of a ZIP archive that was looked at.
        members: how many files the archive has.
    """

    pieces: tuple[bytes, ...]
    size: int
    whole: bool
    compression: str | None = None
    member: str | None = None
    members: int = 0

    @property
    def start(self) -> bytes:
        return self.pieces[0]

    @property
    def looked_at(self) -> int:
        """Bytes in all pieces."""
        return sum(map(len, self.pieces))


def take_sample(path: Path) -> Sample:
    """Pieces of a file.

    Of a compressed file there are only pieces from its start: to reach the middle, all before it
    would have to be decompressed.

    Raises:
        DeliveryError: the file is missing, no file, empty, or its compression is damaged.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as raw:
            head = raw.read(4096)
            if not head:
                raise DeliveryError(
                    "the file is empty (0 bytes)",
                    where=path.name,
                    next="ask the sender to deliver again",
                )
            raw.seek(0)
            if head.startswith(b"PK\x03\x04") and (found := _from_archive(raw, size)):
                return found
            raw.seek(0)
            for magic, name, opener in _COMPRESSED:
                if head.startswith(magic):
                    return _from_stream(opener(raw), size, name)
            if size <= 3 * PIECE:
                return Sample((raw.read(),), size, whole=True)
            pieces = []
            for at in (0, (size - PIECE) // 2, size - PIECE):
                raw.seek(at)
                pieces.append(raw.read(PIECE))
            return Sample(tuple(pieces), size, whole=False)
    except _DAMAGED as error:
        raise DeliveryError(
            f"the compressed file cannot be unpacked: {error}",
            where=path.name,
            next="it may be damaged: ask the sender to deliver again",
        ) from error
    except OSError as error:
        raise unreadable(path, error) from error


def _from_stream(stream: IO[bytes], size: int, name: str, **more: Any) -> Sample:
    data = bytearray()
    while len(data) < 3 * PIECE and (part := stream.read(PIECE)):
        data += part
    return Sample((bytes(data),), size, whole=not stream.read(1), compression=name, **more)


def _from_archive(raw: IO[bytes], size: int) -> Sample | None:
    """The largest member of a ZIP archive; None if the archive is an office document."""
    with ExitStack() as stack:
        archive = stack.enter_context(zipfile.ZipFile(raw))
        members = [m for m in archive.infolist() if not m.is_dir()]
        if not members or any(m.filename in _OFFICE for m in members):
            return None
        largest = max(members, key=lambda m: m.file_size)
        if largest.flag_bits & 1:
            raise DeliveryError(
                "the ZIP archive is encrypted",
                where=largest.filename,
                next="decrypt it first",
            )
        stream = stack.enter_context(archive.open(largest))
        return _from_stream(stream, size, "zip", member=largest.filename, members=len(members))
