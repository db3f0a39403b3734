"""Killed anywhere and run again: the same snapshots as if nothing had happened."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.pipeline.quarantine import review
from cleanhold.store.crashpoints import POINTS, VARIABLE

COMMAND = [sys.executable, "-m", "cleanhold", "run", "--workspace"]

FEATURE = """
import polars as pl
from cleanhold import feature

@feature("features.totals", orders="shop.orders")
def totals(orders: pl.LazyFrame) -> pl.LazyFrame:
    return orders.select("id", "amount", note=pl.lit("n"))
"""


def picture(root: Path) -> dict[str, Any]:
    """All that a reader and a steward can see, but for times and names of runs."""
    workspace = Workspace.find(root)
    seen: dict[str, Any] = {}
    for dataset in ("shop.orders", "features.totals"):
        rows = workspace.read(dataset, provenance=dataset == "shop.orders").collect()
        seen[dataset] = sorted(map(str, rows.to_dicts()))
        seen[f"{dataset} versions"] = [
            (s.number, str(s.channel), s.rows, s.account) for s in workspace.snapshots(dataset)
        ]
    with workspace.open() as stores:
        seen["quarantine"] = sorted(
            (r["row_id"], r["status"], r["times_seen"], tuple(r["messages"]))
            for r in review(stores).rows(status=None, limit=None)
        )
        seen["counts"] = review(stores).counts()
        seen["pending"] = len(stores.ledger.pending())
        seen["pointers"] = sorted(path.name for path in stores.state.current.iterdir())
        seen["staging"] = list(stores.state.staging.iterdir())
    return seen


@pytest.fixture(scope="module")
def due(new_small: Callable[[Path], Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a day behind it and work ahead that makes every kind of file."""
    small = new_small(tmp_path_factory.mktemp("due") / "small")
    more = "size: int = field(nullable=True, ge=0, severity='warn')"
    header = "id,amount,note,size"
    small.contract(more=more).contract("features.totals", load="replace")
    small.write("flows/features.py", FEATURE)
    small.deliver("03", "a,3,,1", "b,3,,1", "h,-1,,1", header=header)
    small.run()
    small.deliver("02", "a,2,,1", "z,2,,1", "w,1,,-5", "x,-1,,1", "torn", header=header)
    small.deliver("04", "h,4,,1", "c,4,,-7", "y,-4,,1", "torn too", header=header)
    return Path(small.root)


@pytest.fixture(scope="module")
def undisturbed(due: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    root = Path(shutil.copytree(due, tmp_path_factory.mktemp("undisturbed") / "small"))
    for _ in Workspace.find(root).run():
        pass
    return picture(root)


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_killed_at(
    point: str,
    due: Path,
    undisturbed: dict[str, Any],
    tmp_path: Path,
    conserved: Callable[[Path], int],
) -> None:
    root = Path(shutil.copytree(due, tmp_path / "small"))
    killed = subprocess.run(
        [*COMMAND, str(root)],
        env={**os.environ, VARIABLE: point},
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    states = {str(outcome.state) for outcome in Workspace.find(root).run()}
    assert states <= {"published", "unchanged"}
    assert picture(root) == undisturbed
    assert conserved(root) == 5


def test_ctrl_c_says_so_and_the_next_run_completes(fresh: Path) -> None:
    """SIGINT to a run that is at work: it has a claim."""
    process = subprocess.Popen(
        [*COMMAND, str(fresh)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    staging = fresh / ".cleanhold" / "staging"
    while process.poll() is None and not (staging.is_dir() and any(staging.iterdir())):
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, out + err
    assert "stopped; nothing is half-done" in err
    assert "Traceback" not in err
    outcomes = list(Workspace.find(fresh).run())
    assert {str(o.state) for o in outcomes} <= {"published", "unchanged"}
    assert Workspace.find(fresh).read("features.customer_churn").collect().height == 1057
    with Workspace.find(fresh).open() as stores:
        assert not stores.ledger.pending()
        assert not list(stores.state.staging.iterdir())
