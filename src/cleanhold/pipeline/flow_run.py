"""flow run: what is done together is told to lineage as the parent of its runs.

While it works its marker is locked in `flows/`: so the next one knows which never came to an end.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime

from cleanhold.core.flow_run import FlowRun, Parent
from cleanhold.errors import CleanholdError, UsageError
from cleanhold.pipeline.stores import Stores, code_version
from cleanhold.pipeline.trace import lineage_folder
from cleanhold.store.files import make_folder, temporary
from cleanhold.tracing import EventType, flow_event_id, write

_log = logging.getLogger(__name__)

#: Environment variable in which schedulers tell who starts this: `<namespace>/<job>/<run id>`.
PARENT = "OPENLINEAGE_PARENT_ID"

INTERRUPTED = "interrupted: its process ended"


@contextmanager
def flow_run(
    stores: Stores, job: str, *, identifier: str | None = None
) -> Iterator[tuple[Stores, list[str]]]:
    """What the block does is one flow run; it is told if a run begins in it.

    Args:
        stores: of the workspace.
        job: what runs, by a name that stays the same.
        identifier: a UUID that it is known by elsewhere; done again under it, it has another.

    Yields:
        The stores for the runs in it, and a list for what fails in it, in words.
    """
    if stores.flow is not None:
        yield stores, []
        return
    flow = FlowRun(_own_id(stores, identifier), job, stores.ledger.now(), _parent())
    inside, failures = replace(stores, flow=flow), list[str]()
    with _marked(stores, flow):
        try:
            yield inside, failures
        except BaseException as error:
            what = error.what if isinstance(error, CleanholdError) else type(error).__name__
            is_failure = isinstance(error, Exception)
            _tell(stores, flow, EventType.FAIL if is_failure else EventType.ABORT, [what])
            raise
        _tell(stores, flow, EventType.FAIL if failures else EventType.COMPLETE, failures)


def _own_id(stores: Stores, identifier: str | None) -> str:
    """The identifier, or one made from it if it was told of already; without any, a new one."""
    if identifier is None:
        return str(uuid.uuid4())
    found, times = identifier, 1
    while _is_told_of(stores, found, EventType.START):
        times += 1
        found = str(uuid.uuid5(uuid.UUID(identifier), f"again {times}"))
    return found


def tell_start(stores: Stores) -> None:
    """Have it told that the flow run has begun; again changes nothing."""
    if stores.flow is not None and not _is_told(stores, stores.flow, EventType.START):
        _write(stores, stores.flow, EventType.START, stores.flow.started_at)


def end_interrupted(stores: Stores) -> None:
    """Have the end told of the flow runs whose processes are gone."""
    for marker in sorted(stores.state.flows.glob("*.json")):
        with suppress(FileNotFoundError), marker.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue  # it works
            with suppress(ValueError, KeyError, UsageError):  # killed while it was written
                flow = FlowRun.from_dict(json.loads(file.read()))
                _tell(stores, flow, EventType.ABORT, [INTERRUPTED])
            marker.unlink(missing_ok=True)


def _tell(stores: Stores, flow: FlowRun, kind: EventType, reasons: list[str]) -> None:
    """Tell its end, if its start was told and no end is. It never keeps a run from ending."""
    ends = (EventType.COMPLETE, EventType.FAIL, EventType.ABORT)
    if _is_told(stores, flow, EventType.START) and not any(
        _is_told(stores, flow, end) for end in ends
    ):
        with suppress(CleanholdError):
            _write(stores, flow, kind, stores.ledger.now(), reasons)


def _is_told(stores: Stores, flow: FlowRun, kind: EventType) -> bool:
    return _is_told_of(stores, flow.id, kind)


def _is_told_of(stores: Stores, identifier: str, kind: EventType) -> bool:
    name = f"*/{flow_event_id(identifier, kind)}.json"
    return next(lineage_folder(stores).glob(name), None) is not None


def _write(
    stores: Stores, flow: FlowRun, kind: EventType, at: datetime, reasons: list[str] | None = None
) -> None:
    from cleanhold.tracing.flow import flow_event

    event = flow_event(
        flow, kind, at, naming=stores.naming, code=code_version(), reasons=reasons or ()
    )
    write(event, lineage_folder(stores))


@contextmanager
def _marked(stores: Stores, flow: FlowRun) -> Iterator[None]:
    folder = stores.state.flows
    marker = folder / f"{flow.id}.json"
    make_folder(folder)
    # Locked before it is there under its name: whoever looks takes an unlocked one for left behind.
    with temporary(marker) as (draft, file):
        file.write(json.dumps(flow.as_dict()).encode())
        file.flush()
        draft.replace(marker)
        try:
            yield
        finally:
            marker.unlink(missing_ok=True)


def _parent() -> Parent | None:
    text = os.environ.get(PARENT, "")
    if not text:
        return None
    try:
        return Parent.from_text(text)
    except UsageError as error:
        _log.warning("%s is not understood, and left out of lineage: %s", PARENT, error.what)
        return None
