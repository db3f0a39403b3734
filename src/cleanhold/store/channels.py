"""Channels: which snapshot of a dataset readers get."""

from __future__ import annotations

from sqlalchemy import Connection

from cleanhold.core.snapshot import Channel
from cleanhold.store.rows import put
from cleanhold.store.tables import channels


def point(connection: Connection, dataset: str, channel: Channel, number: int) -> None:
    """Make a channel point at a snapshot."""
    put(connection, channels, {"dataset": dataset, "channel": channel}, {"number": number})
