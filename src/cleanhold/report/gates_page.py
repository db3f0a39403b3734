"""The page of a scorecard: what production asks of a snapshot, and what opens each gate."""

from __future__ import annotations

from dataclasses import dataclass

from cleanhold.core.audit import Verdict
from cleanhold.core.gate import Answer, Override
from cleanhold.pipeline.gates import Scorecard
from cleanhold.report.numbers import of_numbers
from cleanhold.report.rendering import render

#: What a gate is → the chip that says so.
_STYLES = {"open": Verdict.PASS, "overridden": Verdict.WARN, "closed": Verdict.STOP}


@dataclass(frozen=True, slots=True)
class Shown:
    """A gate on the page; `state` is `open`, `overridden` or `closed`."""

    answer: Answer
    state: str
    override: Override | None

    @property
    def style(self) -> Verdict:
        return _STYLES[self.state]

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Which columns of its evidence hold numbers."""
        evidence = self.answer.evidence
        return of_numbers(evidence.columns, evidence.rows) if evidence else ()


def gates_page(card: Scorecard) -> str:
    """The scorecard as one HTML page, closed gates first."""
    shown = [Shown(a, card.state_of(a), card.overridden(a)) for a in card.answers]
    order = ("closed", "overridden", "open")
    shown.sort(key=lambda gate: order.index(gate.state))
    return render(
        "gates.html",
        card=card,
        gates=shown,
        opened=len(card.answers) - len(card.closed),
        verdict=Verdict.STOP if card.closed else Verdict.PASS,
    )
