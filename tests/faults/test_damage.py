"""Damage made on purpose: readers refuse what was not published, and `verify` finds it."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.errors import DamagedFile
from cleanhold.store.crashpoints import VARIABLE

from .aftermath import look
from .injector import Fault, Orders, compiled
from .scenarios import day_one

ORDERS = "shop.orders"


@pytest.fixture(scope="module")
def published(new_small: Callable[[Path], Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    small = new_small(tmp_path_factory.mktemp("published") / "small")
    day_one(small)
    return Path(small.root)


@pytest.fixture
def root(published: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(published, tmp_path / "small"))


def flipped(path: Path, chance: random.Random) -> None:
    """Turn one bit over, as an old disk does."""
    data = bytearray(path.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.chmod(0o644)
    path.write_bytes(data)


FOLDERS = ("extracts", "snapshots", "manifests")


@pytest.mark.slow
def test_every_flipped_bit_is_found(root: Path, cleanhold: Callable[..., Any]) -> None:
    chance = random.Random(7)
    state = root / ".cleanhold"
    files = sorted(p for name in FOLDERS for p in (state / name).rglob("*") if p.is_file())
    assert len(files) == 8
    for path in files:
        whole = path.read_bytes()
        for _ in range(3):
            flipped(path, chance)
            said = cleanhold("verify", "-w", root, "--json")
            assert said.code == 3
            assert any(str(path) in problem["where"] for problem in said.json["problems"])
            path.write_bytes(whole)
    assert cleanhold("verify", "-w", root).code == 0


def test_a_reader_is_refused_a_file_with_a_flipped_bit(root: Path) -> None:
    chance = random.Random(8)
    workspace = Workspace.find(root)
    (data,) = (root / ".cleanhold" / "snapshots" / ORDERS).glob("data-*.parquet")
    whole = data.read_bytes()
    for _ in range(20):
        flipped(data, chance)
        with pytest.raises(DamagedFile, match=r"not what was published(.|\n)*data-"):
            workspace.read(ORDERS)
        data.write_bytes(whole)
    assert workspace.read(ORDERS).collect().height == 2


def killed_with_logs(root: Path) -> None:
    """A process killed with what it committed in the write-ahead logs alone."""
    program = f"""
import os, sqlite3, duckdb
ledger = sqlite3.connect({str(root / ".cleanhold" / "ledger.db")!r}, isolation_level=None)
ledger.execute("pragma wal_autocheckpoint = 0")
ledger.execute("create table if not exists extra (n)")
held = duckdb.connect({str(root / ".cleanhold" / "quarantine.duckdb")!r})
held.execute("set checkpoint_threshold = '1GB'")
held.execute("create table if not exists extra as select range as n from range(10000)")
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize(
    "fate", ["whole", "cut", "cut to nothing", "garbage", "garbage at its end"]
)
@pytest.mark.parametrize("name", ["ledger.db-wal", "quarantine.duckdb.wal"])
def test_a_log_that_is_damaged_costs_no_row(
    root: Path, name: str, fate: str, cleanhold: Callable[..., Any]
) -> None:
    before = look({"root": root})
    killed_with_logs(root)
    log = root / ".cleanhold" / name
    data = log.read_bytes()
    assert data
    noise = random.Random(fate).randbytes
    changed = {
        "whole": data,
        "cut": data[: len(data) // 2],
        "cut to nothing": b"",
        "garbage": noise(len(data)),
        "garbage at its end": data + noise(1000),
    }
    log.write_bytes(changed[fate])
    (root / ".cleanhold" / "ledger.db-shm").unlink()
    recovered = cleanhold("recover", "-w", root)
    if recovered.code and name.startswith("quarantine"):
        assert "recover --quarantine" in recovered.err
        recovered = cleanhold("recover", "--quarantine", "-w", root)
    assert recovered.code == 0, recovered.err
    assert look({"root": root}) == before
    assert cleanhold("verify", "-w", root).code == 0


@pytest.mark.slow
def test_a_ledger_that_lost_its_last_commits_gets_them_again(
    root: Path, cleanhold: Callable[..., Any]
) -> None:
    """The disk lost the end of the log after all was done: pointers and quarantine are ahead."""
    (root / "in" / "orders_2026-11-02.csv").write_text("id,amount,note,size\na,7,,1\nq,-1,,1\n")
    whole = Path(shutil.copytree(root, root.with_name("whole")))
    assert cleanhold("run", "-w", whole).code == 0
    command = [sys.executable, "-m", "cleanhold", "run", "-w", str(root)]
    killed = subprocess.run(
        command, env={**os.environ, VARIABLE: "drained"}, capture_output=True, check=False
    )
    assert killed.returncode == -9
    log = root / ".cleanhold" / "ledger.db-wal"
    assert log.stat().st_size
    log.write_bytes(b"")
    assert "the pointer" in cleanhold("verify", "-w", root).out
    assert cleanhold("run", "-w", root).code == 0
    assert cleanhold("recover", "-w", root).code == 0
    assert look({"root": root}) == look({"root": whole})
    # The flow run that was killed is one that this ledger never heard of, and its events say so.
    told = cleanhold("verify", "-w", root).out
    strays = re.findall(r"✗ (\S+\.json) is no lineage event that a run has written", told)
    assert strays
    assert told.count("✗") == len(strays)
    for name in strays:
        (stray,) = (root / ".cleanhold" / "lineage").glob(f"*/{name}")
        assert json.loads(stray.read_bytes())["job"]["name"] == "flow.run"
        stray.unlink()
    assert cleanhold("verify", "-w", root).code == 0


@pytest.mark.skipif(compiled() is None, reason="the injector needs Linux and a C compiler")
def test_what_can_only_be_read_is_read_and_a_run_there_says_so(root: Path, tmp_path: Path) -> None:
    """A read-only file system: every call that would change it is refused."""
    order = Orders.new(tmp_path / "order")
    Orders(order).arm(Fault(root.resolve(), "read-only", at=1))
    environment = {**os.environ, "LD_PRELOAD": str(compiled()), "FAULT_ORDER": str(order)}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"

    def said(*command: str) -> tuple[int, str]:
        ended = subprocess.run(
            [sys.executable, *command], env=environment, capture_output=True, text=True, check=False
        )
        return ended.returncode, ended.stdout + ended.stderr

    read = (
        f"import cleanhold as c; print(c.read({ORDERS!r}, workspace={str(root)!r}).collect().shape)"
    )
    assert said("-c", read) == (0, "(2, 4)\n")
    code, rows = said("-m", "cleanhold", "quarantine", "rows", "-w", str(root))
    assert code == 0, rows
    code, told = said("-m", "cleanhold", "run", "-w", str(root))
    assert (code, "can only be read" in told, "Traceback" in told) == (3, True, False)
