"""How fast does `cleanhold explain` answer when the ledger is long?

    python benchmarks/explain.py [RUNS] [--work FOLDER]

Makes a workspace of so many published runs (10,000 unless told) in three datasets and a feature
table; a folder that is given is kept, and used again. Each run upserts rows into a table of a
thousand, so each snapshot has a file of its own. Printed are the seconds of the whole command, by
wall and by CPU, the least of its turns, by what is asked.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl

from cleanhold import Workspace
from cleanhold.core.account import Account
from cleanhold.core.extract import Extract, row_ids
from cleanhold.core.run import Input, InputKind, run_key
from cleanhold.core.snapshot import Role
from cleanhold.pipeline.stores import Stores
from cleanhold.store.claims import Claim
from cleanhold.store.feeding import items
from cleanhold.store.publication import open_staging, publish
from cleanhold.store.quarantine import Quarantine

TURNS = 3
DATASETS = ("bench.people", "bench.orders", "bench.payments")
FEATURE = "features.totals"
#: Rows of a table, and of a delivery.
TABLE, DELIVERY = 1000, 50

CONTRACTS = "import pandera.polars as pa\nfrom cleanhold import contract, field\n" + "".join(
    f"""
@contract("{name}", version="1.0.0", key="id", load="{"upsert" if name in DATASETS else "replace"}")
class {name.title().replace(".", "")}(pa.DataFrameModel):
    id: str = field()
    amount: int = field()
"""
    for name in (*DATASETS, FEATURE)
)
SOURCES = f"""
from cleanhold import Source, delimited
sources = [Source(name=n, arrives="in", pattern=n[6:] + "_*.csv", reader=delimited(),
                  dated=r"_([0-9-]+)") for n in {DATASETS}]
"""
FEATURES = f"""
import polars as pl
from cleanhold import feature

@feature("{FEATURE}", people="bench.people", orders="bench.orders")
def totals(people: pl.LazyFrame, orders: pl.LazyFrame) -> pl.LazyFrame:
    sums = orders.group_by("id").agg(amount=pl.col("amount").sum())
    return people.select("id").join(sums, on="id", how="left").fill_null(0)
"""


def main() -> None:
    """Make the workspace, and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("runs", nargs="?", type=int, default=10_000)
    parser.add_argument("--work", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = asked.work or Path(folder) / "bench"
        if not root.exists():
            make(root, asked.runs)
        measure(root)


def make(root: Path, runs: int) -> None:
    """The workspace, its runs, and the table that is built of them."""
    files = {
        "pyproject.toml": '[tool.cleanhold]\nname = "bench"\n',
        "contracts/bench.py": CONTRACTS,
        "flows/sources.py": SOURCES,
        "flows/features.py": FEATURES,
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (root / "in").mkdir()
    really, os.fsync = os.fsync, lambda _: None  # what is seeded may be seeded again
    try:
        with Workspace.find(root).open() as stores:
            tables: dict[str, pl.DataFrame] = {}
            for number in range(runs):
                run(stores, number, tables)
            Quarantine(stores.state).rebuild(items(stores.state, stores.ledger))
        for outcome in Workspace.find(root).run():
            print(outcome.dataset, outcome.state)
    finally:
        os.fsync = really


def run(stores: Stores, number: int, tables: dict[str, pl.DataFrame]) -> None:
    """One delivery, landed and published."""
    dataset = DATASETS[number % len(DATASETS)]
    turn = number // len(DATASETS)
    ids = [f"k{(turn * DELIVERY + n) % TABLE:04}" for n in range(DELIVERY)]
    day = date(2000, 1, 1) + timedelta(days=turn)
    data = "".join(["id,amount\n", *(f"{key},{number}\n" for key in ids)]).encode()
    sha256 = hashlib.sha256(data).hexdigest()
    path = stores.state.extract(sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    landed = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
    name = f"{dataset[6:]}_{day}.csv"
    stores.ledger.record_extract(Extract(sha256, name, path, len(data), dataset, landed, day))
    one = Input(InputKind.EXTRACT, name, sha256)
    key = run_key(dataset, (one,), contract="1", code="bench")
    claim = stores.ledger.claim(key, dataset, inputs=(one,), contract_version="1.0.0")
    assert isinstance(claim, Claim)
    record = pl.int_range(1, DELIVERY + 1, dtype=pl.UInt64)
    rows = pl.DataFrame({"id": ids, "amount": [number] * DELIVERY}).select(
        row_ids(sha256, record).alias("row_id"), record.alias("record"), pl.all()
    )
    before = tables.get(dataset, rows.clear())
    tables[dataset] = pl.concat([before.join(rows, on="id", how="anti"), rows]).sort("id")
    staged = open_staging(stores.state, claim) / "data.parquet"
    tables[dataset].write_parquet(staged)
    publish(
        stores.state,
        stores.ledger,
        claim,
        {Role.DATA: staged},
        account=Account(DELIVERY, DELIVERY, 0, 0),
        prefix=sha256[:16],
        contract_fingerprint="1",
        code="bench",
        published=True,
        details={"source": dataset, "load": "upsert", "key": ["id"]},
        created_at=landed,
    )


def measure(root: Path) -> None:
    """Time the command for rows old and new, by id, key, snapshot and column."""
    with Workspace.find(root).open() as stores:
        newest = stores.ledger.snapshot(DATASETS[0])
        assert newest is not None
        rows = stores.table(newest).select("row_id").collect()["row_id"]
        first = stores.ledger.extracts(DATASETS[0])[0]
        print(f"{len(stores.ledger.runs()):,} runs, {newest.number:,} snapshots of {DATASETS[0]}")
    asked = {
        "the newest row, by id": [rows[-1]],
        "the oldest row, by id": [f"{first.sha256[:16]}-1"],
        "by key, in every dataset": ["k0007"],
        "by key and dataset": ["k0007", "--dataset", DATASETS[1]],
        "by key and snapshot": ["k0007", "-d", DATASETS[1], "--snapshot", str(newest.number // 2)],
        "a column of a feature row": ["k0007", "-d", FEATURE, "--column", "amount"],
        "a key that nobody has": ["nobody"],
    }
    print(f"{'':<28}{'wall':>7}{'CPU':>7}")
    for what, words in asked.items():
        wall, cpu = (
            min(turns) for turns in zip(*(used(root, words) for _ in range(TURNS)), strict=True)
        )
        print(f"{what:<28}{wall:>7.2f}{cpu:>7.2f}")


def used(root: Path, words: list[str]) -> tuple[float, float]:
    """How long the command takes from start to end, and the CPU seconds of it."""
    command = [sys.executable, "-m", "cleanhold", "explain", *words, "-w", str(root)]
    begin, before = time.perf_counter(), os.times()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    after = os.times()
    assert done.returncode == (2 if words == ["nobody"] else 0), done.stderr
    cpu = after.children_user + after.children_system
    return time.perf_counter() - begin, cpu - before.children_user - before.children_system


if __name__ == "__main__":
    main()
