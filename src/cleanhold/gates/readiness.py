"""What happens when it fails is decided, and was tried."""

from __future__ import annotations

from datetime import timedelta

from cleanhold.core.audit import Evidence
from cleanhold.core.gate import Answer, Done, Pilot
from cleanhold.core.readiness import Fallback
from cleanhold.gates.people import at

_FALLBACKS = {
    Fallback.LAST_GOOD: "consumers go on with the last good snapshot",
    Fallback.DEFAULT: "consumers take default values",
    Fallback.STOP: "consumers stop",
}


def fallback(pilot: Pilot) -> Answer:
    """It is said what consumers do when it is late, and somebody has tried it."""
    said, dataset = pilot.contract.readiness.fallback, pilot.contract.dataset
    if said is None:
        return Answer(
            "fallback",
            False,
            "the contract does not say what consumers do when it is late",
            (f"write fallback='last good', or 'default', or 'stop', {at(pilot)}",),
        )
    test = pilot.fallback_test
    if not _is_recent(test, pilot):
        return Answer(
            "fallback",
            False,
            f"when it is late, {_FALLBACKS[said]}; nobody has tried that "
            f"in {pilot.rules.rehearsed_days} days",
            (f"try it, then: cleanhold gates {dataset} --fallback-tested --reason '…'",),
            _evidence(test),
        )
    what = f"when it is late, {_FALLBACKS[said]}; tried on {test.at:%F}" if test else ""
    return Answer("fallback", True, what, evidence=_evidence(test))


def rollback(pilot: Pilot) -> Answer:
    """Readers were rolled back, or that was rehearsed, not long ago."""
    done, days = pilot.rollback, pilot.rules.rehearsed_days
    if not _is_recent(done, pilot):
        return Answer(
            "rollback",
            False,
            f"nobody has rehearsed a rollback in {days} days",
            (f"cleanhold rollback {pilot.contract.dataset} --rehearse",),
            _evidence(done),
        )
    what = f"{done.what}, on {done.at:%F}" if done else ""
    return Answer("rollback", True, what, evidence=_evidence(done))


def _is_recent(done: Done | None, pilot: Pilot) -> bool:
    return done is not None and done.at >= pilot.now - timedelta(days=pilot.rules.rehearsed_days)


def _evidence(done: Done | None) -> Evidence | None:
    if done is None:
        return None
    return Evidence(
        ("what", "by", "why", "on"), ((done.what, done.who, done.why, f"{done.at:%F}"),)
    )
