"""Expiring, killed anywhere and ended by the next recovery: as if it had been done once."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.pipeline.expire import expire
from cleanhold.pipeline.recover import recover
from cleanhold.pipeline.verify import verify
from cleanhold.store.crashpoints import EXPIRING_POINTS, VARIABLE
from tests.conftest import long_ago

COMMAND = [sys.executable, "-m", "cleanhold", "expire", "--workspace"]

#: Killed before the commit, nothing has expired; killed after it, all of it has.
BEFORE = ("draft-written", "keys-written", "expiring")


def picture(root: Path) -> dict[str, Any]:
    """All of the state but times: what expired, the files, the entries of the audit log."""
    with Workspace.find(root).open() as stores:
        assert verify(stores).problems == []
        state = stores.state
        folders = (state.snapshots, state.keys, state.manifests, state.extracts)
        return {
            "expired": [(s.dataset, s.number) for s in stores.ledger.snapshots() if s.expired],
            "files": sorted(
                str(path.relative_to(root)) for folder in folders for path in folder.rglob("*")
            ),
            "acts": [entry.body["act"] for entry in stores.ledger.audit_log()],
            "read": Workspace.find(root).read("shop.orders").collect().rows(),
        }


@pytest.fixture(scope="module")
def due(new_small: Callable[[Path], Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which snapshots, one of which the quarantine needs keys of, and extracts are
    due."""
    small = new_small(tmp_path_factory.mktemp("due") / "small").contract()
    small.contract("shop.returns", load="replace")
    with long_ago():
        for day in range(1, 6):
            small.deliver(f"{day:02}", f"a,{day},", f"b{day},x,", f"b{day - 1},1,", "c")
            small.deliver(f"{day:02}", f"a,{day},", what="returns")
            small.run()
    table = "[tool.cleanhold.retention]\ngrace_hours = 0\nsnapshots = 1\nextracts_days = 30\n"
    small.write("pyproject.toml", table)
    return Path(small.root)


@pytest.fixture(scope="module")
def expected(due: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    root = tmp_path_factory.mktemp("whole") / "small"
    shutil.copytree(due, root)
    with Workspace.find(root).open() as stores:
        expire(stores)
    return picture(root)


def test_the_expected_result_is_one(expected: dict[str, Any]) -> None:
    names = ("shop.orders", "shop.returns")
    assert expected["expired"] == [(name, n) for name in names for n in (3, 2, 1)]
    assert expected["acts"].count("expired") == 2
    assert sum("extracts/" in name for name in expected["files"]) > 7
    assert any("keys/" in name for name in expected["files"])


@pytest.mark.slow
@pytest.mark.parametrize("point", ["draft-written", *EXPIRING_POINTS])
def test_killed_at(point: str, due: Path, expected: dict[str, Any], tmp_path: Path) -> None:
    root = Path(shutil.copytree(due, tmp_path / "small"))
    killed = subprocess.run(
        [*COMMAND, str(root)],
        env={**os.environ, VARIABLE: point, "POLARS_MAX_THREADS": "1"},
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    with Workspace.find(root).open() as stores:
        assert verify(stores).problems == [], "before anybody recovers anything"
        gone = [s.number for s in stores.ledger.snapshots() if s.expired]
        assert gone == ([] if point in BEFORE else [3, 2, 1, 3, 2, 1])
        recover(stores)
        if point in BEFORE:
            assert not stores.state.keys.is_dir() or not list(stores.state.keys.iterdir())
        if point in (*BEFORE, "expired"):  # extracts are looked at after snapshots
            expire(stores)
    assert picture(root) == expected
