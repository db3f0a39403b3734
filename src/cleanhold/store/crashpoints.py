"""Named places where a test may kill the process, to prove that nothing is lost there."""

from __future__ import annotations

import os
import signal

#: Environment variable that holds the name of the point to die at. A test aid: never set it
#: on a machine that works.
VARIABLE = "CLEANHOLD_CRASH_AT"

#: Every point, in the order a run meets them.
POINTS = (
    "extract-copied",
    "extract-renamed",
    "claiming",
    "claimed",
    "staged",
    "reconciled",
    "promoted-data",
    "promoted-held",
    "promoted-warned",
    "promoted-refused",
    "promoted-superseded",
    "promoted",
    "draft-written",
    "manifest-written",
    "commit-begun",
    "commit-snapshot",
    "commit-account",
    "commit-audit",
    "commit-outbox",
    "committed",
    "staging-removed",
    "projecting",
    "feeding",
    "fed",
    "projected",
    "drained",
)


#: Those of landing that only a compressed delivery meets, or one that cannot be landed.
MORE_LANDING_POINTS = ("delivery-copied", "delivery-renamed", "aside-copied", "aside-renamed")

#: Those of decisions, one by one or from a workbook, of replays, rollbacks and promotions.
STEWARD_POINTS = (
    "decision-kept",
    "decision-recorded",
    "decided",
    "replay-kept",
    "rolling-back",
    "rolled-back",
    "promoting",
    "promotion-told",
    "promotion-done",
)
#: Those that expiring snapshots and extracts meets, in order.
EXPIRING_POINTS = ("keys-written", "expiring", "expired", "file-removed", "extract-removed")


def crash_point(name: str) -> None:
    """Kill this process outright, as a power cut would, if a test asked for it here."""
    if os.environ.get(VARIABLE) == name:
        os.kill(os.getpid(), signal.SIGKILL)
