"""Landing: a delivery becomes an extract, its bytes copied once and never changed."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from cleanhold.core.extract import Extract
from cleanhold.errors import DeliveryError
from cleanhold.store.crashpoints import crash_point
from cleanhold.store.files import fsync_folder, make_folder, temporary
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger, utc_now

#: Bytes copied at a time.
BLOCK = 1 << 20


def land(
    file: Path,
    state: StateFolder,
    ledger: Ledger,
    *,
    source: str,
    dated: date | None = None,
    details: Mapping[str, Any] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Extract:
    """Copy a delivered file into `extracts/` and keep its receipt; the file stays where it is.

    The same bytes from the same source again are the same extract: the first receipt is
    returned and nothing changes.

    Args:
        file: the delivery.
        source: name of the source that delivered it.
        dated: business date of the delivery.
        details: more for the receipt, JSON values.
        progress: called with the number of bytes copied since the last call.

    Raises:
        DeliveryError: it is missing, a symbolic link, not a regular file, or it changes while
            it is copied.
    """
    descriptor = _open(file)
    with os.fdopen(descriptor, "rb") as delivered:
        before = os.fstat(descriptor)
        make_folder(state.extracts)
        with temporary(state.extracts / "delivery") as (draft, copy):
            size, sha256 = _copy(delivered, copy, progress)
            after = os.fstat(descriptor)
            if (size, before.st_size, before.st_mtime_ns) != (
                after.st_size,
                after.st_size,
                after.st_mtime_ns,
            ):
                raise _refused(
                    file,
                    "changed while it was being copied",
                    "let the source finish writing under another name and then rename the file",
                )
            target = state.extract(sha256)
            if not _holds(target, size):
                copy.flush()
                os.fchmod(copy.fileno(), 0o444)
                os.fsync(copy.fileno())
                crash_point("extract-copied")
                make_folder(target.parent)
                draft.replace(target)
                fsync_folder(target.parent)
                crash_point("extract-renamed")
    return ledger.record_extract(
        Extract(
            sha256=sha256,
            name=file.name,
            path=target,
            size=size,
            source=source,
            landed_at=utc_now(),
            dated=dated,
        ),
        details,
    )


def _open(file: Path) -> int:
    # Without waiting: opening a named pipe would block until somebody writes to it.
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if file.is_symlink():
            raise _refused(
                file,
                "is a symbolic link",
                "deliver the file itself: a link could point at anything",
            ) from error
        raise _refused(
            file,
            f"cannot be opened ({error.strerror})",
            "check the path and who may read it",
        ) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _refused(file, "is not a regular file", "deliver a plain file")
    return descriptor


def _copy(
    delivered: BinaryIO, copy: BinaryIO, progress: Callable[[int], None] | None
) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    while block := delivered.read(BLOCK):
        digest.update(block)
        copy.write(block)
        size += len(block)
        if progress:
            progress(len(block))
    return size, digest.hexdigest()


def _holds(target: Path, size: int) -> bool:
    """Whether the bytes are there already; a copy of the wrong length is damaged and replaced."""
    try:
        return target.stat().st_size == size
    except FileNotFoundError:
        return False


def _refused(file: Path, what: str, next: str) -> DeliveryError:
    return DeliveryError(f"the delivery {what}", where=str(file), next=next)
