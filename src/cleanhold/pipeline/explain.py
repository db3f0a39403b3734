"""explain: the whole way of one row, from its extract's bytes to where it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.core.contract import MASK
from cleanhold.core.extract import ROW_ID_PREFIX, Extract, split_row_id
from cleanhold.core.finding import RECORD_NUMBER, ROW_ID, business_key
from cleanhold.core.reading import LENGTH, OFFSET, RECORD
from cleanhold.core.run import InputKind, Run, RunState
from cleanhold.core.snapshot import Channel, Manifest, Role, Snapshot
from cleanhold.core.source import Source
from cleanhold.errors import UsageError
from cleanhold.pipeline.ingest import reader_of
from cleanhold.pipeline.quarantine import Review
from cleanhold.pipeline.stores import Stores
from cleanhold.pipeline.waived import waived_in
from cleanhold.store.kept import gone_since
from cleanhold.store.snapshots import data_paths, scan


@dataclass(frozen=True, slots=True)
class Delivered:
    """A record as its extract has it.

    Attributes:
        values: raw values; None if the record could not become a row.
        span: (offset, length) in bytes of the extract, where the format has one.
        text: the bytes as text, as far as they are text.
    """

    values: Mapping[str, Any] | None
    span: tuple[int, int] | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """What is known of one row.

    Attributes:
        ended: `published`, `held`, `refused`, `superseded`, or why there is no end.
        extract: the delivery it came in; None for a row of a feature table.
        extract_expired: since when its bytes are gone on purpose; None if they are there.
        delivered: as the delivery has it; None if that cannot be read any more.
        published_in: numbers of the snapshots that hold it.
        expired_in: numbers of the snapshots that published it and have expired since.
        current: number of the snapshot that readers get.
        values: as published, or as it would have been.
        quarantine: its entry there, with findings.
        runs: what was run over its extract, oldest first.
        waived: why it is published although it fails: `checks`, `until` (the last day; None: no
            end) and `decision`; None if it passed.
    """

    row_id: str
    dataset: str
    record: int
    ended: str
    extract: Extract | None = None
    extract_expired: datetime | None = None
    delivered: Delivered | None = None
    published_in: tuple[int, ...] = ()
    expired_in: tuple[int, ...] = ()
    current: int | None = None
    values: Mapping[str, Any] | None = None
    quarantine: Mapping[str, Any] | None = None
    runs: tuple[Run, ...] = ()
    waived: Mapping[str, Any] | None = None


def explain(
    stores: Stores, sources: Mapping[str, Source], what: str, review: Review
) -> list[Story]:
    """Tell the story of a row id, or of every row of a business key.

    Args:
        sources: by name; they know how to read the extract again.
        review: how much of the personal values may be seen.

    Raises:
        UsageError: no extract, snapshot or held row has it.
    """
    if split_row_id(what) is not None:
        return _stories(stores, sources, what.strip(), review)
    found = _ids_of_key(stores, what, review)
    if not found:
        raise UsageError(
            f"{what!r} is not a row id, and no published or held row has it as its key",
            where=str(stores.state.root),
            next="take a row id from `cleanhold quarantine rows`, or from "
            "cleanhold.read(…, provenance=True)",
        )
    return [story for row_id in found for story in _stories(stores, sources, row_id, review)]


def _stories(
    stores: Stores, sources: Mapping[str, Source], row_id: str, review: Review
) -> list[Story]:
    """One story for each dataset that the row's extract was delivered to."""
    prefix, record = split_row_id(row_id) or ("", 0)
    extracts = [e for e in stores.ledger.extracts() if e.sha256[:ROW_ID_PREFIX] == prefix]
    runs = _runs(stores, prefix, extracts)
    stories: list[Story] = []
    gone = stores.ledger.retention.expired_extracts()
    origins: list[Extract | None] = [*extracts] or [None]
    for extract in origins:
        source = sources.get(extract.source) if extract else None
        if extract is None:
            datasets = {run.dataset for run in runs}
        else:
            datasets = {source.dataset} if source else {run.dataset for run in runs}
        for dataset in sorted(datasets):
            own = [run for run in runs if run.dataset == dataset]
            since = gone_since(extract, gone) if extract else None
            delivered = _delivered(source, extract, record, since)
            story = _story(stores, dataset, row_id, own, extract, delivered, review)
            if story is not None:
                stories.append(replace(story, extract_expired=since))
    if not stories:
        what = "has no such record" if extracts or runs else "is unknown"
        raise UsageError(
            f"there is no row {row_id}: the extract or run {prefix} {what}",
            where=str(stores.state.root),
            next="check the id; it may be of another workspace (--workspace DIR)",
        )
    return stories


def _story(
    stores: Stores,
    dataset: str,
    row_id: str,
    runs: Sequence[Run],
    extract: Extract | None,
    delivered: Delivered | None,
    review: Review,
) -> Story | None:
    """None if neither the extract nor any file of the dataset has the row."""
    waits = review.quarantine.row(row_id, dataset)
    homes = _homes(stores, dataset, row_id)
    if delivered is None and waits is None and not homes:
        return None
    published = {run.snapshot for run in stores.ledger.runs(dataset)
                 if run.state is RunState.PUBLISHED}  # fmt: skip
    homes_of_readers = [s for s, role, _ in homes if role is Role.DATA and s.number in published]
    readable = [s.number for s in homes_of_readers if s.expired is None]
    gone = [s.number for s in homes_of_readers if s.expired]
    quarantine = review.seen(waits) if waits is not None else None
    hidden = review.personal(dataset)
    current = stores.ledger.snapshot(dataset)
    values = next((known for _, _, known in reversed(homes) if known is not None), None)
    if delivered is not None and not hidden.none:
        delivered = Delivered(
            hidden.masked(delivered.values) if delivered.values else None,
            delivered.span,
            MASK if delivered.text is not None else None,
        )
    return Story(
        row_id=row_id,
        dataset=dataset,
        record=(split_row_id(row_id) or ("", 0))[1],
        ended=_end([*readable, *gone], quarantine, homes, runs),
        extract=extract,
        delivered=delivered,
        published_in=tuple(readable),
        expired_in=tuple(gone),
        current=current.number if current else None,
        values=hidden.masked(values) if values else None,
        quarantine=quarantine,
        runs=tuple(runs),
        waived=_waiver(stores, dataset, readable, row_id),
    )


def _waiver(
    stores: Stores, dataset: str, published_in: Sequence[int], row_id: str
) -> Mapping[str, Any] | None:
    """Under which waiver the newest snapshot that holds the row does."""
    newest = stores.ledger.snapshot(dataset, published_in[-1]) if published_in else None
    rows = waived_in(stores.manifest(newest)) if newest else waived_in(None)
    found = rows.filter(pl.col(ROW_ID) == row_id).drop(ROW_ID)
    return found.row(0, named=True) if found.height else None


def _runs(stores: Stores, prefix: str, extracts: Sequence[Extract]) -> list[Run]:
    """Runs over the extract, or the run whose built table the row is in; oldest first."""
    read = {extract.sha256 for extract in extracts}
    return [
        run
        for run in reversed(stores.ledger.runs())
        if any(i.sha256 in read for i in run.inputs) or run.id[:ROW_ID_PREFIX] == prefix
    ]


def _homes(
    stores: Stores, dataset: str, row_id: str
) -> list[tuple[Snapshot, Role, dict[str, Any] | None]]:
    """Snapshots whose files hold the row as passed, oldest first; and its values there.

    The values are None where a snapshot has expired.
    """
    found: list[tuple[Snapshot, Role, dict[str, Any] | None]] = []
    for snapshot in reversed(stores.ledger.snapshots(dataset)):
        manifest = stores.manifest(snapshot)
        if snapshot.expired and _passed(stores, manifest, row_id):
            found.append((snapshot, Role.DATA, None))
        for role in (Role.SUPERSEDED, Role.DATA)[: 1 if snapshot.expired else 2]:
            paths = data_paths(stores.state, manifest, role)
            values = _row_in(paths, row_id) if paths else None
            if values is not None:
                found.append((snapshot, role, values))
    return found


def _passed(stores: Stores, manifest: Manifest, row_id: str) -> bool:
    """Whether the run of a snapshot published the row, by elimination: it judged it, and the row
    is in no other file."""
    prefix, record = split_row_id(row_id) or ("", 0)
    replays = [i.sha256 for i in manifest.inputs if i.kind is InputKind.REPLAY]
    judged = (
        _has([stores.state.replay(sha256) for sha256 in replays], row_id)
        if replays
        else manifest.row_prefix == prefix and 1 <= record <= manifest.account.records
    )
    elsewhere = (Role.HELD, Role.REFUSED, Role.SUPERSEDED)
    files = (data_paths(stores.state, manifest, role) for role in elsewhere)
    return judged and not any(_has(paths, row_id) for paths in files)


def _has(paths: Sequence[Path], row_id: str) -> bool:
    is_it = (pl.col(ROW_ID) == row_id).any()
    return bool(paths) and bool(scan(paths).select(is_it).collect(engine="streaming").item())


def _row_in(paths: Sequence[Any], row_id: str) -> dict[str, Any] | None:
    found = scan(paths).filter(pl.col(ROW_ID) == row_id).collect(engine="streaming")
    if found.is_empty():
        return None
    return found.drop(ROW_ID, RECORD_NUMBER).row(0, named=True)


def _delivered(
    source: Source | None, extract: Extract | None, record: int, expired: datetime | None
) -> Delivered | None:
    """A record, by reading the extract again; None if its bytes are gone on purpose."""
    if source is None or extract is None or expired:
        return None
    opened = reader_of(source).open(extract.path)
    for chunk in opened.chunks:
        rows = chunk.rows.filter(pl.col(RECORD) == record)
        if not rows.is_empty():
            row = rows.row(0, named=True)
            del row[RECORD]
            return _with_text(extract, row.pop(OFFSET), row.pop(LENGTH), opened.encoding, row)
        refused = chunk.refused.filter(pl.col("record") == record)
        if not refused.is_empty():
            row = refused.row(0, named=True)
            return _with_text(extract, row["offset"], row["length"], opened.encoding, None)
    return None


def _with_text(
    extract: Extract,
    offset: int | None,
    length: int | None,
    encoding: str | None,
    values: Mapping[str, Any] | None,
) -> Delivered:
    if offset is None or length is None:
        return Delivered(values)
    with extract.path.open("rb") as handle:
        handle.seek(offset)
        text = handle.read(length).decode(encoding or "utf-8", errors="backslashreplace")
    return Delivered(values, (offset, length), text.rstrip("\r\n"))


def _end(
    published_in: Sequence[int],
    quarantine: Mapping[str, Any] | None,
    homes: Sequence[tuple[Snapshot, Role, dict[str, Any] | None]],
    runs: Sequence[Run],
) -> str:
    if published_in:
        return "published"
    if quarantine is not None:
        return str(quarantine["status"])
    for snapshot, role, _ in reversed(homes):
        if role is Role.SUPERSEDED:
            return "superseded"
        return f"clean, in candidate {snapshot.number}, which was not published"
    return "no run over its extract has ended yet" if not runs else "nowhere yet"


def _ids_of_key(stores: Stores, key: str, review: Review) -> list[str]:
    """Row ids of a business key: in the newest snapshots, candidates too, then in quarantine."""
    found: list[str] = []
    for dataset, contract in stores.contracts.items():
        for channel in (Channel.PRODUCTION, Channel.CANDIDATE):
            snapshot = stores.ledger.snapshot(dataset, channel=channel)
            if snapshot is None or not contract.key:
                continue
            rows = stores.table(snapshot)
            if set(contract.key) <= set(rows.collect_schema().names()):
                rows = rows.filter(business_key(contract.key) == key)
                found += rows.select(ROW_ID).collect(engine="streaming")[ROW_ID].to_list()
    held = review.quarantine.find(key)
    return list(dict.fromkeys([*found, *held[ROW_ID].to_list()]))
