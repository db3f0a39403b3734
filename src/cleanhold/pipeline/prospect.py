"""prospect: which held rows a replay would publish, and whether they agree with those around."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from cleanhold.core.check import Check, Kind, Severity
from cleanhold.core.contract import Contract
from cleanhold.core.extract import ROW_ID_PREFIX
from cleanhold.core.finding import ROW_ID
from cleanhold.core.reading import RECORD
from cleanhold.core.rule import is_suspect
from cleanhold.pipeline.replay import SHARED, judge, late_of
from cleanhold.pipeline.replay_file import replay_rows
from cleanhold.pipeline.stores import Stores
from cleanhold.store.quarantine_remedies import Remediable
from cleanhold.store.snapshots import scan

#: Other rows that wait which are judged beside those in question.
_MOST_BESIDE = 20_000


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a replay would do with rows.

    Attributes:
        released: ids of those that it would publish.
        still: rows that it would still hold, by the check that holds them.
    """

    released: pl.Series
    still: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether rows that a replay would publish agree with those around them.

    Attributes:
        passing: ids of those that pass beside the rows of their extracts that are published and
            that wait.
        unknown: those that pass by themselves, but of whose extracts too many rows wait to look
            at them all, or that a function of whole columns judges.
    """

    passing: pl.Series
    unknown: pl.Series


def prospect(stores: Stores, dataset: str, chosen: pl.DataFrame) -> Prospect:
    """Judge rows with their corrections and waivers, among themselves; nothing is kept.

    Args:
        stores: of the workspace.
        dataset: whose rows.
        chosen: what `Quarantine.to_replay` gives.
    """
    clean, still = _judged(stores, stores.contracts[dataset], chosen)
    return Prospect(clean[ROW_ID], still)


def agreement(stores: Stores, dataset: str, chosen: pl.DataFrame) -> Agreement:
    """Judge rows with their corrections beside the rows around them; nothing is kept.

    Whether a correction is right is another question than whether a replay publishes it: it must
    not make a row the double of one that is published already, or still waits.

    Args:
        stores: of the workspace.
        dataset: whose rows.
        chosen: what `Quarantine.to_replay` gives.
    """
    contract = stores.contracts[dataset]
    clean, _ = _judged(stores, contract, chosen)
    released = clean[ROW_ID]
    shared = [c for c in contract.checks if c.kind in SHARED and c.severity is Severity.ERROR]
    passing, unknown = released, released.clear()
    if shared and released.len():
        passing, is_all = _beside_waiting(stores, contract, chosen, released)
        published = _around(stores, contract, clean)
        doubles = [_failing(c, clean, published) for c in shared if c.kind is not Kind.APART]
        failing = pl.concat([passing.clear(), *doubles])
        passing = passing.filter(~passing.is_in(failing.implode()))
        if not is_all or any(c.kind is Kind.APART for c in shared):
            passing, unknown = passing.clear(), passing
    return Agreement(passing, unknown)


def _judged(
    stores: Stores, contract: Contract, chosen: pl.DataFrame
) -> tuple[pl.DataFrame, dict[str, int]]:
    """The rows that a replay would release, by id, and what would hold the others."""
    with tempfile.TemporaryDirectory(prefix="cleanhold-replay-") as folder:
        judged = judge(stores, contract, replay_rows(chosen), Path(folder))
        late = late_of(stores, contract, judged, chosen[ROW_ID])
        clean = scan([judged.files["clean"]]).filter(~pl.col(ROW_ID).is_in(late.implode()))
        rows = clean.collect().sort(ROW_ID)
    counts: dict[str, int] = {}
    for split in judged.splits:
        for count in split.checks:
            label = f"{count.column}.{count.check}" if count.column else count.check
            if count.failed:
                counts[label] = counts.get(label, 0) + count.failed
    return rows, counts


def _beside_waiting(
    stores: Stores, contract: Contract, chosen: pl.DataFrame, released: pl.Series
) -> tuple[pl.Series, bool]:
    """Those that also pass beside other rows that wait, and whether all of these were looked at.

    Where too many wait, those with the same keys are looked at, which are enough for a key.
    """
    quarantine, ids = Remediable(stores.state), chosen[ROW_ID].to_list()
    beside = quarantine.beside(contract.dataset, ids, _MOST_BESIDE + 1)
    is_all = beside.height <= _MOST_BESIDE
    if not is_all:
        beside = quarantine.beside(contract.dataset, ids, _MOST_BESIDE, same_key=True)
    if not beside.height:
        return released, is_all
    together = pl.concat([chosen.select(beside.columns), beside], how="vertical_relaxed")
    passing, _ = _judged(stores, contract, together)
    return released.filter(released.is_in(passing[ROW_ID].implode())), is_all


def _around(stores: Stores, contract: Contract, clean: pl.DataFrame) -> pl.DataFrame:
    """The other published rows of the same extracts."""
    current = stores.ledger.head(contract.dataset)
    if current is None:
        return clean.clear()
    ours, prefix = clean[ROW_ID], pl.col(ROW_ID).str.head(ROW_ID_PREFIX)
    extracts = ours.str.head(ROW_ID_PREFIX).unique()
    table = stores.table(current).filter(
        prefix.is_in(extracts.implode()), ~pl.col(ROW_ID).is_in(ours.implode())
    )
    return table.collect(engine="streaming")


def _failing(check: Check, clean: pl.DataFrame, published: pl.DataFrame) -> pl.Series:
    """Ids of clean rows that fail a check beside the published ones of their extract."""
    names = check.reads
    if not published.height or not set(names) <= {*clean.columns} & {*published.columns}:
        return clean[ROW_ID].clear()
    prefix = pl.col(ROW_ID).str.head(ROW_ID_PREFIX).alias("__extract")
    both = pl.concat(
        [f.select(ROW_ID, prefix, *names) for f in (published, clean)], how="vertical_relaxed"
    )
    found = [*_of_extracts(check, both)]
    failing = pl.concat([clean[ROW_ID].clear(), *found])
    return clean[ROW_ID].filter(clean[ROW_ID].is_in(failing.implode()))


def _of_extracts(check: Check, rows: pl.DataFrame) -> Iterator[pl.Series]:
    """Ids of the rows that fail in each extract; all values are good by themselves."""
    if check.kind is Kind.UNIQUE:
        known = rows.drop_nulls(check.reads)
        yield known.filter(pl.len().over("__extract", *check.reads) > 1)[ROW_ID]
        return
    assert check.fails is not None
    suspects = [pl.lit(False).alias(is_suspect(n).meta.output_name()) for n in check.reads]
    for part in rows.partition_by("__extract", maintain_order=True):
        numbered = part.with_row_index(RECORD, offset=1).with_columns(
            pl.col(RECORD).cast(pl.UInt64), *(suspects if check.weighs else ())
        )
        failing = check.fails(numbered.drop(ROW_ID, "__extract").lazy()).collect()[RECORD]
        yield numbered.filter(pl.col(RECORD).is_in(failing.implode()))[ROW_ID]
