"""The anchor: a note, outside the ledger, of how far its audit log had come.

A chain of hashes shows that an entry was edited, but not that the whole chain was written anew,
nor that its end is gone (as in a ledger restored from an old backup). The note shows both, unless
it was changed as well; a hash kept elsewhere (`cleanhold verify --anchor`) shows them in any case.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass

from cleanhold.core.run import canonical_json
from cleanhold.errors import DamagedFile
from cleanhold.store.files import atomic_write
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Anchor:
    """How far the audit log had come.

    Attributes:
        entries: how many it had.
        hash: of the newest of them.
    """

    entries: int
    hash: str


def read(state: StateFolder) -> Anchor | None:
    """What was noted last.

    Raises:
        DamagedFile: the note is not one.
    """
    try:
        value = json.loads(state.anchor.read_bytes())
        return Anchor(int(value["entries"]), str(value["hash"]))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError) as error:
        raise DamagedFile(
            "the note of how far the audit log had come cannot be read",
            where=str(state.anchor),
            next="compare the ledger with a backup; if they agree, remove this file, and "
            "`cleanhold recover` writes it again",
        ) from error


def note(state: StateFolder, ledger: Ledger) -> None:
    """Note how far the audit log has come, unless the log lacks what was noted before.

    What is committed is committed: a note that cannot be read or written is for `verify` to tell.
    """
    newest = next(iter(ledger.audit_log(newest=1)), None)
    try:
        noted = read(state)
    except (DamagedFile, OSError):
        return
    if newest is None or (noted and noted.entries >= newest.number):
        return
    if noted is not None:
        since = ledger.audit_log(newest=newest.number - noted.entries + 1)
        if since[0].hash != noted.hash:
            return  # evidence
    value = {"entries": newest.number, "hash": newest.hash}
    with suppress(OSError):
        atomic_write(state.anchor, canonical_json(value))
