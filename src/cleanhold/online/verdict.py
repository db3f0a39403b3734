"""What a guard says of one record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cleanhold.core.check import Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """One check failing on one record; the fields of `core.finding.FINDING`."""

    check: str
    column: str | None
    value: str | None
    message: str
    severity: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where a record would end.

    Attributes:
        findings: in the order of the contract's checks.
        values: column → parsed value; None for what could not be parsed; text for a date or
            time that Python has no object for, as of the year 0. Empty if refused.
        refused: why the record could not become a row; None if it could.
    """

    findings: tuple[Finding, ...]
    values: Mapping[str, Any]
    refused: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the record would be published: no finding of severity `error`."""
        return self.outcome == "clean"

    @property
    def outcome(self) -> str:
        """`clean`, `held` or `refused`."""
        if self.refused is not None:
            return "refused"
        held = any(f.severity == Severity.ERROR for f in self.findings)
        return "held" if held else "clean"
