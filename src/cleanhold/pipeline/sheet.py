"""The workbook in which people decide about held rows: what its columns are, and what a row is."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from cleanhold.core.contract import Contract
from cleanhold.pipeline.stores import Stores

#: How the headings of raw columns and of those for their corrections begin.
DELIVERED, CORRECT = "delivered: ", "correct: "

#: How the heading of the tokens of rows begins; it goes on with the dataset.
ROW_OF = "row of "

#: The heading of cases: beside their rows, and (with the tokens of cases) on the sheet of cases.
CASE, CASE_TOKEN = "case", "rows of case"

#: Headings of what people fill in; `VALUE` on the sheet of cases.
DECISION, UNTIL, REASON, VALUE = "decision", "until (waive)", "reason", "correct all to"

#: Heading of the reasons why a row is held.
WHY = "why it is held"

#: What can be chosen as a decision.
CHOICES = ("leave", "correct", "waive", "release", "reject")

#: What to write for a correction to no value: an empty cell corrects nothing.
NOTHING = "(empty)"

#: Characters of a cell, as a spreadsheet counts them: those beyond the first plane twice.
CELL = 32_767

#: Control characters are shown as their pictures; what no worksheet can hold, as a replacement.
_PICTURES = {code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n\r"}
_PICTURES |= {0x7F: 0x2421, 0xFFFE: 0xFFFD, 0xFFFF: 0xFFFD}
_BLANKS = re.compile(r"\s+")


def token(row: Mapping[str, Any]) -> str:
    """Names a held row, its content, and how it stands; see `Quarantine.to_correct`."""
    facts = [row[name] for name in ("content_hash", "status", "run_id", "patch")]
    return f"{row['row_id']}:{hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]}"


def values_of(row: Mapping[str, Any]) -> dict[str, str | None]:
    """A held row's raw values, with the correction that was not enough."""
    return {**json.loads(row["raw"]), **json.loads(row["patch"] or "{}")}


def shown(value: str | None) -> str:
    """A text as a cell has it; `…` at the end says that it was cut."""
    text = (value or "").translate(_PICTURES).replace("\r\n", "\n").replace("\r", "\n")
    if 2 * len(text) > CELL and len(wide := text.encode("utf-16-le")) > 2 * CELL:
        text = wide[: 2 * CELL - 2].decode("utf-16-le", errors="ignore") + "…"
    return text


def same(cell: str, value: str | None) -> bool:
    """Whether a cell still shows a value: programs change blanks and line ends when they save."""
    return _BLANKS.sub(" ", cell).strip() == _BLANKS.sub(" ", shown(value)).strip()


def raw_columns(rows: pl.DataFrame) -> list[str]:
    """The columns as delivered, of all rows."""
    return list(dict.fromkeys(name for raw in rows["raw"] for name in json.loads(raw)))


def to_blame(stores: Stores, contract: Contract | None, rows: pl.DataFrame) -> list[list[str]]:
    """The raw columns that hold each row, in the order of the delivery."""
    reads = {c.name: c.reads for c in (contract.checks if contract else ()) if c.column is None}
    read = _read_from(stores, rows["run_id"].unique().to_list())
    order = raw_columns(rows)
    found = []
    for columns, checks in rows.select("columns", "checks").iter_rows():
        names = {*(columns or ())} | {n for c in checks or () for n in reads.get(c, ())}
        wanted = {read.get(name, name) for name in names}
        found.append([name for name in order if name in wanted])
    return found


def _read_from(stores: Stores, runs: Sequence[str]) -> dict[str, str]:
    """Column of the contract → raw column that those runs read it from."""
    found: dict[str, str] = {}
    for key in runs:
        run = stores.ledger.run(key)
        snapshot = stores.ledger.snapshot(run.dataset, run.snapshot) if run else None
        if snapshot is not None:
            found |= stores.manifest(snapshot).details.get("columns", {})
    return found
