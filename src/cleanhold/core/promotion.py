"""Promotions: that a person gave readers a snapshot of the pilot, and upon what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Promotion:
    """One promotion, as the audit log has it.

    Attributes:
        entry: number of its entry in the audit log; `hash`: of that entry, which seals it.
        before: number of the snapshot that readers had; None if they had none.
        number: of the snapshot they were given; `manifest`: its hash.
        certificate: what the gates said and with which evidence, and what was overridden; JSON
            values.
    """

    entry: int
    hash: str
    dataset: str
    before: int | None
    number: int
    manifest: str
    who: str
    why: str
    at: datetime
    certificate: Mapping[str, Any]

    @property
    def overridden(self) -> tuple[str, ...]:
        """Names of the gates that were closed."""
        return tuple(each["gate"] for each in self.certificate.get("overrides", ()))

    def as_dict(self) -> dict[str, Any]:
        return {
            "dataset": self.dataset,
            "from": self.before,
            "to": self.number,
            "manifest": self.manifest,
            "who": self.who,
            "why": self.why,
            "at": self.at.isoformat(),
            "entry": self.entry,
            "hash": self.hash,
            "certificate": dict(self.certificate),
        }
