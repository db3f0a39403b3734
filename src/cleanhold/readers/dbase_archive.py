"""A dBase table and its memo file that are delivered together as a ZIP archive."""

from __future__ import annotations

import shutil
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from cleanhold.errors import DeliveryError

#: What an archive may hold when it is unpacked, in bytes, and as a multiple of its own size.
_LARGEST, _RATIO = 8 * 2**30, 200


def is_archive(path: Path) -> bool:
    """Whether a file is a ZIP archive, by its first bytes."""
    with path.open("rb") as handle:
        return handle.read(4) == b"PK\x03\x04"


def unpack(path: Path, folder: Path) -> tuple[Path, Path | None]:
    """Unpack the table and its memo file, if there is one, under names of our own.

    Raises:
        DeliveryError: the archive is damaged, encrypted, too large, or does not hold one table.
    """
    try:
        with ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not _is_aside(member)]
            tables = [m for m in members if _ending(m) == ".dbf"]
            memos = [m for m in members if _ending(m) in (".dbt", ".fpt")]
            if len(tables) != 1 or len(memos) > 1:
                raise DeliveryError(
                    f"the archive holds {len(tables)} dBase tables and {len(memos)} memo files",
                    where=path.name,
                    next="ask for an archive per table: one .dbf, and its .dbt or .fpt",
                )
            whole = sum(member.file_size for member in [*tables, *memos])
            if whole > min(_LARGEST, _RATIO * path.stat().st_size + 2**20):
                raise DeliveryError(
                    f"the archive would be {whole} bytes when it is unpacked",
                    where=path.name,
                    next="check it; if it is right, unpack it and deliver the table itself",
                )
            unpacked = [_extract(archive, member, folder) for member in [*tables, *memos]]
    except (BadZipFile, OSError, EOFError, RuntimeError, ValueError) as error:
        raise DeliveryError(
            f"the archive cannot be unpacked: {error}",
            where=path.name,
            next="ask the sender to deliver it again, whole and without a password",
        ) from error
    return unpacked[0], unpacked[1] if memos else None


def _is_aside(member: ZipInfo) -> bool:
    """A folder, or what macOS packs beside a file."""
    *folders, base = member.filename.split("/")
    return member.is_dir() or base.startswith(".") or "__MACOSX" in folders


def _ending(member: ZipInfo) -> str:
    return Path(member.filename).suffix.lower()


def _extract(archive: ZipFile, member: ZipInfo, folder: Path) -> Path:
    target = folder / f"table{_ending(member)}"
    with archive.open(member) as source, target.open("wb") as copy:
        shutil.copyfileobj(source, copy)
    return target
