"""Which snapshots readers were given: what the audit log says, in its order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection

from cleanhold.core.readership import Change
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
