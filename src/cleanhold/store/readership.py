"""Which snapshots readers were given: what the audit log says, in its order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection

from cleanhold.core.readership import Change, Rollback
from cleanhold.core.snapshot import Channel
from cleanhold.store import auditlog
from cleanhold.store.channels import PROMOTED, ROLLED_BACK, channel_of

#: Acts that give readers a snapshot → where its number stands.
_NUMBERS = {"published": "number", PROMOTED: "to", ROLLED_BACK: "to"}


def changes(connection: Connection, dataset: str) -> Iterator[Change]:
    """Each time that readers of a dataset were given a snapshot, in the order of the commits.

    What an entry says of another channel than production is not about readers.
    """
    given: set[int] = set()
    for body in auditlog.acts(connection, _NUMBERS):
        if body["dataset"] == dataset and channel_of(body) is Channel.PRODUCTION:
            number = body[_NUMBERS[body["act"]]]
            at = datetime.fromisoformat(body["at"])
            yield Change(at, number, back=number in given)
            given.add(number)


def rollbacks(connection: Connection, dataset: str) -> Iterator[Rollback]:
    """Each time that those who read a dataset were given an older snapshot, in their order."""
    for body in auditlog.acts(connection, (ROLLED_BACK,)):
        if body["dataset"] == dataset:
            yield Rollback(
                datetime.fromisoformat(body["at"]),
                body["from"],
                body["to"],
                body["who"],
                body["why"],
                of_pilot=channel_of(body) is Channel.PILOT,
            )


def promoted(connection: Connection, dataset: str) -> set[int]:
    """Numbers of the snapshots that promotions gave to production."""
    acts = auditlog.acts(connection, (PROMOTED,))
    return {body["to"] for body in acts if body["dataset"] == dataset}
