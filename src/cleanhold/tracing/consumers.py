"""The events of consumers: who reads a table, by their pacts. Told of a job, for it is not our run.

Like `facets` it imports the OpenLineage client; import it only where an event is made.
"""

from __future__ import annotations

from datetime import datetime

from openlineage.client.event_v2 import InputDataset, Job, JobEvent
from openlineage.client.facet_v2 import JobFacet
from openlineage.client.generated import data_quality_assertions_dataset as assertions
from openlineage.client.generated.dataset_version_dataset import DatasetVersionDatasetFacet
from openlineage.client.generated.documentation_job import DocumentationJobFacet
from openlineage.client.serde import Serde

from cleanhold.tracing import facets
from cleanhold.tracing.event import Event, timestamp, told_id, utc
from cleanhold.tracing.naming import Naming
from cleanhold.tracing.told import TracedConsumer
from cleanhold.tracing.trace import RunTrace


def consumer_events(trace: RunTrace, naming: Naming, at: datetime) -> list[Event]:
    """One event per consumer of the published table: that it reads it, and whether it may."""
    return [_event(trace, consumer, naming, at) for consumer in trace.told.consumers]


def _event(trace: RunTrace, consumer: TracedConsumer, naming: Naming, at: datetime) -> Event:
    by = facets.producer(trace.code)
    output = trace.output
    waits = output is not None and output.waits
    described: dict[str, JobFacet] = {
        "documentation": DocumentationJobFacet(
            description=f"Reads {trace.dataset}, as its pact says.", producer=by
        )
    }
    if consumer.owner:
        described["ownership"] = facets.job_owners([consumer.owner], by)
    body = JobEvent(
        eventTime=timestamp(at),
        producer=by,
        job=Job(naming.namespace, naming.consumer(consumer.name), facets=described),
        inputs=[
            InputDataset(
                *(naming.pilot if waits else naming.dataset)(trace.dataset),
                facets={
                    "version": DatasetVersionDatasetFacet(
                        datasetVersion=str(output.number if output else ""), producer=by
                    )
                },
                inputFacets={"dataQualityAssertions": _pact(consumer, by)},
            )
        ],
    )
    return Event(
        id=told_id(trace.run, trace.attempt, f"consumer {consumer.name}"),
        type=None,
        at=utc(at),
        body=Serde.to_dict(body),
    )


def _pact(consumer: TracedConsumer, by: str) -> assertions.DataQualityAssertionsDatasetFacet:
    met = assertions.Assertion(
        assertion="pact",
        success=not consumer.reasons,
        name=f"pact.{consumer.name}",
        description="; ".join(consumer.reasons) or None,
    )
    return assertions.DataQualityAssertionsDatasetFacet(assertions=[met], producer=by)
