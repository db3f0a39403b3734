"""gates: what production asks of a snapshot, what it gets, and what is overridden."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cleanhold.core.gate import Answer, Override
from cleanhold.core.snapshot import Channel, Snapshot
from cleanhold.errors import UsageError
from cleanhold.gates import answers
from cleanhold.pipeline.person import reason_of, who_acts
from cleanhold.pipeline.pilot import pilot
from cleanhold.pipeline.stores import Stores


@dataclass(frozen=True, slots=True)
class Scorecard:
    """What every gate says of a snapshot.

    Attributes:
        snapshot: that would be promoted.
        readers_have: number of the snapshot in production; None if nothing is.
        is_held: the dataset goes to production only by a promotion.
        answers: of the gates that are asked for.
        overrides: by gate, those that are over or wait for a second person too.
        at: when they were asked (UTC).
    """

    snapshot: Snapshot
    readers_have: int | None
    is_held: bool
    answers: tuple[Answer, ...]
    overrides: Mapping[str, Override]
    at: datetime

    def is_open(self, answer: Answer) -> bool:
        """Whether a gate passed, or two people let it count so."""
        return answer.passed or self.overridden(answer) is not None

    def overridden(self, answer: Answer) -> Override | None:
        """What lets a gate that did not pass count as open today."""
        found = self.overrides.get(answer.gate)
        holds = found is not None and found.holds_on(self.at.date())
        return found if holds and not answer.passed else None

    def state_of(self, answer: Answer) -> str:
        """`open`, `closed` or `overridden`."""
        if answer.passed:
            return "open"
        return "overridden" if self.overridden(answer) else "closed"

    @property
    def closed(self) -> tuple[Answer, ...]:
        """The gates that keep it from production."""
        return tuple(answer for answer in self.answers if not self.is_open(answer))

    @property
    def certificate(self) -> dict[str, Any]:
        """What is kept of it when the snapshot is promoted."""
        used = (self.overridden(answer) for answer in self.answers)
        return {
            "contract": self.snapshot.contract_version,
            "gates": [answer.as_dict() for answer in self.answers],
            "overrides": [override.as_dict() for override in used if override is not None],
            "asked_at": self.at.isoformat(),
        }

    def as_dict(self) -> dict[str, Any]:
        """As in the JSON of `cleanhold gates`."""
        return {
            "dataset": self.snapshot.dataset,
            "snapshot": self.snapshot.number,
            "production": self.readers_have,
            "gated": self.is_held,
            "open": not self.closed,
            "gates": [
                {**answer.as_dict(), "open": self.is_open(answer)} for answer in self.answers
            ],
            "overrides": [override.as_dict() for override in self.overrides.values()],
            "at": self.at.isoformat(),
        }


def scorecard(stores: Stores, dataset: str, number: int | None = None) -> Scorecard:
    """Ask every gate about the newest snapshot of the pilot, or about one by its number.

    Of a dataset without gates, what readers have is asked about.

    Raises:
        UnknownDataset: there is no contract of that name.
        NeverPublished: there is no such snapshot, or it was stopped at candidate.
    """
    found = pilot(stores, dataset, number)
    current = stores.ledger.snapshot(dataset, channel=Channel.PRODUCTION)
    return Scorecard(
        found.snapshot,
        current.number if current else None,
        stores.gates.hold(dataset),
        answers(found),
        stores.ledger.overrides.of(dataset),
        found.now,
    )


def fallback_tested(stores: Stores, dataset: str, why: str, *, who: str | None = None) -> None:
    """Record that somebody has tried what consumers do when a dataset is late.

    Raises:
        UsageError: it is not said how, or the contract names no fallback.
    """
    said = pilot(stores, dataset).contract.readiness.fallback
    if said is None:
        raise UsageError(
            f"the contract of {dataset} names no fallback",
            next="write fallback='last good', or 'default', or 'stop', in @contract(…)",
        )
    such_as = "the feed was stopped for a day, the scorer took defaults"
    how = reason_of("a test of the fallback", why, such_as=such_as)
    stores.ledger.promotions.rehearsed(
        dataset, "fallback", f"tried: {said}", who=who or who_acts(), why=how
    )
