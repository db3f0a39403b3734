"""backtest: a changed contract over extracts that have arrived; nothing is published."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.core.check import Kind
from cleanhold.core.contract import Contract
from cleanhold.core.extract import Extract
from cleanhold.core.reading import Progress
from cleanhold.core.snapshot import Snapshot
from cleanhold.errors import DeliveryError, SnapshotExpired
from cleanhold.pipeline.chosen_extracts import Arrived, Backtest
from cleanhold.pipeline.held_compared import compare_held
from cleanhold.pipeline.held_difference import HeldDifference
from cleanhold.pipeline.judgement import Judgement, judge, recorded
from cleanhold.pipeline.masking import personal
from cleanhold.pipeline.stores import Stores
from cleanhold.store.kept import gone_since


@dataclass(frozen=True, slots=True)
class Tested:
    """One extract under both contracts.

    Attributes:
        before, after: None if it could not be judged; `notes` say why.
    """

    extract: Extract
    before: Judgement | None
    after: Judgement | None
    difference: HeldDifference
    notes: tuple[str, ...] = ()

    @property
    def newly_stops(self) -> bool:
        """Whether a run would stop that did not."""
        return bool(self.after and self.before and self.after.stops and not self.before.stops)

    def as_dict(self) -> dict[str, Any]:
        """As in the JSON of `cleanhold backtest`."""
        sides = {"before": self.before, "after": self.after}
        return {
            "extract": self.extract.name,
            "sha256": self.extract.sha256,
            "landed_at": self.extract.landed_at.isoformat(),
            **{n: {**j.account.as_dict(), "stops": list(j.stops)} if j else None
               for n, j in sides.items()},
            "newly_held": self.difference.newly_held,
            "released": self.difference.released,
            "newly_stops": self.newly_stops,
            "notes": list(self.notes),
        }  # fmt: skip


def backtest(stores: Stores, what: Backtest, progress: Progress | None = None) -> Iterator[Tested]:
    """Judge each extract under both contracts, in a scratch folder that is gone at the end.

    Raises:
        ContractError: the contract does not fit an extract's columns.
    """
    tables = _tables(stores, what)
    for arrived in what.arrived:
        with tempfile.TemporaryDirectory(prefix=".cleanhold-") as scratch:
            yield _tested(stores, what, arrived, tables, Path(scratch), progress)


def _tested(
    stores: Stores,
    what: Backtest,
    arrived: Arrived,
    tables: Mapping[str, pl.LazyFrame],
    scratch: Path,
    progress: Progress | None,
) -> Tested:
    if since := gone_since(arrived.extract, stores.ledger.retention.expired_extracts()):
        note = f"its bytes expired on {since:%F}: there is nothing to judge"
        return Tested(arrived.extract, None, None, HeldDifference(0, 0, ()), (note,))
    try:
        published = _published_before(stores, what, arrived.judged)
    except SnapshotExpired as error:
        note = f"a check compares with what was published before, and {error.what}"
        return Tested(arrived.extract, None, None, HeldDifference(0, 0, ()), (note,))

    def judged(contract: Contract, name: str) -> Judgement:
        return judge(arrived, contract, tables, published, scratch / name, progress)

    try:
        after = judged(what.contract, "after")
        if what.is_recorded and arrived.judged:
            before = recorded(stores, arrived.judged)
        else:
            before = judged(what.present, "before")
    except DeliveryError as error:
        return Tested(arrived.extract, None, None, HeldDifference(0, 0, ()), (error.what,))
    difference = compare_held(before.held, after.held, personal(what.contract))
    return Tested(arrived.extract, before, after, difference, after.notes)


def _tables(stores: Stores, what: Backtest) -> dict[str, pl.LazyFrame]:
    """The published tables that either contract refers to."""
    names = what.contract.referenced | what.present.referenced
    return stores.tables(names - {what.present.dataset})


def _published_before(
    stores: Stores, what: Backtest, judged: Snapshot | None
) -> pl.LazyFrame | None:
    """What readers had when the extract was judged, for checks of changes; None if there are
    none of those."""
    dataset = what.present.dataset
    checks = (*what.contract.checks, *what.present.checks)
    if all(check.kind is not Kind.CHANGE for check in checks):
        return None
    if judged is None:
        current = stores.ledger.head(dataset)
    else:
        current = stores.published_before(dataset, judged.number)
    return stores.table(current) if current else None
