"""told: what readers had of datasets and when, opened to take features from."""

from __future__ import annotations

import polars as pl

from cleanhold.core.readership import stays
from cleanhold.core.snapshot import Snapshot
from cleanhold.core.training import Seen
from cleanhold.errors import NeverPublished, SnapshotExpired, StateError
from cleanhold.store.layout import StateFolder
from cleanhold.store.opening import open_ledger
from cleanhold.store.seals import require_signed
from cleanhold.store.snapshots import data_paths, read_manifest, scan, verify_files


class Told:
    """The history of datasets, as the ledger tells it; each snapshot is verified when it is opened.

    Args:
        folder: of the workspace.
    """

    def __init__(self, folder: StateFolder) -> None:
        self._folder = folder
        self._verified: set[str] = set()
        self._listed: dict[str, dict[int, Snapshot]] = {}

    def history(self, dataset: str) -> list[Seen]:
        """What readers had, as `core.readership.stays` orders it: what they have is the first."""
        with open_ledger(self._folder) as ledger:
            found = stays(ledger.changes(dataset))
        listed = self._snapshots(dataset)  # after that: what was given to readers is among them
        return [Seen(stay, dataset, listed[stay.number].manifest) for stay in found]

    def open(self, seen: Seen, asked: int) -> pl.LazyFrame:
        """The rows of a snapshot that so many entities may see.

        Raises:
            NeverPublished: there is no such snapshot.
            StateError: it is another one than was seen.
            SnapshotExpired: its rows are gone.
            DamagedFile: its files are not what was published.
        """
        number, where = seen.stay.number, f"snapshot {seen.stay.number} of {seen.dataset}"
        snapshot = self._snapshots(seen.dataset).get(number)
        if snapshot is None:
            raise NeverPublished(
                f"there is no {where}", next="the training set is of another workspace"
            )
        if snapshot.manifest != seen.manifest:
            raise StateError(
                f"{where} is another one than the training set was made of",
                where=f"manifest {snapshot.manifest[:16]}, and it was {seen.manifest[:16]}",
                next="use the workspace that it was made in",
            )
        if snapshot.expired:
            raise SnapshotExpired(
                f"{asked:,} entities see {where}, whose rows expired on "
                f"{snapshot.expired.at:%F %H:%M} UTC",
                where=f"[tool.cleanhold.retention]: {snapshot.expired.why}",
                next="leave out entities of that time; `keep` pins what later sets are made of",
            )
        manifest = read_manifest(self._folder, snapshot.manifest)
        verify_files(self._folder, manifest, self._verified)
        require_signed(self._folder, snapshot.manifest, where)
        return scan(data_paths(self._folder, manifest))

    def _snapshots(self, dataset: str) -> dict[int, Snapshot]:
        if dataset not in self._listed:
            with open_ledger(self._folder) as ledger:
                self._listed[dataset] = {s.number: s for s in ledger.snapshots(dataset)}
        return self._listed[dataset]
