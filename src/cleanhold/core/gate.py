"""Gates: what production asks of a snapshot before models may read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from cleanhold.core.audit import Evidence, Verdict
from cleanhold.core.contract import Contract
from cleanhold.core.cost import DatasetCost
from cleanhold.core.pact import PactAnswer
from cleanhold.core.retention import Rule
from cleanhold.core.snapshot import Baseline, Channel, Snapshot


@dataclass(frozen=True, slots=True)
class Gates:
    """What a workspace asks: `[tool.cleanhold.gates]`.

    Attributes:
        datasets: whose runs publish to the pilot; `features.*` is all that begin so.
        off: names of gates that nobody asks for.
        runs: of how many runs in a row all audits must have passed.
        review_days: within which somebody must decide about held rows.
        rehearsed_days: for which a rollback, a rehearsal or a test of the fallback counts.
        override_days: for which a gate may be overridden at most.
    """

    datasets: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    runs: int = 3
    review_days: int = 14
    rehearsed_days: int = 90
    override_days: int = 30

    def hold(self, dataset: str) -> bool:
        """Whether a dataset goes to production only by a promotion."""
        return any(
            dataset.startswith(name[:-1]) if name.endswith(".*") else dataset == name
            for name in self.datasets
        )

    def channel(self, dataset: str) -> Channel:
        """Where the runs of a dataset publish."""
        return Channel.PILOT if self.hold(dataset) else Channel.PRODUCTION


@dataclass(frozen=True, slots=True)
class Judged:
    """What audits found in a snapshot.

    Attributes:
        verdicts: name of each audit → what it said.
        overruled: names of audits that a person overruled.
    """

    number: int
    channel: Channel
    verdicts: Mapping[str, Verdict]
    overruled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """Held rows of one check, or refused records of one code, that nobody has decided on.

    Attributes:
        check: `column.check`, or `refused:` and the code.
        oldest: when the first of them came (UTC).
    """

    check: str
    rows: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class LetThrough:
    """Rows of a table that a decision lets fail.

    Attributes:
        until: the last day of the waiver (UTC); None for a release.
    """

    decision: int
    rows: int
    until: date | None


@dataclass(frozen=True, slots=True)
class Origin:
    """One input of a snapshot, or of what it was built from.

    Attributes:
        read_by: the snapshot that it went into, `crm.contacts 4`.
        what: the extract's name, or the snapshot.
        missing: why it leads to no landed bytes; empty if it does.
    """

    read_by: str
    what: str
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """Something that a person did, as the audit log has it.

    Attributes:
        what: in words.
    """

    what: str
    who: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Pilot:
    """A snapshot that is to be promoted, and all that gates ask about.

    Attributes:
        now: the time of the ledger's clock (UTC).
        retention: what the settings keep of the dataset's snapshots.
        judged: the newest snapshots up to this one, stopped ones too, newest first.
        rollback: the newest rollback of the dataset, or rehearsal of one.
        fallback_test: the newest test of its fallback.
        pacts: what consumers make of the snapshot.
        cost: of the dataset; None if nobody has looked.
        outdated: a feature table, and its contract was changed since under the same version.
    """

    contract: Contract
    snapshot: Snapshot
    rules: Gates
    now: datetime
    retention: Rule = field(default_factory=Rule)
    baseline: Baseline | None = None
    judged: tuple[Judged, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    let_through: tuple[LetThrough, ...] = ()
    origins: tuple[Origin, ...] = ()
    rollback: Done | None = None
    fallback_test: Done | None = None
    pacts: tuple[PactAnswer, ...] = ()
    cost: DatasetCost | None = None
    outdated: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """One gate's answer.

    Attributes:
        gate: its name.
        passed: it is open.
        what: one sentence.
        do: what opens it: commands to run and lines to write; empty if it is open.
        evidence: what it was found from.
    """

    gate: str
    passed: bool
    what: str
    do: tuple[str, ...] = ()
    evidence: Evidence | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


#: A gate looks at a snapshot of the pilot and answers.
Gate = Callable[[Pilot], Answer]


@dataclass(frozen=True, slots=True)
class Override:
    """That two people let a gate count as open until a day.

    Attributes:
        number: of the entry of the audit log in which the first asked for it.
        until: the last day (UTC).
        asked_by, why: the first person; `asked_at`: when (UTC).
        confirmed_by: the second, None as long as nobody has; `confirmed_at`, `confirmed_why`.
        same_account: both used one account of the computer.
    """

    number: int
    gate: str
    until: date
    asked_by: str
    why: str
    asked_at: datetime
    confirmed_by: str | None = None
    confirmed_why: str = ""
    confirmed_at: datetime | None = None
    same_account: bool = False

    def holds_on(self, day: date) -> bool:
        """Whether it is confirmed, and not over."""
        return self.confirmed_by is not None and day <= self.until

    def as_dict(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "gate": self.gate,
            "until": self.until.isoformat(),
            "asked_by": self.asked_by,
            "why": self.why,
            "asked_at": self.asked_at.isoformat(),
            "confirmed_by": self.confirmed_by,
            "confirmed_why": self.confirmed_why,
            "confirmed_at": self.confirmed_at.isoformat() if self.confirmed_at else None,
            "same_account": self.same_account,
        }
