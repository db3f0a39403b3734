"""Gates: each a question that production asks of a snapshot, one family a module."""

from __future__ import annotations

from cleanhold.core.gate import Answer, Gate, Pilot
from cleanhold.gates.columns import columns, privacy
from cleanhold.gates.consumers import consumers
from cleanhold.gates.money import cost
from cleanhold.gates.past import audits, baseline
from cleanhold.gates.people import goal, owner
from cleanhold.gates.promises import contract
from cleanhold.gates.quarantine import quarantine
from cleanhold.gates.readiness import fallback, rollback
from cleanhold.gates.sources import lineage

#: In the order in which they are told.
GATES: tuple[Gate, ...] = (
    owner,
    goal,
    contract,
    columns,
    privacy,
    baseline,
    audits,
    quarantine,
    lineage,
    consumers,
    cost,
    fallback,
    rollback,
)

#: Their names, for settings and overrides.
NAMES: tuple[str, ...] = tuple(gate.__name__ for gate in GATES)


def answers(pilot: Pilot) -> tuple[Answer, ...]:
    """What every gate says that the settings do not turn off."""
    return tuple(gate(pilot) for gate in GATES if gate.__name__ not in pilot.rules.off)


__all__ = ["GATES", "NAMES", "answers"]
