"""What the doctor finds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from cleanhold.errors import CleanholdError, ConfigurationError


class Health(StrEnum):
    """How serious a finding of the doctor is."""

    OK = "ok"
    WARN = "warn"
    CONFIGURATION = "configuration"  # exit 2
    STATE = "state"  # exit 3


FINE = (Health.OK, Health.WARN)


@dataclass(frozen=True, slots=True)
class Symptom:
    """One thing the doctor looked at."""

    topic: str
    health: Health
    says: str
    mend: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def from_error(topic: str, error: CleanholdError, which: str = "") -> Symptom:
    """An error as a symptom; `which` names what it is about."""
    kind = Health.CONFIGURATION if isinstance(error, ConfigurationError) else Health.STATE
    where = f" ({error.where})" if error.where else ""
    about = f"{which}: " if which else ""
    return Symptom(topic, kind, f"{about}{error.what}{where}", error.next or "")
