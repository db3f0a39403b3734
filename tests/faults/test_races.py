"""Publishers race, are killed, stopped and continued; a reader never notices."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from cleanhold import Workspace
from tests.conftest import HEADER

from .aftermath import untidy

READER = Path(__file__).with_name("reader.py")
ORDERS, ITEMS = "shop.orders", "shop.items"

#: Deliveries of each dataset in the race; more of them make it longer.
DAYS = int(os.environ.get("CLEANHOLD_RACE_DAYS", "3"))


def publisher(root: Path, source: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "cleanhold", "run", source, "-w", str(root)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def disturb(process: subprocess.Popen[str], chance: random.Random) -> str:
    """Leave it alone, stop it for a while, or kill it, some time into its work."""
    time.sleep(chance.uniform(0.5, 3))
    fate = chance.choice(("left", "stopped", "killed"))
    if process.poll() is not None or fate == "left":
        return "left"
    if fate == "killed":
        process.kill()
        return fate
    process.send_signal(signal.SIGSTOP)
    time.sleep(chance.uniform(0.1, 1))
    process.send_signal(signal.SIGCONT)
    return fate


@pytest.mark.slow
@pytest.mark.timeout(300 + 60 * DAYS)
def test_a_reader_sees_whole_snapshots_going_forward_whoever_dies(small: Any) -> None:
    chance = random.Random(20261101)
    small.contract(ORDERS).contract(ITEMS)
    for what in ("orders", "items"):
        small.deliver("01", "a,1,", "b,-2,", what=what)
    small.run()
    told = subprocess.Popen(
        [sys.executable, str(READER), str(small.root), ORDERS, ITEMS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert told.stdout
    assert told.stdout.readline() == "reading\n"
    fates: list[str] = []
    for day in range(2, 2 + DAYS):
        dated = date(2026, 11, 1) + timedelta(days=day - 1)
        for what in ("orders", "items"):
            rows = [f"{what[0]}{day}n{n},{n},x" for n in range(50)]
            lines = [HEADER, *rows, f"a,{day},", "b,-2,", "torn"]
            small.write(f"in/{what}_{dated}.csv", "\n".join(lines) + "\n")
        racers = [publisher(small.root, source) for source in (ORDERS, ORDERS, ITEMS)]
        fates += [disturb(racer, chance) for racer in racers]
        for racer in racers:
            _, said = racer.communicate(timeout=120)
            assert "Traceback" not in said, said
    for source in (ORDERS, ITEMS):
        assert {*small.states(source)} <= {"published", "unchanged"}
    found = json.loads(told.communicate("stop\n", timeout=60)[0])
    print(f"{found['reads']} reads, publishers: {fates}; the reader complains of {found['wrong']}")
    assert not found["wrong"]
    assert found["reads"] > 1
    with Workspace.find(small.root).open() as stores:
        assert not list(untidy(stores))
        for dataset in (ORDERS, ITEMS):
            assert [s.number for s in stores.ledger.snapshots(dataset)] == [*range(DAYS + 1, 0, -1)]
