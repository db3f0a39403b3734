"""What a flow is made of: every step of a run in the order of its business, and its end."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prefect import runtime, tags
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.exceptions import ObjectNotFound
from prefect.logging import get_run_logger
from prefect.states import Completed, Failed

from cleanhold.core.extract import Extract
from cleanhold.core.feature import Feature
from cleanhold.core.flow_run import FlowRun
from cleanhold.core.source import Source
from cleanhold.errors import CleanholdError, StateError
from cleanhold.orchestration import tasks
from cleanhold.orchestration.artifacts import create_artifacts, create_links
from cleanhold.orchestration.pages import leave_pages
from cleanhold.pipeline import report
from cleanhold.pipeline.flow_run import end_interrupted, flow_run
from cleanhold.pipeline.publish import State as Became
from cleanhold.pipeline.run import failed, in_business_order
from cleanhold.pipeline.send import send_soon, sending
from cleanhold.store.recovery import recover
from cleanhold.workspace.workspace import Workspace

#: What became of one extract or feature table, as JSON values; see `pipeline.report.as_dict`.
Told = dict[str, Any]


def run_workspace(root: Path | str, sources: Sequence[str] | None = None) -> list[Told]:
    """Do inside a flow what `cleanhold run` does, one Prefect task per step.

    Steps follow each other in the order of business; each uses all processors by itself. A
    failure of one does not stop the others. Leaves three artifacts on the flow run: the account
    of every extract as a table, what happened in words, and links to pages.

    Steps of a dataset that has a Prefect concurrency limit, `<workspace>:<dataset>`, keep to it.

    Args:
        root: the workspace.
        sources: names of those to take; all of them if None or empty.

    Returns:
        One outcome per extract and feature table, in the order they were taken.

    Raises:
        ConfigurationError: the workspace, or something it declares, is mistaken.
    """
    workspace = Workspace.find(root)
    place = str(workspace.root)
    chosen, features = workspace.selected(sources or ())
    workspace.tell_mistaken_pacts()
    with workspace.open() as stores:
        recover(stores.state, stores.ledger)
        end_interrupted(stores)
        named = {"job": f"flow.{runtime.flow_run.flow_name}", "identifier": _attempt()}
        with sending(stores), flow_run(stores, **named) as (inside, failures):
            outcomes = _outcomes(workspace, chosen, features, inside.flow)
            failures += [
                f"{told['what']}: {'; '.join(told['reasons'])}"
                for told in outcomes
                if told["state"] == Became.FAILED
            ]
            # What is committed is committed; what could not be projected is tried at the next run.
            untold = _untold(tasks.project_outbox(place, return_state=True))
        send_soon(stores)
    _log(outcomes, untold)
    create_artifacts(workspace.settings.name, outcomes, untold)
    _link_pages(workspace)
    return outcomes


def _attempt() -> str:
    """What this attempt of the flow run is known by: a retry is another execution of it."""
    flow_run_id = uuid.UUID(runtime.flow_run.id)
    return str(uuid.uuid5(flow_run_id, str(runtime.flow_run.run_count)))


def _outcomes(
    workspace: Workspace,
    chosen: Sequence[Source],
    features: Sequence[Feature],
    flow: FlowRun | None,
) -> list[Told]:
    """Every step, one task each."""
    place, within = str(workspace.root), flow.as_dict() if flow else None
    datasets = {s.dataset for s in chosen} | {f.dataset for f in features}
    limits = _limits(workspace.settings.name, sorted(datasets))
    outcomes: list[Told] = []
    landed: list[tuple[str, str]] = []
    for source in chosen:
        with tags(*limits[source.dataset]):
            state = tasks.land(place, source.name, return_state=True)
        data = _data(state)
        if isinstance(data, dict):
            landed += [(source.name, sha256) for sha256 in data["extracts"]]
            outcomes += data["failures"]
        else:
            outcomes.append(_told(state, workspace, source.dataset, source.name))
    for source, extract in _in_order(workspace, landed, chosen):
        with tags(*limits[source.dataset]):
            state = tasks.publish_extract(
                place, source.name, extract.sha256, extract.name, within, return_state=True
            )
        outcomes.append(_told(state, workspace, source.dataset, extract.name))
    for dataset in dict.fromkeys(source.dataset for source in chosen):
        with tags(*limits[dataset]):
            state = tasks.heal_dataset(place, dataset, within, return_state=True)
        healed = _data(state)
        if not isinstance(healed, list):
            healed = [_told(state, workspace, dataset, "held rows that heal")]
        outcomes += healed
    for feature in features:
        with tags(*limits[feature.dataset]):
            state = tasks.publish_feature(place, feature.dataset, within, return_state=True)
        outcomes.append(_told(state, workspace, feature.dataset, feature.dataset))
    return outcomes


def _link_pages(workspace: Workspace) -> None:
    """Leave links to the pages; what was run does not fail for a picture of it."""
    try:
        create_links(workspace.settings.name, leave_pages(workspace))
    except (CleanholdError, OSError) as error:
        get_run_logger().warning("no page of the lineage graph: %s", error)


def conclude(outcomes: Sequence[Told]) -> Any:
    """How a flow ends: return this, and its caller gets `{exit_code, outcomes}`.

    The flow run is Failed after a technical failure. What stopped at candidate is no failure:
    the flow did its work, readers keep what they have, a person decides; its state is called
    HeldBack.
    """
    code = report.exit_code(outcomes)
    result = {"exit_code": code, "outcomes": list(outcomes)}
    states = [outcome["state"] for outcome in outcomes]
    counts = [f"{states.count(state)} {state}" for state in dict.fromkeys(states)]
    message = ", ".join(counts) or "nothing has arrived"
    if code == report.FAILED:
        return Failed(message=message, data=result)
    name = "Completed" if code == report.DONE else "HeldBack"
    return Completed(name=name, message=message, data=result)


def _limits(workspace: str, datasets: Sequence[str]) -> dict[str, list[str]]:
    """For each dataset, the tag that a concurrency limit was set for, if one was.

    A tag without a limit would be asked for at every step, and on SQLite each answer can take
    the two seconds in which the server is writing something else.
    """
    found: dict[str, list[str]] = {}
    with get_client(sync_client=True) as client:
        for dataset in datasets:
            tag = f"{workspace}:{dataset}"
            try:
                client.read_concurrency_limit_by_tag(tag)
            except ObjectNotFound:
                found[dataset] = []
            else:
                found[dataset] = [tag]
    return found


def _in_order(
    workspace: Workspace, landed: Sequence[tuple[str, str]], chosen: Sequence[Source]
) -> list[tuple[Source, Extract]]:
    declared = workspace.catalogue.sources
    with workspace.open() as stores:
        found = [
            (declared[name], extract)
            for name, sha256 in landed
            if (extract := stores.ledger.extract(sha256, name)) is not None
        ]
    return in_business_order(found, chosen)


def _data(state: State[Any]) -> Any:
    return state.result(raise_on_failure=False)


def _told(state: State[Any], workspace: Workspace, dataset: str, what: str) -> Told:
    """The outcome a task gave; of one that raised or took too long, a failed outcome."""
    data = _data(state)
    if isinstance(data, dict):
        return data
    return report.as_dict(failed(workspace.catalogue.contract(dataset), what, _error(state, data)))


def _error(state: State[Any], raised: object) -> CleanholdError | OSError:
    if isinstance(raised, TimeoutError):  # an OSError to Python
        return StateError(
            state.message or "it took too long",
            next="nothing of it was published; run it again when there is less to do",
        )
    if isinstance(raised, CleanholdError | OSError):
        return raised
    return StateError(
        " ".join(f"{type(raised).__name__}: {raised}".split()),
        next="nothing of it was published; the log of the flow run has the traceback",
    )


def _untold(state: State[Any]) -> list[str]:
    data = _data(state)
    return data if isinstance(data, list) else [f"outbox: {data}"]


def _log(outcomes: Sequence[Told], untold: Sequence[str]) -> None:
    logger = get_run_logger()
    for outcome in outcomes:
        for line in report.in_words(outcome):
            logger.info(line)
    for line in untold:
        logger.warning("not told yet, and tried again at the next run: %s", line)
