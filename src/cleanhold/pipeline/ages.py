"""ages: how old what readers have is, beside what the contracts promise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from cleanhold.core.extract import Extract
from cleanhold.core.run import InputKind
from cleanhold.core.snapshot import Snapshot
from cleanhold.pipeline.known import contract_of
from cleanhold.pipeline.stores import Stores
from cleanhold.store.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Age:
    """How old what readers of a dataset have is.

    Attributes:
        snapshot: number of the snapshot they have; None if nothing is published.
        since: when its newest delivery was landed (UTC), by the order of deliveries; of a feature
            table, when it was last known to be what its inputs give.
        business_date: of that delivery; None for a feature table.
        age: from then to now.
        promised: the contract's `freshness`; None for no promise.
    """

    dataset: str
    snapshot: int | None
    since: datetime | None
    business_date: date | None
    age: timedelta | None
    promised: timedelta | None

    @property
    def is_late(self) -> bool:
        """It is older than promised, or there is nothing where something is promised."""
        return self.promised is not None and (self.age is None or self.age > self.promised)

    def as_dict(self) -> dict[str, Any]:
        """As in the JSON of `cleanhold freshness`."""
        return {
            "dataset": self.dataset,
            "snapshot": self.snapshot,
            "since": self.since.isoformat() if self.since else None,
            "business_date": self.business_date.isoformat() if self.business_date else None,
            "age_seconds": self.age.total_seconds() if self.age is not None else None,
            "promised_seconds": self.promised.total_seconds() if self.promised else None,
            "late": self.is_late,
        }


def ages(stores: Stores, dataset: str | None = None) -> list[Age]:
    """How old each dataset of the contracts is, or one of them.

    A replay adds rows and makes nothing newer; nor does an older delivery that came late. The same
    bytes delivered again do.

    Raises:
        UnknownDataset: there is no contract of that name.
    """
    if dataset is not None:
        contract_of(stores, dataset)
    now, extracts = stores.ledger.now(), _by_sha256(stores.ledger.extracts())
    return [
        _age(stores, name, now, extracts) for name in ([dataset] if dataset else stores.contracts)
    ]


def _age(stores: Stores, name: str, now: datetime, extracts: dict[str, Extract]) -> Age:
    promised = stores.contracts[name].freshness
    current = stores.ledger.snapshot(name)
    if current is None:
        return Age(name, None, None, None, None, promised)
    newest = _newest_delivery(stores.ledger.beneath(current), extracts)
    since = newest.landed_at if newest else _built(stores.ledger, current, extracts)
    day = newest.order[0] if newest else None
    return Age(name, current.number, since, day, max(now - since, timedelta(0)), promised)


def since(ledger: Ledger, snapshot: Snapshot) -> datetime:
    """When the newest delivery that is in a snapshot was landed (UTC).

    Of a feature table, when it was last known to be what its inputs give.
    """
    extracts = _by_sha256(ledger.extracts())
    newest = _newest_delivery(ledger.beneath(snapshot), extracts)
    return newest.landed_at if newest else _built(ledger, snapshot, extracts)


def _newest_delivery(published: list[Snapshot], extracts: dict[str, Extract]) -> Extract | None:
    read = (i.sha256 for s in published for i in s.inputs if i.kind is InputKind.EXTRACT)
    found = (extracts[sha256] for sha256 in read if sha256 in extracts)
    return max(found, key=lambda extract: extract.order, default=None)


def _built(ledger: Ledger, current: Snapshot, extracts: dict[str, Extract]) -> datetime:
    """When a feature table was last what its inputs give: as long as they are the same, it is."""
    published = ledger.beneath(current)
    made = next(
        (s for s in published if all(i.kind is InputKind.SNAPSHOT for i in s.inputs)), current
    )
    confirmed = []
    for read in made.inputs:
        source = ledger.snapshot(read.name)
        if source is None or source.number != read.number:
            return made.created_at
        newest = _newest_delivery(ledger.beneath(source), extracts)
        confirmed.append(newest.landed_at if newest else _built(ledger, source, extracts))
    return max(made.created_at, min(confirmed, default=made.created_at))


def _by_sha256(extracts: Iterable[Extract]) -> dict[str, Extract]:
    """The newest delivery of the same bytes."""
    return {extract.sha256: extract for extract in extracts}  # they come oldest first
