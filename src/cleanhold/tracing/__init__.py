"""Lineage: OpenLineage events for every run, one file per event.

Importing this package does not import the OpenLineage client; `emit` does.
"""

from cleanhold.core.flow_run import Parent
from cleanhold.tracing.destinations import Destination, Folder, Http, Kafka
from cleanhold.tracing.event import Event, EventType, event_id, flow_event_id, run_id
from cleanhold.tracing.from_run import trace_of
from cleanhold.tracing.naming import Name, Naming, Place
from cleanhold.tracing.schemas import own_facet_schemas
from cleanhold.tracing.spool import emit, write
from cleanhold.tracing.trace import RunTrace, TracedCheck, TracedInput, TracedOutput

__all__ = [
    "Destination",
    "Event",
    "EventType",
    "Folder",
    "Http",
    "Kafka",
    "Name",
    "Naming",
    "Parent",
    "Place",
    "RunTrace",
    "TracedCheck",
    "TracedInput",
    "TracedOutput",
    "emit",
    "event_id",
    "flow_event_id",
    "own_facet_schemas",
    "run_id",
    "trace_of",
    "write",
]
