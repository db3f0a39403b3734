"""Channels: which snapshot of a dataset readers get, and which one the next run builds on."""

from __future__ import annotations

from sqlalchemy import Connection, select

from cleanhold.core.snapshot import Channel
from cleanhold.store.rows import put
from cleanhold.store.tables import channels


def point(connection: Connection, dataset: str, channel: Channel, number: int) -> None:
    """Make a channel point at a snapshot."""
    put(connection, channels, {"dataset": dataset, "channel": channel}, {"number": number})


def publish(connection: Connection, dataset: str, channel: Channel, number: int) -> None:
    """Point at what a run published in a channel.

    What goes to production at once takes the pilot along, if there was one: the next run builds on
    it (`head`).
    """
    point(connection, dataset, channel, number)
    if channel is Channel.PRODUCTION and head(connection, dataset) is Channel.PILOT:
        point(connection, dataset, Channel.PILOT, number)


def head(connection: Connection, dataset: str) -> Channel:
    """The channel that the next run builds on: the pilot where there is one."""
    of_it = (channels.c.dataset == dataset) & (channels.c.channel == Channel.PILOT)
    has_pilot = connection.execute(select(channels.c.number).where(of_it)).scalar()
    return Channel.PILOT if has_pilot else Channel.PRODUCTION
