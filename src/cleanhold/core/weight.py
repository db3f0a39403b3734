"""How grave a change of a contract is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Weight(StrEnum):
    """What a change does to others, the gravest first."""

    BREAKING = "breaking"  # a promise to those who read the data is taken back
    TIGHTENING = "tightening"  # rows may be held that passed
    LOOSENING = "loosening"  # rows may pass that were held, or more is given than before
    HARMLESS = "harmless"  # neither


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs between two versions of a contract.

    Attributes:
        what: in plain words.
        about: the column, or the check's label; empty for the contract as a whole.
        before, after: the values; empty where there is none to show.
    """

    weight: Weight
    what: str
    about: str = ""
    before: str = ""
    after: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
