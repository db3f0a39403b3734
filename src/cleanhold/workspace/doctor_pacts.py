"""doctor: what is wrong with the pacts of consumers."""

from __future__ import annotations

from collections.abc import Iterator

from cleanhold.workspace.pacts import PACTS, mistaken
from cleanhold.workspace.symptom import Health, Symptom, from_error
from cleanhold.workspace.workspace import Workspace


def pact_symptoms(workspace: Workspace) -> Iterator[Symptom]:
    """Mistakes in pacts, and consumers that nobody answers for."""
    pacts, contracts = workspace.pacts, workspace.catalogue.contracts
    wrong = [*pacts.mistakes, *mistaken(pacts, contracts)]
    for mistake in wrong:
        yield from_error("pacts", mistake)
    for pact in pacts.declared:
        if not pact.owner:
            mend = f"owner='…' in {pact.where}"
            yield Symptom("pacts", Health.WARN, f"{pact.consumer} has no owner", mend)
    if not wrong:
        folder = f"{workspace.settings.contracts}/{PACTS}/"
        yield Symptom("pacts", Health.OK, f"{len(pacts.declared)} in {folder}")
