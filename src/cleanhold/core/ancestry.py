"""What a snapshot was built on, when people have moved channels in between."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable

from cleanhold.core.readership import Rollback
from cleanhold.core.snapshot import Channel, Snapshot


def ancestry(
    published: Iterable[Snapshot],
    rollbacks: Iterable[Rollback],
    promoted: Collection[int],
    number: int,
) -> list[Snapshot]:
    """A snapshot and those it was built on, one on the other, the newest first.

    A run builds on the pilot where there is one, else on what readers have. After a rollback it
    builds on what that went to: what it took back is beneath nothing that is published later.

    Args:
        published: the snapshots of one dataset that nothing stopped, in any order.
        rollbacks: of its channels, oldest first.
        promoted: numbers of the snapshots that the pilot gave to production.
        number: of the snapshot whose ancestry is wanted.
    """
    known = {snapshot.number: snapshot for snapshot in published}
    waiting = deque(rollbacks)
    built_on: dict[int, int | None] = {}
    head: int | None = None
    in_pilot = False
    for snapshot in sorted(known.values(), key=lambda one: one.number):
        while waiting and waiting[0].at < snapshot.created_at:
            back = waiting.popleft()
            if back.of_pilot == in_pilot:
                head = back.to
        built_on[snapshot.number], head = head, snapshot.number
        in_pilot = snapshot.channel is Channel.PILOT or snapshot.number in promoted
    found: list[Snapshot] = []
    at: int | None = number
    while at in known:
        found.append(known[at])
        at = built_on[at]
    return found
