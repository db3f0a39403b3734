"""What an event is called and how it is written down; no lineage library needed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from cleanhold.core.run import RunState, canonical_json
from cleanhold.errors import UsageError

#: Root of every id below. Changing it renames every event ever written.
_ROOT = uuid.uuid5(uuid.NAMESPACE_URL, "urn:cleanhold:lineage")


class EventType(StrEnum):
    """The moments of a run that are told."""

    START = "START"
    RUNNING = "RUNNING"
    COMPLETE = "COMPLETE"
    FAIL = "FAIL"
    ABORT = "ABORT"


#: How a run in each state ends; a run that is still staging has only started.
ENDING: Mapping[RunState, EventType | None] = {
    RunState.STAGING: None,
    RunState.PUBLISHED: EventType.COMPLETE,
    RunState.CANDIDATE: EventType.COMPLETE,
    RunState.FAILED: EventType.FAIL,
}


@dataclass(frozen=True, slots=True)
class Event:
    """One OpenLineage event: of a run; or of a job, which has no type.

    Attributes:
        id: UUID; the same run, attempt and type always give the same id.
        at: when it happened (UTC).
        body: the event as JSON values.
    """

    id: str
    type: EventType | None
    at: datetime
    body: Mapping[str, Any]

    @property
    def line(self) -> bytes:
        """The event as one line of JSON, ending in a newline: files concatenate to NDJSON."""
        return canonical_json(self.body) + b"\n"


def run_id(run: str, attempt: int) -> str:
    """The UUID an attempt at a run key is known by in lineage."""
    return str(uuid.uuid5(_ROOT, f"{run}:{attempt}"))


def event_id(run: str, attempt: int, event_type: EventType) -> str:
    """The UUID of one event of an attempt."""
    return str(uuid.uuid5(uuid.UUID(run_id(run, attempt)), str(event_type)))


def told_id(run: str, attempt: int, what: str) -> str:
    """The UUID of something else that is told of an attempt."""
    return str(uuid.uuid5(uuid.UUID(run_id(run, attempt)), what))


def flow_event_id(flow: str, event_type: EventType) -> str:
    """The UUID of one event of a flow run; `flow` is its own UUID."""
    return str(uuid.uuid5(uuid.UUID(flow), f"cleanhold {event_type}"))


def utc(moment: datetime) -> datetime:
    """The same moment in UTC.

    Raises:
        UsageError: it has no time zone, so nobody knows which moment is meant.
    """
    if moment.tzinfo is None:
        raise UsageError(
            f"the time {moment.isoformat()} has no time zone",
            where="a lineage trace",
            next="give times of the ledger as aware datetimes in UTC",
        )
    return moment.astimezone(UTC)


def timestamp(moment: datetime) -> str:
    """RFC 3339 text in UTC with microseconds, as events carry it."""
    return utc(moment).isoformat(timespec="microseconds").replace("+00:00", "Z")
