"""What a snapshot was built on, when people have moved channels in between."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cleanhold.core.snapshot import Channel, Snapshot


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody gave those who read a channel another snapshot.

    Attributes:
        at: when (UTC).
        channel: which one; of a promotion, production.
        promoted: it came from the pilot; else it is a rollback.
    """

    at: datetime
    to: int
    channel: Channel
    promoted: bool


def ancestry(published: Iterable[Snapshot], moves: Iterable[Move], number: int) -> list[Snapshot]:
    """A snapshot and those it was built on, one on the other, the newest first.

    A run builds on the pilot where there is one, else on what readers have. After a rollback it
    builds on what that went to: what it took back is beneath nothing that is published later.

    Args:
        published: the snapshots of one dataset that nothing stopped, in any order.
        moves: of its channels, in any order.
        number: of the snapshot.
    """
    known = {snapshot.number: snapshot for snapshot in published}
    moves = sorted(moves, key=lambda move: move.at)
    promoted = {move.to for move in moves if move.promoted}
    rollbacks = [move for move in moves if not move.promoted]
    built_on: dict[int, int | None] = {}
    head: int | None = None
    in_pilot = False
    for snapshot in sorted(known.values(), key=lambda one: one.number):
        while rollbacks and rollbacks[0].at < snapshot.created_at:
            back = rollbacks.pop(0)
            if (back.channel is Channel.PILOT) == in_pilot:
                head = back.to
        built_on[snapshot.number], head = head, snapshot.number
        in_pilot = snapshot.channel is Channel.PILOT or snapshot.number in promoted
    found: list[Snapshot] = []
    at: int | None = number
    while at in known:
        found.append(known[at])
        at = built_on[at]
    return found
