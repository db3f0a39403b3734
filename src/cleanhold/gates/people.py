"""Who answers for a dataset, and what it is to change."""

from __future__ import annotations

from cleanhold.core.audit import Evidence
from cleanhold.core.gate import Answer, Pilot


def owner(pilot: Pilot) -> Answer:
    """Somebody answers for the dataset, and somebody acts when it breaks."""
    contract, said = pilot.contract, pilot.contract.readiness
    missing = [n for n, v in (("owner", contract.owner), ("responder", said.responder)) if not v]
    if missing:
        return Answer(
            "owner",
            False,
            f"the contract names no {' and no '.join(missing)}",
            tuple(f"write {n}='team@example.org' {at(pilot)}" for n in missing),
        )
    rows = (("owner", contract.owner), ("responder", said.responder))
    what = "an owner and a responder are named"
    return Answer("owner", True, what, evidence=Evidence(("who", "named"), rows))


def goal(pilot: Pilot) -> Answer:
    """The business says how it will see that this is worth it."""
    said = pilot.contract.readiness.goal
    if said is None:
        return Answer(
            "goal",
            False,
            "the contract states no measure of the business, and no threshold of success",
            (f"write goal=('customers kept after a call', 'at least 82 %') {at(pilot)}",),
        )
    rows = ((said.measure, said.threshold),)
    what = "a measure and a threshold of success are stated"
    return Answer("goal", True, what, evidence=Evidence(("measure", "threshold"), rows))


def at(pilot: Pilot) -> str:
    """Where a line is to be written."""
    return f"in @contract('{pilot.contract.dataset}', …)"
