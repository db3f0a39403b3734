"""versions: the deliveries of one business key, and which took the place of which."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from functools import cache
from itertools import islice

from cleanhold.core.contract import Contract
from cleanhold.core.extract import ROW_ID_PREFIX, Extract
from cleanhold.core.finding import ROW_ID
from cleanhold.core.provenance import Version
from cleanhold.core.run import InputKind
from cleanhold.core.snapshot import Role, Snapshot
from cleanhold.pipeline.provenance.keyed import rows_of_key
from cleanhold.pipeline.quarantine import Review
from cleanhold.pipeline.stores import Stores
from cleanhold.store.snapshots import data_paths

#: Deliveries that are told; snapshots that are looked into for them.
MOST, LOOKED = 20, 60


def versions(
    stores: Stores,
    contract: Contract,
    snapshots: Sequence[Snapshot],
    key: str,
    review: Review,
    taken_back: Set[int],
) -> tuple[Version, ...]:
    """The newest deliveries of a key, newest first, as far as their snapshots are kept.

    Args:
        snapshots: all of the dataset, oldest first.
        taken_back: numbers of those that a rollback took from readers.
    """
    there = [s for s in snapshots if s.expired is None and s.is_published]
    kept = [s for s in there if s.number not in taken_back]
    late = [s for s in snapshots if s.account.superseded][-LOOKED:]
    found = {v.row_id: v for v in _superseded(stores, contract, late, key)}
    for snapshot in [s for s in there if s.number in taken_back][-LOOKED:]:
        for row_id in rows_of_key(stores.data_files(snapshot), contract.key, key):
            found[row_id] = Version(row_id, "", None, "taken back", snapshot.number)
    for row in review.quarantine.find(key, contract.dataset).head(MOST).iter_rows(named=True):
        by = row["superseded_by"] or ""
        replaced_by = by if by.partition("-")[1] else None
        found[row[ROW_ID]] = Version(
            row[ROW_ID], row["extract_name"], None, row["status"], replaced_by=replaced_by
        )
    published: dict[str, Version] = {}
    for version in islice(_published(stores, contract, kept, key), MOST):
        published.setdefault(version.row_id, version)
    found |= published
    told = [_delivered(stores, version) for version in found.values()]
    return tuple(v for v, _ in sorted(told, key=_newest_first, reverse=True)[:MOST])


def _published(
    stores: Stores, contract: Contract, kept: Sequence[Snapshot], key: str
) -> Iterator[Version]:
    """Those that were published, newest first: each is in the snapshots from one that its run, or
    a replay, made until another takes its place."""
    came: dict[str, list[int]] = {}
    for place, snapshot in enumerate(kept):
        for one in snapshot.inputs:
            if one.kind is InputKind.EXTRACT:
                came.setdefault(one.sha256[:ROW_ID_PREFIX], []).append(place)

    @cache
    def ids(place: int) -> list[str]:
        paths = data_paths(stores.state, stores.manifest(kept[place]))
        return rows_of_key(paths, contract.key, key)

    place, newer = len(kept) - 1, None
    for _ in range(LOOKED):
        if place < 0:
            return
        if not ids(place):
            place, newer = place - 1, None
            continue
        row_id = ids(place)[-1]
        runs = came.get(row_id[:ROW_ID_PREFIX], [])
        first = runs[max(bisect_right(runs, place) - 1, 0)] if runs else place
        span = range(min(first, place), place + 1)
        since = span[bisect_left(span, True, key=lambda n: row_id in ids(n))]
        until = kept[place + 1].number if place + 1 < len(kept) else None
        yield Version(row_id, "", None, "published", kept[since].number, until, newer)
        place, newer = since - 1, row_id


def _superseded(
    stores: Stores, contract: Contract, late: Sequence[Snapshot], key: str
) -> Iterator[Version]:
    """Those that came when a newer one was published already."""
    for snapshot in late:
        paths = data_paths(stores.state, stores.manifest(snapshot), Role.SUPERSEDED)
        for row_id in rows_of_key(paths, contract.key, key):
            yield Version(row_id, "", None, "superseded")


def _delivered(stores: Stores, version: Version) -> tuple[Version, Extract | None]:
    """The version with the name and the day of its extract."""
    extracts = stores.ledger.extracts_with(version.row_id[:ROW_ID_PREFIX])
    extract = extracts[-1] if extracts else None
    if extract is None:
        return version, None
    return replace(version, name=extract.name, dated=extract.order[0]), extract


def _newest_first(told: tuple[Version, Extract | None]) -> tuple[str, str, int]:
    version, extract = told
    day, landed = extract.order if extract else ("", "")
    return str(day), str(landed), int(version.row_id.rpartition("-")[2])
