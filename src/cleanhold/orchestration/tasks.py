"""The steps of a run as Prefect tasks: plain values in, JSON values out.

Each task opens the workspace itself, does one verb and ends in a state named after what became
of it: Published, Candidate, Unchanged or Waiting (completed), Failed or Unavailable (failed).
Only Unavailable, a technical failure that may pass, is tried again. Trying again is safe: what
was published is not done twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict

from prefect import task
from prefect.blocks.system import Secret
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.logging import get_run_logger
from prefect.states import Completed, Failed

from cleanhold.core.flow_run import FlowRun
from cleanhold.deliveries.databases.url import secret_blocks
from cleanhold.errors import DeliveryUnavailable, LedgerError, RunInProgress
from cleanhold.pipeline import report
from cleanhold.pipeline.expire import expire_after_run
from cleanhold.pipeline.ingest import ingest
from cleanhold.pipeline.project import project
from cleanhold.pipeline.publish import Outcome
from cleanhold.pipeline.publish import State as Became
from cleanhold.pipeline.run import failed, healed, not_landed, run_extract, run_feature
from cleanhold.pipeline.stores import Stores
from cleanhold.workspace.workspace import Workspace

#: Seconds before each further try. A file that is still arriving is not waited for as long: the
#: next run takes it.
LANDING_RETRIES, RETRIES = (10.0, 30.0), (10.0, 60.0, 300.0)

#: Seconds that one try may take. Python looks at the clock between two steps of the engine, so
#: a try may end somewhat later.
LANDING_TIMEOUT, PUBLISHING_TIMEOUT, PROJECTING_TIMEOUT = 1800, 7200, 1800


#: JSON values.
Told = dict[str, Any]


class Landed(TypedDict):
    """What came of landing: SHA-256 of the extracts, and the outcomes of what was not landed."""

    extracts: list[str]
    failures: list[dict[str, Any]]


#: Name of the state of a technical failure that may pass.
UNAVAILABLE = "Unavailable"

#: What may be better in a minute. Contracts, verdicts and landed bytes do not change by
#: themselves; a file that is still arriving does.
_MAY_PASS = (RunInProgress, LedgerError, DeliveryUnavailable, OSError)


def may_pass(state: State[Any]) -> bool:
    """Whether a failed state is a technical failure that another try may mend."""
    error = state.data
    # A timeout is an OSError to Python; what took hours once will take them again.
    return state.name == UNAVAILABLE or (
        isinstance(error, _MAY_PASS) and not isinstance(error, TimeoutError)
    )


def _again(_task: object, _run: TaskRun, state: State[Any]) -> bool:
    if may_pass(state):
        get_run_logger().warning("to be tried again: %s", state.message)
        return True
    return False


def _options(delays: Sequence[float]) -> dict[str, Any]:
    return {
        "retries": len(delays),
        "retry_delay_seconds": list(delays),
        "retry_condition_fn": _again,
        # The ledger remembers what was done; a result that Prefect kept would be older than it.
        "cache_policy": NO_CACHE,
        "persist_result": False,
    }


def _secret(name: str) -> str:
    """The text in a secret block; raises `ValueError` if there is none of that name."""
    found: Any = Secret.load(name)
    return str(found.get())


@task(
    name="land",
    task_run_name="land {source}",
    timeout_seconds=LANDING_TIMEOUT,
    **_options(LANDING_RETRIES),
)
def land(workspace: str, source: str) -> State[Any]:
    """Land what has arrived at a source.

    Args:
        workspace: path of the workspace.
        source: its name.

    Returns:
        `Landed`: the state is Failed or Unavailable if one of its deliveries could not be landed.
    """
    with _opened(workspace) as (opened, stores):
        declared = opened.catalogue.sources[source]
        contract = opened.catalogue.contract(declared.dataset)
        with secret_blocks(_secret):
            ingested = ingest(stores, declared, opened.root)
        outcomes = not_landed(contract, ingested)
    landed: Landed = {
        "extracts": [extract.sha256 for extract in ingested.extracts],
        "failures": [report.as_dict(outcome) for outcome in outcomes],
    }
    message = f"{len(ingested.extracts)} extracts of {source}"
    if not outcomes:
        return Completed(name="Landed", message=message, data=landed)
    passing = any(isinstance(f.error, _MAY_PASS) for f in ingested.failures)
    return Failed(
        name=UNAVAILABLE if passing else "Failed",
        message="; ".join((message, *(reason for o in outcomes for reason in o.reasons))),
        data=landed,
    )


@task(
    name="publish extract",
    task_run_name="publish {source} ← {file}",
    timeout_seconds=PUBLISHING_TIMEOUT,
    **_options(RETRIES),
)
def publish_extract(
    workspace: str, source: str, sha256: str, file: str, flow: Told | None = None
) -> State[Any]:
    """Take one landed extract all the way to a snapshot.

    Args:
        workspace: path of the workspace.
        source: name of the source that delivered it.
        sha256: of the extract.
        file: the name it was delivered under; only for people.
        flow: the flow run that it is part of, as JSON values.

    Returns:
        The outcome, as `pipeline.report.as_dict` gives it.
    """
    with _opened(workspace, flow) as (opened, stores):
        declared = opened.catalogue.sources[source]
        extract = stores.ledger.extract(sha256, source)
        if extract is None:
            error = LedgerError(
                f"the ledger knows no extract {sha256[:16]} of {source}",
                where=f"{opened.state}, {file}",
                next="run again: it will be landed again",
            )
            return _ended(failed(opened.catalogue.contract(declared.dataset), file, error), ())
        return _ended(run_extract(stores, declared, extract))


@task(
    name="heal held rows",
    task_run_name="heal {dataset}",
    timeout_seconds=PUBLISHING_TIMEOUT,
    **_options(RETRIES),
)
def heal_dataset(workspace: str, dataset: str, flow: Told | None = None) -> State[Any]:
    """Decide again on held rows as people did before, and judge waived rows whose time is over.

    Args:
        workspace: path of the workspace.
        dataset: whose rows.
        flow: the flow run that it is part of, as JSON values.

    Returns:
        The outcomes, as `pipeline.report.as_dict` gives them.
    """
    with _opened(workspace, flow) as (_, stores):
        outcomes = healed(stores, dataset)
    told = [report.as_dict(outcome) for outcome in outcomes]
    message = "; ".join(report.headline(outcome) for outcome in outcomes) or "nothing to heal"
    errors = [outcome.error for outcome in outcomes if outcome.error is not None]
    if not errors:
        return Completed(name="Healed", message=message, data=told)
    passing = any(isinstance(error, _MAY_PASS) for error in errors)
    return Failed(name=UNAVAILABLE if passing else "Failed", message=message, data=told)


@task(
    name="publish feature table",
    task_run_name="publish {dataset}",
    timeout_seconds=PUBLISHING_TIMEOUT,
    **_options(RETRIES),
)
def publish_feature(workspace: str, dataset: str, flow: Told | None = None) -> State[Any]:
    """Build a feature table from the published snapshots of its inputs, and publish it.

    Args:
        workspace: path of the workspace.
        dataset: the feature table.
        flow: the flow run that it is part of, as JSON values.

    Returns:
        The outcome, as `pipeline.report.as_dict` gives it.
    """
    with _opened(workspace, flow) as (opened, stores):
        return _ended(run_feature(stores, opened.catalogue.features[dataset]))


@task(
    name="project",
    task_run_name="project",
    timeout_seconds=PROJECTING_TIMEOUT,
    **_options(RETRIES),
)
def project_outbox(workspace: str) -> State[Any]:
    """Tell pointers, quarantine and lineage what was committed; let go of what is due.

    Args:
        workspace: path of the workspace.

    Returns:
        What could not be told, in words; it waits in the outbox and is tried at every run.
    """
    with _opened(workspace) as (_, stores):
        failures = project(stores)
        expire_after_run(stores)
    said = [f"{f.event.kind if f.event else 'outbox'}: {f.error}" for f in failures]
    if said:
        return Failed(name=UNAVAILABLE, message="; ".join(said), data=said)
    return Completed(message="everything was told", data=said)


@contextmanager
def _opened(workspace: str, flow: Told | None = None) -> Iterator[tuple[Workspace, Stores]]:
    found = Workspace.find(Path(workspace))
    with found.open() as stores:
        yield found, replace(stores, flow=FlowRun.from_dict(flow)) if flow else stores


def _ended(outcome: Outcome, passing: tuple[type[Exception], ...] = _MAY_PASS) -> State[Any]:
    """The state of a task: what became of it as data, in one line as message."""
    told, line = report.as_dict(outcome), " ".join(report.headline(outcome).split())
    if outcome.state is not Became.FAILED:
        return Completed(name=str(outcome.state).title(), message=line, data=told)
    name = UNAVAILABLE if isinstance(outcome.error, passing) else "Failed"
    return Failed(name=name, message="; ".join((line, *outcome.reasons)), data=told)
