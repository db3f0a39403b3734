"""Quarantine batches written by hand, and a comparable picture of what they lead to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.core.extract import row_id
from cleanhold.core.finding import HELD_SCHEMA, REFUSED_FILE_SCHEMA, WARNED_SCHEMA
from cleanhold.store.quarantine import Batch, Quarantine

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def sha(name: str) -> str:
    return name.encode().hex().ljust(64, "0")


def batch(
    folder: Path,
    run: str,
    *,
    extract: str = "e1",
    day: int = 1,
    held: Sequence[tuple[int, str | None, str]] = (),
    clean: Sequence[tuple[int, str | None]] = (),
    refused: Sequence[int] = (),
    warned: Sequence[int] = (),
    load: str = "upsert",
    key: tuple[str, ...] = ("key",),
    published: bool = True,
    dataset: str = "crm.tiny",
) -> Batch:
    """A batch of an extract of a day.

    Args:
        held: (record, business key, raw content).
        clean: (record, business key).
    """

    def finding(check: str, severity: str) -> dict[str, str]:
        return {
            "check": check,
            "column": "value",
            "value": "v",
            "message": f"fails {check}",
            "severity": severity,
        }

    folder = folder / "batch [*]" / run
    folder.mkdir(parents=True, exist_ok=True)
    frames = {
        "held": pl.DataFrame(
            [
                {
                    "row_id": row_id(sha(extract), record),
                    "record": record,
                    "offset": record * 10,
                    "length": 9,
                    "business_key": business_key,
                    "raw": json.dumps({"content": content}),
                    "parsed": json.dumps({"content": None}),
                    "findings": [finding("number", "error"), finding(content, "error")],
                }
                for record, business_key, content in held
            ],
            schema=HELD_SCHEMA,
        ),
        "warned": pl.DataFrame(
            [
                {
                    "row_id": row_id(sha(extract), record),
                    "record": record,
                    "findings": [finding("positive", "warn")],
                }
                for record in warned
            ],
            schema=WARNED_SCHEMA,
        ),
        "refused": pl.DataFrame(
            [
                {
                    "row_id": row_id(sha(extract), record),
                    "record": record,
                    "offset": 0,
                    "length": 3,
                    "code": "open_quote",
                    "message": "a quote is never closed",
                    "bytes": b'"\xff\0',
                }
                for record in refused
            ],
            schema=REFUSED_FILE_SCHEMA,
        ),
        "data": pl.DataFrame(
            [
                *(
                    {"row_id": row_id(sha(extract), record), "key": business_key}
                    for record, business_key in clean
                ),
                # A row of another extract, as a merged dataset has: it settles nothing.
                {"row_id": row_id(sha("zz"), 1), "key": "a"},
            ],
            schema={"row_id": pl.String, "key": pl.String},
        ),
    }
    for name, frame in frames.items():
        frame.write_parquet(folder / f"{name}.parquet")
    files = {name: (folder / f"{name}.parquet",) for name in frames}
    return Batch(
        run_id=run,
        dataset=dataset,
        source="crm",
        extract_sha256=sha(extract),
        extract_name=f"{extract}.csv",
        contract_version="1",
        seen_at=MOMENT + timedelta(days=day, minutes=int(run.strip("r") or 0)),
        order=f"2026-01-{day:02} x",
        load=load,
        key=key,
        published=published,
        **files,
    )


def without_clean(original: Batch) -> Batch:
    return replace(original, data=())


def picture(quarantine: Quarantine) -> dict[str, list[dict[str, Any]]]:
    """Everything in the quarantine except when it was fed."""
    rows = quarantine.rows(status=None, limit=None)
    return {
        "rows": rows.to_dicts(),
        "findings": sorted(
            (
                finding
                for identifier in rows["row_id"].unique().to_list()
                for finding in quarantine.findings(identifier).to_dicts()
            ),
            key=str,
        ),
        "refused": quarantine.refused(limit=None).to_dicts(),
        "counts": [quarantine.counts()],
        "summary": quarantine.summary().to_dicts(),
        "fed": [{"run": run} for run in quarantine.fed()],
    }
