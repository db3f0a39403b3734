"""The audit log: append-only, each entry chained to the one before by its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from cleanhold.core.run import canonical_json
from cleanhold.errors import StateError
from cleanhold.store import witness
from cleanhold.store.shape import misshapen
from cleanhold.store.tables import audit_log

#: What the first entry is chained to.
GENESIS = "0" * 64

#: Acts that make a snapshot: every snapshot has exactly one such entry.
COMMITS = ("published", "candidate")

#: Entries that are read in one go.
_AT_ONCE = 500

#: Where an entry is, for whoever does not say it better.
_LEDGER = "the ledger"

#: How many contradictions a message lists.
SHOWN = 5


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act.

    Attributes:
        number: 1, 2, 3 …
        body: what was done, JSON values.
        hash: hex SHA-256 of the previous entry's hash followed by the body's canonical JSON.
    """

    number: int
    body: Mapping[str, Any]
    hash: str


def chained(previous: str, body: str) -> str:
    """The hash of an entry."""
    return hashlib.sha256((previous + body).encode()).hexdigest()


def append(connection: Connection, act: str, details: Mapping[str, Any]) -> None:
    """Add one entry; the caller's transaction holds the write lock."""
    newest = select(audit_log.c.number, audit_log.c.hash).order_by(audit_log.c.number.desc())
    last = connection.execute(newest.limit(1)).one_or_none()
    previous = last.hash if last else GENESIS
    body = canonical_json({"act": act, **details}).decode()
    values: dict[str, Any] = {
        "previous": previous,
        "body": body,
        "hash": chained(previous, body),
    }
    if connection.dialect.name != "sqlite":
        # SQLite numbers without gaps and never gives a number twice; a sequence of PostgreSQL
        # leaves out those of transactions that came to nothing.
        values["number"] = last.number + 1 if last else 1
    connection.execute(audit_log.insert().values(**values))


def entries(
    connection: Connection, newest: int | None = None, where: str = _LEDGER
) -> list[AuditEntry]:
    """The entries, oldest first: all, or so many of the newest."""
    found = select(audit_log).order_by(audit_log.c.number.desc()).limit(newest)
    rows = reversed(connection.execute(found).all())
    return [AuditEntry(row.number, _body(row, where), row.hash) for row in rows]


def backwards(connection: Connection, where: str = _LEDGER) -> Iterator[AuditEntry]:
    """The entries, newest first, read as they are asked for."""
    found = select(audit_log).order_by(audit_log.c.number.desc())
    with closing(connection.execute(found.execution_options(yield_per=_AT_ONCE))) as rows:
        for row in rows:
            yield AuditEntry(row.number, _body(row, where), row.hash)


def acts(connection: Connection, wanted: Collection[str]) -> Iterator[Mapping[str, Any]]:
    """Bodies of the entries of some acts, oldest first, with their numbers (`entry`) and hashes.

    Args:
        wanted: names of the acts.
    """
    is_one = or_(*(audit_log.c.body.contains(f'"act":"{act}"') for act in wanted))
    found = select(audit_log).where(is_one).order_by(audit_log.c.number)
    for row in connection.execute(found):
        body = _body(row, _LEDGER)
        if body["act"] in wanted:  # the words may be anywhere in it
            yield {**body, "entry": row.number, "hash": row.hash}


def since(connection: Connection, number: int) -> Iterator[Mapping[str, Any]]:
    """Bodies of the entries after one, oldest first."""
    later = select(audit_log).where(audit_log.c.number > number)
    for row in connection.execute(later.order_by(audit_log.c.number)):
        yield _body(row, _LEDGER)


def verify(connection: Connection, anchor: str | None, where: str) -> str:
    """Check the whole chain; see `Ledger.verify_audit`."""
    if connection.dialect.name == "sqlite":
        pages = connection.exec_driver_sql("pragma integrity_check").scalar()
        if pages != "ok":
            raise _tampered(f"the database itself is damaged: {pages}", where)
        orphan = connection.exec_driver_sql("pragma foreign_key_check").first()
        if orphan is not None:
            said = f"a row of {orphan[0]} belongs to a row of {orphan[2]} that is not there"
            raise _tampered(said, where)
    if changed := list(misshapen(connection)):
        raise StateError(
            f"the tables of the ledger are not as cleanhold made them: {_some(changed)}",
            where=where,
            next="keep the file as it is and compare it with a backup",
        )
    log = list(chain(connection, where))
    head = log[-1].hash if log else GENESIS
    if anchor not in (None, GENESIS) and all(entry.hash != anchor for entry in log):
        raise _tampered("the anchored entry is no longer in it", where)
    bodies = [entry.body for entry in log]
    if found := witness.contradictions(connection, bodies):
        said = f"it and the other tables of the ledger do not match: {_some(found)}"
        raise _tampered(said, where)
    return head


def chain(connection: Connection, where: str) -> Iterator[AuditEntry]:
    """The entries, oldest first, each held against the one before it.

    Raises:
        StateError: an entry is missing, was changed, is no act, or stands in another's place.
    """
    previous = GENESIS
    rows = connection.execute(select(audit_log).order_by(audit_log.c.number))
    for expected, row in enumerate(rows, start=1):
        if row.number != expected:
            raise _tampered(f"its entry {expected} is missing", where)
        if row.hash != chained(row.previous, row.body):
            raise _tampered(f"its entry {expected} was changed", where)
        if row.previous != previous:
            said = "one between them is gone, or another stands in its place"
            raise _tampered(
                f"its entry {expected} does not follow the one before it: {said}", where
            )
        yield AuditEntry(row.number, _body(row, where), row.hash)
        previous = row.hash


def _body(row: Row[Any], where: str) -> dict[str, Any]:
    """What an entry says; its hash may be right, and yet nobody of cleanhold wrote it.

    Raises:
        StateError: it is no act.
    """
    try:
        body = json.loads(row.body)
    except (ValueError, TypeError, RecursionError):
        body = None
    if not isinstance(body, dict) or not isinstance(body.get("act"), str):
        raise _tampered(f"its entry {row.number} is no act as cleanhold writes them", where)
    return body


def _some(found: Sequence[str]) -> str:
    more = f"; and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return "; ".join(found[:SHOWN]) + more


def _tampered(what: str, where: str) -> StateError:
    return StateError(
        f"the audit log is not intact: {what}",
        where=where,
        next="keep the file as it is and compare it with a backup",
    )
