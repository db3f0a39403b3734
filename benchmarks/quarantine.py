"""How fast is the quarantine when it is large? Feeds, pages, cases, decisions, a replay.

    python benchmarks/quarantine.py [ROWS] [--work FOLDER] [--rebuild]

Makes a seeded store of so many held rows (10 million unless told), batch by batch as runs do;
a folder that is given is kept, and used again. Each line has the least of its turns, by wall and by
CPU (seconds), and the most memory (MB) that the process had meanwhile; feeds are measured in turns
with plain inserts of the same rows into tables without anything. Linux only.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import held
import polars as pl

from cleanhold import Workspace
from cleanhold.core.correction import Correction
from cleanhold.core.decision import Act
from cleanhold.pipeline.cases import cases
from cleanhold.pipeline.decide import Intent, Selection, apply, preview
from cleanhold.pipeline.quarantine import review
from cleanhold.pipeline.replay import replay
from cleanhold.pipeline.stores import Stores
from cleanhold.store.feeding import catch_up, items
from cleanhold.store.quarantine import Quarantine

TURNS = 3
DATASET = held.DATASETS[0]
#: Rows that a bulk decision is about, or as near as a case comes to it.
BULK = 100_000
PLAIN = """
create table if not exists held (row_id varchar, record ubigint, "offset" ubigint, length ubigint,
    business_key varchar, raw varchar, parsed varchar);
create table if not exists findings (row_id varchar, "check" varchar, "column" varchar,
    value varchar, message varchar, severity varchar);
"""


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", nargs="?", type=int, default=10_000_000)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--rebuild", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = asked.work or Path(folder) / "bench"
        if not root.exists():
            held.workspace(root)
        with Workspace.find(root).open() as stores:
            measure(stores, asked.rows, root, rebuild=asked.rebuild)


def measure(stores: Stores, rows: int, root: Path, *, rebuild: bool) -> None:
    """Fill the store, and print a line for each thing measured."""
    quarantine, runs = Quarantine(stores.state), len(stores.ledger.finished_run_keys())
    for _ in held.batches(stores, max(0, rows - runs * held.BATCH), runs):
        catch_up(stores.state, stores.ledger, quarantine)
    size = stores.state.quarantine.stat().st_size
    print(f"{quarantine.counts()['held']:,} rows wait, {size / 1e6:,.0f} MB")
    print(f"{'':<44}{'wall':>9}{'CPU':>9}{'peak':>9}")
    feeds(stores, quarantine, min(rows, held.BATCH), root)
    readings(stores, quarantine)
    command = [sys.executable, "-m", "cleanhold", "quarantine", "rows", "--workspace", str(root)]
    show("the command", lambda: subprocess.run(command, check=True, capture_output=True))
    decisions(stores, quarantine)
    if rebuild:
        for label, verb in (("rebuild", quarantine.rebuild), ("verify", quarantine.differences)):
            show(label, lambda verb=verb: verb(items(stores.state, stores.ledger)), 1)


def feeds(stores: Stores, quarantine: Quarantine, rows: int, root: Path) -> None:
    """Feeds, in turns with plain inserts."""
    taken: dict[str, list[tuple[float, float, float]]] = {"plain inserts": [], "feed": []}
    plain = root / "plain.duckdb"
    for _ in range(TURNS):
        (batch,) = held.batches(stores, rows, len(stores.ledger.finished_run_keys()))
        taken["plain inserts"].append(cost(lambda file=batch.held[0]: inserted(plain, file))[1])
        taken["feed"].append(cost(lambda one=batch: quarantine.feed(one))[1])
    for label, costs in taken.items():
        line(f"{label} of {rows:,} rows", costs)
    plain.unlink()


def inserted(plain: Path, file: Path) -> None:
    """The same rows and findings, in tables that nothing depends on."""
    with duckdb.connect(str(plain)) as connection:
        connection.execute(PLAIN)
        rows = f"from read_parquet('{file}')"
        found = f"(select row_id, unnest(findings) as f {rows})"
        connection.execute(f"insert into held select * exclude (findings) {rows}")
        connection.execute(f"insert into findings select row_id, unnest(f) from {found}")


def readings(stores: Stores, quarantine: Quarantine) -> None:
    """What people look at, in a process that has the file open."""
    show("case list", lambda: cases(stores))
    seen = review(stores)
    with quarantine.reading(), seen.quarantine.reading():
        large, *_, small = quarantine.cases(DATASET)["case_id"]
        middle = quarantine.case_rows(large, 1000)[-1]
        pages: dict[str, dict[str, Any]] = {
            "page of all datasets": {},
            "page of a dataset": {"dataset": DATASET},
            "page after a row": {"dataset": DATASET, "after": middle},
            "page of a check": {"dataset": DATASET, "check": "parse"},
            "page of a large case": {"case": large},
            "page of a small case": {"case": small},
            "page of superseded rows": {"dataset": DATASET, "status": "superseded"},
            "page of a status that no row has": {"status": "rejected"},
        }
        for label, which in pages.items():
            show(f"{label}, 50 rows", lambda which=which: seen.rows(limit=50, **which))
        show("one row, its findings and history", lambda: seen.row(middle))
        show("summary", seen.summary)


def decisions(stores: Stores, quarantine: Quarantine) -> None:
    """Bulk decisions on two cases, and a replay."""
    found = quarantine.cases(DATASET).sort((pl.col("rows") - BULK).abs())
    checks = pl.col("checks")
    (bad,), (other,) = (
        found.filter(which).head(1).select("case_id", "rows").iter_rows()
        for which in (checks.list.contains("country.isin"), ~checks.list.contains("country.isin"))
    )
    mended, dropped = Selection(DATASET, case=bad[0]), Selection(DATASET, case=other[0])
    correct = Intent(Act.CORRECT, Correction({"country": "GB"}, {}, {}))
    show(f"correct {bad[1]:,} rows: preview", lambda: preview(stores, mended, correct), 1)
    show("… and apply", lambda: apply(stores, mended, correct, "one country"), 1)
    show("… and replay", lambda: list(replay(stores, dataset=DATASET)), 1)
    show(f"reject {other[1]:,} rows", lambda: apply(stores, dropped, Intent(Act.REJECT), "no"), 1)


def show(label: str, call: Callable[[], Any], turns: int = TURNS) -> None:
    """Measure a call, and print a line."""
    line(label, [cost(call)[1] for _ in range(turns)])


def cost(call: Callable[[], Any]) -> tuple[Any, tuple[float, float, float]]:
    """What a call gives, and its wall, CPU and peak memory."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    wall, cpu = time.perf_counter(), sum(os.times()[:4])
    given = call()
    wall, cpu = time.perf_counter() - wall, sum(os.times()[:4]) - cpu
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return given, (wall, cpu, int(status.split("VmHWM:")[1].split()[0]) / 1024)


def line(label: str, costs: list[tuple[float, float, float]]) -> None:
    """The least of each time, and the most memory."""
    walls, cpus, peaks = zip(*costs, strict=True)
    print(f"{label:<44}{min(walls):>9.3f}{min(cpus):>9.3f}{max(peaks):>9.0f}", flush=True)


if __name__ == "__main__":
    main()
