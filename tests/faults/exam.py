"""The fault exam: a scenario is disturbed at its n-th call, mended, and looked at."""

from __future__ import annotations

import json
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .injector import KINDS, Orders, can_meet, compiled
from .scenarios import SCENARIOS, Scenario

_PROGRAM = Path(__file__).with_name("server.py")

#: One thread each, so that calls come in the same order every time.
_CALM = {
    "POLARS_MAX_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
}


class Server:
    """Runs tasks in fresh processes, quickly, with faults on demand."""

    def __init__(self, scratch: Path) -> None:
        library = compiled()
        assert library is not None, "there is no injector here"
        self.scratch = scratch
        environment = {**os.environ, **_CALM, "LD_PRELOAD": str(library)}
        environment["FAULT_ORDER"] = str(Orders.new(scratch / "order"))
        self._process = subprocess.Popen(
            [sys.executable, str(_PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self._answer()

    def close(self) -> None:
        self._process.communicate()
        shutil.rmtree(self.scratch)

    def command(
        self,
        root: Path,
        arguments: Sequence[str],
        fault: dict[str, Any] | None = None,
        point: str | None = None,
    ) -> dict[str, Any]:
        """Run a command of the command line; gives its exit code, the counts, what it said.

        Args:
            fault: what `injector.Fault` takes, beside the folder.
            point: named point to die at.
        """
        task = {"do": "command", "arguments": [*arguments, "-w", str(root)]}
        return self._do(root, {**task, "fault": fault, "point": point})

    def ask(self, root: Path, what: str, **told: Any) -> Any:
        """What `aftermath.<what>` says of a workspace."""
        file = self.scratch / "answer.json"
        file.unlink(missing_ok=True)
        ended = self._do(root, {"do": what, "answer": str(file), **told})
        if ended["code"]:
            raise AssertionError(f"{what} ends with {ended['code']}: {ended['said']}")
        return json.loads(file.read_text())

    def _do(self, root: Path, task: dict[str, Any]) -> dict[str, Any]:
        out = self.scratch / "said"
        assert self._process.stdin
        line = json.dumps({**task, "root": str(root), "out": str(out)})
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return {**self._answer(), "said": out.read_text(errors="replace")}

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, "the server is gone"
        found: dict[str, Any] = json.loads(line)
        return found


def sample(prepared: Prepared, share: float | int, seed: int = 0) -> list[tuple[str, int]]:
    """A share of the trials, the same every time, of every kind of fault and of call in turn.

    Args:
        share: of all of them, at most 1.0; an integer is how many.
    """
    everything = list(trials(prepared))
    chance = random.Random(f"{prepared.name} {seed}")
    chance.shuffle(everything)
    turns: Counter[tuple[str, str]] = Counter()
    ranked = []
    for kind, at in everything:
        stratum = (kind, prepared.calls[at - 1])
        ranked.append((turns[stratum], len(ranked), kind, at))
        turns[stratum] += 1
    count = share if isinstance(share, int) else math.ceil(share * len(ranked))
    return [(kind, at) for _, _, kind, at in sorted(ranked)[:count]]


@dataclass
class Tally:
    """What was tried, and what came of it."""

    kills: int = 0
    failures: int = 0
    states: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.kills += other.kills
        self.failures += other.failures
        self.states += other.states
        self.problems += other.problems

    def __str__(self) -> str:
        wrong = len(self.problems)
        return (
            f"{self.kills:,} kills, {self.failures:,} failures; found afterwards: "
            + ", ".join(f"{self.states[s]:,} {s}" for s in ("before", "between", "after"))
            + f"; rows lost, twice or half visible, or anything else wrong: {wrong}"
        )


@dataclass(frozen=True)
class Prepared:
    """A scenario made ready: its workspace, and what is seen before and after it.

    Attributes:
        calls: what each call of an undisturbed run is, in order.
    """

    name: str
    scenario: Scenario
    root: Path
    arguments: tuple[str, ...]
    before: dict[str, Any]
    after: dict[str, Any]
    calls: tuple[str, ...]


def prepare(name: str, server: Server, new_small: Callable[[Path], Any]) -> Prepared:
    """Make the workspace of a scenario, and run it once undisturbed."""
    scenario = SCENARIOS[name]
    small = new_small(server.scratch / name)

    def interrupt(point: str, *arguments: str) -> None:
        environment = {**os.environ, "CLEANHOLD_CRASH_AT": point}
        command = [sys.executable, "-m", "cleanhold", *arguments, "-w", str(small.root)]
        ended = subprocess.run(command, env=environment, capture_output=True, check=False)
        assert ended.returncode == -9, ended.stderr.decode()

    scenario.ready(small, interrupt)
    trial = _copy(small.root, server)
    before = server.ask(trial, "look") if (trial / ".cleanhold").exists() else EMPTY
    log = server.scratch / "calls"
    log.unlink(missing_ok=True)
    trial = _copy(small.root, server)
    ended = server.command(trial, _at(scenario, trial), {"kind": None, "at": 0, "log": str(log)})
    assert ended["code"] == scenario.code, ended["said"]
    after = server.ask(trial, "look")
    calls = tuple(line.split("\t")[1] for line in log.read_text().splitlines())
    assert len(calls) == ended["calls"]
    return Prepared(name, scenario, small.root, scenario.arguments, before, after, calls)


#: Of a workspace that was never run.
EMPTY: dict[str, Any] = {"published": {}, "snapshots": []}


def _at(scenario: Scenario, root: Path) -> list[str]:
    return [str(root / a) if a.endswith(".xlsx") else a for a in scenario.arguments]


def _copy(root: Path, server: Server) -> Path:
    trial = server.scratch / "trial"
    shutil.rmtree(trial, ignore_errors=True)
    shutil.copytree(root, trial)
    return trial


def trials(prepared: Prepared, kinds: Sequence[str] = tuple(KINDS)) -> Iterator[tuple[str, int]]:
    """Every fault and every call that can meet it."""
    for kind in kinds:
        for number, call in enumerate(prepared.calls, start=1):
            if can_meet(kind, call):
                yield kind, number


def examine(server: Server, prepared: Prepared, kind: str, at: int, tally: Tally) -> None:
    """Disturb the scenario there, mend it, and note what is wrong afterwards."""
    scenario = prepared.scenario
    trial = _copy(prepared.root, server)
    arguments = _at(scenario, trial)
    ended = server.command(trial, arguments, {"kind": kind, "at": at, "log": None})
    if not ended["fired"]:
        return
    killed = kind in ("kill", "torn write")
    tally.kills += killed
    tally.failures += not killed
    where = (
        f"{prepared.name}, {kind} at call {at} of {len(prepared.calls)} ({prepared.calls[at - 1]})"
    )
    if not killed:
        tally.problems += [f"{where}: {wrong}" for wrong in _badly_said(ended, kind, scenario)]
    _mend(server, prepared, trial, ended["code"], where, tally)


def examine_point(server: Server, prepared: Prepared, point: str, tally: Tally) -> None:
    """Kill the scenario at a named point, mend it, and note what is wrong afterwards."""
    trial = _copy(prepared.root, server)
    ended = server.command(trial, _at(prepared.scenario, trial), point=point)
    assert ended["code"] == -9, f"{prepared.name} does not meet {point}: {ended['said']}"
    tally.kills += 1
    _mend(server, prepared, trial, -9, f"{prepared.name}, killed at {point}", tally)


def _mend(
    server: Server, prepared: Prepared, trial: Path, ended: int, where: str, tally: Tally
) -> None:
    scenario = prepared.scenario
    told = {
        "before": prepared.before,
        "after": prepared.after,
        "arguments": [*_at(scenario, trial), "-w", str(trial)],
        "code": scenario.code,
        "ended": ended,
        "steps": scenario.steps,
        "again": scenario.again,
        "overtakes": scenario.overtakes,
    }
    try:
        found = server.ask(trial, "mend", **told)
    except AssertionError as error:
        found = {"state": "between", "problems": [str(error)[-1500:]]}
    tally.states[found["state"]] += 1
    tally.problems += [f"{where}: {problem}" for problem in found["problems"]]


def _badly_said(ended: dict[str, Any], kind: str, scenario: Scenario) -> Iterator[str]:
    """A failure must be told: what, where, what next; never as a traceback."""
    said = ended["said"]
    if "Traceback" in said or "defect" in said or "panicked" in said:
        yield f"it ends with {ended['code']} and a traceback: {said[-1500:]}"
    elif ended["code"] not in (0, 1, 3):
        yield f"it ends with {ended['code']}: {said[-500:]}"
    elif ended["code"] != 3 or scenario.code == 3:
        return
    elif not ("where" in said and "next" in said):
        yield f"it does not say where, or what to do next: {said[-500:]}"
    elif kind.startswith("no space") and not ("full" in said or "No space" in said):
        yield f"it does not say that the disk is full: {said[-500:]}"


def scratch() -> Path:
    """A folder in memory where there is one: nothing here outlives the machine anyway."""
    memory = Path("/dev/shm")
    usable = memory.is_dir() and os.access(memory, os.W_OK)
    return Path(tempfile.mkdtemp(prefix="cleanhold-faults-", dir=memory if usable else None))


def part(
    new_small: Callable[[Path], Any],
    names: Sequence[str],
    kinds: Sequence[str],
    share: float,
    seed: int,
    number: int,
    of: int,
) -> Tally:
    """One part of the trials of some scenarios, told as they are done."""
    total = Tally()
    server = Server(scratch())
    try:
        for name in names:
            started, tally = time.monotonic(), Tally()
            prepared = prepare(name, server, new_small)
            wanted = [trial for trial in sample(prepared, share, seed) if trial[0] in kinds]
            for kind, at in wanted[number::of]:
                examine(server, prepared, kind, at, tally)
            seconds = time.monotonic() - started
            print(f"{name} ({len(prepared.calls)} calls, {seconds:.0f} s): {tally}", flush=True)
            for problem in tally.problems:
                print(f"  ✗ {problem}", flush=True)
            total.add(tally)
    finally:
        server.close()
    return total
