"""What the ledger knows, as nouns: the reading half of the ledger."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from cleanhold.core.account import Account
from cleanhold.core.extract import Extract
from cleanhold.core.run import Input, InputKind, Run, RunState
from cleanhold.core.snapshot import Channel, Expired, Pin, Snapshot
from cleanhold.store.receipts import as_extract, with_redeliveries
from cleanhold.store.tables import (
    accounts,
    channels,
    expired,
    extracts,
    inputs,
    pins,
    runs,
    snapshots,
)

_COMMITTED = (RunState.PUBLISHED, RunState.CANDIDATE)

_RUNS = (
    select(runs, snapshots.c.number.label("snapshot"), *accounts.c[1:])
    .outerjoin(snapshots, snapshots.c.run == runs.c.id)
    .outerjoin(accounts, accounts.c.run == runs.c.id)
)
_SNAPSHOTS = (
    select(
        snapshots,
        *accounts.c[1:],
        *(pins.c[name].label(f"pin_{name}") for name in ("who", "why", "at")),
        *(expired.c[name].label(f"expired_{name}") for name in ("at", "why", "key_file")),
    )
    .join(accounts, accounts.c.run == snapshots.c.run)
    .outerjoin(
        pins, (pins.c.dataset == snapshots.c.dataset) & (pins.c.number == snapshots.c.number)
    )
    .outerjoin(
        expired,
        (expired.c.dataset == snapshots.c.dataset) & (expired.c.number == snapshots.c.number),
    )
)


def run(connection: Connection, identifier: str) -> Run | None:
    """One run by its key."""
    return next(iter(_as_runs(connection, _RUNS.where(runs.c.id == identifier))), None)


def list_runs(connection: Connection, dataset: str | None, limit: int | None) -> list[Run]:
    """Runs, newest first."""
    found = _RUNS.order_by(runs.c.started_at.desc(), runs.c.id).limit(limit)
    if dataset is not None:
        found = found.where(runs.c.dataset == dataset)
    return _as_runs(connection, found)


def runs_over(connection: Connection, sha256: Collection[str], prefix: str) -> list[Run]:
    """Runs that read one of some extracts, or whose key begins so, oldest first."""
    read = select(inputs.c.run).where(inputs.c.sha256.in_(sha256))
    is_one = runs.c.id.in_(read) | runs.c.id.between(prefix, f"{prefix}g")
    return _as_runs(connection, _RUNS.where(is_one).order_by(runs.c.started_at, runs.c.id))


def snapshot(
    connection: Connection, dataset: str, number: int | None, channel: Channel
) -> Snapshot | None:
    """One snapshot by number, or what the channel points at."""
    found = _SNAPSHOTS.where(snapshots.c.dataset == dataset)
    if number is not None:
        found = found.where(snapshots.c.number == number)
    else:
        found = found.join(
            channels,
            (channels.c.dataset == snapshots.c.dataset) & (channels.c.number == snapshots.c.number),
        ).where(channels.c.channel == channel)
    return next(iter(_as_snapshots(connection, found)), None)


def list_snapshots(
    connection: Connection, dataset: str | None, limit: int | None
) -> list[Snapshot]:
    """Snapshots, newest first, datasets apart."""
    found = _SNAPSHOTS.order_by(snapshots.c.dataset, snapshots.c.number.desc()).limit(limit)
    if dataset is not None:
        found = found.where(snapshots.c.dataset == dataset)
    return _as_snapshots(connection, found)


def datasets(connection: Connection) -> list[str]:
    """Names of datasets that have any snapshot."""
    names = select(snapshots.c.dataset).distinct().order_by(snapshots.c.dataset)
    return list(connection.execute(names).scalars())


def committed_runs(connection: Connection, dataset: str | None) -> list[str]:
    """Keys of published and candidate runs, in the order they were committed."""
    found = (
        select(runs.c.id)
        .join(snapshots, snapshots.c.run == runs.c.id)
        .where(runs.c.state.in_(_COMMITTED))
        .order_by(snapshots.c.position)
    )
    if dataset is not None:
        found = found.where(runs.c.dataset == dataset)
    return list(connection.execute(found).scalars())


def published_extracts(connection: Connection, dataset: str) -> set[str]:
    """SHA-256 of the extracts that published runs of the dataset read."""
    found = (
        select(inputs.c.sha256)
        .join(runs, runs.c.id == inputs.c.run)
        .where(
            runs.c.dataset == dataset,
            runs.c.state == RunState.PUBLISHED,
            inputs.c.kind == InputKind.EXTRACT,
        )
    )
    return set(connection.execute(found).scalars())


def list_extracts(
    connection: Connection,
    root: Path,
    source: str | None = None,
    at: datetime | None = None,
    **equal: str,
) -> list[Extract]:
    """Receipts in the order the extracts count as delivered, now or at a time."""
    found = select(extracts)
    if source is not None:
        found = found.where(extracts.c.source == source)
    for column, value in equal.items():
        found = found.where(extracts.c[column] == value)
    firsts = [as_extract(row, root) for row in connection.execute(found)]
    receipts = with_redeliveries(connection, firsts, at)
    return sorted(receipts, key=lambda extract: (extract.order, extract.sha256))


def _as_runs(connection: Connection, found: Select[Any]) -> list[Run]:
    rows = connection.execute(found).all()
    read = _inputs(connection, [row.id for row in rows])
    return [
        Run(
            id=row.id,
            dataset=row.dataset,
            state=RunState(row.state),
            attempt=row.attempt,
            started_at=row.started_at,
            finished_at=row.finished_at,
            account=_account(row) if row.records is not None else None,
            snapshot=row.snapshot,
            contract_version=row.contract_version,
            inputs=read.get(row.id, ()),
            reasons=tuple(row.reasons),
            details=row.details,
        )
        for row in rows
    ]


def _as_snapshots(connection: Connection, found: Select[Any]) -> list[Snapshot]:
    rows = connection.execute(found).all()
    read = _inputs(connection, [row.run for row in rows])
    return [
        Snapshot(
            dataset=row.dataset,
            number=row.number,
            channel=Channel(row.channel),
            manifest=row.manifest,
            run=row.run,
            rows=row.rows,
            contract_version=row.contract_version,
            created_at=row.created_at,
            account=_account(row),
            inputs=read.get(row.run, ()),
            pin=Pin(row.pin_who, row.pin_why, row.pin_at) if row.pin_at else None,
            expired=Expired(row.expired_at, row.expired_why, row.expired_key_file)
            if row.expired_at
            else None,
        )
        for row in rows
    ]


def _account(row: Row[Any]) -> Account:
    return Account(
        records=row.records,
        clean=row.clean,
        held=row.held,
        refused=row.refused,
        superseded=row.superseded,
        warned=row.warned,
    )


def _inputs(connection: Connection, keys: list[str]) -> dict[str, tuple[Input, ...]]:
    read: dict[str, list[Input]] = {}
    # SQLite takes a bounded number of parameters per statement.
    for start in range(0, len(keys), 500):
        found = select(inputs).where(inputs.c.run.in_(keys[start : start + 500]))
        for row in connection.execute(found.order_by(inputs.c.run, inputs.c.position)):
            item = Input(InputKind(row.kind), row.name, row.sha256, row.number)
            read.setdefault(row.run, []).append(item)
    return {key: tuple(items) for key, items in read.items()}
