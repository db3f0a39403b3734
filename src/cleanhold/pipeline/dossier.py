"""dossier: all that is known of one snapshot, for a page that people read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import polars as pl

from cleanhold.core.case import Case, in_general
from cleanhold.core.extract import Extract
from cleanhold.core.run import InputKind
from cleanhold.core.snapshot import Baseline, Channel, Manifest, Role, Snapshot
from cleanhold.pipeline.audited import Audited, audited
from cleanhold.pipeline.baseline import baseline
from cleanhold.pipeline.cases import cases
from cleanhold.pipeline.stores import Stores
from cleanhold.readers.refusals import MESSAGES
from cleanhold.store.snapshots import data_paths, scan

#: Snapshots that its history goes back; cases that wait.
MOST_PAST, MOST_CASES = 30, 10


class Standing(StrEnum):
    """What a snapshot is to readers."""

    CURRENT = "current"  # they have it
    PILOT = "pilot"  # nothing stopped it, and nobody has promoted it
    EARLIER = "earlier"  # they had it, and have a newer one
    TAKEN_BACK = "taken back"  # they had it, and were given an older one
    STOPPED = "stopped"  # they never had it


@dataclass(frozen=True, slots=True)
class Judged:
    """What one check came to.

    Attributes:
        label: `column.check`, or the check; of refused records, its code.
        says: what is wrong, in words, as the contract says today; empty if it has no such check.
        failed: rows held by it, or records refused; `warned`: rows that passed all the same.
        skipped: rows it could not look at, for the value could not be read.
    """

    label: str
    says: str
    severity: str
    failed: int
    warned: int
    skipped: int


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that is known of one snapshot.

    Attributes:
        current: number of the snapshot that readers have; 0 if none.
        checks: those that found something, the most rows first.
        quiet: number of checks that found nothing.
        past: the newest snapshots up to this one, oldest first.
        waiting: cases of the dataset that wait in the quarantine now, the largest first.
        extract: the delivery that it was made from; None for a feature table or a replay.
        at: when this was found out (UTC).
    """

    audited: Audited
    manifest: Manifest
    current: int
    checks: tuple[Judged, ...]
    quiet: int
    past: tuple[Snapshot, ...]
    waiting: tuple[Case, ...]
    extract: Extract | None
    baseline: Baseline | None
    at: datetime

    @property
    def snapshot(self) -> Snapshot:
        return self.audited.snapshot

    @property
    def is_replay(self) -> bool:
        """It was made from held rows."""
        return any(i.kind is InputKind.REPLAY for i in self.snapshot.inputs)

    @property
    def standing(self) -> Standing:
        number = self.snapshot.number
        if self.snapshot.channel is Channel.CANDIDATE:
            return Standing.STOPPED
        if self.snapshot.channel is Channel.PILOT:
            return Standing.PILOT
        if number == self.current:
            return Standing.CURRENT
        return Standing.EARLIER if number < self.current else Standing.TAKEN_BACK


def dossier(stores: Stores, dataset: str, number: int | None = None) -> Dossier:
    """All that is known of a snapshot: of the newest, stopped or not, if no number is given.

    Raises:
        UnknownDataset: there is no contract and no snapshot of that name.
        NeverPublished: there is no such snapshot.
    """
    found = audited(stores, dataset, number)
    snapshot = found.snapshot
    manifest = stores.manifest(snapshot)
    checks = _judged(stores, manifest)
    telling = [check for check in checks if check.failed or check.warned]
    past = [s for s in stores.ledger.snapshots(dataset) if s.number <= snapshot.number]
    return Dossier(
        found,
        manifest,
        stores.number(dataset),
        (
            *sorted(telling, key=lambda c: (-c.failed, -c.warned, c.label)),
            *_refused(stores, manifest),
        ),
        len(checks) - len(telling),
        tuple(sorted(past, key=lambda s: s.number)[-MOST_PAST:]),
        tuple(cases(stores, dataset, MOST_CASES)),
        _extract(stores, manifest),
        baseline(stores, dataset),
        stores.ledger.now(),
    )


def _judged(stores: Stores, manifest: Manifest) -> list[Judged]:
    """Each check once: a replay judges rows in groups."""
    contract = stores.contracts.get(manifest.dataset)
    says = {check.label: in_general(check.says) for check in contract.checks} if contract else {}
    found: dict[str, Judged] = {}
    for one in manifest.checks:
        label = f"{one['column']}.{one['check']}" if one["column"] else one["check"]
        before = found.get(label)
        found[label] = Judged(
            label,
            says.get(label, ""),
            one["severity"],
            *(
                one[name] + (getattr(before, name) if before else 0)
                for name in ("failed", "warned", "skipped")
            ),
        )
    return list(found.values())


def _refused(stores: Stores, manifest: Manifest) -> list[Judged]:
    """Records that could not become rows, by what is wrong with them."""
    files = [path for path in data_paths(stores.state, manifest, Role.REFUSED) if path.is_file()]
    if not files:
        return []
    told: Mapping[str, str] = {code.code: in_general(says) for code, says in MESSAGES.items()}
    counted = (
        scan(files).group_by("code").len().sort(pl.col("len"), "code", descending=[True, False])
    )
    return [
        Judged(f"refused: {code}", told.get(code, ""), "refused", rows, 0, 0)
        for code, rows in counted.collect().iter_rows()
    ]


def _extract(stores: Stores, manifest: Manifest) -> Extract | None:
    source = manifest.details.get("source", "")
    read = [i.sha256 for i in manifest.inputs if i.kind is InputKind.EXTRACT]
    return stores.ledger.extract(read[0], source) if source and read else None
