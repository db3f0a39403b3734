"""The audit log as a witness: what it says about every row of the other tables of the ledger.

Each act that makes rows tells them in its entry, in the transaction that makes them. So a row that
was added, removed or edited since contradicts the log. Inputs, row counts and contract versions are
told by the manifests instead, whose hashes are in the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, select

from cleanhold.store.endings import ENDED, LINEAGE, expiry
from cleanhold.store.events import MADE
from cleanhold.store.tables import (
    accounts,
    channels,
    decisions,
    expired,
    expired_extracts,
    extracts,
    outbox,
    pins,
    places,
    redeliveries,
    runs,
    snapshots,
    utc_text,
)

Body = Mapping[str, Any]

#: By the columns that name a row: what the log says of it, column → value.
Told = dict[tuple[Any, ...], dict[str, Any]]

#: The columns that name a row, for people as well.
KEYS: Mapping[Table, tuple[str, ...]] = {
    extracts: ("source", "sha256"),
    redeliveries: ("source", "sha256", "landed_at"),
    places: ("source", "place"),
    runs: ("id",),
    accounts: ("run",),
    snapshots: ("dataset", "number"),
    channels: ("dataset", "channel"),
    outbox: ("dataset", "run", "kind", "created_at"),
    decisions: ("id",),
    pins: ("dataset", "number"),
    expired: ("dataset", "number"),
    expired_extracts: ("sha256",),
}

#: Table → column → why nothing tells on it when it is edited.
UNTOLD: Mapping[str, Mapping[str, str]] = {
    "places": dict.fromkeys(
        ("stamp", "seen_at"), "where these differ, the next run fetches and compares the bytes"
    ),
    "inputs": {"position": "their order alone, which the manifest tells"},
    "outbox": {"id": "order among those that wait", "done_at": "undone, it is done again"},
    "redeliveries": {"id": "a number only"},
}

_COMMITS = ("published", "candidate")
_OF_RUNS = ("attempt", "started_at", "contract_version", "details")

#: The acts that say what is kept, and what is not.
_RETENTION = ("pinned", "unpinned", "expired")

#: The acts of what arrives, and the tables that they tell of.
_ARRIVALS = {"landed": extracts, "redelivered": redeliveries, "seen": places}


def contradictions(connection: Connection, log: Sequence[Body]) -> list[str]:
    """What the tables say that the log does not, or otherwise; in words, without values.

    Args:
        connection: of a transaction, so that the log is the one of these tables.
        log: bodies of all entries, oldest first.
    """
    told: dict[Table, Told] = {table: {} for table in KEYS}
    found: list[str] = []
    for entry, body in enumerate(log, start=1):
        try:
            _tell(told, body)
        except (LookupError, TypeError, ValueError, AttributeError):
            found.append(f"entry {entry} ({body['act']}) is not as cleanhold writes it")
    # Ledgers that began before receipts and events were told have rows that nobody tells.
    whole = {
        **dict.fromkeys(_ARRIVALS.values(), not log or log[0]["act"] in _ARRIVALS),
        outbox: all("events" in body for body in log if body["act"] in _COMMITS),
    }
    for table, key in KEYS.items():
        try:
            rows: dict[tuple[Any, ...], Body] = {}
            for row in _rows(connection, table):
                name = tuple(row[column] for column in key)
                if name in rows:
                    found.append(f"{_named(table.name, key, name)} is there twice")
                rows[name] = row
        except (ValueError, TypeError) as error:  # what is no date, no JSON, …
            found.append(f"{table.name} cannot be read: {error}")
            continue
        found += _compared(table.name, key, told[table], rows, whole.get(table, True))
    return found


def _compared(
    table: str, key: Sequence[str], told: Told, rows: Mapping[tuple[Any, ...], Body], whole: bool
) -> Iterator[str]:
    for name, values in told.items():
        row = rows.get(name)
        if row is None:
            yield f"{_named(table, key, name)} is missing"
        elif edited := [column for column, value in values.items() if row[column] != value]:
            yield f"{_named(table, key, name)} has another {' and '.join(edited)}"
    if whole:
        yield from (f"{_named(table, key, n)} is not in the log" for n in rows if n not in told)


def _named(table: str, key: Iterable[str], name: tuple[Any, ...]) -> str:
    said = ", ".join(f"{k} {str(v)[:26]}" for k, v in zip(key, name, strict=True))
    return f"the row of {table} with {said}"


def _rows(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    rows = select(table).where(runs.c.state.in_(_COMMITS)) if table is runs else select(table)
    for row in connection.execute(rows).mappings():
        if table is outbox and ENDED in row["payload"]:
            continue  # of an attempt that made nothing: no act, as its run is none
        found = {n: utc_text(v) if isinstance(v, datetime) else v for n, v in row.items()}
        if table is outbox:
            found["payload"] = {n: v for n, v in row["payload"].items() if n != MADE}
        yield found


def _tell(told: dict[Table, Told], body: Body) -> None:
    """Add what one entry says."""
    act = body["act"]
    if act in _COMMITS:
        _commit(told, body)
    elif act == "rolled_back":
        point = (body["dataset"], body.get("channel", "production"))
        told[channels][point] = {"number": body["to"]}
        _events(told, body)
    elif act == "promoted":
        told[channels][body["dataset"], "production"] = {"number": body["to"]}
        told[snapshots][body["dataset"], body["to"]]["channel"] = "production"
        _events(told, body)
    elif act == "baseline_named":
        told[channels][body["dataset"], "baseline"] = {"number": body["to"]}
    elif act == "baseline_cleared":
        told[channels].pop((body["dataset"], "baseline"), None)
    elif act == "decided":
        values = {**body, "act": body["does"]}
        del values["does"], values["decision"]
        told[decisions][(body["decision"],)] = values
    elif act in _RETENTION:
        _retention(told, body)
    elif (table := _ARRIVALS.get(act)) is not None:
        name = tuple(body[column] for column in KEYS[table])
        told[table][name] = {column: body[column] for column in body if column in table.c}


def _commit(told: dict[Table, Told], body: Body) -> None:
    act, dataset, number, run = (body[name] for name in ("act", "dataset", "number", "run"))
    channel = body.get("channel", "production") if act == "published" else "candidate"
    told[runs][(run,)] = {
        "dataset": dataset,
        "state": act,
        "finished_at": body["at"],
        "reasons": body["reasons"],
        "lease_until": None,  # of work in progress
        "owner": None,
        **{n: body[n] for n in _OF_RUNS if n in body},
    }
    told[accounts][(run,)] = dict(body["account"])
    told[snapshots][dataset, number] = {
        "position": len(told[snapshots]) + 1,
        "channel": channel,
        "manifest": body["manifest"],
        "run": run,
        "created_at": body["at"],
    }
    for name in {"candidate", channel}:
        told[channels][dataset, name] = {"number": number}
    if channel == "production":
        told[channels].pop((dataset, "pilot"), None)
    _events(told, body)


def _retention(told: dict[Table, Told], body: Body) -> None:
    if body["act"] == "expired":
        for dataset, number, key_file, why in body.get("snapshots", ()):
            gone = {"at": body["at"], "why": why, "key_file": key_file}
            told[expired][dataset, number] = gone
            if body.get(LINEAGE):
                made = told[snapshots].get((dataset, number))
                if made is None:
                    continue  # its row is not in the log, which is told
                event = (dataset, made["run"], LINEAGE, body["at"])
                told[outbox][event] = {"payload": expiry(number, why)}
        for sha256 in body.get("extracts", ()):
            told[expired_extracts][(sha256,)] = {"at": body["at"], "why": body["why"]}
        return
    name = (body["dataset"], body["number"])
    if body["act"] == "pinned":
        told[pins][name] = {column: body[column] for column in ("who", "why", "at")}
    else:
        told[pins].pop(name, None)


def _events(told: dict[Table, Told], body: Body) -> None:
    for event in body.get("events", ()):
        name = (body["dataset"], body["run"], event["kind"], body["at"])
        told[outbox][name] = {"payload": event["payload"]}
