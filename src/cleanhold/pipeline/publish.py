"""publish: one extract (or one built table) to a snapshot: divide, merge, audit, commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.audits import AUDITS
from cleanhold.core.account import Account
from cleanhold.core.audit import AuditResult, Candidate, Compared, Overruling, Verdict
from cleanhold.core.column_lineage import ColumnLineage
from cleanhold.core.contract import EXTRA, Contract, Unknown
from cleanhold.core.control import Total
from cleanhold.core.drift import Drift
from cleanhold.core.extract import ROW_ID_PREFIX
from cleanhold.core.finding import ROW_ID
from cleanhold.core.reading import Progress, Reader
from cleanhold.core.run import Input, Run, RunState, run_key
from cleanhold.core.snapshot import Channel, Role, Snapshot
from cleanhold.errors import CleanholdError
from cleanhold.pipeline import git, pacts
from cleanhold.pipeline.beneath import beneath
from cleanhold.pipeline.build import Built
from cleanhold.pipeline.claiming import claimed, tell_staged
from cleanhold.pipeline.columns import as_read
from cleanhold.pipeline.costs import cost
from cleanhold.pipeline.divide import divide
from cleanhold.pipeline.drift import Previous, drift_since
from cleanhold.pipeline.history import business_date, past_snapshots
from cleanhold.pipeline.merge import Merged, merge
from cleanhold.pipeline.project import EVENTS
from cleanhold.pipeline.stores import Stores, code_version
from cleanhold.pipeline.waived import listed, waived_in
from cleanhold.plan.execute import Split
from cleanhold.plan.facts import stops
from cleanhold.store.claims import Claim
from cleanhold.store.publication import open_staging
from cleanhold.store.publication import publish as commit_files
from cleanhold.tracing.columns import kept as kept_lineage
from cleanhold.tracing.columns import of_delivery


class State(StrEnum):
    """What a step of a run came to."""

    PUBLISHED = "published"
    CANDIDATE = "candidate"  # stopped by an audit; readers keep the last good snapshot
    OVERTAKEN = "overtaken"  # stopped by an audit, but a newer extract is published since
    UNCHANGED = "unchanged"  # done before: the same inputs, contract and code
    WAITING = "waiting"  # something it needs was never published
    FAILED = "failed"  # a technical failure; run again


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one extract or feature table.

    Attributes:
        what: the extract's file name, or the dataset for a feature table.
        run: as the ledger has it; None if it was never claimed.
        reasons: why it did not publish, in words.
        owner: who answers for the dataset.
        error: the failure behind `FAILED`.
        drift: what has changed in the extract's columns since the one before, if anything.
        waived: rows of the published table that fail a check, and were let through.
        warnings: what audits found that does not stop it, and consumers that do not get what they
            need, in words.
        channel: where runs of the dataset publish.
    """

    dataset: str
    what: str
    state: State
    run: Run | None = None
    reasons: tuple[str, ...] = ()
    owner: str = ""
    error: CleanholdError | None = None
    drift: Drift | None = None
    waived: int = 0
    warnings: tuple[str, ...] = ()
    channel: Channel = Channel.PRODUCTION


@dataclass(frozen=True, slots=True)
class Job:
    """All that decides the result of one publication.

    Attributes:
        what: the extract's file name, or the dataset for a feature table.
        following: number of the snapshot that readers had when the job was planned; 0 for none.
        bytes_in: gives the file to read; it may write it into the folder it is given.
        extract: SHA-256 of the extract; empty for a feature table, whose row ids begin with the
            run key.
        inputs: what it reads.
        ranks: place of each extract in the order of deliveries, by the first digits of its
            SHA-256.
        late: a newer delivery is already published.
        tables: dataset → clean table, for references.
        published: rows of the dataset itself to compare with, for checks of changes; None if
            there are none, or no check compares.
        code: version of the code that makes the bytes, beside cleanhold's own.
        after: manifest of the snapshot it follows, where the same job was done before but
            something else is published since: code was taken back, or a delivery came again.
        previous: the source's extract before, to tell what has changed in the columns.
        overruling: a person's decision that some of what stopped it does not count.
        control: totals that the source says the extract comes to.
        baseline: the snapshot that a person named to compare with, if any.
        against: what it is compared with now, where the same job was stopped beside something else;
            see `beneath`.
        where: file and line of the code that makes the bytes; empty for an extract.
    """

    contract: Contract
    source: str
    what: str
    following: int
    bytes_in: Callable[[Path], Built]
    extract: str
    reader: Reader
    inputs: tuple[Input, ...]
    ranks: Mapping[str, int]
    tables: Mapping[str, pl.LazyFrame]
    published: pl.LazyFrame | None = None
    late: bool = False
    code: str = ""
    after: str = ""
    previous: Previous | None = None
    overruling: Overruling | None = None
    control: tuple[Total, ...] = ()
    baseline: Snapshot | None = None
    against: str = ""
    where: str = ""

    @property
    def identity(self) -> str:
        """Begins every row id."""
        return self.extract or self.key

    @property
    def prefix(self) -> str:
        return self.identity[:ROW_ID_PREFIX]

    @property
    def stopped(self) -> State:
        """What it comes to if an audit stops it."""
        return State.OVERTAKEN if self.late else State.CANDIDATE

    @property
    def all_code(self) -> str:
        return f"{code_version()} {self.code}".strip()

    @property
    def key(self) -> str:
        """The run key."""
        return run_key(
            self.contract.dataset,
            self.inputs,
            contract=self.contract.fingerprint(),
            code=self.all_code,
            options={**self.reader.describe(), **self._circumstances()},
        )

    def _circumstances(self) -> dict[str, Any]:
        """What else decides, where there is such a thing."""
        control = [[t.name, str(t.expected), str(t.within)] for t in self.control]
        overruled = self.overruling.manifest if self.overruling else ""
        again = {"after": self.after, "against": self.against, "overruled": overruled}
        found = {**again, "control": control}
        return {name: value for name, value in found.items() if value}


def publish(
    stores: Stores,
    job: Job,
    *,
    progress: Progress | None = None,
    audits: Sequence[Callable[[Candidate], AuditResult]] = AUDITS,
) -> Outcome:
    """Run one job to its end. Running it again changes nothing.

    Raises:
        DeliveryError: the bytes are not of the declared format; the run is marked failed.
        RunInProgress: another process is at it, or has published since the job was planned.
    """
    contract = job.contract
    kept = {"overruled": job.overruling.as_dict()} if job.overruling else {}
    kept |= git.kept(job.where or contract.where)
    with claimed(stores, job.key, contract, job.inputs, job.following, kept) as claim:
        if isinstance(claim, Run):
            state = job.stopped if claim.state is RunState.CANDIDATE else State.UNCHANGED
            return Outcome(contract.dataset, job.what, state, claim, claim.reasons, contract.owner)
        outcome = _run(stores, claim, job, progress, audits)
    return _within_budget(stores, outcome)


def _within_budget(stores: Stores, outcome: Outcome) -> Outcome:
    """The outcome, with a warning if a thousand records cost more than they may."""
    if stores.prices.budget_of(outcome.dataset) is None:
        return outcome
    over = cost(stores, outcome.dataset).warning
    return replace(outcome, warnings=(*outcome.warnings, over)) if over else outcome


def _run(
    stores: Stores,
    claim: Claim,
    job: Job,
    progress: Progress | None,
    audits: Sequence[Callable[[Candidate], AuditResult]],
) -> Outcome:
    folder = open_staging(stores.state, claim)
    built = job.bytes_in(folder)
    split = divide(
        built.path,
        job.reader,
        job.contract,
        identity=lambda: job.identity,
        into=folder,
        tables=job.tables,
        published=job.published,
        held_as_json=True,
        progress=progress,
    )
    stores.ledger.renew(claim, lease_seconds=stores.lease)  # who lost it need not go on
    claim = tell_staged(stores, claim, job.contract, split.account)
    drift = (
        drift_since(job.previous, split.headers, built.path, job.reader) if job.previous else None
    )
    current = stores.ledger.head(job.contract.dataset)
    published = stores.data_files(current) if current else ()
    merged = merge(
        split.clean,
        published,
        contract=job.contract,
        ranks=job.ranks,
        prefix=job.prefix,
        late=job.late,
        again=bool(job.after and job.extract),
        into=folder,
    )
    account = replace(split.account, clean=merged.clean, superseded=merged.superseded_rows)
    prefix = pl.col(ROW_ID).str.head(ROW_ID_PREFIX) == job.prefix
    reuse = stores.manifest(current).of(Role.DATA) if current and merged.keeps_published else ()
    before = waived_in(stores.manifest(current) if current else None)
    kept = [stores.state.dataset(job.contract.dataset) / f.name for f in reuse]
    candidate = Candidate(
        job.contract,
        account,
        [*kept, merged.data],
        clean=split.clean,
        held=split.held if account.held else None,
        history=past_snapshots(stores, job.contract.dataset, job.source, job.extract),
        business_date=business_date(stores, job.source, job.extract),
        now=stores.ledger.now(),
        control=job.control,
        baseline=_compared(stores, job.baseline),
    )
    answers = [audit(candidate) for audit in audits]
    found = {a.audit: a.what for a in answers if a.verdict is Verdict.STOP}
    found |= stops(split.dataset_findings)
    overruled = {name: found[name] for name in _overruled(job) if name in found}
    reasons = (*(said for name, said in found.items() if name not in overruled), *split.unfit)
    needed = () if reasons else pacts.answers(stores, job.contract, candidate.data)
    files = {Role.HELD: split.held, Role.WARNED: split.warned, Role.REFUSED: split.refused}
    snapshot = commit_files(
        stores.state,
        stores.ledger,
        claim,
        staged(files, account, merged),
        account=account,
        prefix=job.prefix,
        contract_fingerprint=job.contract.fingerprint(),
        code=job.all_code,
        published=not reasons,
        to=stores.publishes_to(job.contract.dataset),
        reasons=reasons,
        reuse=reuse,
        checks=[c.as_dict() for c in split.checks],
        details=details(
            job.contract,
            [split],
            answers,
            source=job.source,
            notes=list(split.notes),
            encoding=split.encoding,
            **({"drift": drift.as_dict()} if drift else {}),
            **({"unfit": list(split.unfit)} if split.unfit else {}),
            **({"stops": found, **_beneath(job, found, candidate)} if reasons else {}),
            **({"overruled": job.overruling.as_dict()} if job.overruling else {}),
            **({"baseline": job.baseline.number} if job.baseline else {}),
            **stores.told_of_channel(job.contract.dataset),
            **listed(before, prefix, before.clear(), [*kept, merged.data]),
            **pacts.kept(needed),
            **kept_lineage(_lineage(job, split, built)),
        ),
        events=EVENTS,
    )
    return Outcome(
        job.contract.dataset,
        job.what,
        job.stopped if reasons else State.PUBLISHED,
        stores.ledger.run(snapshot.run),
        reasons,
        job.contract.owner,
        drift=drift,
        waived=waived_in(stores.manifest(snapshot)).height,
        warnings=(
            *(a.what for a in answers if a.verdict is Verdict.WARN),
            *(f"overruled: {said}" for said in overruled.values()),
            *pacts.warnings(needed),
        ),
    )


def _lineage(job: Job, split: Split, built: Built) -> ColumnLineage:
    if built.lineage is not None:
        return as_read(built.lineage, job.contract, split.headers, split.columns)
    layout = job.reader.describe()
    return of_delivery(job.source, job.contract, split.headers, split.columns, layout)


def _beneath(job: Job, stops: Mapping[str, str], candidate: Candidate) -> dict[str, str]:
    compared = beneath(job.contract, stops, candidate.history, job.baseline)
    return {"beneath": compared} if compared else {}


def _overruled(job: Job) -> tuple[str, ...]:
    return job.overruling.stops if job.overruling else ()


def _compared(stores: Stores, snapshot: Snapshot | None) -> Compared | None:
    return Compared(snapshot.number, stores.data_files(snapshot)) if snapshot else None


def staged(files: Mapping[Role, Path], account: Account, merged: Merged) -> dict[Role, Path]:
    """What a snapshot is made of: the table, and of the other files those that have rows."""
    counts = {Role.HELD: account.held, Role.WARNED: account.warned, Role.REFUSED: account.refused}
    found = {Role.DATA: merged.data, **{r: path for r, path in files.items() if counts[r]}}
    if merged.superseded is not None:
        found[Role.SUPERSEDED] = merged.superseded
    return found


def details(
    contract: Contract, splits: Sequence[Split], answers: Sequence[AuditResult], **more: Any
) -> dict[str, Any]:
    """What the projections need, beside what the manifest says anyway; `more` of it as it is."""
    headers = {name: dtype for split in splits for name, dtype in split.headers.items()}
    columns = {name: raw for split in splits for name, raw in split.columns.items()}
    return {
        "load": str(contract.load),
        "key": list(contract.key),
        "owner": contract.owner,
        "description": contract.description,
        "personal": _personal(contract, columns),
        "headers": headers,
        "header_order": list(headers),  # a manifest sorts the keys of objects
        "columns": columns,
        "audits": [a.as_dict() for a in answers],
        **more,
    }


def _personal(contract: Contract, columns: Mapping[str, str]) -> list[str]:
    """Names under which personal values may stand: the contract's, and the extract's."""
    found: dict[str, None] = {}
    for column in contract.personal:
        found |= dict.fromkeys((column.name, *column.source))
        if column.name in columns:
            found[columns[column.name]] = None
    if contract.unknown is Unknown.KEEP:
        found[EXTRA] = None  # nobody has said what is in it
    return list(found)
