"""doctor: gates that hold nothing."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from cleanhold.core.gate import Gates
from cleanhold.workspace.gates_settings import TABLE
from cleanhold.workspace.symptom import Health, Symptom
from cleanhold.workspace.workspace import Workspace


def gate_symptoms(workspace: Workspace) -> Iterator[Symptom]:
    """Datasets that are to have gates, and are none: what was meant publishes at once."""
    known = sorted(workspace.catalogue.contracts)
    for name in workspace.settings.gates.datasets:
        if any(Gates(datasets=(name,)).hold(dataset) for dataset in known):
            continue
        close = difflib.get_close_matches(name, known, n=1)
        mend = f"did you mean {close[0]!r}?" if close else f"write one of {', '.join(known)}"
        says = f"{TABLE} names {name!r}, which no contract is called"
        yield Symptom("gates", Health.CONFIGURATION, says, mend)
