"""Killed at every named point, recovered and repeated: the same result, and no part in between."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cleanhold.core.snapshot import Role
from cleanhold.store.crashpoints import POINTS, VARIABLE
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger
from cleanhold.store.quarantine import Quarantine
from cleanhold.store.recovery import Recovered, recover
from cleanhold.store.snapshots import data_paths, read_manifest, scan, verify_files

from . import tiny
from .batches import picture

DELIVERIES = ("a,1\nb,x\nc\nd,-4\n", "b,2\nd,9\ne,y\nf,z\ng,-3\n", "e,y\ng\nb,3\nh,-1\n")
TIMES = ("first_seen", "last_seen", "delivered", "oldest", "newest")
TINY = str(Path(__file__).with_name("tiny.py"))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("inbox")
    paths = [folder / f"{day}.csv" for day in range(1, 4)]
    for path, text in zip(paths, DELIVERIES, strict=True):
        path.write_text(text)
    return paths


@pytest.fixture(scope="module")
def first_day(files: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state in which the first delivery is published."""
    root = tmp_path_factory.mktemp("first") / "state"
    tiny.run(root, files[:1])
    return root


def snapshot_contents(state: StateFolder, ledger: Ledger, number: int | None = None) -> Any:
    """What a reader gets of one snapshot, every file of it held against its hash."""
    snapshot = ledger.snapshot(tiny.DATASET, number)
    if snapshot is None:
        return None
    manifest = read_manifest(state, snapshot.manifest)
    verify_files(state, manifest)
    return (
        snapshot.number,
        snapshot.account,
        {
            role: scan(data_paths(state, manifest, role)).collect().rows()
            for role in Role
            if manifest.of(role)
        },
    )


def contents(state: StateFolder) -> Any:
    """Everything a state says, except when."""
    with Ledger(state.ledger) as ledger:
        ledger.verify_audit()
        numbers = [snapshot.number for snapshot in ledger.snapshots()]
        said = {
            "snapshots": [snapshot_contents(state, ledger, number) for number in numbers],
            "audit": [
                {key: entry.body.get(key) for key in ("act", "dataset", "number", "run")}
                for entry in ledger.audit_log()
                if "number" in entry.body
            ],
            "pending": len(ledger.pending()),
            "extracts": [(extract.sha256, extract.name) for extract in ledger.extracts()],
            "pointer": json.loads(state.pointer(tiny.DATASET).read_bytes()),
            "recovered": recover(state, ledger, thorough=True),
            "files": len([path for path in state.snapshots.rglob("*") if path.is_file()]),
        }
    held = picture(Quarantine(state))
    said["quarantine"] = {
        name: [{key: row[key] for key in row if key not in TIMES} for row in rows]
        for name, rows in held.items()
    }
    return said


@pytest.fixture(scope="module")
def expected(files: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Any:
    root = tmp_path_factory.mktemp("whole") / "state"
    tiny.run(root, files)
    return contents(StateFolder(root))


def test_the_expected_result_is_whole(expected: Any) -> None:
    assert [number for number, *_ in expected["snapshots"]] == [3, 2, 1]
    assert (expected["pending"], expected["recovered"]) == (0, Recovered())
    assert expected["pointer"]["number"] == 3


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_killed_at(
    point: str, files: list[Path], first_day: Path, expected: Any, tmp_path: Path
) -> None:
    state = StateFolder(tmp_path / "state")
    shutil.copytree(first_day, state.root)
    killed = subprocess.run(
        [sys.executable, TINY, str(state.root), *map(str, files)],
        env={**os.environ, VARIABLE: point, "POLARS_MAX_THREADS": "1"},
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()

    # A reader right after the kill, before anybody recovers anything.
    with Ledger(state.ledger) as ledger:
        seen = snapshot_contents(state, ledger)
        pointed = json.loads(state.pointer(tiny.DATASET).read_bytes())
        assert seen in expected["snapshots"]
        assert 1 <= pointed["number"] <= seen[0]
        verify_files(state, read_manifest(state, pointed["manifest"]))

    tiny.run(state.root, files)
    assert contents(state) == expected


@pytest.mark.slow
def test_of_many_processes_exactly_one_wins_a_claim(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state").create()
    program = f"""
import sys
from pathlib import Path
from cleanhold.errors import RunInProgress
from cleanhold.store.ledger import Ledger
with Ledger(Path({str(state.ledger)!r})) as ledger:
    print("ready", flush=True)
    input()
    try:
        print(type(ledger.claim("r1", "crm.tiny")).__name__, flush=True)
    except RunInProgress as error:
        print(type(error).__name__, flush=True)
    input()
"""
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for line in ("ready", "result"):
        answers = [racer.stdout.readline().strip() for racer in racers if racer.stdout]
        if line == "ready":
            assert answers == ["ready"] * 4
        else:
            assert sorted(answers) == ["Claim", *["RunInProgress"] * 3]
        for racer in racers:
            assert racer.stdin is not None
            racer.stdin.write("\n")
            racer.stdin.flush()
    for racer in racers:
        racer.communicate()
    # The winner is dead: the next one need not wait for the lease.
    with Ledger(state.ledger) as ledger:
        taken = ledger.claim("r1", "crm.tiny")
        assert (type(taken).__name__, taken.attempt) == ("Claim", 2)


@pytest.mark.slow
def test_processes_racing_on_the_same_files_publish_each_once(
    files: list[Path], expected: Any, tmp_path: Path
) -> None:
    state = StateFolder(tmp_path / "state")
    racers = [
        subprocess.Popen(
            [sys.executable, TINY, str(state.root), *map(str, files)],
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for racer in racers:
        _, errors = racer.communicate()
        assert racer.returncode == 0 or "RunInProgress" in errors, errors
    tiny.run(state.root, files)
    assert contents(state) == expected
