"""Decisions on held rows, kept in the ledger; the rows of each in an immutable file."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import polars as pl
from sqlalchemy import Connection, func, select

from cleanhold.core.decision import DECIDED_SCHEMA, Act, Decision
from cleanhold.errors import DamagedFile, Overtaken
from cleanhold.store import auditlog
from cleanhold.store.crashpoints import crash_point
from cleanhold.store.files import atomic_write
from cleanhold.store.layout import StateFolder
from cleanhold.store.tables import decisions, snapshots, utc_text

#: The act of the audit log.
DECIDED = "decided"


class AsOf(NamedTuple):
    """How far a dataset had come: its newest decision, and the number of its newest snapshot."""

    decision: int
    snapshot: int


def as_of(connection: Connection, dataset: str) -> AsOf:
    """How far a dataset has come."""
    made = select(func.max(decisions.c.id)).where(decisions.c.dataset == dataset)
    done = select(func.max(snapshots.c.number)).where(snapshots.c.dataset == dataset)
    return AsOf(connection.execute(made).scalar() or 0, connection.execute(done).scalar() or 0)


def require_as_of(now: AsOf, expected: AsOf | None, dataset: str) -> None:
    """Raise `Overtaken` if a dataset has come further; None expects nothing."""
    if expected is not None and now != expected:
        raise Overtaken(
            f"something else was decided or published about {dataset} at the same moment",
            next="do it again: nothing was changed",
        )


def write_rows(state: StateFolder, rows: pl.DataFrame) -> str:
    """Keep a decision's rows (`DECIDED_SCHEMA`) under their own hash; returns that SHA-256."""
    buffer = io.BytesIO()
    rows.select(pl.col(c).cast(t) for c, t in DECIDED_SCHEMA.items()).write_parquet(buffer)
    data = buffer.getvalue()
    sha256 = hashlib.sha256(data).hexdigest()
    atomic_write(state.decision(sha256), data)
    crash_point("decision-kept")
    return sha256


def read_rows(state: StateFolder, decision: Decision) -> pl.DataFrame:
    """The rows a decision is about.

    Raises:
        DamagedFile: the file is missing, or not what was written.
    """
    path = state.decision(decision.file)
    data = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() != decision.file:
        raise DamagedFile(
            f"the rows of decision {decision.id} are missing, or not what was decided on",
            where=str(path),
            next="restore this file from a backup: its name is its SHA-256",
        )
    return pl.read_parquet(io.BytesIO(data))


def record(
    connection: Connection,
    act: Act,
    dataset: str,
    *,
    rows: int,
    file: str,
    who: str,
    why: str,
    at: datetime,
    terms: Mapping[str, Any],
) -> Decision:
    """Append a decision with its entry in the audit log; see `Ledger.decide`."""
    position = connection.execute(select(func.max(snapshots.c.position))).scalar() or 0
    values: dict[str, Any] = {
        "dataset": dataset,
        "rows": rows,
        "file": file,
        "who": who,
        "why": why,
        "terms": dict(terms),
    }
    made = decisions.insert().values(act=act, position=position, at=at, **values)
    key = connection.execute(made).inserted_primary_key
    assert key is not None
    told = {"decision": key[0], "does": str(act), "position": position, "at": utc_text(at)}
    auditlog.append(connection, DECIDED, {**told, **values})
    crash_point("decision-recorded")
    return Decision(id=key[0], act=act, position=position, at=at, **values)


def list_decisions(
    connection: Connection, dataset: str | None = None, number: int | None = None
) -> list[Decision]:
    """Every decision, or the one of a number; oldest first."""
    found = select(decisions).order_by(decisions.c.id)
    if number is not None:
        found = found.where(decisions.c.id == number)
    if dataset is not None:
        found = found.where(decisions.c.dataset == dataset)
    return [
        Decision(
            id=row.id,
            act=Act(row.act),
            dataset=row.dataset,
            rows=row.rows,
            file=row.file,
            who=row.who,
            why=row.why,
            at=row.at,
            position=row.position,
            terms=row.terms,
        )
        for row in connection.execute(found)
    ]
