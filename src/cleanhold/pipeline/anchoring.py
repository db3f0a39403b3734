"""anchoring: the end of the audit log is noted where the ledger is not.

Nothing here fails a run: what is committed is committed. What did not work is kept in the state
folder, for `cleanhold doctor` and `cleanhold log anchor`.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile

from cleanhold.core.run import canonical_json
from cleanhold.errors import StateError
from cleanhold.pipeline.stores import Stores
from cleanhold.store import anchor
from cleanhold.store.anchor import Anchor
from cleanhold.store.auditlog import GENESIS
from cleanhold.store.files import atomic_write
from cleanhold.store.tables import utc_text

_log = logging.getLogger(__name__)

#: Seconds that the command may take.
PATIENCE = 30

#: Bytes of what a command says that are looked at.
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Outside:
    """What the last try to note the log's end outside came to.

    Attributes:
        entries: how many the log had.
        problems: what did not work, in words.
    """

    entries: int = 0
    problems: tuple[str, ...] = ()


def anchored(stores: Stores, *, again: bool = False) -> None:
    """Note how far the audit log has come: beside the ledger, and outside if the settings say.

    Args:
        again: try what did not work before for the same end, too.
    """
    anchor.note(stores.state, stores.ledger)
    set_up = stores.anchoring
    end = end_of(stores)
    if not end.entries or not (set_up.file or set_up.command):
        return
    last = last_outside(stores)
    if last.entries == end.entries and not (again and last.problems):
        return
    line = _line(end, stores.ledger.now())
    problems = []
    for tell in (_append, _run):
        try:
            tell(stores, line)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            problems.append(_said(error))
            _log.warning("the end of the audit log was not noted outside: %s", problems[-1])
    told = asdict(Outside(end.entries, tuple(problems)))
    with suppress(OSError):
        atomic_write(stores.state.anchored, canonical_json(told))


def end_of(stores: Stores) -> Anchor:
    """How far the audit log has come."""
    newest = next(iter(stores.ledger.audit_log(newest=1)), None)
    return Anchor(newest.number, newest.hash) if newest else Anchor(0, GENESIS)


def last_outside(stores: Stores) -> Outside:
    """What the last try came to; nothing if there was none, or that is not known."""
    try:
        told = json.loads(stores.state.anchored.read_bytes())
        return Outside(int(told["entries"]), tuple(told["problems"]))
    except (OSError, ValueError, TypeError, KeyError):
        return Outside()


def _line(end: Anchor, at: datetime) -> bytes:
    return canonical_json({"at": utc_text(at), "entries": end.entries, "hash": end.hash}) + b"\n"


def noted_outside(file: Path) -> list[Anchor]:
    """What a file of such lines says, oldest first; none if there is no file.

    Raises:
        StateError: it cannot be read, or a line is not one.
    """
    try:
        lines = file.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StateError(
            f"the file of anchors cannot be read: {error.strerror}", where=str(file)
        ) from error
    return [_noted(file, number, line) for number, line in enumerate(lines, start=1) if line]


def _noted(file: Path, number: int, line: bytes) -> Anchor:
    try:
        value = json.loads(line)
        return Anchor(int(value["entries"]), str(value["hash"]))
    except (ValueError, TypeError, KeyError) as error:
        raise StateError(
            f"line {number} of the file of anchors is not as it was written",
            where=str(file),
            next="compare it with a copy; a line that was only half written may be removed",
        ) from error


def _append(stores: Stores, line: bytes) -> None:
    if not stores.anchoring.file:
        return
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    descriptor = os.open(stores.anchoring.file, flags, 0o644)
    try:
        os.write(descriptor, line)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _run(stores: Stores, line: bytes) -> None:
    command = stores.anchoring.command
    if not command:
        return
    with TemporaryFile() as said:  # no pipes: what it leaves behind would keep them open
        out = subprocess.DEVNULL
        ended = subprocess.run(command, input=line, stdout=out, stderr=said, timeout=PATIENCE)
        if ended.returncode:
            said.seek(0)
            raise subprocess.CalledProcessError(ended.returncode, command, stderr=said.read(_MOST))


def _said(error: Exception) -> str:
    match error:
        case subprocess.CalledProcessError():
            said = error.stderr.decode(errors="backslashreplace").strip().splitlines()
            return f"the command ended with {error.returncode}" + (f": {said[-1]}" if said else "")
        case subprocess.TimeoutExpired():
            return f"the command took longer than {PATIENCE} s"
        case OSError():
            return f"{error.filename or 'the command'}: {error.strerror or error}"
        case _:
            return str(error)
