"""What a new version of a contract changes, for those who read the data and for its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from cleanhold.core.check import Check
from cleanhold.core.checks_revised import revised_checks
from cleanhold.core.columns_revised import (
    always,
    asks_more,
    of_nulls,
    on_drift,
    revised_columns,
    said,
)
from cleanhold.core.contract import Contract, Unknown
from cleanhold.core.promises_revised import asks_more_of_events, asks_more_records
from cleanhold.core.version import Raised, part_raised
from cleanhold.core.weight import Change, Weight

#: What each weight asks of the version.
_ASKS = {
    Weight.BREAKING: (Raised.MAJOR,),
    Weight.TIGHTENING: (Raised.MAJOR, Raised.MINOR),
    Weight.LOOSENING: (Raised.MAJOR, Raised.MINOR),
    Weight.HARMLESS: tuple(Raised),
}


@dataclass(frozen=True, slots=True)
class Revision:
    """Two versions of a contract, compared.

    Attributes:
        changes: the gravest first.
    """

    before: Contract
    after: Contract
    changes: tuple[Change, ...]

    @property
    def weight(self) -> Weight:
        """That of the gravest change; harmless if there is none."""
        return self.changes[0].weight if self.changes else Weight.HARMLESS

    @property
    def raised(self) -> Raised:
        """Which part of the version went up."""
        return part_raised(self.before.version, self.after.version)

    @property
    def asks(self) -> Raised:
        """Which part of the version had to go up, at least."""
        return Raised.NOT if self.weight is Weight.HARMLESS else _ASKS[self.weight][-1]

    @property
    def is_raised_enough(self) -> bool:
        return self.raised in _ASKS[self.weight]

    def as_dict(self) -> dict[str, Any]:
        """The JSON form, as `cleanhold contract diff --json` prints it."""
        old, new = self.before, self.after
        return {
            "before": {"contract": old.dataset, "version": old.version, "where": old.where},
            "after": {"contract": new.dataset, "version": new.version, "where": new.where},
            "weight": str(self.weight),
            "raised": str(self.raised),
            "asks": str(self.asks),
            "is_raised_enough": self.is_raised_enough,
            "changes": [change.as_dict() for change in self.changes],
        }


def revision(before: Contract, after: Contract) -> Revision:
    """Compare two contracts, as they are declared; what is the same is not told.

    A change that cannot be proven to let every row pass that passed before counts as tightening.
    """
    old, new = ({c.name for c in contract.columns} for contract in (before, after))
    changes = [
        *_of_terms(before, after),
        *revised_columns(before, after),
        *revised_checks(_told(before, new), _told(after, old)),
    ]
    ranks = list(Weight)
    return Revision(before, after, tuple(sorted(changes, key=lambda c: ranks.index(c.weight))))


def _told(contract: Contract, others: set[str]) -> list[Check]:
    """The checks to compare: those of a column that comes or goes are told with it."""
    columns = {c.name for c in contract.columns}
    return [c for c in contract.checks if c.column not in columns or c.column in others]


def _of_terms(before: Contract, after: Contract) -> Iterator[Change]:
    def told(what: str, name: str, weigh: Callable[[Any, Any], Weight]) -> Iterator[Change]:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield Change(weigh(old, new), what, before=said(name, old), after=said(name, new))

    breaking, harmless = always(Weight.BREAKING), always(Weight.HARMLESS)
    yield from told("the dataset has another name", "dataset", breaking)
    yield from told("the key is another one", "key", breaking)
    yield from told("extracts become the table in another way", "load", breaking)
    yield from told("another share may be held before a run stops", "tolerance", _limit)
    yield from told("losses are compared over other segments", "segments", _compared)
    yield from told("another difference of losses stops a run", "loss_bias", _limit)
    yield from told("another end of a table that has drifted", "drift", on_drift)
    yield from told("another age that the newest snapshot may have", "freshness", _limit)
    corrected = "more or fewer rows may be corrected without asking"
    yield from told(corrected, "automatic_limit", always(Weight.LOOSENING))
    yield from told("unknown columns are treated in another way", "unknown", _unknown)
    yield from told("the order of columns is checked, or not any more", "ordered", asks_more)
    nulls = [c for c in after.columns if c.nulls is None]
    yield from told("other texts mean “no value”", "nulls", lambda o, n: of_nulls(o, n, nulls))
    yield from told("other decisions need a second person", "approval_above", harmless)
    yield from told("another time that rows may be let through for", "longest_waiver", harmless)
    yield from told("other checks may never be waived", "never_waived", harmless)
    yield from told("another volume is expected", "volume", asks_more_records)
    yield from told("other times of events are expected", "events", asks_more_of_events)
    yield from told("another owner", "owner", harmless)
    yield from told("its use in production is told in other words", "readiness", harmless)
    yield from told("another description", "description", harmless)


def _compared(old: tuple[str, ...], new: tuple[str, ...]) -> Weight:
    return Weight.TIGHTENING if set(new) - set(old) else Weight.LOOSENING


def _limit(old: Any, new: Any) -> Weight:
    is_smaller = old is None or (new is not None and new < old)
    return Weight.TIGHTENING if is_smaller else Weight.LOOSENING


def _unknown(old: Unknown, new: Unknown) -> Weight:
    if old is Unknown.KEEP:
        return Weight.BREAKING  # the column that they were kept in is gone
    return Weight.TIGHTENING if new is Unknown.REFUSE else Weight.LOOSENING
