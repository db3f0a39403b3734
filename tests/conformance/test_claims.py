"""Claims between real processes: turns, parallel datasets, and holders that come too late."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cleanhold.core.run import RunState
from cleanhold.errors import RunInProgress
from cleanhold.store.heartbeat import BEATS, beating
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger
from cleanhold.store.owner import Owner
from tests.conformance.ledgers import claim, commit

Opener = Callable[..., Ledger]

#: Claims a run of a dataset, and says so; commits it when it is told to. Its heart beats meanwhile.
HOLDER = """
import sys
from pathlib import Path
from tests.conformance.ledgers import claim, commit
from cleanhold.errors import RunInProgress
from cleanhold.store.heartbeat import beating
from cleanhold.store.ledger import Ledger

location, root, key, dataset, lease = sys.argv[1:]
with Ledger(location if "://" in location else Path(location), root=Path(root)) as ledger:
    held = claim(ledger, key, dataset, lease_seconds=float(lease))
    with beating(ledger, held, float(lease)):
        print("claimed", flush=True)
        input()
        try:
            print("published", commit(ledger, held).number, flush=True)
        except RunInProgress as error:
            print("fenced:", error.what, flush=True)
"""


class Holder:
    """Another process with a claim."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def heard(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def publish(self) -> str:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.heard()


@pytest.fixture
def holding(location: Path | str, state: StateFolder) -> Iterator[Callable[..., Holder]]:
    """Starts processes that hold claims."""
    started: list[subprocess.Popen[str]] = []

    def hold(key: str, dataset: str = "crm.tiny", lease: float = 60) -> Holder:
        arguments = [str(location), str(state.root), key, dataset, str(lease)]
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        started.append(process)
        holder = Holder(process)
        assert holder.heard() == "claimed"
        return holder

    yield hold
    for process in started:
        process.kill()
        process.communicate()


@contextmanager
def on_another_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody's death can be seen from here."""
    with monkeypatch.context() as patch:
        patch.setattr(Owner, "is_gone", lambda self: False)
        yield


def test_datasets_are_worked_on_at_the_same_time(
    ledger: Ledger, holding: Callable[..., Holder]
) -> None:
    ledger.now()
    both = [holding("a" * 64, "crm.a"), holding("b" * 64, "crm.b")]
    assert {c.dataset for c in ledger.live_claims()} == {"crm.a", "crm.b"}
    # The one that came second ends first.
    assert [holder.publish() for holder in reversed(both)] == ["published 1", "published 1"]


def test_one_dataset_is_worked_on_by_one_process(
    ledger: Ledger, holding: Callable[..., Holder]
) -> None:
    ledger.now()
    holder = holding("a" * 64)
    busy = ledger.busy("crm.tiny")
    assert busy is not None
    assert f"process {holder.process.pid}" in busy.what
    with pytest.raises(RunInProgress, match="another run"):
        claim(ledger, "b" * 64)
    assert holder.publish() == "published 1"
    assert ledger.busy("crm.tiny") is None
    assert commit(ledger, claim(ledger, "b" * 64)).number == 2


def test_a_holder_that_is_stopped_is_fenced_and_comes_too_late(
    ledger: Ledger, holding: Callable[..., Holder]
) -> None:
    ledger.now()
    late = holding("a" * 64, lease=2)
    late.process.send_signal(signal.SIGSTOP)
    deadline = time.monotonic() + 60
    while ledger.busy("crm.tiny"):
        assert time.monotonic() < deadline, "the lease of a stopped process does not end"
        time.sleep(0.1)
    new = claim(ledger, "b" * 64)
    assert commit(ledger, new).number == 1
    late.process.send_signal(signal.SIGCONT)
    assert late.publish().startswith("fenced: the claim was lost")
    assert [s.run for s in ledger.snapshots()] == ["b" * 64]
    stopped = ledger.run("a" * 64)
    assert stopped is not None
    assert stopped.state is RunState.FAILED
    assert ledger.verify_audit()


def test_a_holder_that_is_stopped_and_not_missed_goes_on(
    ledger: Ledger, holding: Callable[..., Holder]
) -> None:
    ledger.now()
    late = holding("a" * 64, lease=1)
    late.process.send_signal(signal.SIGSTOP)
    time.sleep(2)
    late.process.send_signal(signal.SIGCONT)
    assert late.publish() == "published 1"


@pytest.mark.slow
def test_a_slow_holder_is_never_fenced(
    ledger: Ledger, holding: Callable[..., Holder], monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.now()
    slow = holding("a" * 64, lease=8)
    with on_another_machine(monkeypatch):
        until = time.monotonic() + 17
        while time.monotonic() < until:
            assert ledger.fence_stale() == ()
            time.sleep(0.5)
    assert slow.publish() == "published 1"


def test_a_holder_that_died_on_another_machine_is_fenced_when_its_lease_ends(
    ledger: Ledger, holding: Callable[..., Holder], monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.now()
    dead = holding("a" * 64, lease=3)
    dead.process.kill()
    with on_another_machine(monkeypatch):
        with pytest.raises(RunInProgress):
            claim(ledger, "b" * 64)
        deadline = time.monotonic() + 30
        while ledger.busy("crm.tiny"):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert commit(ledger, claim(ledger, "b" * 64)).number == 1


def test_a_heart_beats_until_the_claim_ends(opened: Opener) -> None:
    with opened() as ledger:
        claimed = claim(ledger, lease_seconds=1.2)
        with beating(ledger, claimed, 1.2):
            time.sleep(1.2 * (BEATS + 3) / BEATS)
            assert ledger.busy("crm.tiny")
            assert ledger.fail(claimed, ["given up"])
            time.sleep(0.5)
            assert ledger.busy("crm.tiny") is None


def test_a_plan_made_before_another_publication_is_not_carried_out(ledger: Ledger) -> None:
    commit(ledger, claim(ledger, "r1", following=0))
    with pytest.raises(RunInProgress, match="has published"):
        claim(ledger, "r2", following=0)
    assert ledger.run("r2") is None
    assert commit(ledger, claim(ledger, "r2", following=1)).number == 2
