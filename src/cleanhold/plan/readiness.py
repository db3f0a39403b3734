"""How a contract says what its dataset is for in production, and who answers for it there."""

from __future__ import annotations

from cleanhold.core.readiness import Fallback, Goal, Readiness
from cleanhold.errors import ContractError
from cleanhold.plan.terms import one_of, one_text


def readiness_of(
    responder: str, goal: object, purpose: str, fallback: str | None, where: str
) -> Readiness:
    """What `responder`, `goal`, `purpose` and `fallback` say.

    Raises:
        ContractError: one of them is mistaken.
    """
    return Readiness(
        responder=one_text(responder, "responder", where).strip(),
        goal=None if goal is None else _goal(goal, where),
        purpose=one_text(purpose, "purpose", where).strip(),
        fallback=None if fallback is None else one_of(Fallback, fallback, "fallback", where),
    )


def _goal(goal: object, where: str) -> Goal:
    is_pair = isinstance(goal, list | tuple) and len(goal) == 2
    if not is_pair or not all(isinstance(part, str) and part.strip() for part in goal):  # type: ignore[attr-defined]
        raise ContractError(
            f"goal={goal!r} is not a measure and its threshold",
            where=where,
            next="write both: goal=('customers kept after a call', 'at least 82 %')",
        )
    measure, threshold = (part.strip() for part in goal)  # type: ignore[attr-defined]
    return Goal(measure, threshold)
