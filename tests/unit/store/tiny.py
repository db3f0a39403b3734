"""A whole small pipeline over the store, as a library for tests and as a program to be killed.

A delivery is text, one row per line `key,value`: a value that is no number is held, a line
without a comma is refused, a negative number passes with a warning.

    python tiny.py STATE FILE [FILE ...]    land, publish and project each file, in order
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import polars as pl

from cleanhold.core.account import Account
from cleanhold.core.extract import Extract, row_id
from cleanhold.core.finding import HELD_SCHEMA, REFUSED_FILE_SCHEMA, WARNED_SCHEMA
from cleanhold.core.run import Input, InputKind, Run, run_key
from cleanhold.core.snapshot import Role, Snapshot
from cleanhold.deliveries.local import local_file
from cleanhold.store import feeding, pointer
from cleanhold.store.claims import Claim
from cleanhold.store.endings import LINEAGE
from cleanhold.store.events import OutboxEvent
from cleanhold.store.landing import land
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger
from cleanhold.store.outbox import Failure, drain
from cleanhold.store.publication import open_staging, publish
from cleanhold.store.quarantine import Quarantine
from cleanhold.store.recovery import recover
from cleanhold.store.snapshots import data_paths, read_manifest, scan

DATASET = "crm.tiny"
DATA_SCHEMA = {"row_id": pl.String, "record": pl.UInt64, "key": pl.String, "value": pl.Int64}
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def finding(check: str, value: str | None, severity: str = "error") -> dict[str, str | None]:
    return {
        "check": check,
        "column": "value",
        "value": value,
        "message": f"value {value!r} fails {check}",
        "severity": severity,
    }


def split(extract: Extract, folder: Path) -> tuple[dict[Role, Path], Account]:
    """Write the files of one extract; returns them with their account."""
    clean, held, warned, refused = [], [], [], []
    lines = extract.path.read_text().splitlines()
    for number, line in enumerate(lines, start=1):
        place = {"row_id": row_id(extract.sha256, number), "record": number}
        key, comma, value = line.partition(",")
        if not comma:
            refused.append(
                {
                    **place,
                    "offset": 0,
                    "length": len(line),
                    "code": "too_few_fields",
                    "message": "one field, not two",
                    "bytes": line.encode(),
                }
            )
        elif not value.lstrip("-").isdigit():
            held.append(
                {
                    **place,
                    "offset": 0,
                    "length": len(line),
                    "business_key": key,
                    "raw": json.dumps({"key": key, "value": value}),
                    "parsed": json.dumps({"key": key, "value": None}),
                    "findings": [finding("number", value)],
                }
            )
        else:
            clean.append({**place, "key": key, "value": int(value)})
            if int(value) < 0:
                warned.append({**place, "findings": [finding("positive", value, "warn")]})
    frames = {
        Role.DATA: pl.DataFrame(clean, schema=DATA_SCHEMA),
        Role.HELD: pl.DataFrame(held, schema=HELD_SCHEMA),
        Role.WARNED: pl.DataFrame(warned, schema=WARNED_SCHEMA),
        Role.REFUSED: pl.DataFrame(refused, schema=REFUSED_FILE_SCHEMA),
        Role.SUPERSEDED: pl.DataFrame(schema=DATA_SCHEMA),
    }
    staged = {role: folder / f"{role}.parquet" for role in frames}
    for role, frame in frames.items():
        frame.write_parquet(staged[role])
    account = Account(len(lines), len(clean), len(held), len(refused), 0, len(warned))
    return staged, account


def upsert(state: StateFolder, ledger: Ledger, staged: Path) -> None:
    """Merge the published rows under the new ones, newest per key."""
    current = ledger.snapshot(DATASET)
    if current is None:
        return
    earlier = scan(data_paths(state, read_manifest(state, current.manifest)))
    merged = pl.concat([earlier, scan([staged])]).unique("key", keep="last", maintain_order=True)
    merged.collect().write_parquet(staged)


def claim(ledger: Ledger, extract: Extract, contract: str = "1") -> Claim | Run:
    inputs = (Input(InputKind.EXTRACT, extract.name, extract.sha256),)
    key = run_key(DATASET, inputs, contract=contract, code="tiny")
    return ledger.claim(key, DATASET, inputs=inputs, contract_version=contract)


def publish_extract(
    state: StateFolder,
    ledger: Ledger,
    extract: Extract,
    *,
    contract: str = "1",
    published: bool = True,
) -> Snapshot | None:
    """One run; None when it was finished before."""
    claimed = claim(ledger, extract, contract)
    if isinstance(claimed, Run):
        return None
    staged, account = split(extract, open_staging(state, claimed))
    upsert(state, ledger, staged[Role.DATA])
    return publish(
        state,
        ledger,
        claimed,
        staged,
        account=account,
        prefix=extract.sha256[:16],
        contract_fingerprint=contract,
        code="tiny",
        published=published,
        reasons=() if published else ("too many held",),
        details={"source": extract.source, "load": "upsert", "key": ["key"]},
        events=(OutboxEvent(feeding.KIND),),
    )


def project(state: StateFolder, ledger: Ledger) -> list[Failure]:
    quarantine = Quarantine(state)
    return drain(
        ledger,
        {
            pointer.KIND: lambda event: pointer.project(state, ledger, event.dataset),
            feeding.KIND: lambda _: (feeding.catch_up(state, ledger, quarantine), None)[1],
            LINEAGE: lambda _: None,  # of attempts that were killed: told by the pipeline
        },
        lock=state.outbox_lock,
    )


def _day(day: int, _: object) -> date:
    return date(2026, 1, day)


def run(root: Path, files: list[Path]) -> None:
    """Everything a nightly run does: recover, land, publish, project."""
    state = StateFolder(root).create()
    with Ledger(state.ledger) as ledger:
        recover(state, ledger)
        for day, file in enumerate(files, start=1):
            date_of = partial(_day, day)
            (extract,) = land(local_file(file), state, ledger, source="crm", dated=date_of)
            publish_extract(state, ledger, extract)
        failures = project(state, ledger)
    if failures:
        raise failures[0].error


if __name__ == "__main__":
    run(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
    sys.stdout.flush()
    # Interpreter shutdown is not under test, and DuckDB is chatty in it.
    os._exit(0)
