"""Audits: checks of a whole candidate snapshot, before anyone can read it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from cleanhold.core.account import Account
from cleanhold.core.contract import Contract


class Verdict(StrEnum):
    """What an audit means for the candidate."""

    PASS = "pass"
    WARN = "warn"  # published, and told
    STOP = "stop"  # stays at candidate


@dataclass(frozen=True, slots=True)
class Evidence:
    """A small table for people; cells are JSON values."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True, slots=True)
class AuditResult:
    """One audit's answer, in words.

    Attributes:
        audit: its name.
        what: one sentence for the owner.
        measured: what was found; `expected`: what the contract allows.
        evidence: what it was found from, the worst first.
    """

    audit: str
    verdict: Verdict
    what: str
    measured: str = ""
    expected: str = ""
    evidence: Evidence | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Compared:
    """A snapshot that a candidate is compared with.

    Attributes:
        number: of the snapshot.
        data: its files, in order.
    """

    number: int
    data: Sequence[Path]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A snapshot that nobody can read yet.

    Attributes:
        data: the files that readers would get, in order.
        account: of the run that made it.
        clean: the rows of this extract that passed, whatever became of them since.
        held: those that are held, as `core.finding.HELD_SCHEMA`; None where they are not at hand.
        baseline: the snapshot that a person named to compare with; None if nobody has.
    """

    contract: Contract
    account: Account
    data: Sequence[Path]
    clean: Path | None = None
    held: Path | None = None
    baseline: Compared | None = None


#: An audit looks at a candidate and answers.
Audit = Callable[[Candidate], AuditResult]
