"""Which snapshot of a dataset readers had, and when: what was known at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """Readers were given a snapshot.

    Attributes:
        at: when (UTC).
        back: it was there before: somebody rolled back to it, or forward again.
    """

    at: datetime
    number: int
    back: bool = False


@dataclass(frozen=True, slots=True)
class Rollback:
    """Somebody took a snapshot back from readers.

    Attributes:
        at: when (UTC).
        before: number of the snapshot that they had; `to`: of the one that they were given.
        of_pilot: they are those who read the pilot.
    """

    at: datetime
    before: int
    to: int
    who: str
    why: str
    of_pilot: bool = False

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "at": self.at.isoformat()}


@dataclass(frozen=True, slots=True)
class Stay:
    """A snapshot as what was known of a dataset, for a while.

    Attributes:
        since: when it was published; `until`: when the next one was; None if none was.
        told_since: since when this is so; before, another rollback was still to come, or to be
            undone. `told_until`: until when; None if it still is.
    """

    number: int
    since: datetime
    until: datetime | None
    told_since: datetime
    told_until: datetime | None


def stays(changes: Iterable[Change]) -> tuple[Stay, ...]:
    """The history of a dataset, as it was told at each time, the newest first.

    Until somebody rolls back, snapshots follow each other. A rollback withdraws what came after
    the snapshot it goes to: from then on the history is told without that.

    Args:
        changes: in the order they were made. A clock that went back is taken to have stood still.
    """
    histories: dict[int, tuple[Stay, ...]] = {}
    told: list[tuple[Stay, ...]] = [()]
    now: datetime | None = None
    for change in changes:
        now = max(change.at, now) if now else change.at
        if change.back:
            told[-1] = tuple(replace(stay, told_until=now) for stay in told[-1])
            told.append(tuple(replace(s, told_since=now) for s in histories[change.number]))
            continue
        before = tuple(replace(s, until=s.until or now) for s in told[-1])
        began = before[0].told_since if before else now
        told[-1] = (*before, Stay(change.number, now, None, began, None))
        histories[change.number] = told[-1]
    return tuple(stay for telling in reversed(told) for stay in reversed(telling))
