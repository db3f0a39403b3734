"""ZIP archives: their members as streams, chosen by a pattern, every one verified.

The format is PKWARE's APPNOTE 6.3. A member's name is only ever shown: what is taken is found by
its place in the archive and kept under its SHA-256.
"""

from __future__ import annotations

import re
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from lzma import LZMAError
from pathlib import PurePosixPath
from typing import BinaryIO

from cleanhold.core.limits import Limits
from cleanhold.errors import DeliveryError
from cleanhold.store.compression import PIECE, too_much

#: A local header, or the end record of an archive without members.
BEGINS = (b"PK\x03\x04", b"PK\x05\x06")

#: Bytes of the directory that a member's entry may take; long names and comments make it more
#: than 46. Reading the directory costs memory, so it is limited before that.
_ENTRY = 4096

#: Old archives count their members modulo this.
_COUNT = 1 << 16

_END_RECORD, _END_SIZE = b"PK\x05\x06", 22
_LONG_END_LOCATOR, _LONG_END_RECORD = b"PK\x06\x07", b"PK\x06\x06"

_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    LZMAError,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    RuntimeError,  # a version of the format that Python does not know
    IndexError,
    struct.error,
)


#: Files beside a dBase table that say nothing the table does not.
_INDEXES = {".cdx", ".idx", ".mdx", ".ndx", ".ntx"}


@dataclass(frozen=True, slots=True)
class Member:
    """One file in an archive.

    Attributes:
        name: as the archive says, made showable; it may be anything.
        taken: it is an extract by the source's pattern.
    """

    name: str
    taken: bool
    info: zipfile.ZipInfo


def is_document(file: BinaryIO) -> bool:
    """Whether a ZIP file is one document, such as a workbook: those are not opened.

    Office Open XML packages have `[Content_Types].xml` (ECMA-376 part 2), OpenDocument ones begin
    with `mimetype` (OASIS OpenDocument 1.3 part 2). A dBase table with its memo file, and nothing
    else than index files, is one too: apart from each other both are worthless.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except _FAULTS:
        return False
    if "[Content_Types].xml" in names or names[:1] == ["mimetype"]:
        return True
    files = (name for name in names if not name.endswith("/") and not _is_hidden(name))
    endings = Counter(PurePosixPath(name).suffix.lower() for name in files)
    memos = endings.pop(".dbt", 0) + endings.pop(".fpt", 0)
    return endings.pop(".dbf", 0) == memos == 1 and endings.keys() <= _INDEXES


def members(file: BinaryIO, pattern: str, limits: Limits) -> list[Member]:
    """The files in an archive, in its order; folders are none.

    Hidden ones (`.DS_Store`, `__MACOSX/…`) are never taken.

    Raises:
        DeliveryError: it is damaged, encrypted, or has too many members; a member to be taken is
            a symbolic link or compressed in a way that cannot be read.
    """
    entries = _require_few(file, limits)
    with _reported(), zipfile.ZipFile(file) as archive:
        # A damaged length makes one entry swallow the next.
        if len(archive.infolist()) % _COUNT != entries % _COUNT:
            raise zipfile.BadZipFile(f"{len(archive.infolist())} of {entries} members")
        found = []
        for info in archive.infolist():
            # Opening compares the directory with what stands before the member's bytes.
            _require_readable(archive, info)
            if info.is_dir():
                continue
            taken = fnmatchcase(info.filename, pattern) and not _is_hidden(info.filename)
            if taken and stat.S_ISLNK(info.external_attr >> 16):
                raise DeliveryError(
                    f"the archive's member {_shown(info.filename)!r} is a symbolic link",
                    next="pack the file itself: a link could point at anything",
                )
            found.append(Member(_shown(info.filename), taken, info))
    if len(found) > limits.members:
        raise too_much(f"the archive has {len(found):,} members", "members")
    return found


def content(file: BinaryIO, member: Member) -> Iterator[bytes]:
    """The bytes of a member; its CRC-32 and length are verified when they have all been given.

    Raises:
        DeliveryError: it is damaged.
    """
    size = 0
    with _reported(), zipfile.ZipFile(file) as archive, archive.open(member.info) as handle:
        while piece := handle.read(PIECE):
            size += len(piece)
            yield piece
        if size != member.info.file_size:
            raise zipfile.BadZipFile(f"{size} bytes of {member.info.file_size}")


def _require_readable(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
    if info.flag_bits & 0x1:
        raise DeliveryError(
            f"the archive is encrypted: {_shown(info.filename)!r} needs a password",
            next="ask the source to deliver it unencrypted over an encrypted way, or decrypt it "
            "before it arrives",
        )
    try:
        archive.open(info).close()
    except RuntimeError as error:
        raise DeliveryError(
            f"the archive's member {_shown(info.filename)!r} cannot be unpacked: {error}",
            next="ask the source to pack it with deflate",
        ) from error


def _require_few(file: BinaryIO, limits: Limits) -> int:
    """Refuse a directory that is too long to be read, before it is read; gives its entries."""
    size = file.seek(0, 2)
    file.seek(max(0, size - (1 << 16) - _END_SIZE - 20))
    tail = file.read()
    at = tail.rfind(_END_RECORD)
    if at < 0 or len(tail) < at + _END_SIZE:
        raise _damaged("its directory is missing")
    entries: int = struct.unpack_from("<H", tail, at + 10)[0]
    directory: int = struct.unpack_from("<L", tail, at + 12)[0]
    if at >= 20 and tail[at - 20 : at - 16] == _LONG_END_LOCATOR:
        file.seek(min(struct.unpack_from("<Q", tail, at - 12)[0], size))
        record = file.read(56)
        if record[:4] != _LONG_END_RECORD or len(record) < 56:
            raise _damaged("its directory is missing")
        entries, directory = struct.unpack_from("<QQ", record, 32)
    if directory > limits.members * _ENTRY:
        raise too_much(f"the archive's directory has {directory:,} bytes", "members")
    return entries


def _is_hidden(name: str) -> bool:
    *folders, base = re.split(r"[/\\]", name)
    return base.startswith(".") or "__MACOSX" in folders


def _shown(name: str) -> str:
    return name.encode("utf-8", errors="surrogateescape").decode(errors="backslashreplace")


@contextmanager
def _reported() -> Iterator[None]:
    try:
        yield
    except _FAULTS as error:
        raise _damaged(str(error) or type(error).__name__) from error


def _damaged(why: str) -> DeliveryError:
    return DeliveryError(
        f"the delivery is damaged: its ZIP archive cannot be unpacked to the end ({why})",
        next="have it delivered again; if it is no archive, say compression='none' in its source",
    )
