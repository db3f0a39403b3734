"""Which snapshots readers were given: what the audit log says, in its order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, or_, select

from cleanhold.core.readership import Change
from cleanhold.core.snapshot import Channel
from cleanhold.store.rollback import ROLLED_BACK
from cleanhold.store.tables import audit_log

#: Acts that give readers a snapshot → where its number stands.
_NUMBERS = {"published": "number", "promoted": "to", ROLLED_BACK: "to"}


def changes(connection: Connection, dataset: str) -> Iterator[Change]:
    """Each time that readers of a dataset were given a snapshot, in the order of the commits.

    What an entry says of another channel than production is not about readers.
    """
    is_one = or_(*(audit_log.c.body.contains(f'"act":"{act}"') for act in _NUMBERS))
    of_it = audit_log.c.body.contains(f'"dataset":"{dataset}"')
    found = select(audit_log.c.body).where(is_one, of_it).order_by(audit_log.c.number)
    for text in connection.execute(found).scalars():
        body = json.loads(text)
        is_readers = body.get("channel", Channel.PRODUCTION) == Channel.PRODUCTION
        if is_readers and body["act"] in _NUMBERS and body["dataset"] == dataset:
            number = body[_NUMBERS[body["act"]]]
            at = datetime.fromisoformat(body["at"])
            yield Change(at, number, back=body["act"] == ROLLED_BACK)
