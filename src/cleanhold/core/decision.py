"""Decisions: what stewards do about held rows. Each is appended; none is ever changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import polars as pl


class Act(StrEnum):
    """What a decision does to its rows."""

    CORRECT = "correct"  # other raw values; a replay judges them again
    WAIVE = "waive"  # a replay lets them through although named checks fail, until a date
    RELEASE = "release"  # like a waiver without an end: the rows are right, the checks are wrong
    REJECT = "reject"  # they will never be right; they stay where they are, closed
    REOPEN = "reopen"  # takes back what was decided; they wait again
    ASSIGN = "assign"  # somebody's task
    COMMENT = "comment"
    PROPOSE = "propose"  # waits for another person: they approve it by making the decision
    DECLINE = "decline"  # ends a proposal


#: Acts that change where rows stand.
SETTLING = (Act.CORRECT, Act.WAIVE, Act.RELEASE, Act.REJECT, Act.REOPEN)


class Status(StrEnum):
    """Where a held row stands."""

    HELD = "held"  # waits for a decision
    CORRECTED = "corrected"  # waits for a replay, with other values
    WAIVED = "waived"  # waits for a replay that lets it through
    REJECTED = "rejected"  # closed: it will not be published
    SUPERSEDED = "superseded"  # a later delivery, or the same content again, took its place
    RELEASED = "released"  # a replay published it


#: Where an act leaves its rows; the others leave them where they stand.
LEAVES = {
    Act.CORRECT: Status.CORRECTED,
    Act.WAIVE: Status.WAIVED,
    Act.RELEASE: Status.WAIVED,
    Act.REJECT: Status.REJECTED,
    Act.REOPEN: Status.HELD,
}

#: Schema of a decision's file: the rows it is about. `patch` is a JSON object, raw column → its
#: new text or null, for a correction; null otherwise. `content_hash` is half of the SHA-256 of the
#: raw values, as a UUID; by it the same content is known when it is delivered again.
DECIDED_SCHEMA: dict[str, Any] = {
    "row_id": pl.String,
    "content_hash": pl.String,
    "patch": pl.String,
}


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision.

    Attributes:
        id: 1, 2, 3 … in the order they were made.
        rows: how many it is about; they are in the file of that SHA-256.
        who: made it; `why` in words.
        terms: what else it says, JSON values: `rule` (a correction in words), `checks` and
            `until` (ISO date) of a waiver, `to` of an assignment, `again` (the id of the decision
            that this one applies again), `automatic` (column → the remedies that the contract's
            version `contract` let happen). `at_most` rows may pass by a waiver and what repeats it.
            Of a proposal: `does`, the act that is proposed, and `token`, of its rows as they
            stood; of what follows it `proposal`, its id, and of an approval `proposed_by`.
        position: commits of the ledger it follows.
    """

    id: int
    act: Act
    dataset: str
    rows: int
    file: str
    who: str
    why: str
    at: datetime
    position: int
    terms: Mapping[str, Any] = field(default_factory=dict)

    @property
    def entry(self) -> str:
        """Its name among what is fed to the quarantine, beside run keys."""
        return f"decision {self.id}"

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "act": str(self.act),
            "dataset": self.dataset,
            "rows": self.rows,
            "who": self.who,
            "why": self.why,
            "at": self.at.isoformat(),
            "terms": dict(self.terms),
        }
