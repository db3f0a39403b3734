"""What happened in one run, in cleanhold's own words: all that its events are made from.

Everything here comes from the ledger and the manifest, nothing from the clock or the process,
so that an event written again is the same bytes. Nothing here holds a value of a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cleanhold.core.account import Account
from cleanhold.core.column_lineage import ColumnLineage
from cleanhold.core.flow_run import Parent
from cleanhold.core.run import InputKind, RunState
from cleanhold.errors import UsageError
from cleanhold.tracing.event import ENDING, EventType, utc
from cleanhold.tracing.told import Staged, Told


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedInput:
    """One thing a run read.

    Attributes:
        name: the source for an extract, the dataset for a snapshot.
        sha256: of the extract's bytes, of the snapshot's manifest, or of the file of held rows.
        number: the snapshot's number; None for an extract.
        file: the name an extract was delivered under.
        rows: records read, where known.
        size: bytes, where known.
        schema: column name (an extract's header) → dtype as text, where known.
    """

    kind: InputKind
    name: str
    sha256: str
    number: int | None = None
    file: str = ""
    rows: int | None = None
    size: int | None = None
    schema: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedCheck:
    """What one check found.

    Attributes:
        name: of the check, without its column.
        column: the contract's column; None when the check is about several.
        failed: rows it held.
        warned: rows it let pass with a finding.
        skipped: rows it could not judge, because a value it needs did not parse.
        says: the contract's sentence for people.
    """

    name: str
    column: str | None = None
    severity: str = "error"
    failed: int = 0
    warned: int = 0
    skipped: int = 0
    says: str = ""

    @property
    def label(self) -> str:
        return f"{self.column}.{self.name}" if self.column else self.name

    @property
    def found(self) -> int:
        """Rows with a finding of this check."""
        return self.failed + self.warned


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedOutput:
    """The snapshot a run made.

    Attributes:
        number: of the snapshot.
        rows: rows a reader of it gets.
        size: bytes of its data files.
        files: how many data files.
        schema: column name → dtype as text, in order.
        replaces: number of the snapshot readers had before; None if this is their first.
        waits: it was published to the pilot, and not to readers.
    """

    number: int
    rows: int
    size: int
    files: int = 1
    schema: Mapping[str, str] = field(default_factory=dict)
    replaces: int | None = None
    waits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTrace:
    """One attempt at a run.

    Attributes:
        run: the run key, hex SHA-256.
        attempt: how often the run key was claimed, this time included.
        job: what ran, by a name that stays the same from day to day: `ingest.crm.contacts`.
        state: `STAGING` for a run that has only started.
        started_at: when it was claimed (aware).
        finished_at: when its end was committed (aware); None while staging.
        code: the version of cleanhold that ran.
        owner: the contract's owner.
        columns: contract column → header of the extract it came from.
        reasons: why it stopped at candidate or failed, in words, without values of rows.
        nominal_at: the moment the data is for, such as the business date of a delivery.
        parent: the flow run that it is part of; `root`: what started that.
        interrupted: it did not fail by itself: somebody or something stopped it.
        staged: how its rows were divided, once they were.
        told: what else is known of it.
        lineage: where the columns of the output come from; None if nobody wrote it down.

    Raises:
        UsageError: a time has no zone; or a finished run lacks its end, or its output.
    """

    run: str
    attempt: int
    job: str
    dataset: str
    state: RunState
    started_at: datetime
    finished_at: datetime | None = None
    code: str
    owner: str = ""
    description: str = ""
    contract_version: str = ""
    contract_fingerprint: str = ""
    inputs: tuple[TracedInput, ...] = ()
    output: TracedOutput | None = None
    account: Account | None = None
    checks: tuple[TracedCheck, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    nominal_at: datetime | None = None
    parent: Parent | None = None
    root: Parent | None = None
    interrupted: bool = False
    staged: Staged | None = None
    told: Told = field(default_factory=Told)
    lineage: ColumnLineage | None = None

    def __post_init__(self) -> None:
        for moment in (self.started_at, self.finished_at, self.nominal_at):
            if moment is not None:
                utc(moment)
        succeeded = self.state in (RunState.PUBLISHED, RunState.CANDIDATE)
        needed = {
            "finished_at": ENDING[self.state] is not None and self.finished_at is None,
            "output": succeeded and self.output is None,
            "account": succeeded and self.account is None,
        }
        missing = [name for name, lacks in needed.items() if lacks]
        if missing:
            raise UsageError(
                f"the trace of a run that is {self.state} lacks {', '.join(missing)}",
                where=f"run {self.run} of {self.dataset}",
                next="trace the run as the ledger has it after its commit",
            )

    @property
    def ending(self) -> EventType | None:
        """The event of its end; None while it works."""
        ended = ENDING[self.state]
        return EventType.ABORT if ended is EventType.FAIL and self.interrupted else ended

    @property
    def published_at(self) -> datetime | None:
        """When those who read the dataset got it; None if they did not."""
        return self.finished_at if self.state is RunState.PUBLISHED else None

    @property
    def judged(self) -> int | None:
        """Rows the checks were asked about: records that could become rows."""
        return self.account.records - self.account.refused if self.account else None

    @property
    def extract(self) -> TracedInput | None:
        """The extract whose rows were checked, if the run read exactly one."""
        extracts = [i for i in self.inputs if i.kind is InputKind.EXTRACT]
        return extracts[0] if len(extracts) == 1 else None
