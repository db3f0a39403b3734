"""judgement: what a contract makes of one extract, without a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from cleanhold.audits.tolerance import tolerance
from cleanhold.core.account import Account
from cleanhold.core.audit import Candidate, Verdict
from cleanhold.core.contract import Contract
from cleanhold.core.reading import Progress
from cleanhold.core.snapshot import Role, Snapshot
from cleanhold.pipeline.chosen_extracts import Arrived
from cleanhold.pipeline.divide import divide
from cleanhold.pipeline.stores import Stores
from cleanhold.plan.facts import stops
from cleanhold.store.snapshots import data_paths


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one contract makes of an extract.

    Attributes:
        held: quarantine batches, there while the extract is compared.
        stops: why readers would not get it, in words.
    """

    account: Account
    held: tuple[Path, ...]
    stops: tuple[str, ...]
    notes: tuple[str, ...] = ()


def judge(
    arrived: Arrived,
    contract: Contract,
    tables: Mapping[str, pl.LazyFrame],
    published: pl.LazyFrame | None,
    folder: Path,
    progress: Progress | None,
) -> Judgement:
    """Divide an extract under a contract, into a new folder; only what it holds is kept."""
    folder.mkdir()
    split = divide(
        arrived.extract.path,
        arrived.reader,
        contract,
        identity=lambda: arrived.extract.sha256,
        into=folder,
        tables=tables,
        published=published,
        held_as_json=True,
        progress=progress,
    )
    split.clean.unlink()
    audit = tolerance(Candidate(contract, split.account, ()))
    why = (audit.what,) if audit.verdict is Verdict.STOP else ()
    why = (*why, *stops(split.dataset_findings).values(), *split.unfit)
    return Judgement(split.account, (split.held,), why, split.notes)


def recorded(stores: Stores, snapshot: Snapshot) -> Judgement:
    """What the run of a snapshot recorded."""
    run = stores.ledger.run(snapshot.run)
    held = data_paths(stores.state, stores.manifest(snapshot), Role.HELD)
    return Judgement(snapshot.account, held, run.reasons if run else ())
