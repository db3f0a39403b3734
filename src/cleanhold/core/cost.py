"""What runs cost: what they used, and what that is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from statistics import median
from typing import Any

#: Where the details of a run keep what it used.
COST = "cost"

#: Runs before the newest that say what is usual.
_USUAL = 30


@dataclass(frozen=True, slots=True)
class Usage:
    """What one run used, until its snapshot was committed or it failed.

    Attributes:
        cpu_seconds: of all cores, of the process and of children that have ended.
        wall_seconds: from its claim on.
        peak_memory: bytes in memory at most, those of children beside those of the process.
    """

    cpu_seconds: float
    wall_seconds: float
    peak_memory: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Usage:
        return cls(value["cpu_seconds"], value["wall_seconds"], value["peak_memory"])


@dataclass(frozen=True, slots=True)
class Prices:
    """What a workspace pays, and what it means to pay at most.

    Attributes:
        cpu_hour: of one core for an hour.
        gb_month: of 10⁹ bytes kept for a month.
        currency: of both, for people.
        budget: of a thousand records, at most; None for no budget.
        budgets: dataset → its own budget.
    """

    cpu_hour: float = 0.0
    gb_month: float = 0.0
    currency: str = ""
    budget: float | None = None
    budgets: Mapping[str, float] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.cpu_hour or self.gb_month)

    def of_run(self, usage: Usage, written: int) -> float:
        """What a run cost: its processor time, and a month of the bytes that it wrote."""
        return usage.cpu_seconds / 3600 * self.cpu_hour + self.of_month(written)

    def of_month(self, size: int) -> float:
        """What so many bytes cost in a month."""
        return size / 1e9 * self.gb_month

    def budget_of(self, dataset: str) -> float | None:
        """What a thousand records of a dataset may cost."""
        return self.budgets.get(dataset, self.budget)


@dataclass(frozen=True, slots=True)
class RunCost:
    """What a run used, and what that cost.

    Attributes:
        snapshot: that it made; None if it failed.
        records: that it judged; 0 if it failed.
        bytes_read: of the extract and the snapshots it read; `bytes_written`: of files that were
            not there before.
        money: in the currency of the prices.
    """

    run: str
    state: str
    at: datetime
    snapshot: int | None
    records: int
    usage: Usage
    bytes_read: int
    bytes_written: int
    money: float

    @property
    def per_thousand(self) -> float | None:
        """What a thousand of its records cost; None if it has none."""
        return 1000 * self.money / self.records if self.records else None

    def as_dict(self) -> dict[str, Any]:
        found = asdict(self) | self.usage.as_dict()
        del found["usage"]
        return {**found, "at": self.at.isoformat(), "per_thousand": self.per_thousand}


@dataclass(frozen=True, slots=True)
class DatasetCost:
    """What a dataset costs.

    Attributes:
        runs: those whose cost was measured, newest first.
        held_bytes: of all files of its snapshots that have not expired.
        month: what keeping those costs in a month.
        budget: of a thousand records; None for none.
    """

    dataset: str
    currency: str
    runs: tuple[RunCost, ...]
    held_bytes: int
    month: float
    budget: float | None

    @property
    def per_thousand(self) -> float | None:
        """What a thousand records of the newest run that had any cost."""
        return next(iter(self._each()), None)

    @property
    def usual(self) -> float | None:
        """The median of the 30 runs before that one; None if there are none."""
        before = self._each()[1 : _USUAL + 1]
        return median(before) if before else None

    @property
    def trend(self) -> float | None:
        """By which share it is more than usual (0.1: a tenth more)."""
        now, usual = self.per_thousand, self.usual
        return now / usual - 1 if now is not None and usual else None

    @property
    def is_over_budget(self) -> bool:
        """A thousand records cost more than they may. Without a budget, or a run, they do not."""
        now = self.per_thousand
        return self.budget is not None and now is not None and now > self.budget

    @property
    def warning(self) -> str:
        """That it is over its budget, in words; empty if it is not."""
        if not self.is_over_budget:
            return ""
        return (
            f"a thousand records cost {self.told(self.per_thousand)}, and may cost "
            f"{self.told(self.budget)}"
        )

    def told(self, money: float | None) -> str:
        """A sum in words; empty for none."""
        return "" if money is None else f"{money:.4g} {self.currency}".strip()

    def as_dict(self) -> dict[str, Any]:
        """As in the JSON of `cleanhold cost`."""
        return {
            "dataset": self.dataset,
            "currency": self.currency,
            "per_thousand": self.per_thousand,
            "usual": self.usual,
            "trend": self.trend,
            "budget": self.budget,
            "over_budget": self.is_over_budget,
            "money": sum(run.money for run in self.runs),
            "held_bytes": self.held_bytes,
            "month": self.month,
            "runs": [run.as_dict() for run in self.runs],
        }

    def _each(self) -> list[float]:
        return [each for run in self.runs if (each := run.per_thousand) is not None]
