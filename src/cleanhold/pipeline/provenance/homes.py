"""homes: the snapshots that hold a row.

A run adds rows of its own extract, or of the rows that it replays; all others it takes over or
leaves out. So between two moments at which a row can have come, it is in the first snapshots and in
none of the later: where it ends is found by halving, and few of many snapshots are read.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.core.extract import split_row_id
from cleanhold.core.finding import RECORD_NUMBER, ROW_ID
from cleanhold.core.readership import Rollback
from cleanhold.core.run import InputKind
from cleanhold.core.snapshot import Channel, Manifest, Role, Snapshot
from cleanhold.pipeline.stores import Stores
from cleanhold.store.snapshots import data_paths, scan


@dataclass(frozen=True, slots=True)
class Homes:
    """Where a row is, or was.

    Attributes:
        published: snapshots that readers have or had, and that are kept; oldest first, as all.
        pilot: those that were published to the pilot alone.
        expired: those that are gone on purpose. Of a row that stayed for long, the first only.
        candidate: the newest that was stopped.
        superseded: the newest whose run found a newer row of its key.
        values: as in the newest of them; None if all are gone.
    """

    published: tuple[Snapshot, ...] = ()
    pilot: tuple[Snapshot, ...] = ()
    expired: tuple[Snapshot, ...] = ()
    candidate: Snapshot | None = None
    superseded: Snapshot | None = None
    values: Mapping[str, Any] | None = field(default=None, compare=False)

    @property
    def newest(self) -> Snapshot | None:
        """The newest that readers have or had; else of the pilot, or a candidate."""
        stopped = (self.candidate,) if self.candidate else ()
        groups = (self.published, self.pilot, stopped, self.expired)
        return next((group[-1] for group in groups if group), None)


def homes(
    stores: Stores,
    snapshots: Sequence[Snapshot],
    row_id: str,
    runs: Collection[str],
    rollbacks: Sequence[Rollback],
) -> Homes:
    """The snapshots of a dataset that hold a row.

    Args:
        snapshots: all of the dataset, oldest first.
        runs: keys of the runs that judged the row.
        rollbacks: of the dataset.
    """
    own = [s for s in snapshots if s.run in runs]
    if not own:
        return Homes()
    look = _Look(stores, row_id)
    for before in [s for s in snapshots if s.is_published and s.number < own[0].number][-1:]:
        look.rule_out(before)
    kept = [s for s in snapshots if s.is_published and s.expired is None]
    there = [s for part in _parts(kept, own, rollbacks) for s in _first_ones(part, look)]
    stopped = [s for s in own if not s.is_published and s.expired is None and look.is_in(s)]
    late = [s for s in own if look.values(s, Role.SUPERSEDED) is not None]
    shown = [
        *((s, Role.SUPERSEDED) for s in late),
        *((s, Role.DATA) for s in (*stopped, *there)),
    ]
    return Homes(
        published=tuple(s for s in there if s.channel is Channel.PRODUCTION),
        pilot=tuple(s for s in there if s.channel is Channel.PILOT),
        expired=tuple(s for s in own if s.expired and s.is_published and look.passed(s)),
        candidate=stopped[-1] if stopped else None,
        superseded=late[-1] if late else None,
        values=look.values(*shown[-1]) if shown else None,
    )


def _parts(
    kept: Sequence[Snapshot], own: Sequence[Snapshot], rollbacks: Sequence[Rollback]
) -> Iterator[Sequence[Snapshot]]:
    """The snapshots from each one on in which the row can have come anew."""
    numbers = [s.number for s in kept]
    begin = {bisect_left(numbers, s.number) for s in own}
    # What follows a rollback is built on an older snapshot, which may have the row still.
    begin |= {sum(s.created_at <= back.at for s in kept) for back in rollbacks}
    starts = sorted(n for n in begin if own[0].number <= (numbers[n] if n < len(kept) else 0))
    for start, end in zip(starts, [*starts[1:], len(kept)], strict=False):
        yield kept[start:end]


def _first_ones(part: Sequence[Snapshot], look: _Look) -> Sequence[Snapshot]:
    """Those that hold the row: it is in all up to some point."""
    if not part or not look.is_in(part[0]):
        return ()
    return part[: bisect_left(part, True, key=lambda snapshot: not look.is_in(snapshot))]


class _Look:
    """Looks a row up in snapshots; a file that was found to hold it is not read again."""

    def __init__(self, stores: Stores, row_id: str) -> None:
        self._stores = stores
        self._row_id = row_id
        self._holds: dict[Path, bool] = {}

    def is_in(self, snapshot: Snapshot) -> bool:
        return any(map(self._is_in_file, reversed(self._paths(snapshot))))

    def rule_out(self, snapshot: Snapshot) -> None:
        """The row came later: what this one is made of need not be read."""
        self._holds |= dict.fromkeys(self._paths(snapshot), False)

    def _is_in_file(self, path: Path) -> bool:
        if path not in self._holds:
            self._holds[path] = _has([path], self._row_id)
        return self._holds[path]

    def _paths(self, snapshot: Snapshot, role: Role = Role.DATA) -> tuple[Path, ...]:
        return data_paths(self._stores.state, self._stores.manifest(snapshot), role)

    def values(self, snapshot: Snapshot, role: Role = Role.DATA) -> dict[str, Any] | None:
        """The row's values there; None if it is not there."""
        paths = self._paths(snapshot, role)
        if not paths:
            return None
        known = [path for path in paths if self._holds.get(path)]
        is_it = pl.col(ROW_ID) == self._row_id
        found = scan(known or paths).filter(is_it).collect(engine="streaming")
        return found.drop(ROW_ID, RECORD_NUMBER).row(0, named=True) if found.height else None

    def passed(self, snapshot: Snapshot) -> bool:
        """Whether the run of an expired snapshot published the row, by elimination: it judged it,
        and the row is in no other file."""
        elsewhere = (Role.HELD, Role.REFUSED, Role.SUPERSEDED)
        files = (self._paths(snapshot, role) for role in elsewhere)
        judged = self._was_judged(self._stores.manifest(snapshot))
        return judged and not any(_has(paths, self._row_id) for paths in files)

    def _was_judged(self, manifest: Manifest) -> bool:
        replays = [i.sha256 for i in manifest.inputs if i.kind is InputKind.REPLAY]
        if replays:
            return _has([self._stores.state.replay(sha256) for sha256 in replays], self._row_id)
        prefix, record = split_row_id(self._row_id) or ("", 0)
        return manifest.row_prefix == prefix and 1 <= record <= manifest.account.records


def _has(paths: Sequence[Path], row_id: str) -> bool:
    is_it = (pl.col(ROW_ID) == row_id).any()
    return bool(paths) and bool(scan(paths).select(is_it).collect(engine="streaming").item())
