"""The events of acts that make no rows: they begin and end in one moment.

Like `facets` it imports the OpenLineage client; import it only where an event is made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent
from openlineage.client.event_v2 import RunState as Transition
from openlineage.client.facet_v2 import DatasetFacet, RunFacet
from openlineage.client.generated.dataset_version_dataset import DatasetVersionDatasetFacet
from openlineage.client.generated.documentation_job import DocumentationJobFacet
from openlineage.client.generated.lifecycle_state_change_dataset import (
    LifecycleStateChange,
    LifecycleStateChangeDatasetFacet,
)
from openlineage.client.serde import Serde

from cleanhold.core.snapshot import Channel
from cleanhold.tracing import facets
from cleanhold.tracing.event import Event, EventType, event_id, run_id, timestamp, utc
from cleanhold.tracing.naming import Naming
from cleanhold.tracing.own_facets import CleanholdExpiryRunFacet, CleanholdReadersRunFacet


def act_events(
    key: str,
    *,
    job: str,
    does: str,
    at: datetime,
    naming: Naming,
    code: str,
    told: Mapping[str, RunFacet],
    inputs: Sequence[InputDataset] = (),
    outputs: Sequence[OutputDataset] = (),
) -> tuple[Event, Event]:
    """START and COMPLETE of an act.

    Args:
        key: names the act; the same key always gives the same ids.
        job: what acts, by a name that stays the same: `rollback.crm.contacts`.
        does: what it does, in words.
        code: the version of cleanhold that tells it.
        told: facets of its end.
    """
    by = facets.producer(code)

    def event(kind: EventType) -> Event:
        ended = kind is EventType.COMPLETE
        body = RunEvent(
            eventType=Transition(kind.value),
            eventTime=timestamp(at),
            producer=by,
            run=Run(runId=run_id(key, 1), facets=dict(told) if ended else {}),
            job=Job(
                namespace=naming.namespace,
                name=job,
                facets={
                    "jobType": facets.job_type(by),
                    "documentation": DocumentationJobFacet(description=does, producer=by),
                },
            ),
            inputs=list(inputs),
            outputs=list(outputs) if ended else [],
        )
        return Event(event_id(key, 1, kind), kind, utc(at), Serde.to_dict(body))

    return event(EventType.START), event(EventType.COMPLETE)


def rollback_events(
    dataset: str,
    before: int,
    now: int,
    *,
    channel: Channel,
    at: datetime,
    owner: str,
    naming: Naming,
    code: str,
) -> tuple[Event, Event]:
    """Readers have a snapshot again that they had before."""
    by = facets.producer(code)
    is_pilot = channel is Channel.PILOT
    name = naming.pilot(dataset) if is_pilot else naming.dataset(dataset)
    about: dict[str, DatasetFacet] = {
        "version": DatasetVersionDatasetFacet(datasetVersion=str(now), producer=by)
    }
    if not is_pilot:
        about["lifecycleStateChange"] = LifecycleStateChangeDatasetFacet(
            lifecycleStateChange=LifecycleStateChange.OVERWRITE, producer=by
        )
    if owners := naming.owners_of(dataset, owner):
        about["ownership"] = facets.owners(owners, by)
    return act_events(
        f"rollback {dataset} {channel} {before} {now} {timestamp(at)}",
        job=f"rollback.{dataset}",
        does=f"Gives readers of {dataset} a snapshot that they had before.",
        at=at,
        naming=naming,
        code=code,
        told={
            "cleanhold_readers": CleanholdReadersRunFacet(
                channel=str(channel), before=before, now=now, producer=by
            )
        },
        outputs=[OutputDataset(*name, facets=about, outputFacets={})],
    )


def expiry_events(
    dataset: str, number: int, *, why: str, at: datetime, naming: Naming, code: str
) -> tuple[Event, Event]:
    """The rows of an old snapshot are gone. The table itself stays, so it is read, not dropped."""
    by = facets.producer(code)
    version = DatasetVersionDatasetFacet(datasetVersion=str(number), producer=by)
    return act_events(
        f"expiry {dataset} {number}",
        job=f"expire.{dataset}",
        does=f"Removes the rows of snapshots of {dataset} that are no longer kept.",
        at=at,
        naming=naming,
        code=code,
        told={"cleanhold_expiry": CleanholdExpiryRunFacet(snapshot=number, why=why, producer=by)},
        inputs=[
            InputDataset(*naming.dataset(dataset), facets={"version": version}, inputFacets={})
        ],
    )
