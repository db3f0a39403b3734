"""backtested: what a changed contract would do to all extracts together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cleanhold.pipeline.backtest import Tested
from cleanhold.pipeline.chosen_extracts import Backtest
from cleanhold.pipeline.held_difference import CheckDifference


@dataclass(frozen=True, slots=True)
class Backtested:
    """A backtest and what it found.

    Attributes:
        tested: one extract each, oldest delivery first.
    """

    what: Backtest
    tested: Sequence[Tested]

    @property
    def newly_held(self) -> int:
        """Rows held after and not before."""
        return sum(t.difference.newly_held for t in self.tested)

    @property
    def released(self) -> int:
        """Rows held before and not after."""
        return sum(t.difference.released for t in self.tested)

    @property
    def holds_more(self) -> bool:
        """Whether any row would be newly held, or a run stop that did not."""
        return self.newly_held > 0 or any(t.newly_stops for t in self.tested)

    @property
    def compared_with(self) -> str:
        """The other side, in words."""
        if self.what.is_recorded:
            versions = {a.judged.contract_version for a in self.what.arrived if a.judged}
            return f"what the runs recorded (contract {', '.join(sorted(versions))})"
        return f"contract {self.what.present.version} of the workspace"

    def checks(self) -> list[CheckDifference]:
        """Checks that hold other rows, those that hold the most more first."""
        summed: dict[tuple[str, str | None], CheckDifference] = {}
        for one in (c for t in self.tested for c in t.difference.checks):
            at = (one.check, one.column)
            summed[at] = summed[at].plus(one) if at in summed else one
        differing = [c for c in summed.values() if c.more or c.fewer]
        return sorted(differing, key=lambda c: (-c.more, -c.fewer, c.column or "", c.check))

    def as_dict(self) -> dict[str, Any]:
        """The JSON form, as `cleanhold backtest --json` prints it."""
        return {
            "contract": self.what.contract.dataset,
            "version": self.what.contract.version,
            "compared_with": self.compared_with,
            "newly_held": self.newly_held,
            "released": self.released,
            "holds_more": self.holds_more,
            "checks": [c.as_dict() for c in self.checks()],
            "extracts": [t.as_dict() for t in self.tested],
        }
