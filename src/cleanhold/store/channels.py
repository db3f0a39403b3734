"""Channels: which snapshot of a dataset readers get, and which one the next run builds on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, select

from cleanhold.core.snapshot import Channel
from cleanhold.store.rows import put
from cleanhold.store.tables import channels

#: Acts of the audit log that give those who read a channel another snapshot.
PROMOTED, ROLLED_BACK = "promoted", "rolled_back"


def point(connection: Connection, dataset: str, channel: Channel, number: int) -> None:
    """Make a channel point at a snapshot."""
    put(connection, channels, {"dataset": dataset, "channel": channel}, {"number": number})


def channel_of(body: Mapping[str, Any]) -> Channel:
    """The channel that an entry of the audit log is about; those of production do not say so."""
    return Channel(body.get("channel", Channel.PRODUCTION))


def publish(connection: Connection, dataset: str, channel: Channel, number: int) -> None:
    """Point at what a run published in a channel.

    What goes to production at once ends the pilot, if there was one: from then on runs build on
    what readers have (`head`).
    """
    point(connection, dataset, channel, number)
    if channel is Channel.PRODUCTION:
        is_pilot = (channels.c.dataset == dataset) & (channels.c.channel == Channel.PILOT)
        connection.execute(delete(channels).where(is_pilot))


def head(connection: Connection, dataset: str) -> Channel:
    """The channel that the next run builds on: the pilot where there is one."""
    of_it = (channels.c.dataset == dataset) & (channels.c.channel == Channel.PILOT)
    has_pilot = connection.execute(select(channels.c.number).where(of_it)).scalar()
    return Channel.PILOT if has_pilot else Channel.PRODUCTION
