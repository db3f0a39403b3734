"""Facets: the parts of an event, one function per thing they tell.

This module and `events` import the OpenLineage client, which takes about a third of a second;
import them only where an event is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attr
from openlineage.client.facet_v2 import DatasetFacet, RunFacet
from openlineage.client.generated import (
    data_quality_assertions_dataset as assertions,
)
from openlineage.client.generated import (
    job_type_job,
    ownership_dataset,
    ownership_job,
    parent_run,
    schema_dataset,
    test_run,
)

from cleanhold.core.account import Account
from cleanhold.core.flow_run import Parent
from cleanhold.tracing.schemas import schema_url
from cleanhold.tracing.trace import RunTrace, TracedCheck


def producer(code: str) -> str:
    """The URI of the version of cleanhold that made an event."""
    return f"urn:cleanhold:{code}"


@attr.define(kw_only=True)
class CleanholdAccountRunFacet(RunFacet):
    """Where every record of a run ended; key `cleanhold_account`."""

    run: str
    attempt: int
    state: str
    reasons: list[str]
    records: int
    clean: int
    held: int
    refused: int
    superseded: int
    warned: int

    @staticmethod
    def _get_schema() -> str:
        return schema_url("CleanholdAccountRunFacet", "1-0-0")


@attr.define(kw_only=True)
class CleanholdContractRunFacet(RunFacet):
    """The contract a run judged by; key `cleanhold_contract`."""

    dataset: str
    version: str
    fingerprint: str

    @staticmethod
    def _get_schema() -> str:
        return schema_url("CleanholdContractRunFacet", "1-0-0")


@attr.define(kw_only=True)
class CleanholdContractDatasetFacet(DatasetFacet):
    """The contract every row of a dataset version passed; key `cleanhold_contract`."""

    dataset: str
    version: str
    fingerprint: str

    @staticmethod
    def _get_schema() -> str:
        return schema_url("CleanholdContractDatasetFacet", "1-0-0")


def account(trace: RunTrace, counts: Account) -> CleanholdAccountRunFacet:
    """The run's account, and how it ended."""
    return CleanholdAccountRunFacet(
        producer=producer(trace.code),
        run=trace.run,
        attempt=trace.attempt,
        state=str(trace.state),
        reasons=list(trace.reasons),
        **counts.as_dict(),
    )


def schema(columns: Mapping[str, str], by: str) -> schema_dataset.SchemaDatasetFacet:
    """Columns and their dtypes, in order."""
    return schema_dataset.SchemaDatasetFacet(
        fields=[
            schema_dataset.SchemaDatasetFacetFields(
                name=name, type=dtype, ordinal_position=position, fields=None
            )
            for position, (name, dtype) in enumerate(columns.items(), start=1)
        ],
        producer=by,
    )


def owners(names: Iterable[str], by: str) -> ownership_dataset.OwnershipDatasetFacet:
    """Who answers for a dataset."""
    owned = [ownership_dataset.Owner(name=name, type="OWNER") for name in names]
    return ownership_dataset.OwnershipDatasetFacet(owners=owned, producer=by)


def job_owners(names: Iterable[str], by: str) -> ownership_job.OwnershipJobFacet:
    """Who answers for a job."""
    owned = [ownership_job.Owner(name=name, type="OWNER") for name in names]
    return ownership_job.OwnershipJobFacet(owners=owned, producer=by)


def job_type(by: str, kind: str = "JOB") -> job_type_job.JobTypeJobFacet:
    """Every run is a batch; its events add up, START alone does not tell the outcome."""
    return job_type_job.JobTypeJobFacet(
        processingType="BATCH",
        integration="CLEANHOLD",
        jobType=kind,
        emissionPattern=job_type_job.EmissionPattern(
            eventTrigger="EVENT_BASED", eventContentMode="ACCUMULATIVE"
        ),
        producer=by,
    )


def parent(run: Parent, by: str, root: Parent | None = None) -> parent_run.ParentRunFacet:
    """The run that started this one, and the one that started all of it."""
    first = root or run
    return parent_run.ParentRunFacet(
        run=parent_run.Run(runId=run.run_id, facets=None),
        job=parent_run.Job(namespace=run.namespace, name=run.name, facets=None),
        root=parent_run.Root(
            run=parent_run.RootRun(runId=first.run_id, facets=None),
            job=parent_run.RootJob(namespace=first.namespace, name=first.name, facets=None),
        ),
        producer=by,
    )


def quality(
    checks: Iterable[TracedCheck], judged: int | None, headers: Mapping[str, str], by: str
) -> assertions.DataQualityAssertionsDatasetFacet:
    """One assertion per check. Success means no row has a finding, whatever its severity.

    An assertion can only be true or false, so a check that could judge no row has none.

    Args:
        checks: what each check found.
        judged: rows the checks were asked about.
        headers: contract column → the name the described dataset has for it; where one is
            not in it, both have the same name.
        by: the producer.
    """
    return assertions.DataQualityAssertionsDatasetFacet(
        assertions=[
            assertions.Assertion(
                assertion=check.name,
                success=check.found == 0,
                column=headers.get(check.column, check.column) if check.column else None,
                severity=check.severity,
                name=check.label,
                description=check.says or None,
                expected="0",
                actual=str(check.found),
                params=_counts(check),
            )
            for check in checks
            if _status(check, judged) != "skip"
        ],
        producer=by,
    )


def tests(checks: Iterable[TracedCheck], judged: int | None, by: str) -> test_run.TestRunFacet:
    """The same results for consumers that read tests from the run.

    A check that could judge none of the `judged` rows is `skip`, which is not `pass`.
    """
    return test_run.TestRunFacet(
        tests=[
            test_run.TestExecution(
                name=check.label,
                status=_status(check, judged),
                severity=check.severity,
                type=check.name,
                description=check.says or None,
                expected="0",
                actual=str(check.found),
                params=_counts(check),
            )
            for check in checks
        ],
        producer=by,
    )


def _status(check: TracedCheck, judged: int | None) -> str:
    if check.found:
        return "fail"
    return "skip" if judged and check.skipped >= judged else "pass"


def _counts(check: TracedCheck) -> dict[str, int]:
    return {"failed": check.failed, "warned": check.warned, "skipped": check.skipped}
