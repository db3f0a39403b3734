"""What a snapshot was built on, after rollbacks and promotions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cleanhold.core.account import Account
from cleanhold.core.ancestry import ancestry
from cleanhold.core.readership import Rollback
from cleanhold.core.snapshot import Channel, Snapshot

PILOT, PRODUCTION = Channel.PILOT, Channel.PRODUCTION


def at(minute: float) -> datetime:
    return datetime(2026, 1, 5, tzinfo=UTC) + timedelta(minutes=minute)


def published(number: int, channel: Channel = PRODUCTION) -> Snapshot:
    """A snapshot that was made in the minute of its number."""
    return Snapshot("d", number, channel, "m", "r", 1, "1", at(number), Account(1, 1, 0, 0, 0))


def back(minute: float, to: int, *, of_pilot: bool = False) -> Rollback:
    return Rollback(at(minute), 9, to, "ada", "it is wrong", of_pilot)


def numbers(
    channels: dict[int, Channel], number: int, *rollbacks: Rollback, promoted: tuple[int, ...] = ()
) -> list[int]:
    snapshots = (published(n, c) for n, c in channels.items())
    return [s.number for s in ancestry(snapshots, rollbacks, promoted, number)]


FIVE = dict.fromkeys(range(1, 6), PRODUCTION)


@pytest.mark.parametrize(
    ("rollbacks", "expected"),
    [
        ((), [5, 4, 3, 2, 1]),
        ((back(3.5, 1),), [5, 4, 1]),
        ((back(3.5, 1), back(4.5, 3)), [5, 3, 2, 1]),  # forward again: with what that was built on
        ((back(3.2, 2), back(3.5, 1)), [5, 4, 1]),
        ((back(5.5, 1),), [5, 4, 3, 2, 1]),  # what it was built on stays so
    ],
)
def test_what_was_taken_back_is_beneath_nothing_later(
    rollbacks: tuple[Rollback, ...], expected: list[int]
) -> None:
    assert numbers(FIVE, 5, *rollbacks) == expected


def test_what_stopped_is_in_nobodys_way() -> None:
    assert numbers({1: PRODUCTION, 3: PRODUCTION}, 3) == [3, 1]


def test_runs_build_on_the_pilot() -> None:
    channels = {1: PRODUCTION, 2: PILOT, 3: PRODUCTION, 4: PILOT}
    assert numbers(channels, 4, back(3.5, 1), promoted=(3,)) == [4, 3, 2, 1]
    assert numbers(channels, 4, back(3.5, 2, of_pilot=True), promoted=(3,)) == [4, 2, 1]
    channels[4] = PRODUCTION  # without gates again: it ends the pilot
    assert numbers({**channels, 5: PRODUCTION}, 5, back(4.5, 1), promoted=(3,)) == [5, 1]
