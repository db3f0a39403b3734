"""verify: do the files, the ledger and the quarantine tell the same story?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from cleanhold.core.extract import Extract
from cleanhold.core.snapshot import Snapshot
from cleanhold.errors import CleanholdError, DamagedFile, StateError, UnknownDataset
from cleanhold.pipeline import verify_files, verify_projections, verify_strays
from cleanhold.pipeline.stores import Stores
from cleanhold.pipeline.verify_log import verify_log
from cleanhold.store.feeding import unfed
from cleanhold.store.kept import gone_since
from cleanhold.store.quarantine import Quarantine

#: Called with what is looked at next.
Step = Callable[[str], None]


@dataclass
class Verified:
    """What was read again, and what was found.

    Attributes:
        extracts, snapshots, files: how many were read, byte by byte.
        expired: of the snapshots, those whose published rows are gone on purpose; what their
            runs held back was read.
        rows: row ids that were read again and found in exactly one place.
        entries: of the audit log.
        anchor: hash of its newest entry, to be kept elsewhere; empty if the log is not intact.
        problems: what contradicts what.
        notes: what is not so yet, or is left over; it contradicts nothing.
    """

    extracts: int = 0
    snapshots: int = 0
    files: int = 0
    expired: int = 0
    rows: int = 0
    entries: int = 0
    anchor: str = ""
    problems: list[CleanholdError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        told = ("extracts", "snapshots", "files", "rows", "expired", "entries", "anchor", "notes")
        problems = [{"what": p.what, "where": p.where, "next": p.next} for p in self.problems]
        return {**{name: getattr(self, name) for name in told}, "problems": problems}

    @contextmanager
    def noticing(self, what: str) -> Iterator[None]:
        """Keep the first problem of a block, whatever damaged files make of the code in it."""
        try:
            yield
        except CleanholdError as error:
            self.problems.append(error)
        except (
            ValueError,
            TypeError,
            LookupError,
            AttributeError,
            OSError,
            pl.exceptions.PolarsError,
        ) as error:
            said = str(error).splitlines()
            self.problems.append(
                StateError(
                    f"{what} cannot be read: {said[0] if said else type(error).__name__}",
                    where=str(getattr(error, "filename", None) or what),
                    next="mend what else is told here first; else restore it from a backup",
                )
            )


def verify(
    stores: Stores,
    dataset: str | None = None,
    step: Step = lambda _: None,
    *,
    anchor: str | None = None,
) -> Verified:
    """Read everything again: every landed byte, every published file, every row id.

    Each file is held against its hash, each table of the ledger against the audit log and the
    manifests, each account against the rows in the files, and what is made from all these (the
    pointers, the quarantine, lineage) against them. Of a snapshot that has expired, everything is
    read but its published rows. Nothing is changed. Others may work meanwhile.

    Args:
        stores: of the workspace.
        dataset: only this one; the ledger and the quarantine are looked at as a whole.
        step: called with what is looked at next.
        anchor: `Verified.anchor` of an earlier time, kept elsewhere: shows whether the audit log
            was written anew since.

    Raises:
        UnknownDataset: it has no snapshots.
    """
    known = stores.ledger.datasets()
    if dataset is not None and dataset not in known:
        raise UnknownDataset(
            f"{dataset} has no snapshot to verify",
            next="use one of " + ", ".join(known) if known else "run `cleanhold run` first",
        )
    found = Verified()
    step("the ledger")
    with found.noticing("the audit log"):
        log = verify_log(stores, anchor)
        found.entries, found.anchor = log.entries, log.head
        found.problems += log.problems
    with found.noticing("the ledger"):
        _verify_files(stores, dataset, found, step)
    with found.noticing("the ledger"):
        for name in [dataset] if dataset else known:
            found.problems += verify_projections.pointer_problems(stores, name)
        if dataset is None:
            found.problems += verify_strays.stray_pointers(stores)
    step("lineage")
    with found.noticing("lineage"):
        found.problems += verify_projections.lineage_problems(stores, dataset)
        if dataset is None:
            found.problems += verify_strays.stray_events(stores)
    step("the quarantine")
    with found.noticing("the quarantine"):
        try:
            problems, notes = verify_projections.quarantine_problems(stores)
            found.problems += problems
            found.notes += notes
        except (DamagedFile, pl.exceptions.PolarsError):
            # Of this dataset it was told above; of another one nobody asked.
            if dataset is None and not any(isinstance(p, DamagedFile) for p in found.problems):
                raise
            found.notes.append("the quarantine was not compared: its rows' files are damaged")
    found.problems[:] = {str(problem): problem for problem in found.problems}.values()
    return found


def _verify_files(stores: Stores, dataset: str | None, found: Verified, step: Step) -> None:
    """Each file that the ledger, a manifest or a receipt refers to, once."""
    seen: set[str] = set()
    wanted = stores.ledger.snapshots(dataset)
    for snapshot in wanted:
        step(f"{snapshot.dataset}, snapshot {snapshot.number}")
        found.snapshots += 1
        with found.noticing(f"{snapshot.dataset}, snapshot {snapshot.number}"):
            files, rows = verify_files.snapshot(stores, snapshot, seen)
            found.files += files
            found.rows += rows
            found.expired += snapshot.expired is not None
    read = verify_files.extracts_of(wanted) if dataset else None
    expired = stores.ledger.retention.expired_extracts()
    for extract in stores.ledger.extracts():
        if read is not None and extract.sha256 not in read:
            continue
        if gone_since(extract, expired) and not extract.path.is_file():
            continue
        step(f"{extract.source}, {extract.name}")
        found.extracts += 1
        if what := verify_files.what_is_wrong(extract):
            found.problems.append(verify_files.damaged_extract(extract, what))
    step("decisions")
    with found.noticing("decisions"):
        found.problems += verify_files.decision_problems(stores, dataset)
    if dataset is None:
        step("deliveries")
        with found.noticing("deliveries"):
            found.problems += verify_files.delivery_problems(stores)
            found.problems += verify_files.aside_problems(stores)
        found.notes += verify_strays.leftovers(stores)


def damaged(stores: Stores) -> Iterator[tuple[Snapshot, DamagedFile]]:
    """Snapshots whose manifest or files no longer match their hashes."""
    for snapshot in stores.ledger.snapshots():
        try:
            verify_files.require_files(stores, snapshot, stores.manifest(snapshot))
        except DamagedFile as error:
            yield snapshot, error


def damaged_extracts(stores: Stores) -> Iterator[tuple[Extract, str]]:
    """Landed extracts whose bytes are gone, or no longer match their hash; and which it is."""
    expired = stores.ledger.retention.expired_extracts()
    for extract in stores.ledger.extracts():
        if gone_since(extract, expired) and not extract.path.is_file():
            continue
        if what := verify_files.what_is_wrong(extract):
            yield extract, what


def audit_log_problem(stores: Stores) -> CleanholdError | None:
    """What is wrong with the audit log and the tables that it tells of, if anything is."""
    return next(iter(verify_log(stores).problems), None)


def unfed_batches(stores: Stores) -> int:
    """Committed runs and decisions that are not in the quarantine database yet."""
    return unfed(stores.ledger, Quarantine(stores.state))
