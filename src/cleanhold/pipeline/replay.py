"""replay: held rows, corrected or waived, judged again under today's contract and published."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.audits import expectations, keys, not_null
from cleanhold.core.account import Account
from cleanhold.core.audit import Audit, Candidate, Verdict
from cleanhold.core.check import Severity
from cleanhold.core.contract import Contract
from cleanhold.core.extract import ROW_ID_PREFIX
from cleanhold.core.finding import RECORD_NUMBER, ROW_ID
from cleanhold.core.run import Input, InputKind, Run, RunState, run_key
from cleanhold.core.snapshot import Role
from cleanhold.errors import Overtaken, UsageError
from cleanhold.pipeline import pacts
from cleanhold.pipeline.claiming import claimed
from cleanhold.pipeline.columns import of_replay
from cleanhold.pipeline.divide import divide
from cleanhold.pipeline.feeds import by_contract, fingerprint
from cleanhold.pipeline.merge import merge_replayed, overtaken
from cleanhold.pipeline.neighbours import (
    matter,
    neighbours,
    published_beside,
    shared,
    waiting_beside,
)
from cleanhold.pipeline.project import EVENTS, project
from cleanhold.pipeline.publish import details, staged
from cleanhold.pipeline.replay_file import ReplayRows, by_layout, replay_bytes, replay_rows
from cleanhold.pipeline.stores import Stores, code_version, snapshot_input
from cleanhold.pipeline.waived import let_through, listed, waived_in
from cleanhold.plan.execute import Split
from cleanhold.store.claims import Claim
from cleanhold.store.crashpoints import crash_point
from cleanhold.store.decisions import AsOf, require_as_of
from cleanhold.store.feeding import catch_up
from cleanhold.store.files import atomic_write
from cleanhold.store.publication import open_staging
from cleanhold.store.publication import publish as commit_files
from cleanhold.store.quarantine import Quarantine
from cleanhold.store.quarantine_beside import Beside
from cleanhold.store.snapshots import count_rows, scan

#: How much was held when the rows came is settled; what the table must be is not.
_AUDITS: tuple[Audit, ...] = (keys, not_null, expectations)

#: What a divided group leaves, by what it holds.
_PARTS = ("clean", "held", "warned")


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of the rows of one dataset.

    Attributes:
        account: `clean` are released, `held` still held, `superseded` by newer rows of their keys.
        snapshot: that was made; None for a rehearsal.
        reasons: why readers do not get it.
        warnings: of consumers that do not get what they need, in words.
    """

    dataset: str
    account: Account
    snapshot: int | None = None
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {
            "dataset": self.dataset,
            "rows": self.account.records,
            "released": self.account.clean,
            "still_held": self.account.held,
            "superseded": self.account.superseded,
            "snapshot": self.snapshot,
            "reasons": list(self.reasons),
            "warnings": list(self.warnings),
        }


def replay(
    stores: Stores,
    *,
    dataset: str | None = None,
    check: str | None = None,
    since: date | None = None,
    rows: Sequence[str] | None = None,
    case: str | None = None,
    dry_run: bool = False,
) -> Iterator[Replayed]:
    """Judge held rows again and publish those that pass, one snapshot a dataset.

    Taken are rows that were corrected or waived, rows that another version of the contract held,
    and rows held for others of their extract that were rejected, corrected or replaced since.
    Each released row keeps its id and takes the place in the table that the time of its delivery
    gives it. Doing it again changes nothing.

    Args:
        stores: of the workspace.
        dataset: only this one.
        check: only rows that this check held.
        since: only rows first held on that day (UTC) or later.
        rows: only the rows of these ids.
        case: only the rows of this case.
        dry_run: say what would happen, and change nothing.

    Raises:
        UsageError: there is no such dataset, or it has no contract any more.
    """
    if dataset is not None and dataset not in stores.contracts:
        known = ", ".join(stores.contracts) or "none"
        raise UsageError(f"there is no contract for {dataset!r}", next=f"there are {known}")
    quarantine = Quarantine(stores.state)

    def take(contract: Contract) -> Replayed | None:
        while True:
            as_of = stores.ledger.as_of(contract.dataset)
            catch_up(stores.state, stores.ledger, quarantine)
            chosen = quarantine.to_replay(
                contract.dataset,
                contract.version,
                freed=Beside(stores.state).freed(contract.dataset, *shared(contract)),
                check=check,
                since=since,
                rows=rows,
                case=case,
            )
            if not chosen.height:
                return None
            if dry_run:
                return rehearsed(stores, contract, chosen)
            with suppress(Overtaken):  # somebody decided meanwhile: choose again
                return replayed(stores, contract, chosen, as_of=as_of)

    for name in [dataset] if dataset else list(stores.contracts):
        if done := stores.in_turn(name, partial(take, stores.contracts[name])):
            yield done
    if not dry_run:
        project(stores)


def rehearsed(stores: Stores, contract: Contract, chosen: pl.DataFrame) -> Replayed:
    """What `replayed` would do; nothing is kept."""
    with tempfile.TemporaryDirectory(prefix="cleanhold-replay-") as folder:
        rows = replay_rows(chosen)
        waiting = waiting_beside(stores, contract, rows)
        judged = judge(stores, contract, rows, waiting, Path(folder))
        late = late_of(stores, contract, judged, chosen[ROW_ID]).len()
        account = replace(judged.account, clean=judged.account.clean - late, superseded=late)
        return Replayed(contract.dataset, account)


def replayed(
    stores: Stores,
    contract: Contract,
    chosen: pl.DataFrame,
    *,
    as_of: AsOf | None = None,
    rejected: Sequence[str] = (),
) -> Replayed:
    """Judge held rows of one dataset again, as one run, and publish those that pass.

    Args:
        stores: of the workspace.
        contract: of the dataset.
        chosen: what `Quarantine.to_replay` gives.
        as_of: how far the dataset had come before they were chosen.
        rejected: ids of those that leave the table even if they pass.

    Raises:
        Overtaken: the dataset has come further; perhaps they are to be chosen otherwise.
        RunInProgress: another process is at it.
    """
    rows = replay_rows(chosen)
    sha256, data = replay_bytes(rows)
    waiting = waiting_beside(stores, contract, rows)
    current = stores.ledger.head(contract.dataset)
    inputs = (
        Input(InputKind.REPLAY, f"{rows.height} held rows", sha256),
        *([snapshot_input(current)] if current else []),
        *(snapshot_input(s) for s in stores.published(contract.referenced).values()),
    )
    under = fingerprint(by_contract(stores, contract, rows))
    following = current.number if current else 0
    key_of = partial(run_key, contract.dataset, inputs, contract=under, code=code_version())
    options: dict[str, Any] = {"beside": replay_bytes(waiting)[0]} if waiting.height else {}
    if rejected:
        options["rejected"] = sorted(rejected)
    key = key_of(options=options)
    while _was_taken_back(stores.ledger.run(key), following):
        key = key_of(options={**options, "after": key})
    with claimed(stores, key, contract, inputs, following) as claim:
        if isinstance(claim, Run):
            assert claim.account is not None  # it is finished
            return Replayed(contract.dataset, claim.account, claim.snapshot, claim.reasons)
        # From here on nothing else is decided or published.
        require_as_of(stores.ledger.as_of(contract.dataset), as_of, contract.dataset)
        # Under the claim: until it is committed, nothing refers to the file.
        atomic_write(stores.state.replay(sha256), data)
        crash_point("replay-kept")
        return _publish(stores, claim, contract, under, rows, waiting, sha256, rejected)


def _was_taken_back(done: Run | None, current: int) -> bool:
    """Whether this very replay was done, and readers were rolled back from what it published."""
    if done is None or done.state is not RunState.PUBLISHED:
        return False
    return (done.snapshot or 0) > current


@dataclass(frozen=True, slots=True)
class Judged:
    """Rows divided again: how many, files by what they hold (`clean`, …), and by group."""

    account: Account
    files: Mapping[str, Path]
    splits: Sequence[Split]


def judge(
    stores: Stores, contract: Contract, rows: pl.DataFrame, waiting: pl.DataFrame, folder: Path
) -> Judged:
    """Divide the rows, each group under its own contract and waivers; rows keep their ids.

    Where other rows of an extract matter to a check, the rows of each are judged by themselves,
    beside those that readers have of it, and those that wait.

    Args:
        stores: of the workspace.
        contract: of the dataset.
        rows: as `replay_rows` gives them.
        waiting: what `waiting_beside` gives.
        folder: for the files.
    """
    tables = stores.tables(contract.referenced)
    current = stores.ledger.head(contract.dataset)
    published = stores.table(current) if current else None
    beside = published_beside(stores, contract, rows, folder / "beside.parquet")
    others = pl.concat([rows, waiting], how="diagonal_relaxed")
    splits: list[Split] = []
    pieces: dict[str, list[Path]] = {name: [] for name in _PARTS}
    groups = [
        (own, group)
        for own, part in by_contract(stores, contract, rows)
        for group in _judged_together(own, part)
    ]
    for number, (own, group) in enumerate(groups):
        into = folder / f"group-{number}"
        into.mkdir()
        group.write_parquet(into / "rows.parquet")
        split = divide(
            into / "rows.parquet",
            ReplayRows(),
            _waiving(own, group["waived"][0].to_list()),
            identity=lambda: "0" * 64,
            into=into,
            tables=tables,
            published=published,
            held_as_json=True,
            neighbours=neighbours(own, group, others, beside) if matter(own) else None,
        )
        splits.append(split)
        for name in _PARTS:
            pieces[name].append(_with_own_ids(getattr(split, name), group, into))
    files = {name: _together(paths, folder / f"{name}.parquet") for name, paths in pieces.items()}
    account = Account(
        records=rows.height,
        clean=count_rows(files["clean"]),
        held=count_rows(files["held"]),
        refused=0,
        warned=sum(split.account.warned for split in splits),
    )
    return Judged(account, files, splits)


def _judged_together(contract: Contract, rows: pl.DataFrame) -> list[pl.DataFrame]:
    """The rows in groups of the same waivers and raw columns, and of one extract if that matters to
    a check; in the order of their records."""
    prefix = pl.col(ROW_ID).str.head(ROW_ID_PREFIX if matter(contract) else 0)
    groups = rows.with_columns(prefix.alias("__extract")).sort("__extract", RECORD_NUMBER)
    parts = groups.partition_by("waived", "__extract", maintain_order=True)
    return [group for part in parts for group in by_layout(part.drop("__extract"))]


def late_of(stores: Stores, contract: Contract, judged: Judged, replayed: pl.Series) -> pl.Series:
    """Ids of the rows that passed but do not get into the table, for newer ones are there."""
    current = stores.ledger.head(contract.dataset)
    new = scan([judged.files["clean"]])
    there = stores.table(current) if current else new.clear()
    old = there.filter(~pl.col(ROW_ID).is_in(replayed.implode()))
    late = overtaken(new, old, contract, stores.ledger.extract_order())
    return late.collect(engine="streaming").to_series().sort()


def _publish(
    stores: Stores,
    claim: Claim,
    contract: Contract,
    under: str,
    rows: pl.DataFrame,
    waiting: pl.DataFrame,
    sha256: str,
    rejected: Sequence[str],
) -> Replayed:
    folder = open_staging(stores.state, claim)
    judged = judge(stores, contract, rows, waiting, folder)
    current = stores.ledger.head(contract.dataset)
    merged = merge_replayed(
        judged.files["clean"],
        stores.data_files(current) if current else (),
        contract=contract,
        ranks=stores.ledger.extract_order(),
        replayed=rows[ROW_ID],
        rejected=rejected,
        into=folder,
    )
    account = replace(judged.account, clean=merged.clean, superseded=merged.superseded_rows)
    answers = [audit(Candidate(contract, account, [merged.data])) for audit in _AUDITS]
    reasons = tuple(a.what for a in answers if a.verdict is Verdict.STOP)
    needed = () if reasons else pacts.answers(stores, contract, [merged.data])
    files = {Role.HELD: judged.files["held"], Role.WARNED: judged.files["warned"]}
    now = let_through(stores, contract.dataset, rows, judged.files["warned"])
    before = waived_in(stores.manifest(current) if current else None)
    again = pl.col(ROW_ID).is_in(rows[ROW_ID].implode())
    waived = listed(before, again, now, [merged.data])
    snapshot = commit_files(
        stores.state,
        stores.ledger,
        claim,
        staged(files, account, merged),
        account=account,
        prefix=sha256[:16],
        replayed=rows[ROW_ID],
        contract_fingerprint=under,
        code=code_version(),
        published=not reasons,
        to=stores.publishes_to(contract.dataset),
        reasons=reasons,
        checks=[c.as_dict() for s in judged.splits for c in s.checks],
        details=details(
            contract,
            judged.splits,
            answers,
            source="",
            notes=[f"a replay of {rows.height} held rows"],
            **waived,
            **pacts.kept(needed),
            **stores.told_of_channel(contract.dataset),
            **of_replay(stores, contract, current, judged.splits),
        ),
        events=EVENTS,
    )
    return Replayed(contract.dataset, account, snapshot.number, reasons, pacts.warnings(needed))


def _waiving(contract: Contract, waived: Sequence[str]) -> Contract:
    """The contract with some of its checks no longer holding rows; their findings stay."""
    if not waived:
        return contract
    checks = tuple(
        replace(check, severity=Severity.WARN) if check.label in waived else check
        for check in contract.checks
    )
    return replace(contract, checks=checks)


def _with_own_ids(path: Path, group: pl.DataFrame, into: Path) -> Path:
    """The rows of a file under the ids that they have from their extracts."""
    own = group.select(ROW_ID, RECORD_NUMBER).with_row_index("n", offset=1)
    named = own.select(pl.col("n").cast(pl.UInt64), own=ROW_ID, number=RECORD_NUMBER).lazy()
    rows = scan([path])
    names = rows.collect_schema().names()
    target = into / f"own-{path.name}"
    (
        rows.join(named, left_on=RECORD_NUMBER, right_on="n", how="left", maintain_order="left")
        .with_columns(pl.col("own").alias(ROW_ID), pl.col("number").alias(RECORD_NUMBER))
        .select(names)
        .sink_parquet(target)
    )
    return target


def _together(paths: Sequence[Path], target: Path) -> Path:
    pl.concat([scan([path]) for path in paths], how="diagonal_relaxed").sink_parquet(target)
    return target
