"""Commands beside each other, as real processes, over both kinds of ledger."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.core.run import RunState
from cleanhold.store.claims import Claim
from cleanhold.store.ledger import Ledger

ORDERS, ITEMS = "shop.orders", "shop.items"


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest, small: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A workspace with two datasets, a delivery for each."""
    small.write("pyproject.toml", '[tool.cleanhold]\nname = "small"\nlease = "10s"\n')
    small.contract(ORDERS).contract(ITEMS)
    small.deliver("01", "a1,1,x", "a2,-2,y")
    small.deliver("01", "i1,1,x", what="items")
    if request.param == "sqlite":
        yield small
        return
    server = request.getfixturevalue("postgres_server")
    with server.schema(f"shop_{secrets.token_hex(6)}") as url:
        monkeypatch.setenv("CLEANHOLD_LEDGER", url)
        yield small


@pytest.fixture
def ledger(shop: Any) -> Iterator[Ledger]:
    with Workspace.find(shop.root).open() as stores:
        yield stores.ledger


@pytest.fixture
def start(shop: Any) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts `cleanhold run`, or another command."""
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: str, verb: str = "run") -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "cleanhold", verb, *arguments, "-w", str(shop.root)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "POLARS_MAX_THREADS": "1"},
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def hold(ledger: Ledger, dataset: str = ORDERS) -> Claim:
    """A claim of this process, with a lease as long as a test may take."""
    claim = ledger.claim(secrets.token_hex(32), dataset, lease_seconds=600)
    assert isinstance(claim, Claim)
    return claim


def said_waiting(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    return next(line for line in process.stderr if line.startswith("waiting"))


def test_a_run_waits_for_another_one_and_then_goes_on(
    shop: Any, ledger: Ledger, start: Callable[..., Any]
) -> None:
    other = hold(ledger)
    process = start("--wait", "5min")
    line = said_waiting(process)
    assert f"process {os.getpid()}" in line
    assert ORDERS in line
    assert ledger.fail(other, ["given up"])
    out, err = process.communicate()
    assert process.returncode == 0, err
    assert "published" in out
    assert shop.ids() == {"a1": 1}


def test_a_run_that_has_waited_long_enough_says_for_whom(
    shop: Any, ledger: Ledger, start: Callable[..., Any], conserved: Callable[[Path], int]
) -> None:
    hold(ledger)
    process = start("--wait", "1s")
    out, err = process.communicate()
    assert process.returncode == 3
    assert f"process {os.getpid()}" in out + err
    assert "still after 1 s" in out + err
    assert shop.ids(ITEMS) == {"i1": 1}, "the other dataset is not kept waiting"
    assert ledger.snapshot(ORDERS) is None
    assert conserved(shop.root) == 1


def test_datasets_are_run_at_the_same_time(
    shop: Any, ledger: Ledger, start: Callable[..., Any]
) -> None:
    other = hold(ledger, ITEMS)
    process = start(ORDERS, "--wait", "0")
    out, err = process.communicate()
    assert process.returncode == 0, out + err
    assert [claim.run for claim in ledger.live_claims()] == [other.run]
    assert shop.ids() == {"a1": 1}


def test_many_runs_at_once_do_everything_once(
    shop: Any, ledger: Ledger, start: Callable[..., Any], conserved: Callable[[Path], int]
) -> None:
    shop.deliver("02", "a1,5,x", "b1,2,z")
    processes = [start() for _ in range(3)]
    for process in processes:
        out, err = process.communicate()
        assert process.returncode == 0, out + err
    assert shop.ids() == {"a1": 5, "b1": 2}
    assert [(s.dataset, s.number) for s in ledger.snapshots()] == [
        (ITEMS, 1),
        (ORDERS, 2),
        (ORDERS, 1),
    ]
    assert conserved(shop.root) == 3
    assert not ledger.pending()
    assert ledger.verify_audit()


def test_replays_at_once_release_each_row_once(
    shop: Any, ledger: Ledger, start: Callable[..., Any], cleanhold: Callable[..., Any]
) -> None:
    assert shop.states(ORDERS) == ["published"]
    where = ("-d", ORDERS, "--reason", "typo", "-y", "-w", shop.root)
    assert cleanhold("quarantine", "correct", *where, "--set", "amount=2").code == 0
    for process in [start(verb="replay") for _ in range(2)]:
        out, err = process.communicate()
        assert process.returncode == 0, out + err
    assert shop.ids() == {"a1": 1, "a2": 2}
    assert [s.number for s in ledger.snapshots(ORDERS)] == [2, 1]


@pytest.mark.slow
def test_a_run_that_was_stopped_comes_too_late(
    shop: Any, ledger: Ledger, start: Callable[..., Any], conserved: Callable[[Path], int]
) -> None:
    late = start(ORDERS, "--wait", "0")
    while not (claims := ledger.live_claims()):
        assert late.poll() is None, "it was too fast to be stopped"
        time.sleep(0.001)
    late.send_signal(signal.SIGSTOP)
    (claim,) = claims
    second = start(ORDERS)  # it waits for the rest of the lease
    out, err = second.communicate()
    assert second.returncode == 0, out + err
    late.send_signal(signal.SIGCONT)
    out, err = late.communicate()
    assert late.returncode == 3, out + err
    assert "claim was lost" in out + err
    done = ledger.run(claim.run)
    assert done is not None
    assert (done.state, done.attempt) == (RunState.PUBLISHED, 2)
    assert shop.ids() == {"a1": 1}
    assert conserved(shop.root) == 1
    assert shop.states(ORDERS) == ["unchanged"]
