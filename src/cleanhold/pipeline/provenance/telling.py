"""telling: one row's story, put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from cleanhold.core.contract import MASK, Contract
from cleanhold.core.extract import Extract, split_row_id
from cleanhold.core.feature import Feature
from cleanhold.core.provenance import MadeFrom, Version
from cleanhold.core.readership import Rollback
from cleanhold.core.run import Run
from cleanhold.core.snapshot import Snapshot
from cleanhold.core.story import Story
from cleanhold.pipeline.provenance.built import built, is_built
from cleanhold.pipeline.provenance.decided import corrections, waiver
from cleanhold.pipeline.provenance.delivered import delivered, masked
from cleanhold.pipeline.provenance.fed import fed
from cleanhold.pipeline.provenance.homes import Homes, homes
from cleanhold.pipeline.provenance.keyed import joined, parts_of, texts_of
from cleanhold.pipeline.provenance.sources import made_from
from cleanhold.pipeline.provenance.versions import versions
from cleanhold.pipeline.quarantine import Review
from cleanhold.pipeline.stores import Stores
from cleanhold.store.kept import gone_since


@dataclass(frozen=True, slots=True)
class Past:
    """What a dataset has been.

    Attributes:
        snapshots: all, oldest first.
        taken_back: numbers of those that a rollback took from readers.
        current: number of the one that readers have.
    """

    snapshots: tuple[Snapshot, ...]
    rollbacks: tuple[Rollback, ...]
    taken_back: frozenset[int]
    current: int | None


@dataclass(frozen=True, eq=False)
class Telling:
    """What all stories of one question share.

    Attributes:
        features: by dataset, inputs before the tables built from them.
        column: of a built table, the one that is asked for; None for all.
    """

    stores: Stores
    review: Review
    features: Mapping[str, Feature]
    column: str | None = None
    _pasts: dict[str, Past] = field(default_factory=dict)

    def story(
        self, dataset: str, row_id: str, extract: Extract | None, runs: Sequence[Run]
    ) -> Story | None:
        """The story of a row; None if neither the extract nor any file of the dataset has it.

        Args:
            extract: that it came in; None for a row of a built table.
            runs: of the dataset, over the extract, or the one that built it.
        """
        stores, (_, record) = self.stores, split_row_id(row_id) or ("", 0)
        gone = gone_since(extract, stores.ledger.retention.expired_extracts()) if extract else None
        source = stores.sources.get(extract.source) if extract else None
        found = delivered(source, extract, record, gone)
        waits = self.review.quarantine.row(row_id, dataset)
        past = self.past(dataset)
        judging = {run.id for run in runs} | {c["cause"] for c in (waits or {}).get("history", ())}
        home = homes(stores, past.snapshots, row_id, judging, past.rollbacks)
        if found is None and waits is None and home == Homes():
            return None
        hidden, contract = self.review.personal(dataset), stores.contracts.get(dataset)
        key = texts_of(contract.key, home.values) if contract and home.values else None
        named = joined(key) if key else (waits or {}).get("business_key")
        parts = key or (parts_of(contract.key, named) if contract and named else None)
        made = (s for s in reversed(past.snapshots) if s.run in judging and extract is None)
        place = home.newest or next(made, None)
        is_hidden = contract is None or any(map(hidden.has, contract.key))
        back = tuple(s.number for s in home.published if s.number in past.taken_back)
        seen = self.review.seen(waits) if waits is not None else None
        return Story(
            row_id=row_id,
            dataset=dataset,
            record=record,
            ended=_end(home, past.taken_back, seen, runs),
            key=MASK if named and is_hidden else named,
            extract=extract,
            extract_expired=gone,
            delivered=masked(found, hidden),
            published_in=tuple(s.number for s in home.published),
            pilot_in=tuple(s.number for s in home.pilot),
            expired_in=tuple(s.number for s in home.expired),
            taken_back_in=back,
            rolled_back=_rolled_back(past.rollbacks, back),
            candidate=home.candidate.number if home.candidate else None,
            current=past.current,
            values=hidden.masked(home.values) if home.values else None,
            quarantine=seen,
            findings=tuple(seen.get("findings", ()) if seen else self._warnings(dataset, row_id)),
            corrections=corrections(stores, waits, hidden) if waits else (),
            runs=tuple(runs),
            waived=waiver(stores, home.newest, row_id),
            versions=self.versions(contract, named) if contract and named and extract else (),
            made_from=self.sources(place, parts, self.column) if place and parts else None,
            fed=fed(stores, self.features, dataset, row_id, self.review)
            if home.published
            else None,
        )

    def versions(self, contract: Contract, key: str) -> tuple[Version, ...]:
        """The deliveries of a key of a dataset, newest first."""
        past = self.past(contract.dataset)
        return versions(self.stores, contract, past.snapshots, key, self.review, past.taken_back)

    def sources(
        self, snapshot: Snapshot, key: Mapping[str, str], column: str | None
    ) -> MadeFrom | None:
        """What the row of a key in a snapshot was made from; None if that was not built.

        Args:
            column: the one that is asked for; None for all.
        """
        if not is_built(self.stores.manifest(snapshot)):
            return None
        table = built(self.stores, snapshot, self.features)
        return made_from(self.stores, table, key, self.review, column)

    def past(self, dataset: str) -> Past:
        """What a dataset has been; asked once."""
        ledger = self.stores.ledger
        if dataset not in self._pasts:
            current = ledger.snapshot(dataset)
            self._pasts[dataset] = Past(
                tuple(reversed(ledger.snapshots(dataset))),
                tuple(ledger.rollbacks(dataset)),
                frozenset(ledger.taken_back(dataset)),
                current.number if current else None,
            )
        return self._pasts[dataset]

    def _warnings(self, dataset: str, row_id: str) -> Iterator[Mapping[str, Any]]:
        """What failed in a row that passed all the same, whatever run found it; each once."""
        found = self.review.quarantine.findings(row_id, dataset)
        hidden = self.review.personal(dataset)
        once = found.unique(["check", "column"], keep="last", maintain_order=True)
        for finding in once.iter_rows(named=True):
            is_shown = finding["value"] is None or not hidden.has(finding["column"])
            yield finding if is_shown else {**finding, "value": MASK}


def _rolled_back(rollbacks: Sequence[Rollback], numbers: Sequence[int]) -> Rollback | None:
    """The newest that took one of some snapshots from readers."""
    took = (r for r in reversed(rollbacks) if any(r.to < n <= r.before for n in numbers))
    return next((r for r in took if not r.of_pilot), None)


def _end(
    home: Homes, taken: Set[int], quarantine: Mapping[str, Any] | None, runs: Sequence[Run]
) -> str:
    if home.expired or any(s.number not in taken for s in home.published):
        return "published"
    if home.pilot:
        return "in the pilot"
    if home.published:
        return "taken back"
    if quarantine is not None:
        return str(quarantine["status"])
    candidate, late = home.candidate, home.superseded
    if late and (candidate is None or late.number >= candidate.number):
        return "superseded"
    if candidate:
        return f"clean, in candidate {candidate.number}, which was not published"
    return "no run over its extract has ended yet" if not runs else "nowhere yet"
