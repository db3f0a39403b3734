"""Audits: checks of a whole candidate snapshot, before anyone can read it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from cleanhold.core.account import Account
from cleanhold.core.chart import Chart
from cleanhold.core.contract import Contract
from cleanhold.core.control import Total


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
        promised: it looks at a promise of the contract, which nobody may overrule.
        chart: what a picture of it needs beside the evidence; see `core.chart`.
    """

    audit: str
    verdict: Verdict
    what: str
    measured: str = ""
    expected: str = ""
    evidence: Evidence | None = None
    promised: bool = False
    chart: Chart | None = None

    def as_dict(self) -> dict[str, Any]:
        told = asdict(self)
        if self.chart is None:
            del told["chart"]
        return told


@dataclass(frozen=True, slots=True)
class Past:
    """A snapshot that was published before the candidate.

    Attributes:
        number: of the snapshot.
        created_at: when it was published (UTC).
        business_date: of the extract it was made from; None for a feature table.
        account: of the run that made it.
        rows: that readers get.
    """

    number: int
    created_at: datetime
    business_date: date | None
    account: Account
    rows: int

    @property
    def day(self) -> date:
        """The day it stands for."""
        return self.business_date or self.created_at.date()


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
        history: what the same source published of the dataset before it, in the order of business,
            oldest first, each extract once; of a feature table, its snapshots.
        business_date: of its extract; None for a feature table.
        now: the time of the ledger's clock (UTC).
        control: totals that its source says it comes to.
        baseline: the snapshot that a person named to compare with; None if nobody has.
    """

    contract: Contract
    account: Account
    data: Sequence[Path]
    clean: Path | None = None
    held: Path | None = None
    history: tuple[Past, ...] = ()
    business_date: date | None = None
    now: datetime | None = None
    control: tuple[Total, ...] = ()
    baseline: Compared | None = None


@dataclass(frozen=True, slots=True)
class Overruling:
    """A person's decision to publish a candidate that audits stopped.

    Attributes:
        number: of the candidate; `manifest`: its hash.
        stops: names of the audits, and labels of the checks of all rows, that do not count.
    """

    who: str
    why: str
    number: int
    manifest: str
    stops: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


#: An audit looks at a candidate and answers.
Audit = Callable[[Candidate], AuditResult]
