"""The event of a promotion: a snapshot of the pilot is given to readers.

Like `facets` it imports the OpenLineage client; import it only where an event is made.
"""

from __future__ import annotations

from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent
from openlineage.client.event_v2 import RunState as Transition
from openlineage.client.facet_v2 import DatasetFacet
from openlineage.client.generated import test_run
from openlineage.client.generated.dataset_version_dataset import DatasetVersionDatasetFacet
from openlineage.client.generated.documentation_job import DocumentationJobFacet
from openlineage.client.generated.lifecycle_state_change_dataset import (
    LifecycleStateChange,
    LifecycleStateChangeDatasetFacet,
)
from openlineage.client.serde import Serde

from cleanhold.core.promotion import Promotion
from cleanhold.tracing import facets
from cleanhold.tracing.event import Event, EventType, event_id, run_id, timestamp, utc
from cleanhold.tracing.naming import Naming


def promotion_event(promotion: Promotion, owner: str, naming: Naming, code: str) -> Event:
    """From the pilot to the table that readers get; each gate is a test of the run.

    Args:
        owner: of the dataset, by its contract.
        code: the version of cleanhold that tells it.
    """
    by = facets.producer(code)
    dataset = promotion.dataset
    change = LifecycleStateChange.OVERWRITE if promotion.before else LifecycleStateChange.CREATE
    version = DatasetVersionDatasetFacet(datasetVersion=str(promotion.number), producer=by)
    about: dict[str, DatasetFacet] = {
        "version": version,
        "lifecycleStateChange": LifecycleStateChangeDatasetFacet(
            lifecycleStateChange=change, producer=by
        ),
    }
    if owners := naming.owners_of(dataset, owner):
        about["ownership"] = facets.owners(owners, by)
    body = RunEvent(
        eventType=Transition.COMPLETE,
        eventTime=timestamp(promotion.at),
        producer=by,
        run=Run(runId=run_id(promotion.hash, 1), facets={"test": _gates(promotion, by)}),
        job=Job(
            namespace=naming.namespace,
            name=f"promote.{dataset}",
            facets={
                "jobType": facets.job_type(by),
                "documentation": DocumentationJobFacet(
                    description=f"Gives readers of {dataset} a snapshot of its pilot.",
                    producer=by,
                ),
            },
        ),
        inputs=[InputDataset(*naming.pilot(dataset), facets={"version": version}, inputFacets={})],
        outputs=[OutputDataset(*naming.dataset(dataset), facets=about, outputFacets={})],
    )
    return Event(
        id=event_id(promotion.hash, 1, EventType.COMPLETE),
        type=EventType.COMPLETE,
        at=utc(promotion.at),
        body=Serde.to_dict(body),
    )


def _gates(promotion: Promotion, by: str) -> test_run.TestRunFacet:
    """A gate that two people overrode did not pass, and stopped nothing."""
    return test_run.TestRunFacet(
        tests=[
            test_run.TestExecution(
                name=gate["gate"],
                status="pass" if gate["passed"] else "fail",
                severity="warn" if gate["gate"] in promotion.overridden else "error",
                type="gate",
                description=gate["what"],
            )
            for gate in promotion.certificate["gates"]
        ],
        producer=by,
    )
