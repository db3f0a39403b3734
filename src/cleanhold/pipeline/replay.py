"""replay: held rows, corrected or waived, judged again under today's contract and published."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.audits import keys, not_null
from cleanhold.core.account import Account
from cleanhold.core.audit import Audit, Candidate, Verdict
from cleanhold.core.check import Severity
from cleanhold.core.contract import Contract
from cleanhold.core.finding import RECORD_NUMBER, ROW_ID
from cleanhold.core.run import Input, InputKind, Run, run_key
from cleanhold.core.snapshot import Role, Snapshot
from cleanhold.errors import CleanholdError, UsageError
from cleanhold.pipeline.divide import divide
from cleanhold.pipeline.feeds import by_contract, fingerprint
from cleanhold.pipeline.merge import merge_replayed
from cleanhold.pipeline.project import EVENTS, project
from cleanhold.pipeline.publish import details, staged
from cleanhold.pipeline.replay_file import ReplayRows, replay_bytes, replay_rows
from cleanhold.pipeline.stores import Stores, code_version, snapshot_input
from cleanhold.plan.execute import Split
from cleanhold.store.claims import Claim
from cleanhold.store.crashpoints import crash_point
from cleanhold.store.feeding import catch_up
from cleanhold.store.files import atomic_write
from cleanhold.store.publication import open_staging
from cleanhold.store.publication import publish as commit_files
from cleanhold.store.quarantine import Quarantine
from cleanhold.store.snapshots import count_rows, scan

#: How much was held when the rows came is settled; what the table must be is not.
_AUDITS: tuple[Audit, ...] = (keys, not_null)

#: What a divided group leaves, by what it holds.
_PARTS = ("clean", "held", "warned")


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of the rows of one dataset.

    Attributes:
        account: `clean` are released, `held` still held, `superseded` by newer rows of their keys.
        snapshot: that was made; None for a rehearsal.
        reasons: why readers do not get it.
    """

    dataset: str
    account: Account
    snapshot: int | None = None
    reasons: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {
            "dataset": self.dataset,
            "rows": self.account.records,
            "released": self.account.clean,
            "still_held": self.account.held,
            "superseded": self.account.superseded,
            "snapshot": self.snapshot,
            "reasons": list(self.reasons),
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

    Taken are rows that were corrected or waived, and rows that another version of the contract
    held. Each released row keeps its id and takes the place in the table that the time of its
    delivery gives it. Doing it again changes nothing.

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
    catch_up(stores.state, stores.ledger, quarantine)  # what was decided last counts too
    for name in [dataset] if dataset else list(stores.contracts):
        contract = stores.contracts[name]
        chosen = quarantine.to_replay(
            name, contract.version, check=check, since=since, rows=rows, case=case
        )
        if chosen.height:
            yield (rehearsed if dry_run else replayed)(stores, contract, chosen)
    if not dry_run:
        project(stores)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a replay would do: rows `released`, and `still` held, by the check that holds them."""

    released: int
    still: Mapping[str, int]


def judged_again(stores: Stores, dataset: str, chosen: pl.DataFrame) -> Rehearsal:
    """Judge rows with their corrections and waivers; nothing is kept.

    Args:
        stores: of the workspace.
        dataset: whose rows.
        chosen: what `Quarantine.to_replay` gives, and `patch`, `raw`.
    """
    with tempfile.TemporaryDirectory(prefix="cleanhold-replay-") as folder:
        judged = _judge(stores, stores.contracts[dataset], replay_rows(chosen), Path(folder))
    counts: dict[str, int] = {}
    for split in judged.splits:
        for count in split.checks:
            label = f"{count.column}.{count.check}" if count.column else count.check
            if count.failed:
                counts[label] = counts.get(label, 0) + count.failed
    return Rehearsal(judged.account.clean, counts)


def rehearsed(stores: Stores, contract: Contract, chosen: pl.DataFrame) -> Replayed:
    """What `replayed` would do; nothing is kept."""
    with tempfile.TemporaryDirectory(prefix="cleanhold-replay-") as folder:
        judged = _judge(stores, contract, replay_rows(chosen), Path(folder))
        return Replayed(contract.dataset, judged.account)


def replayed(stores: Stores, contract: Contract, chosen: pl.DataFrame) -> Replayed:
    """Judge held rows of one dataset again, as one run, and publish those that pass.

    Args:
        stores: of the workspace.
        contract: of the dataset.
        chosen: what `Quarantine.to_replay` gives.
    """
    rows = replay_rows(chosen)
    sha256, data = replay_bytes(rows)
    current = stores.ledger.snapshot(contract.dataset)
    inputs = (
        Input(InputKind.REPLAY, f"{rows.height} held rows", sha256),
        *([snapshot_input(current)] if current else []),
        *(snapshot_input(s) for s in stores.published(contract.referenced).values()),
    )
    under = fingerprint(by_contract(stores, contract, rows))
    key = run_key(contract.dataset, inputs, contract=under, code=code_version())
    claim = stores.ledger.claim(
        key, contract.dataset, inputs=inputs, contract_version=contract.version
    )
    if isinstance(claim, Run):
        assert claim.account is not None  # it is finished
        return Replayed(contract.dataset, claim.account, claim.snapshot, claim.reasons)
    try:
        # Under the claim: until it is committed, nothing refers to the file.
        atomic_write(stores.state.replay(sha256), data)
        crash_point("replay-kept")
        account, snapshot, reasons = _publish(stores, claim, contract, under, rows, sha256)
    except BaseException as error:
        what = error.what if isinstance(error, CleanholdError) else type(error).__name__
        with suppress(CleanholdError):  # the failure itself is the news
            stores.ledger.fail(claim, [what])
        raise
    return Replayed(contract.dataset, account, snapshot.number, reasons)


@dataclass(frozen=True, slots=True)
class _Judged:
    account: Account
    files: Mapping[str, Path]
    splits: Sequence[Split]


def _judge(stores: Stores, contract: Contract, rows: pl.DataFrame, folder: Path) -> _Judged:
    """Divide the rows, each group under its own contract and waivers; rows keep their ids."""
    tables = stores.tables(contract.referenced)
    current = stores.ledger.snapshot(contract.dataset)
    published = stores.table(current) if current else None
    splits: list[Split] = []
    pieces: dict[str, list[Path]] = {name: [] for name in _PARTS}
    groups = [
        (own, group)
        for own, part in by_contract(stores, contract, rows)
        for group in part.partition_by("waived", maintain_order=True)
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
    return _Judged(account, files, splits)


def _publish(
    stores: Stores, claim: Claim, contract: Contract, under: str, rows: pl.DataFrame, sha256: str
) -> tuple[Account, Snapshot, tuple[str, ...]]:
    folder = open_staging(stores.state, claim)
    judged = _judge(stores, contract, rows, folder)
    current = stores.ledger.snapshot(contract.dataset)
    merged = merge_replayed(
        judged.files["clean"],
        stores.data_files(current) if current else (),
        contract=contract,
        ranks=stores.ledger.extract_order(),
        replayed=rows[ROW_ID],
        into=folder,
    )
    account = replace(judged.account, clean=merged.clean, superseded=merged.superseded_rows)
    answers = [audit(Candidate(contract, account, [merged.data])) for audit in _AUDITS]
    reasons = tuple(a.what for a in answers if a.verdict is Verdict.STOP)
    files = {Role.HELD: judged.files["held"], Role.WARNED: judged.files["warned"]}
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
        reasons=reasons,
        checks=[c.as_dict() for s in judged.splits for c in s.checks],
        details=details(
            contract,
            judged.splits,
            answers,
            source="",
            notes=[f"a replay of {rows.height} held rows"],
            waived=_waived(rows),
        ),
        events=EVENTS,
    )
    return account, snapshot, reasons


def _waiving(contract: Contract, waived: Sequence[str]) -> Contract:
    """The contract with some of its checks no longer holding rows; their findings stay."""
    if not waived:
        return contract
    checks = tuple(
        replace(check, severity=Severity.WARN) if check.label in waived else check
        for check in contract.checks
    )
    return replace(contract, checks=checks)


def _waived(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Which rows were let through although which checks may fail, for the manifest."""
    under = rows.filter(pl.col("waived").list.len() > 0).group_by("waived", maintain_order=True)
    return [{"checks": list(checks), "rows": ids} for checks, ids in under.agg(ROW_ID).iter_rows()]


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
