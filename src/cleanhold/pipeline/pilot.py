"""pilot: a snapshot that may be promoted, and all that gates ask about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import polars as pl

from cleanhold.core.audit import Verdict
from cleanhold.core.gate import Judged, LetThrough, Origin, Pilot, Waiting
from cleanhold.core.pact import PactAnswer, of_dataset
from cleanhold.core.run import InputKind
from cleanhold.core.snapshot import Snapshot
from cleanhold.errors import NeverPublished
from cleanhold.pipeline.costs import cost
from cleanhold.pipeline.known import contract_of
from cleanhold.pipeline.pacts import answer_of
from cleanhold.pipeline.stores import Stores
from cleanhold.pipeline.waived import waived_in
from cleanhold.store.feeding import catch_up
from cleanhold.store.quarantine import Quarantine


def pilot(stores: Stores, dataset: str, number: int | None = None) -> Pilot:
    """What gates are asked about: the snapshot that the next run builds on, or one by its number.

    Raises:
        UnknownDataset: there is no contract of that name.
        NeverPublished: there is no such snapshot, or it was stopped at candidate.
    """
    contract = contract_of(stores, dataset)
    found = stores.ledger.head(dataset)
    if number is not None:
        found = stores.ledger.snapshot(dataset, number)
    if found is None or not found.is_published:
        which = f" {number}" if number is not None else ""
        raise NeverPublished(
            f"{dataset} has no published snapshot{which}",
            next=f"`cleanhold snapshots {dataset}` lists what there is; `cleanhold run` makes one",
        )
    promotions = stores.ledger.promotions
    return Pilot(
        contract,
        found,
        stores.gates,
        stores.ledger.now(),
        stores.retention.of(dataset),
        stores.ledger.baselines.of(dataset),
        tuple(_judged(stores, found)),
        tuple(_waiting(stores, dataset)),
        tuple(_let_through(stores, found)),
        tuple(_origins(stores, found)),
        promotions.last_rehearsal(dataset, "rollback"),
        promotions.last_rehearsal(dataset, "fallback"),
        tuple(_pacts(stores, found)),
        cost(stores, dataset),
        _outdated(stores, found),
    )


def _outdated(stores: Stores, pilot: Snapshot) -> bool:
    if any(i.kind is not InputKind.SNAPSHOT for i in pilot.inputs):
        return False  # a source may have its own words for "no value", which count in it
    made_by = stores.manifest(pilot).contract_fingerprint
    return made_by != stores.contracts[pilot.dataset].fingerprint()


def _judged(stores: Stores, pilot: Snapshot) -> Iterator[Judged]:
    upto = (s for s in stores.ledger.snapshots(pilot.dataset) if s.number <= pilot.number)
    for snapshot, _ in zip(upto, range(stores.gates.runs), strict=False):
        details = stores.manifest(snapshot).details
        verdicts = {a["audit"]: Verdict(a["verdict"]) for a in details.get("audits", ())}
        overruled = tuple(details.get("overruled", {}).get("stops", ()))
        yield Judged(snapshot.number, snapshot.channel, verdicts, overruled)


def _waiting(stores: Stores, dataset: str) -> Iterator[Waiting]:
    quarantine = Quarantine(stores.state)
    catch_up(stores.state, stores.ledger, quarantine)
    found = quarantine.summary(dataset).filter(pl.col("severity") == "error")
    for row in found.sort("oldest", "check", "column").iter_rows(named=True):
        label = f"{row['column']}.{row['check']}" if row["column"] else row["check"]
        yield Waiting(label, row["rows"], _utc(row["oldest"]))


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _let_through(stores: Stores, pilot: Snapshot) -> Iterator[LetThrough]:
    rows = waived_in(stores.manifest(pilot)).group_by("decision", "until").len()
    for decision, until, count in rows.sort("decision", "until").iter_rows():
        yield LetThrough(decision, count, until)


def _pacts(stores: Stores, pilot: Snapshot) -> Iterator[PactAnswer]:
    manifest = stores.manifest(pilot)
    for pact in of_dataset(stores.pacts, pilot.dataset):
        yield answer_of(stores.state, stores.ledger, pact, manifest)


def _origins(stores: Stores, pilot: Snapshot) -> Iterator[Origin]:
    """Every input, and theirs, each snapshot once."""
    known = {snapshot.manifest: snapshot for snapshot in stores.ledger.snapshots()}
    landed = {extract.sha256 for extract in stores.ledger.extracts()}
    waiting, seen = [pilot], {pilot.manifest}
    while waiting:
        table = waiting.pop(0)
        for read in table.inputs:
            made_from = known.get(read.sha256)
            if made_from is not None and made_from.manifest not in seen:
                seen.add(made_from.manifest)
                waiting.append(made_from)
            what = f"{read.name} {read.number}" if read.number else read.name
            match read.kind:
                case InputKind.EXTRACT:
                    missing = "" if read.sha256 in landed else "has no receipt"
                case InputKind.REPLAY:
                    is_there = stores.state.replay(read.sha256).is_file()
                    missing = "" if is_there else "is gone"
                case InputKind.SNAPSHOT:
                    missing = "" if made_from else "is no snapshot of this ledger"
            yield Origin(f"{table.dataset} {table.number}", what, missing)
