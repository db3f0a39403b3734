"""The events of a promotion: a snapshot of the pilot is given to readers.

Like `facets` it imports the OpenLineage client; import it only where an event is made.
"""

from __future__ import annotations

from openlineage.client.event_v2 import InputDataset, OutputDataset
from openlineage.client.facet_v2 import DatasetFacet
from openlineage.client.generated import test_run
from openlineage.client.generated.dataset_version_dataset import DatasetVersionDatasetFacet
from openlineage.client.generated.lifecycle_state_change_dataset import (
    LifecycleStateChange,
    LifecycleStateChangeDatasetFacet,
)

from cleanhold.core.promotion import Promotion
from cleanhold.core.snapshot import Channel
from cleanhold.tracing import facets
from cleanhold.tracing.acts import act_events
from cleanhold.tracing.event import Event
from cleanhold.tracing.naming import Naming
from cleanhold.tracing.own_facets import CleanholdReadersRunFacet


def promotion_events(
    promotion: Promotion, owner: str, naming: Naming, code: str
) -> tuple[Event, Event]:
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
    return act_events(
        promotion.hash,
        job=f"promote.{dataset}",
        does=f"Gives readers of {dataset} a snapshot of its pilot.",
        at=promotion.at,
        naming=naming,
        code=code,
        told={
            "test": _gates(promotion, by),
            "cleanhold_readers": CleanholdReadersRunFacet(
                channel=str(Channel.PRODUCTION),
                before=promotion.before,
                now=promotion.number,
                producer=by,
            ),
        },
        inputs=[InputDataset(*naming.pilot(dataset), facets={"version": version}, inputFacets={})],
        outputs=[OutputDataset(*naming.dataset(dataset), facets=about, outputFacets={})],
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
