"""The folder of events: one file per event id, whole or absent, whatever is killed, when."""

from __future__ import annotations

import fcntl
import os
import uuid
from pathlib import Path

from cleanhold.errors import StateError
from cleanhold.tracing.event import Event
from cleanhold.tracing.naming import Naming
from cleanhold.tracing.trace import RunTrace


def emit(trace: RunTrace, naming: Naming, folder: Path) -> tuple[Path, ...]:
    """Write the events of a run so far, and give their files: START first, then its end.

    Safe to repeat: an event that is there already stays as it was first written.

    Raises:
        StateError: the folder cannot be written.
    """
    # Imported here, because importing the OpenLineage client takes a third of a second.
    from cleanhold.tracing.events import events_of

    return tuple(write(event, folder) for event in events_of(trace, naming))


def path_of(event: Event, folder: Path) -> Path:
    """`<folder>/<day of the event, UTC>/<event id>.json`."""
    return folder / event.at.date().isoformat() / f"{event.id}.json"


def write(event: Event, folder: Path) -> Path:
    """Write one event durably, unless it is there, and give its file.

    Raises:
        StateError: the folder cannot be written.
    """
    path = path_of(event, folder)
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, event.line)
            # The folders' own entries: the file's, and those of folders that are new.
            for parent in (path.parent, folder, folder.parent):
                _sync(parent)
    except OSError as error:
        raise StateError(
            f"a lineage event cannot be written: {error.strerror or error}",
            where=str(path),
            next="make room or mend the permissions, then run again: "
            "the event is kept until it is written",
        ) from error
    return path


def _replace(path: Path, content: bytes) -> None:
    # Hidden, and not `.json`: whoever reads the folder never meets an unfinished file.
    unfinished = path.with_name(f".{path.stem}-{uuid.uuid4().hex}.tmp")
    try:
        with unfinished.open("xb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # tells recovery that its writer lives
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
