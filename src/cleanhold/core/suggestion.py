"""Suggestions: corrections that would help the rows of a case, with why and how sure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cleanhold.core.correction import Correction


@dataclass(frozen=True, slots=True)
class Candidate:
    """A correction that may help, before anybody has tried it.

    Attributes:
        what: it does, in words without values.
        evidence: why, in words; it may name values.
        steps: things it does to a value, at the most.
    """

    what: str
    correction: Correction
    evidence: str
    steps: int = 1


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A correction that helps some rows of a case. It is never applied without a decision.

    Attributes:
        number: 1, 2, 3 … within its case, what helps most rows first.
        tried: rows that were judged again with it; `passed`: of these, those that would pass.
        hidden: it is about a personal column; its values are not shown.
    """

    number: int
    candidate: Candidate
    tried: int
    passed: int
    hidden: bool = False

    @property
    def confidence(self) -> float:
        """Share of the rows tried that would pass, 0.0 to 1.0."""
        return self.passed / self.tried if self.tried else 0.0

    @property
    def text(self) -> str:
        """In a line, with what may be seen."""
        found = self.candidate
        why = "" if self.hidden and not found.correction.reread else f": {found.evidence}"
        return f"{found.what}{why}; {self.passed:,} of {self.tried:,} would pass"

    def as_dict(self) -> dict[str, Any]:
        shown = not self.hidden or bool(self.candidate.correction.reread)
        return {
            "number": self.number,
            "what": self.candidate.what,
            "evidence": self.candidate.evidence if shown else None,
            "rule": self.candidate.correction.as_dict() if shown else None,
            "tried": self.tried,
            "passed": self.passed,
            "confidence": round(self.confidence, 4),
        }


def mapping(
    column: str, pairs: dict[str, str], what: str, evidence: str = "", steps: int = 1
) -> list[Candidate]:
    """The candidate that gives old values new ones; none if nothing changes."""
    pairs = {old: new for old, new in pairs.items() if old != new}
    if not pairs:
        return []
    old, new = next(iter(pairs.items()))
    more = f" and {len(pairs) - 1:,} more" if len(pairs) > 1 else ""
    told = f"'{old}' → '{new}'{more}" + (f", {evidence}" if evidence else "")
    return [Candidate(what, Correction({}, {column: pairs}, {}), told, steps)]
