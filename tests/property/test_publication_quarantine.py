"""The quarantine is a function of the batches: not of how often they were fed, or rebuilt."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from cleanhold.core.extract import row_id
from cleanhold.core.finding import HELD_SCHEMA, REFUSED_FILE_SCHEMA
from cleanhold.store.layout import StateFolder
from cleanhold.store.quarantine import Batch, Quarantine

KEYS = st.sampled_from(["a", "b", "c"])
CONTENTS = st.sampled_from(["x", "y"])

#: Where each record of an extract ended: (home, business key, content).
RECORDS = st.lists(
    st.tuples(st.sampled_from(["clean", "held", "refused"]), KEYS, CONTENTS), max_size=4
)
RUNS = st.lists(
    st.fixed_dictionaries(
        {
            "extract": st.integers(1, 3),
            "records": RECORDS,
            "published": st.booleans(),
            "load": st.sampled_from(["upsert", "append", "replace"]),
            "dataset": st.sampled_from(["crm.a", "crm.a", "crm.b"]),
        }
    ),
    min_size=1,
    max_size=5,
)


def _batch(folder: Path, number: int, run: dict[str, Any]) -> Batch:
    sha256 = f"{run['extract']:x}" * 64
    held, refused, clean = [], [], []
    for record, (home, key, content) in enumerate(run["records"], start=1):
        place = {"row_id": row_id(sha256, record), "record": record, "offset": 0, "length": 1}
        reason = {"check": "c", "column": None, "value": None, "message": "m", "severity": "error"}
        if home == "held":
            raw = json.dumps({"key": key, "content": content})
            row = {**place, "business_key": key, "raw": raw, "parsed": "{}", "findings": [reason]}
            held.append(row)
        elif home == "refused":
            refused.append({**place, "code": "nul_byte", "message": "m", "bytes": b"\0"})
        else:
            clean.append({"row_id": place["row_id"], "key": key})
    paths = {name: folder / f"{name}-{number}.parquet" for name in ("held", "refused", "data")}
    pl.DataFrame(held, schema=HELD_SCHEMA).write_parquet(paths["held"])
    pl.DataFrame(refused, schema=REFUSED_FILE_SCHEMA).write_parquet(paths["refused"])
    data_schema = {"row_id": pl.String, "key": pl.String}
    pl.DataFrame(clean, schema=data_schema).write_parquet(paths["data"])
    return Batch(
        run_id=f"run-{number}",
        dataset=run["dataset"],
        source="crm",
        extract_sha256=sha256,
        extract_name="e.csv",
        contract_version="1",
        seen_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number),
        order=f"2026-01-{run['extract']:02}",
        load=run["load"],
        key=("key",),
        published=run["published"],
        held=(paths["held"],),
        refused=(paths["refused"],),
        data=(paths["data"],),
    )


@contextmanager
def batches_of(runs: list[dict[str, Any]]) -> Iterator[tuple[Quarantine, list[Batch]]]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        batches = [_batch(root, number, run) for number, run in enumerate(runs)]
        yield Quarantine(StateFolder(root)), batches


def picture(quarantine: Quarantine) -> list[Any]:
    rows = quarantine.rows(status=None, limit=None)
    findings = [
        quarantine.findings(row, dataset).rows()
        for row, dataset in sorted(rows.select("row_id", "dataset").rows())
    ]
    return [
        rows.rows(),
        findings,
        quarantine.refused(limit=None).rows(),
        quarantine.counts(),
        quarantine.summary().rows(),
        quarantine.fed(),
    ]


@settings(max_examples=15, deadline=None)
@given(runs=RUNS, data=st.data())
def test_feeding_again_and_rebuilding_change_nothing(
    runs: list[dict[str, Any]], data: st.DataObject
) -> None:
    with batches_of(runs) as (quarantine, batches):
        for number, batch in enumerate(batches):
            assert quarantine.feed(batch)
            again = data.draw(st.lists(st.integers(0, number), max_size=3))
            assert not any(quarantine.feed(batches[old]) for old in again)
        repeated = picture(quarantine)
        assert quarantine.rebuild(batches) == len(batches)
        assert picture(quarantine) == repeated


@settings(max_examples=15, deadline=None)
@given(runs=RUNS)
def test_no_row_is_lost_and_no_run_speaks_for_another(runs: list[dict[str, Any]]) -> None:
    with batches_of(runs) as (quarantine, batches):
        for batch in batches:
            quarantine.feed(batch)
        rows = quarantine.rows(status=None, limit=None)
        ever_held = {
            (batch.dataset, identifier)
            for batch in batches
            for identifier in pl.read_parquet(batch.held[0])["row_id"]
        }
        assert set(rows.select("dataset", "row_id").rows()) == ever_held
        # Settled rows say by what; rows that wait were settled by nothing.
        settled = rows["superseded_by"].is_not_null()
        assert (settled == (rows["status"] == "superseded")).all()
        by = {run.run_id: run for run in batches}
        for row in rows.filter(settled).iter_rows(named=True):
            settler = by.get(row["superseded_by"])
            assert settler is None or (settler.published and settler.dataset == row["dataset"])
        for batch in batches:
            kept = Counter(quarantine.row_ids(batch.run_id)["home"])
            assert kept["held"] == pl.read_parquet(batch.held[0]).height
