"""What a snapshot was built on, after rollbacks and promotions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cleanhold.core.account import Account
from cleanhold.core.ancestry import Move, ancestry
from cleanhold.core.snapshot import Channel, Snapshot

PILOT, PRODUCTION = Channel.PILOT, Channel.PRODUCTION


def at(minute: float) -> datetime:
    return datetime(2026, 1, 5, tzinfo=UTC) + timedelta(minutes=minute)


def published(number: int, channel: Channel = PRODUCTION) -> Snapshot:
    """A snapshot that was made in the minute of its number."""
    return Snapshot("d", number, channel, "m", "r", 1, "1", at(number), Account(1, 1, 0, 0, 0))


def back(minute: float, to: int, channel: Channel = PRODUCTION) -> Move:
    return Move(at(minute), to, channel, promoted=False)


def promoted(minute: float, to: int) -> Move:
    return Move(at(minute), to, PRODUCTION, promoted=True)


def numbers(channels: dict[int, Channel], number: int, *moves: Move) -> list[int]:
    found = ancestry((published(n, c) for n, c in channels.items()), moves, number)
    return [snapshot.number for snapshot in found]


FIVE = dict.fromkeys(range(1, 6), PRODUCTION)


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        ((), [5, 4, 3, 2, 1]),
        ((back(3.5, 1),), [5, 4, 1]),
        ((back(3.5, 1), back(4.5, 3)), [5, 3, 2, 1]),  # forward again: with what that was built on
        ((back(3.2, 2), back(3.5, 1)), [5, 4, 1]),
        ((back(5.5, 1),), [5, 4, 3, 2, 1]),  # what it was built on stays so
    ],
)
def test_what_was_taken_back_is_beneath_nothing_later(
    moves: tuple[Move, ...], expected: list[int]
) -> None:
    assert numbers(FIVE, 5, *moves) == expected


def test_what_stopped_is_in_nobodys_way() -> None:
    assert numbers({1: PRODUCTION, 3: PRODUCTION}, 3) == [3, 1]


def test_runs_build_on_the_pilot() -> None:
    channels = {1: PRODUCTION, 2: PILOT, 3: PRODUCTION, 4: PILOT}
    assert numbers(channels, 4, promoted(3.2, 3), back(3.5, 1)) == [4, 3, 2, 1]
    assert numbers(channels, 4, promoted(3.2, 3), back(3.5, 2, PILOT)) == [4, 2, 1]
    channels[4] = PRODUCTION  # without gates again: it ends the pilot
    assert numbers({**channels, 5: PRODUCTION}, 5, promoted(3.2, 3), back(4.5, 1)) == [5, 1]
