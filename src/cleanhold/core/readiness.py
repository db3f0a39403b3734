"""What a contract says of its dataset's use in production; no verdict on a row depends on it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Fallback(StrEnum):
    """What consumers of a dataset do when it is late."""

    LAST_GOOD = "last good"  # they go on with the snapshot that they have
    DEFAULT = "default"  # they take default values
    STOP = "stop"  # they stop


@dataclass(frozen=True, slots=True)
class Goal:
    """What a dataset is to change in the business.

    Attributes:
        measure: by which that is seen, `customers kept after a call`.
        threshold: from which on it is a success, `82 %`.
    """

    measure: str
    threshold: str


@dataclass(frozen=True, slots=True)
class Readiness:
    """What gates ask of a contract beside its promises; nothing is said by default.

    Attributes:
        responder: who acts when it breaks: an address, a team or a rota.
        purpose: for what personal data in it are used.
    """

    responder: str = ""
    goal: Goal | None = None
    purpose: str = ""
    fallback: Fallback | None = None

    def __str__(self) -> str:
        goal = f"{self.goal.measure}: {self.goal.threshold}" if self.goal else ""
        said = (self.responder, goal, self.purpose, self.fallback or "")
        return ", ".join(text for text in said if text)


#: A contract that says nothing of it.
UNSAID = Readiness()
