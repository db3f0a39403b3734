"""A ledger that is not in the state folder, and the folder it is of: each knows the other.

Without that, a URL that was mistyped or forgotten would open an empty ledger beside a full folder,
and recovery would take every snapshot for something that nobody refers to.
"""

from __future__ import annotations

import json
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, func, select

from cleanhold.core.run import canonical_json
from cleanhold.errors import LedgerError
from cleanhold.store import auditlog
from cleanhold.store.files import atomic_write
from cleanhold.store.layout import StateFolder
from cleanhold.store.tables import audit_log, extracts, utc_text

#: The act of the audit log.
BOUND = "bound"


def is_bound(connection: Connection, state: StateFolder) -> bool:
    """Whether ledger and folder name each other."""
    named = _named_by(state)
    return named is not None and named == _named_in(connection)


def bind(connection: Connection, state: StateFolder, where: str, now: datetime) -> None:
    """Bind a new ledger to a folder; the caller's transaction holds the write lock.

    Raises:
        LedgerError: the ledger is of another folder, or the folder of another ledger.
    """
    named, known = _named_by(state), _named_in(connection)
    if named is not None and named == known:
        return
    if known is not None or not _is_new(connection):
        raise LedgerError(
            "the ledger is of another state folder",
            where=f"{where}; {state.root}",
            next="give each workspace a schema of its own: add ?schema=NAME to the URL"
            if named is None
            else f"correct the URL: {_told(state)} is what this folder was made with",
        )
    if any(state.manifests.glob("*.json")):
        raise LedgerError(
            "the ledger is empty, but the state folder has snapshots: they are of another ledger",
            where=f"{where}; {state.root}",
            next=f"correct the URL: {_told(state)} is what this folder was made with",
        )
    # The folder first: if the transaction fails now, this is done again with the same name.
    named = named or uuid4().hex
    atomic_write(state.binding, canonical_json({"ledger": named, "where": where}))
    auditlog.append(connection, BOUND, {"state": named, "at": utc_text(now)})


def elsewhere(state: StateFolder) -> LedgerError | None:
    """The error for opening the folder's own ledger when it has none, because it is elsewhere."""
    if _named_by(state) is None:
        return None
    return LedgerError(
        "the ledger of this state is elsewhere, and its URL is not set",
        where=f"{state.root}: {_told(state)}",
        next="set the environment variable CLEANHOLD_LEDGER, or `ledger` in [tool.cleanhold]",
    )


def _named_by(state: StateFolder) -> str | None:
    return (
        str(json.loads(state.binding.read_bytes())["ledger"]) if state.binding.is_file() else None
    )


def _told(state: StateFolder) -> str:
    return _read(state).get("where", "another one")


def _read(state: StateFolder) -> dict[str, str]:
    found: dict[str, str] = json.loads(state.binding.read_bytes()) if state.binding.exists() else {}
    return found


def _named_in(connection: Connection) -> str | None:
    # Only a new ledger is bound, so the entry is the first one.
    first = select(audit_log.c.body).where(audit_log.c.number == 1)
    said = json.loads(connection.execute(first).scalar() or "{}")
    return str(said["state"]) if said.get("act") == BOUND else None


def _is_new(connection: Connection) -> bool:
    counts = (select(func.count()).select_from(table) for table in (audit_log, extracts))
    return not any(connection.execute(count).scalar() for count in counts)
