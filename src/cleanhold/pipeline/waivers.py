"""waivers: what people let through although it fails, until when, and how much of it there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from cleanhold.core.decision import Act, Decision
from cleanhold.pipeline.stores import Stores
from cleanhold.pipeline.waived import waived_in


@dataclass(frozen=True, slots=True)
class Waiver:
    """A waiver, or a release, which has no end.

    Attributes:
        decision: that made it.
        until: its last day, in UTC; None: none.
        is_over: that day has passed.
        passed: rows it let through, where cleanhold made it again included.
        published: rows that readers have now because of it.
    """

    decision: Decision
    until: date | None
    is_over: bool
    passed: int
    published: int

    @property
    def at_most(self) -> int | None:
        """Rows it may let through; None for any number."""
        found: int | None = self.decision.terms.get("at_most")
        return found

    def as_dict(self) -> dict[str, Any]:
        return {
            **self.decision.as_dict(),
            "until": self.until.isoformat() if self.until else None,
            "at_most": self.at_most,
            "is_over": self.is_over,
            "passed": self.passed,
            "published": self.published,
        }


def waivers(stores: Stores, dataset: str | None = None) -> list[Waiver]:
    """Every waiver and release that people made, oldest first."""
    made = stores.ledger.decisions(dataset)
    roots = {d.id: d.terms.get("again", d.id) for d in made}
    today = stores.ledger.now().date()
    published = {name: _published(stores, name, roots) for name in {d.dataset for d in made}}
    found = []
    for decision in made:
        if decision.act in (Act.WAIVE, Act.RELEASE) and "again" not in decision.terms:
            last = decision.terms.get("until")
            until = date.fromisoformat(last) if last else None
            found.append(
                Waiver(
                    decision,
                    until,
                    until is not None and until < today,
                    _rows(made, decision.id),
                    published[decision.dataset].get(decision.id, 0),
                )
            )
    return found


def _rows(made: Sequence[Decision], root: int) -> int:
    return sum(d.rows for d in made if root in (d.id, d.terms.get("again")))


def _published(stores: Stores, dataset: str, roots: dict[int, int]) -> dict[int, int]:
    """Decision → rows of the table that it let through."""
    current = stores.ledger.head(dataset)
    rows = waived_in(stores.manifest(current) if current else None)
    counted = rows.with_columns(pl.col("decision").replace(roots)).group_by("decision").len()
    return dict(counted.iter_rows())
