"""Pacts: what one consumer needs of a dataset."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from cleanhold.core.parsing import DataType
from cleanhold.core.run import canonical_json

CONSUMER_NAME = re.compile(r"[a-z][a-z0-9]*([-_.][a-z0-9]+)*")


class Unmet(StrEnum):
    """What a consumer gets where the newest snapshot is not what it needs."""

    LAST_GOOD = "last_good"  # the newest that is, and why it is not a newer one
    REFUSE = "refuse"  # nothing


@dataclass(frozen=True, slots=True)
class Need:
    """What a consumer needs of one column.

    Attributes:
        types: Polars dtypes that will do; any if there is none.
        said: the type as the consumer wrote it.
        nulls: share of the rows (0.0 to 1.0) that may be without a value; None for no limit.
        drift: how far its values may have moved from those of the baseline, as the first measure of
            the drift audit has it; True for that measure's own limit, None for no limit.
    """

    column: str
    types: tuple[DataType, ...] = ()
    said: str = ""
    nulls: float | None = 0.0
    drift: float | bool | None = None

    def takes(self, dtype: DataType) -> bool:
        """Whether a column of this dtype will do."""
        return not self.types or any(dtype == one for one in self.types)


@dataclass(frozen=True, slots=True)
class Pact:
    """What one consumer needs of one dataset.

    Attributes:
        consumer: its name; with the dataset, that of the pact.
        owner: who answers for the consumer.
        needs: its columns, in the order that it reads them.
        rows: the fewest rows.
        freshness: how old the newest delivery in it may be when it is read; None for no limit.
        never_older: how old it may be at most, where the consumer gets the last good one.
        snapshots: the first and the last number that it reads; None for no end.
        baseline: number of the snapshot that drift is measured from; None: that of the dataset.
        where: file and line it was written at.
    """

    consumer: str
    dataset: str
    needs: tuple[Need, ...]
    owner: str = ""
    description: str = ""
    rows: int = 0
    freshness: timedelta | None = None
    never_older: timedelta | None = None
    snapshots: tuple[int | None, int | None] = (None, None)
    baseline: int | None = None
    unmet: Unmet = Unmet.LAST_GOOD
    where: str = ""

    @property
    def columns(self) -> list[str]:
        return [need.column for need in self.needs]

    @property
    def watches_drift(self) -> bool:
        return any(need.drift for need in self.needs)

    @property
    def said(self) -> str:
        """The consumer and who answers for it, for messages."""
        return f"{self.consumer} ({self.owner or 'the pact names no owner'})"

    def reads(self, number: int) -> bool:
        """Whether a snapshot of that number is one that it may read."""
        first, last = self.snapshots
        return (first is None or number >= first) and (last is None or number <= last)

    def fingerprint(self) -> str:
        """Hex SHA-256 of everything that decides whether a table is what it needs."""
        needs = [[n.column, *map(repr, n.types), "of", n.nulls, n.drift] for n in self.needs]
        decides = [self.dataset, self.rows, self.baseline, needs]
        return hashlib.sha256(canonical_json(decides)).hexdigest()


@dataclass(frozen=True, slots=True)
class PactAnswer:
    """Whether one table is what a consumer needs, whenever it is read.

    Attributes:
        fingerprint: of the pact that was asked; empty where it could not be answered for good.
        reasons: what the table lacks, in words; none if it is what the consumer needs.
        baseline: number of the snapshot that drift was measured from; None if from none.
    """

    consumer: str
    owner: str
    fingerprint: str
    reasons: tuple[str, ...] = ()
    baseline: int | None = None

    @property
    def is_met(self) -> bool:
        return not self.reasons

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "reasons": list(self.reasons), "met": self.is_met}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> PactAnswer:
        return cls(
            value["consumer"],
            value["owner"],
            value["fingerprint"],
            tuple(value["reasons"]),
            value["baseline"],
        )


def of_dataset(pacts: Iterable[Pact], dataset: str) -> tuple[Pact, ...]:
    """Those that need something of a dataset."""
    return tuple(pact for pact in pacts if pact.dataset == dataset)
