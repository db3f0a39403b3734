"""Channels: which snapshot of a dataset readers get."""

from __future__ import annotations

from sqlalchemy import Connection
from sqlalchemy.dialects.sqlite import insert

from cleanhold.core.snapshot import Channel
from cleanhold.store.tables import channels


def point(connection: Connection, dataset: str, channel: Channel, number: int) -> None:
    """Make a channel point at a snapshot."""
    connection.execute(
        insert(channels)
        .values(dataset=dataset, channel=channel, number=number)
        .on_conflict_do_update(["dataset", "channel"], set_={"number": number})
    )
