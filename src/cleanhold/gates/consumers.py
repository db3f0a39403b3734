"""Somebody needs it, has said what, and gets it."""

from __future__ import annotations

from cleanhold.core.audit import Evidence
from cleanhold.core.gate import Answer, Pilot


def consumers(pilot: Pilot) -> Answer:
    """At least one consumer has a pact, and the snapshot is what each of them needs."""
    dataset = pilot.contract.dataset
    if not pilot.pacts:
        return Answer(
            "consumers",
            False,
            "nobody has said what they need of it",
            (f"write contracts/pacts/NAME.py with @pact('NAME', needs='{dataset}', owner='…')",),
        )
    told = tuple((p.consumer, p.owner, "; ".join(p.reasons) or "gets it") for p in pilot.pacts)
    evidence = Evidence(("consumer", "owner", "what it needs"), told)
    unmet = [p.consumer for p in pilot.pacts if not p.is_met]
    if unmet:
        do = (f"cleanhold pacts {dataset}", "mend the table, or agree on another pact")
        what = f"it is not what {', '.join(unmet)} needs"
        return Answer("consumers", False, what, do, evidence)
    names = ", ".join(p.consumer for p in pilot.pacts)
    return Answer("consumers", True, f"it is what {names} needs", evidence=evidence)
