"""Claims: who may work on a run, and the one transaction that ends it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from cleanhold.core.cost import COST, Usage
from cleanhold.core.run import Input, InputKind, Run, RunState
from cleanhold.core.seal import Signer
from cleanhold.core.snapshot import Channel, Manifest, Snapshot
from cleanhold.errors import RunInProgress
from cleanhold.store import auditlog, catalogue, channels, configuration
from cleanhold.store.crashpoints import crash_point
from cleanhold.store.endings import tell_end
from cleanhold.store.events import OutboxEvent, ask
from cleanhold.store.owner import Owner
from cleanhold.store.rows import put
from cleanhold.store.tables import accounts, inputs, runs, snapshots, utc_text

#: Seconds a claim lasts without being renewed: the holder's heartbeat renews it long before. A
#: holder that is known to be dead loses it at once; this is for those on other machines.
LEASE = 300.0

INTERRUPTED = "interrupted: its process ended or its lease ran out"

#: Runs and attempts that this process is done with, though the ledger could not be told.
_abandoned: set[tuple[str, int]] = set()


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on one run until the lease ends.

    Attributes:
        run: the run key.
        attempt: the fencing token; a newer attempt makes this claim worthless.
        folder: name of the run's folder under `staging/`.
        used: tells what the work has used so far; it is kept when the claim ends.
        who: runs it, for the audit log.
        configuration: what is set → how, as texts without secrets; empty where nobody says.
        signer: who signs its manifest; nobody if None.
    """

    run: str
    dataset: str
    attempt: int
    contract_version: str = ""
    inputs: tuple[Input, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    used: Callable[[], Usage] | None = field(default=None, compare=False)
    who: str = field(default="", compare=False)
    configuration: Mapping[str, str] = field(default_factory=dict, compare=False)
    signer: Signer | None = field(default=None, compare=False)

    @property
    def folder(self) -> str:
        return f"{self.run[:16]}-{self.attempt}"

    def told(self) -> dict[str, Any]:
        """What the run keeps beside it when it ends."""
        cost = {COST: self.used().as_dict()} if self.used else {}
        return {**self.details, **cost}


def take(
    connection: Connection,
    claim: Claim,
    *,
    now: datetime,
    lease: timedelta,
    owner: Owner,
    following: int | None,
) -> Claim | Run:
    """Claim the run, or return it when it is finished. `claim.attempt` is decided here."""
    known = connection.execute(select(runs).where(runs.c.id == claim.run)).one_or_none()
    if known and known.state in (RunState.PUBLISHED, RunState.CANDIDATE):
        found = catalogue.run(connection, claim.run)
        assert found is not None
        return found
    if busy := holder(connection, claim.dataset, now, claim.run):
        raise busy
    for other in _staging(connection, claim.dataset):
        _fence(connection, other, now)
    head = channels.head(connection, claim.dataset)
    current = catalogue.snapshot(connection, claim.dataset, None, head)
    if following is not None and following != (current.number if current else 0):
        raise RunInProgress(
            f"another run has published {claim.dataset} in the meantime",
            where=f"snapshot {current.number}" if current else None,
            next="nothing was done; run again, upon what it published",
        )
    attempt = known.attempt + 1 if known else 1
    values: dict[str, Any] = {
        "dataset": claim.dataset,
        "state": RunState.STAGING,
        "attempt": attempt,
        "contract_version": claim.contract_version,
        "details": dict(claim.details),
        "reasons": [],
        "started_at": now,
        "finished_at": None,
        "lease_until": now + lease,
        "owner": owner.as_dict(),
    }
    put(connection, runs, {"id": claim.run}, values)
    connection.execute(delete(inputs).where(inputs.c.run == claim.run))
    for position, item in enumerate(claim.inputs):
        connection.execute(
            inputs.insert().values(run=claim.run, position=position, **item.as_dict())
        )
    crash_point("claiming")
    return replace(claim, attempt=attempt)


def renew(connection: Connection, claim: Claim, *, now: datetime, lease: timedelta) -> None:
    """Move the end of the lease."""
    renewed = connection.execute(_mine(claim).values(lease_until=now + lease))
    if not renewed.rowcount:
        raise lost(claim)


def fail(
    connection: Connection,
    claim: Claim,
    *,
    now: datetime,
    reasons: Sequence[str],
    interrupted: bool = False,
) -> bool:
    """Give the claim back; False when it was lost already."""
    details = claim.told()
    values = {"state": RunState.FAILED, "reasons": list(reasons), "finished_at": now}
    values["details"] = details
    if not connection.execute(_mine(claim).values(**values)).rowcount:
        return False
    row = connection.execute(select(runs).where(runs.c.id == claim.run)).one()
    tell_end(connection, row, now=now, reasons=reasons, details=details, interrupted=interrupted)
    return True


def abandon(claim: Claim) -> None:
    """Be done with a claim that the ledger does not take back.

    It would keep this very process waiting for itself, until the lease ends.
    """
    _abandoned.add((claim.run, claim.attempt))


def fence_stale(connection: Connection, now: datetime) -> tuple[Claim, ...]:
    """Take every claim whose holder is gone or late; those can no longer commit."""
    stale = [row for row in _staging(connection) if not _is_live(row, now)]
    for row in stale:
        _fence(connection, row, now)
    return tuple(_claim(row) for row in stale)


def holder(
    connection: Connection, dataset: str, now: datetime, run: str = ""
) -> RunInProgress | None:
    """Who works on a dataset, as the error for those who may not; None if nobody does.

    Args:
        run: the run that is wanted.
    """
    found = (row for row in _staging(connection, dataset) if _is_live(row, now))
    return next((_in_progress(row, run) for row in found), None)


def live(connection: Connection) -> tuple[Claim, ...]:
    """Claims that may still commit. A stale claim counts until it is fenced."""
    return tuple(_claim(row) for row in _staging(connection))


def require_no_replay(connection: Connection, dataset: str, now: datetime) -> None:
    """Raise `RunInProgress` if a replay of the dataset may still commit."""
    for row in _staging(connection, dataset):
        kinds = select(inputs.c.kind).where(inputs.c.run == row.id)
        replays = InputKind.REPLAY in connection.execute(kinds).scalars().all()
        if replays and _is_live(row, now):
            raise RunInProgress(
                f"a replay of {dataset} is in progress, perhaps of the same rows: "
                f"{Owner.from_dict(row.owner)} works on it",
                where=f"run {row.id[:16]}, started {row.started_at:%F %T} UTC",
                next="wait for it to end, and look at the rows again",
            )


def commit(
    connection: Connection,
    claim: Claim,
    manifest: Manifest,
    manifest_sha256: str,
    *,
    published: Channel | None,
    reasons: Sequence[str],
    created_at: datetime,
    events: Sequence[OutboxEvent],
    sealed: int | None,
) -> Snapshot:
    """Everything a finished run changes in the ledger; see `Ledger.commit`."""
    state, details = RunState.PUBLISHED if published else RunState.CANDIDATE, claim.told()
    finished = connection.execute(
        _mine(claim).values(
            state=state,
            reasons=list(reasons),
            finished_at=created_at,
            lease_until=None,
            owner=None,
            details=details,
        )
    )
    if not finished.rowcount:
        raise lost(claim)
    crash_point("commit-begun")
    newest = select(func.max(snapshots.c.number)).where(snapshots.c.dataset == claim.dataset)
    position = (connection.execute(select(func.max(snapshots.c.position))).scalar() or 0) + 1
    snapshot = Snapshot(
        dataset=claim.dataset,
        number=(connection.execute(newest).scalar() or 0) + 1,
        channel=published or Channel.CANDIDATE,
        manifest=manifest_sha256,
        run=claim.run,
        rows=manifest.rows,
        contract_version=manifest.contract_version,
        created_at=created_at,
        account=manifest.account,
        inputs=manifest.inputs,
    )
    connection.execute(
        snapshots.insert().values(
            dataset=snapshot.dataset,
            number=snapshot.number,
            position=position,
            channel=snapshot.channel,
            manifest=snapshot.manifest,
            run=snapshot.run,
            rows=snapshot.rows,
            contract_version=snapshot.contract_version,
            created_at=created_at,
        )
    )
    crash_point("commit-snapshot")
    connection.execute(accounts.insert().values(run=claim.run, **manifest.account.as_dict()))
    crash_point("commit-account")
    channels.point(connection, claim.dataset, Channel.CANDIDATE, snapshot.number)
    if published:
        channels.publish(connection, claim.dataset, published, snapshot.number)
    # Said only where it is not production: entries of datasets without gates stay as they were.
    where = {"channel": published} if published is Channel.PILOT else {}
    told: dict[str, Any] = {**where, **_surroundings(connection, claim, created_at)}
    if sealed is not None:
        told["sealed"] = sealed
    auditlog.append(
        connection,
        str(state),
        {
            "dataset": claim.dataset,
            "number": snapshot.number,
            "run": claim.run,
            "attempt": claim.attempt,
            "manifest": manifest_sha256,
            "account": manifest.account.as_dict(),
            "reasons": list(reasons),
            "position": position,
            "contract_version": claim.contract_version,
            "started_at": utc_text(_started(connection, claim)),
            "details": details,
            "events": [item.told for item in events],
            "at": utc_text(created_at),
            **told,
        },
    )
    crash_point("commit-audit")
    ask(connection, events, dataset=claim.dataset, run=claim.run, at=created_at)
    crash_point("commit-outbox")
    return snapshot


def _surroundings(connection: Connection, claim: Claim, at: datetime) -> dict[str, str]:
    """Who runs it under which configuration; one that is new gets an entry of its own."""
    told = {"who": claim.who} if claim.who else {}
    if claim.configuration:
        about = {"dataset": claim.dataset, "run": claim.run, "who": claim.who}
        configuration.tell(connection, claim.configuration, **about, at=at)
        told[configuration.DIGEST] = configuration.digest(claim.configuration)
    return told


def _started(connection: Connection, claim: Claim) -> datetime:
    started: datetime = connection.execute(
        select(runs.c.started_at).where(runs.c.id == claim.run)
    ).scalar_one()
    return started


def _mine(claim: Claim) -> Any:
    """An update of the claim's run that touches nothing once the claim is lost."""
    return update(runs).where(
        runs.c.id == claim.run,
        runs.c.attempt == claim.attempt,
        runs.c.state == RunState.STAGING,
    )


def _staging(connection: Connection, dataset: str | None = None) -> Sequence[Row[Any]]:
    found = select(runs).where(runs.c.state == RunState.STAGING)
    if dataset is not None:
        found = found.where(runs.c.dataset == dataset)
    return connection.execute(found.order_by(runs.c.started_at)).all()


def _is_live(row: Row[Any], now: datetime) -> bool:
    owner = Owner.from_dict(row.owner)
    if (row.id, row.attempt) in _abandoned and owner == Owner.current():
        return False
    return bool(row.lease_until > now) and not owner.is_gone()


def _fence(connection: Connection, row: Row[Any], now: datetime) -> None:
    values = {"state": RunState.FAILED, "reasons": [INTERRUPTED], "finished_at": now}
    connection.execute(update(runs).where(runs.c.id == row.id).values(**values))
    tell_end(connection, row, now=now, reasons=[INTERRUPTED], details=row.details, interrupted=True)


def _claim(row: Row[Any]) -> Claim:
    return Claim(row.id, row.dataset, row.attempt, row.contract_version, (), row.details)


def _in_progress(row: Row[Any], wanted: str) -> RunInProgress:
    which = "this run" if row.id == wanted else f"another run of {row.dataset}"
    return RunInProgress(
        f"{which} is in progress: {Owner.from_dict(row.owner)} works on it",
        where=f"run {row.id[:16]}, attempt {row.attempt}, started {row.started_at:%F %T} UTC",
        next="wait for it to end; if it no longer answers, its claim ends at "
        f"{row.lease_until:%T} UTC",
    )


def lost(claim: Claim) -> RunInProgress:
    """The error for a holder that was taken for dead."""
    return RunInProgress(
        "the claim was lost: its lease ran out and the run was taken over",
        where=f"{claim.dataset}, run {claim.run[:16]}, attempt {claim.attempt}",
        next="nothing was published by this attempt; run again to see what the other one did",
    )
