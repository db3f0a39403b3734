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
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleanhold.core.decision import DECIDED_SCHEMA, Act, Decision
from cleanhold.core.extract import row_id
from cleanhold.core.finding import HELD_SCHEMA, REFUSED_FILE_SCHEMA
from cleanhold.store.layout import StateFolder
from cleanhold.store.quarantine import Batch, Decided, Quarantine

#: What an act makes of the rows that it finds.
BECOMES = {Act.CORRECT: "corrected", Act.REJECT: "rejected", Act.REOPEN: "held"}
WAITS = ("held", "corrected")

KEYS = st.sampled_from(["a", "b", "c"])
CONTENTS = st.sampled_from(["x", "y"])

#: Where each record of an extract ended: (home, business key, content).
RECORDS = st.lists(
    st.tuples(st.sampled_from(["clean", "held", "refused"]), KEYS, CONTENTS), max_size=4
)
RUN = st.fixed_dictionaries(
    {
        "extract": st.integers(1, 3),
        "records": RECORDS,
        "published": st.booleans(),
        "load": st.sampled_from(["upsert", "append", "replace"]),
        "dataset": st.sampled_from(["crm.a", "crm.a", "crm.b"]),
    }
)
RUNS = st.lists(RUN, min_size=1, max_size=5)

#: A run, or an act on the rows of a key.
STEPS = st.lists(RUN | st.tuples(st.sampled_from(list(BECOMES)), KEYS), min_size=2, max_size=8)


def _moment(number: int) -> datetime:
    return datetime(2026, 1, 1) + timedelta(days=number)


def _sha256(extract: int) -> str:
    return f"{extract:x}" * 64


def _batch(folder: Path, number: int, run: dict[str, Any]) -> Batch:
    sha256 = _sha256(run["extract"])
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
        seen_at=_moment(number).replace(tzinfo=UTC),
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


@pytest.mark.slow
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


def _decided(number: int, act: Act, rows: list[str]) -> Decided:
    frame = pl.DataFrame({"row_id": rows, "content_hash": None, "patch": "{}"})
    moment = _moment(number).replace(tzinfo=UTC)
    decision = Decision(number, act, "crm.a", len(rows), "", "ann", "because", moment, 0)
    return Decided(decision, frame.cast(DECIDED_SCHEMA))


class Model:
    """What docs/quarantine.md says of the held rows of a dataset, row by row."""

    def __init__(self) -> None:
        self.rows: dict[tuple[int, int], dict[str, Any]] = {}  # by extract and record
        self.runs: dict[str, int] = {}  # run → its extract

    def decide(self, act: Act, key: str) -> None:
        found = ("corrected", "rejected") if act is Act.REOPEN else WAITS
        for row in self.rows.values():
            if row["key"] == key and row["status"] in found:
                row["status"] = BECOMES[act]

    def feed(self, number: int, run: dict[str, Any]) -> None:
        extract, now, name = run["extract"], _moment(number), f"run-{number}"
        others = {at: row for at, row in self.rows.items() if at[0] != extract}
        earlier = [row for (of, _), row in others.items() if of < extract]
        fresh: dict[tuple[int, int], dict[str, Any]] = {}
        newest: set[tuple[int, int]] = set()
        for record, (home, key, content) in enumerate(run["records"], start=1):
            if home != "held":
                continue
            alike = {a: r for a, r in others.items() if (r["key"], r["content"]) == (key, content)}
            row = {"key": key, "content": content, "status": "held", "by": None, "last": now}
            known = self.rows.get((extract, record))
            before = [r for a, r in alike.items() if a[0] < extract and r["status"] != "superseded"]
            own = [known] if known else []
            row["times"] = max(1, 1, *(r["times"] + 1 for r in before), *(r["times"] for r in own))
            row["first"] = min(now, now, *(r["first"] for r in [*before, *own]))
            waiting = [a for a, r in alike.items() if a[0] > extract and r["status"] in WAITS]
            if known and known["status"] == "superseded" and self.runs.get(known["by"]) != extract:
                row["by"] = known["by"]
            elif waiting:
                row["by"] = self.id(max(waiting))
            elif known and known["status"] != "superseded":
                row["status"] = known["status"]
            row["status"] = "superseded" if row["by"] else row["status"]
            newest |= {max(waiting)} if waiting else set()
            fresh[extract, record] = row
        for old in earlier:
            same = [a for a, r in fresh.items() if all(r[n] == old[n] for n in ("key", "content"))]
            if same and old["status"] in WAITS:
                old |= {"status": "superseded", "by": self.id(min(same))}
        stale = [r for a, r in self.rows.items() if a[0] == extract and a not in fresh]
        self.rows |= fresh
        if extract not in self.runs.values():
            for row in (self.rows[at] for at in newest):
                row |= {"times": row["times"] + 1, "first": min(row["first"], now)}
        if run["published"]:
            clean = {key for home, key, _ in run["records"] if home == "clean"}
            replaces = run["load"] == "replace"
            settled = [r for r in stale if r["status"] != "superseded"]
            settled += [
                r for r in earlier if r["status"] in WAITS and (replaces or r["key"] in clean)
            ]
            for row in settled:
                row |= {"status": "superseded", "by": name}
        self.runs[name] = extract

    @staticmethod
    def id(at: tuple[int, int]) -> str:
        return row_id(_sha256(at[0]), at[1])

    def told(self) -> dict[str, tuple[Any, ...]]:
        names = ("status", "by", "times", "first", "last")
        return {self.id(at): tuple(row[name] for name in names) for at, row in self.rows.items()}


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
def test_the_quarantine_does_what_a_model_does_row_by_row(steps: list[Any]) -> None:
    models = {"crm.a": Model(), "crm.b": Model()}
    with batches_of([]) as (quarantine, _), tempfile.TemporaryDirectory() as folder:
        for number, step in enumerate(steps, start=1):
            if isinstance(step, dict):
                quarantine.feed(_batch(Path(folder), number, step))
                models[step["dataset"]].feed(number, step)
            else:
                of = [Model.id(at) for at, r in models["crm.a"].rows.items() if r["key"] == step[1]]
                quarantine.feed(_decided(number, step[0], of))
                models["crm.a"].decide(*step)
        columns = ("row_id", "status", "superseded_by", "times_seen", "first_seen", "last_seen")
        for dataset, model in models.items():
            rows = quarantine.rows(dataset, status=None, limit=None).select(columns)
            assert {row[0]: row[1:] for row in rows.iter_rows()} == model.told()
            waiting = [row for row in model.rows.values() if row["status"] in WAITS]
            assert sum(quarantine.cases(dataset)["rows"]) == len(waiting)
