"""Deliveries that are files of this machine, opened so that their names can do no harm."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from cleanhold.core.arrival import Delivery
from cleanhold.core.reading import Progress
from cleanhold.errors import DeliveryError, DeliveryUnavailable

#: Bytes copied at a time.
BLOCK = 1 << 20


def local_file(path: Path, root: Path | None = None) -> Delivery:
    """The delivery that lies at `path`.

    Fetching it raises `DeliveryError` if it is missing, a symbolic link, not a regular file, or
    changes while it is copied.

    Args:
        root: where it lies is told relative to this folder, if it is in there.
    """
    where = path.relative_to(root) if root and path.is_relative_to(root) else path
    try:
        status = path.lstat()
    except OSError:
        status = None
    return Delivery(
        name=shown(path.name),
        where=shown(str(where)),
        fetch=lambda copy, progress: _fetch(path, copy, progress),
        arrived_at=datetime.fromtimestamp(status.st_mtime, UTC) if status else None,
        size=status.st_size if status else None,
        stamp=_stamp(status) if status else "",
    )


def last_change(path: Path) -> float | None:
    """When a file's bytes last changed, in seconds; None if there is no file.

    A time in the future is nobody's: then it counts when the file was last touched at all.
    """
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_mtime if status.st_mtime <= time.time() else status.st_ctime


def shown(name: str) -> str:
    """A file name as text that can be stored: bytes that are no UTF-8 are written `\\xff`."""
    return os.fsencode(name).decode("utf-8", errors="backslashreplace")


def _stamp(status: os.stat_result) -> str:
    # The time of change cannot be set by whoever writes the file, unlike that of modification.
    parts = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return "-".join(map(str, parts))


def _fetch(path: Path, copy: BinaryIO, progress: Progress) -> Mapping[str, Any]:
    descriptor = _open(path)
    with os.fdopen(descriptor, "rb", buffering=0) as delivered:
        before = os.fstat(descriptor)
        size = 0
        while block := delivered.read(BLOCK):
            copy.write(block)
            size += len(block)
            progress(len(block))
        after = os.fstat(descriptor)
    if (size, before.st_size, before.st_mtime_ns) != (
        after.st_size,
        after.st_size,
        after.st_mtime_ns,
    ):
        raise DeliveryUnavailable(
            "the delivery changed while it was being copied",
            where=shown(str(path)),
            next="let the source finish writing under another name and then rename the file",
        )
    return {}


def _open(path: Path) -> int:
    # Without waiting: opening a named pipe would block until somebody writes to it.
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if path.is_symlink():
            raise _refused(
                path,
                "is a symbolic link",
                "deliver the file itself: a link could point at anything",
            ) from error
        raise _refused(
            path,
            f"cannot be opened ({error.strerror})",
            "check the path and who may read it",
        ) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _refused(path, "is not a regular file", "deliver a plain file")
    return descriptor


def _refused(path: Path, what: str, next: str) -> DeliveryError:
    return DeliveryError(f"the delivery {what}", where=shown(str(path)), next=next)
