"""Small promises about files: durable writes, atomic replacement, locks between processes."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from cleanhold.store.crashpoints import crash_point

#: Suffix of files that are being written; they begin with a dot.
TEMPORARY = ".tmp"


def fsync_file(path: Path) -> None:
    """Wait until the bytes of `path` are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fsync_folder(path: Path) -> None:
    """Wait until the names in `path` are on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def can_write(folder: Path) -> bool:
    """Whether this process may make files in `folder`; False on what is mounted read-only."""
    return os.access(folder, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def make_folder(path: Path) -> None:
    """Create `path` and its parents, each durable in its own parent."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    fsync_folder(path.parent)


@contextmanager
def temporary(target: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """An open file beside `target`; whatever is left of it at the end is removed.

    Its lock lasts as long as its writer lives, so `drop_abandoned` can tell work in progress
    from what a killed process left behind.
    """
    while True:
        path = target.with_name(f".{target.name}.{secrets.token_hex(6)}{TEMPORARY}")
        with path.open("xb") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            try:
                # Between creation and lock the file looked abandoned and may be gone.
                if not path.exists():
                    continue
                yield path, handle
                return
            finally:
                path.unlink(missing_ok=True)


@contextmanager
def temporary_folder(parent: Path) -> Iterator[Path]:
    """A folder in `parent`, locked as `temporary` files are, removed with all that is in it."""
    while True:
        made = Path(tempfile.mkdtemp(dir=parent, prefix=".", suffix=TEMPORARY))
        with suppress(FileNotFoundError):  # until it is locked it looks abandoned
            descriptor = os.open(made, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if made.exists():
                break
            os.close(descriptor)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
        os.close(descriptor)


def drop_abandoned(folder: Path) -> int:
    """Remove temporary files and folders in `folder` whose makers are gone; returns how many."""
    dropped = 0
    for path in folder.glob(f".*{TEMPORARY}"):
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
            dropped += 1
        except (BlockingIOError, FileNotFoundError):
            continue
        finally:
            os.close(descriptor)
    return dropped


def atomic_write(path: Path, data: bytes) -> None:
    """Replace `path` by `data`: readers see the old bytes or the new ones, durably."""
    make_folder(path.parent)
    with temporary(path) as (draft, handle):
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())
        crash_point("draft-written")
        draft.replace(path)
    fsync_folder(path.parent)


def promote(staged: Path, target: Path) -> None:
    """Move a finished file to its immutable name, read-only. Sync the folder afterwards.

    Replacing a file of the same content-addressed name by the same bytes changes nothing.
    """
    staged.chmod(0o444)
    fsync_file(staged)
    staged.replace(target)


@contextmanager
def file_lock(path: Path, *, shared: bool = False, timeout: float) -> Iterator[None]:
    """Hold the companion lock file `path`, waiting at most `timeout` seconds.

    Locks belong to the open file, so threads of one process exclude each other as well. Where
    nobody can write, a shared lock is not needed and not taken.

    Raises:
        TimeoutError: somebody else held it all the time.
    """
    mode = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB
    deadline = time.monotonic() + timeout
    # Whoever only reads may do so where nothing can be written.
    is_given = shared and not can_write(path.parent)
    if is_given and not path.exists():
        yield
        return
    flags = os.O_RDONLY if is_given else os.O_RDWR | os.O_CREAT
    descriptor = os.open(path, flags | os.O_CLOEXEC, 0o644)
    try:
        while True:
            try:
                fcntl.flock(descriptor, mode)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise TimeoutError(f"{path} stayed locked for {timeout:g} s") from None
                time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)
