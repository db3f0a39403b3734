"""What a contract promises of an extract as a whole: how much it is, and how fresh."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Alarm(StrEnum):
    """What becomes of a candidate that an audit finds unusual."""

    WARN = "warn"  # it is published, and the run says so
    STOP = "stop"  # it stays at candidate
    OFF = "off"  # nobody looks


@dataclass(frozen=True, slots=True)
class Volume:
    """How many records an extract has, or a built table.

    Attributes:
        unusual: what becomes of one with unusually many or few.
        least, most: hard limits, both within; None for no limit. Beyond them it stops.
    """

    unusual: Alarm = Alarm.WARN
    least: int | None = None
    most: int | None = None

    def __str__(self) -> str:
        return f"{self.unusual}, {self.limits}" if self.limits else str(self.unusual)

    @property
    def limits(self) -> str:
        """The hard limits in words; empty if there are none."""
        if self.least is not None and self.most is not None:
            return f"{self.least:,} to {self.most:,}"
        if self.least is not None:
            return f"at least {self.least:,}"
        return f"at most {self.most:,}" if self.most is not None else ""

    def allows(self, records: int) -> bool:
        """Whether a number of records is within the hard limits."""
        least_kept = self.least is None or records >= self.least
        return least_kept and (self.most is None or records <= self.most)


#: What a contract that says nothing promises.
AS_USUAL = Volume()


@dataclass(frozen=True, slots=True)
class Events:
    """When what the rows tell of happened.

    Attributes:
        column: of type Date or Datetime.
        stale: what becomes of an extract whose newest event is older than the contract's
            `freshness`.
    """

    column: str
    stale: Alarm = Alarm.WARN

    def __str__(self) -> str:
        return f"{self.column}, {self.stale}"
