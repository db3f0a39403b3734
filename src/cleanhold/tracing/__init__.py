"""Lineage: OpenLineage events for every run, one file per event.

Importing this package does not import the OpenLineage client; `emit` does.
"""

from cleanhold.tracing.event import Event, EventType, event_id, run_id
from cleanhold.tracing.from_run import trace_of
from cleanhold.tracing.naming import Folder, Name, Naming
from cleanhold.tracing.schemas import own_facet_schemas
from cleanhold.tracing.spool import emit, write
from cleanhold.tracing.trace import Parent, RunTrace, TracedCheck, TracedInput, TracedOutput

__all__ = [
    "Event",
    "EventType",
    "Folder",
    "Name",
    "Naming",
    "Parent",
    "RunTrace",
    "TracedCheck",
    "TracedInput",
    "TracedOutput",
    "emit",
    "event_id",
    "own_facet_schemas",
    "run_id",
    "trace_of",
    "write",
]
