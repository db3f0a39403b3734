"""Disturbed at a sample of its calls; `make test-crash` disturbs every scenario at every call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cleanhold.store.crashpoints import STEWARD_POINTS

from .exam import Server, Tally, examine, examine_point, prepare, sample, scratch
from .injector import compiled
from .scenarios import SCENARIOS

#: Named points → the scenario that meets them; those of runs and landings have tests of their own.
POINTS = {
    "decision-kept": "decision",
    "decision-recorded": "correction",
    "decided": "import",
    "replay-kept": "replay",
    "rolling-back": "rollback",
    "rolled-back": "rollback",
    "promoting": "promote",
    "promotion-told": "promote",
    "promotion-done": "promote",
}

#: Trials of each scenario; those that are killed at named points too have one.
TRIALS = {name: 1 if name in POINTS.values() else 2 for name in SCENARIOS}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    if compiled() is None:
        pytest.skip("the injector needs Linux, the C library of GNU and a C compiler called cc")
    made = Server(scratch())
    yield made
    made.close()


@pytest.fixture(scope="module")
def tally(request: pytest.FixtureRequest) -> Iterator[Tally]:
    told = Tally()
    yield told
    if reporter := request.config.pluginmanager.get_plugin("terminalreporter"):
        reporter.write_line(f"\n{told}")


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENARIOS)
def test_nothing_is_lost_whatever_fails(
    name: str, server: Server, tally: Tally, new_small: Callable[[Path], Any]
) -> None:
    prepared = prepare(name, server, new_small)
    here = Tally()
    for kind, at in sample(prepared, TRIALS[name]):
        examine(server, prepared, kind, at, here)
    for point in STEWARD_POINTS:
        if POINTS[point] == name:
            examine_point(server, prepared, point, here)
    tally.add(here)
    assert not here.problems
    assert here.kills + here.failures
