"""The worksheet on which people correct held rows: what its columns are, and what a row is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from cleanhold.core.contract import Contract
from cleanhold.pipeline.stores import Stores

#: The sheet that is read back.
SHEET = "corrections"

#: How the headings of raw columns and of those for their corrections begin.
DELIVERED, CORRECT = "delivered: ", "correct: "

#: Headings of the columns at the end.
DECISION, UNTIL, REASON = "decision", "until (waive)", "reason"

#: What can be chosen as a decision.
CHOICES = ("leave", "correct", "waive", "reject")

#: What to write for a correction to no value: an empty cell corrects nothing.
NOTHING = "(empty)"

#: Characters of a cell.
CELL = 32_767


def first_heading(dataset: str) -> str:
    """The heading of the tokens, which names the dataset."""
    return f"row of {dataset}"


def token(row: Mapping[str, Any]) -> str:
    """Names a held row, its content, and how it stands; see `Quarantine.to_correct`."""
    facts = [row[name] for name in ("content_hash", "status", "run_id", "patch")]
    return f"{row['row_id']}:{hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]}"


def values_of(row: Mapping[str, Any]) -> dict[str, str | None]:
    """A held row's raw values, with the correction that was not enough."""
    return {**json.loads(row["raw"]), **json.loads(row["patch"] or "{}")}


def shown(value: str | None) -> str:
    """A raw value as a cell has it."""
    return (value or "")[:CELL]


def raw_columns(rows: pl.DataFrame) -> list[str]:
    """The columns as delivered, of all rows."""
    return list(dict.fromkeys(name for raw in rows["raw"] for name in json.loads(raw)))


def to_blame(stores: Stores, contract: Contract | None, rows: pl.DataFrame) -> list[str]:
    """The raw columns that hold a row; all of them if no check names one."""
    names = raw_columns(rows)
    blamed = set(rows["columns"].explode().drop_nulls())
    checks = set(rows["checks"].explode().drop_nulls())
    for check in contract.checks if contract else ():
        if check.column is None and check.name in checks:
            blamed |= set(check.reads)
    read = _read_from(stores, rows["run_id"].unique().to_list())
    wanted = {read.get(column, column) for column in blamed}
    return [name for name in names if name in wanted] or names


def _read_from(stores: Stores, runs: Sequence[str]) -> dict[str, str]:
    """Column of the contract → raw column that those runs read it from."""
    found: dict[str, str] = {}
    for key in runs:
        run = stores.ledger.run(key)
        snapshot = stores.ledger.snapshot(run.dataset, run.snapshot) if run else None
        if snapshot is not None:
            found |= stores.manifest(snapshot).details.get("columns", {})
    return found
