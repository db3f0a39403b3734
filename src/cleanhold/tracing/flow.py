"""The events of a flow run: the parent of the runs in it.

Like `facets` it imports the OpenLineage client; import it only where an event is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from openlineage.client.event_v2 import Job, Run, RunEvent
from openlineage.client.event_v2 import RunState as Transition
from openlineage.client.facet_v2 import RunFacet
from openlineage.client.generated.documentation_job import DocumentationJobFacet
from openlineage.client.generated.error_message_run import ErrorMessageRunFacet
from openlineage.client.generated.processing_engine_run import ProcessingEngineRunFacet
from openlineage.client.serde import Serde

from cleanhold.core.flow_run import FlowRun
from cleanhold.tracing import facets
from cleanhold.tracing.event import Event, EventType, flow_event_id, timestamp, utc
from cleanhold.tracing.naming import Naming


def flow_event(
    flow: FlowRun,
    kind: EventType,
    at: datetime,
    *,
    naming: Naming,
    code: str,
    reasons: Sequence[str] = (),
) -> Event:
    """One event of a flow run; the same flow run and kind always give the same id.

    Args:
        code: the version of cleanhold that tells it.
        reasons: what failed in it, in words.
    """
    by = facets.producer(code)
    told: dict[str, RunFacet] = {
        "processing_engine": ProcessingEngineRunFacet(
            name="cleanhold", version=code, openlineageAdapterVersion=code, producer=by
        )
    }
    if flow.parent:
        told["parent"] = facets.parent(flow.parent, by)
    if reasons:
        told["errorMessage"] = ErrorMessageRunFacet(
            message="\n".join(reasons), programmingLanguage="Python", producer=by
        )
    body = RunEvent(
        eventType=Transition(kind.value),
        eventTime=timestamp(at),
        producer=by,
        run=Run(runId=flow.id, facets=told),
        job=Job(
            namespace=naming.namespace,
            name=flow.job,
            facets={
                "jobType": facets.job_type(by, "DAG"),
                "documentation": DocumentationJobFacet(
                    description="Takes what has arrived, and builds what depends on it.",
                    producer=by,
                ),
            },
        ),
    )
    return Event(flow_event_id(flow.id, kind), kind, utc(at), Serde.to_dict(body))
