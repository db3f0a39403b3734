"""From a trace to OpenLineage events. Pure: the same trace and names give the same bytes."""

from __future__ import annotations

from datetime import datetime

from openlineage.client.event_v2 import Job, Run, RunEvent
from openlineage.client.event_v2 import RunState as Transition
from openlineage.client.facet_v2 import JobFacet, RunFacet
from openlineage.client.generated.documentation_job import DocumentationJobFacet
from openlineage.client.generated.error_message_run import ErrorMessageRunFacet
from openlineage.client.generated.nominal_time_run import NominalTimeRunFacet
from openlineage.client.generated.processing_engine_run import ProcessingEngineRunFacet
from openlineage.client.serde import Serde

from cleanhold.core.run import RunState
from cleanhold.tracing import datasets, facets, own_facets, table_facets
from cleanhold.tracing.consumers import consumer_events
from cleanhold.tracing.event import Event, EventType, event_id, run_id, timestamp, utc
from cleanhold.tracing.naming import Naming
from cleanhold.tracing.trace import RunTrace


def events_of(trace: RunTrace, naming: Naming) -> tuple[Event, ...]:
    """START; RUNNING once its rows are divided; COMPLETE, FAIL or ABORT once the run has ended;
    and what its consumers read then.

    START holds only what is known when a run is claimed, so it is the same before and after.
    It names no outputs: which dataset a run writes to is known when its gate has spoken.
    """
    found = [_event(trace, naming, EventType.START, trace.started_at)]
    if trace.staged:
        found.append(_event(trace, naming, EventType.RUNNING, trace.staged.at))
    if trace.ending is not None and trace.finished_at is not None:
        found.append(_event(trace, naming, trace.ending, trace.finished_at))
        if trace.published_at is not None:
            found += consumer_events(trace, naming, trace.published_at)
    return tuple(found)


def _event(trace: RunTrace, naming: Naming, event_type: EventType, at: datetime) -> Event:
    ended = event_type not in (EventType.START, EventType.RUNNING)
    run_facets = _known(trace)
    if event_type is EventType.RUNNING and trace.staged:
        by = facets.producer(trace.code)
        run_facets["cleanhold_staged"] = own_facets.staged(trace.staged, by)
    if ended:
        run_facets |= _outcome(trace)
    body = RunEvent(
        eventType=Transition(event_type.value),
        eventTime=timestamp(at),
        producer=facets.producer(trace.code),
        run=Run(runId=run_id(trace.run, trace.attempt), facets=run_facets),
        job=_job(trace, naming),
        inputs=[datasets.read(one, trace, naming, ended=ended) for one in trace.inputs],
        outputs=datasets.made(trace, naming) if event_type is EventType.COMPLETE else [],
    )
    return Event(
        id=event_id(trace.run, trace.attempt, event_type),
        type=event_type,
        at=utc(at),
        body=Serde.to_dict(body),
    )


def _known(trace: RunTrace) -> dict[str, RunFacet]:
    """What is known of a run from its claim on."""
    by = facets.producer(trace.code)
    known: dict[str, RunFacet] = {
        "processing_engine": ProcessingEngineRunFacet(
            name="cleanhold",
            version=trace.code,
            openlineageAdapterVersion=trace.code,
            producer=by,
        ),
        "cleanhold_contract": facets.CleanholdContractRunFacet(
            dataset=trace.dataset,
            version=trace.contract_version,
            fingerprint=trace.contract_fingerprint,
            producer=by,
        ),
    }
    if trace.nominal_at:
        nominal = timestamp(trace.nominal_at)
        known["nominalTime"] = NominalTimeRunFacet(nominalStartTime=nominal, producer=by)
    if trace.parent:
        known["parent"] = facets.parent(trace.parent, by, trace.root)
    return known


def _outcome(trace: RunTrace) -> dict[str, RunFacet]:
    """What is known of a run at its end."""
    by = facets.producer(trace.code)
    outcome: dict[str, RunFacet] = {}
    if trace.account:
        outcome["cleanhold_account"] = facets.account(trace, trace.account)
    if trace.checks or trace.told.audits:
        tests = facets.tests(trace.checks, trace.judged, by)
        tests.tests += table_facets.audits(trace.told.audits)
        outcome["test"] = tests
    if skew := own_facets.loss_bias(trace.told, by):
        outcome["cleanhold_loss_bias"] = skew
    if waived := own_facets.waivers(trace.told, by):
        outcome["cleanhold_waivers"] = waived
    if trace.state is RunState.FAILED:
        outcome["errorMessage"] = ErrorMessageRunFacet(
            message="\n".join(trace.reasons) or "the run failed and recorded no reason",
            programmingLanguage="Python",
            producer=by,
        )
    return outcome


def _job(trace: RunTrace, naming: Naming) -> Job:
    by = facets.producer(trace.code)
    described: dict[str, JobFacet] = {
        "jobType": facets.job_type(by),
        "documentation": DocumentationJobFacet(
            description=f"Judges rows by the contract of {trace.dataset}: "
            "publishes those that pass, holds the others with their reasons.",
            producer=by,
        ),
    }
    if owners := naming.owners_of(trace.dataset, trace.owner):
        described["ownership"] = facets.job_owners(owners, by)
    if trace.told.code:
        described["sourceCodeLocation"] = table_facets.code(trace.told.code, by)
    if trace.told.query:
        described["sql"] = table_facets.sql(trace.told.query, by)
    return Job(namespace=naming.namespace, name=trace.job, facets=described)
