"""The part of `verify` that looks for files which nothing tells of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from cleanhold.errors import CleanholdError, DamagedFile, StateError
from cleanhold.pipeline.stores import Stores
from cleanhold.pipeline.trace import events_written, lineage_folder
from cleanhold.store.endings import ENDED, LINEAGE
from cleanhold.store.files import file_lock
from cleanhold.store.landing import aside_id
from cleanhold.store.receipts import SEEN
from cleanhold.store.recovery import unreferred
from cleanhold.tracing.event import EventType, event_id, flow_event_id


def stray_pointers(stores: Stores) -> Iterator[CleanholdError]:
    """Pointers of datasets that the ledger does not know: outside readers would follow them."""
    files = _files(stores.state.current)
    known = {stores.state.pointer(dataset) for dataset in stores.ledger.datasets()}
    for path in files:
        if path not in known:
            yield _stray(path, "pointer of a dataset that the ledger knows", "follow")


def stray_events(stores: Stores) -> Iterator[CleanholdError]:
    """Files among the lineage events that no run has written; consumers would count them."""
    folder = lineage_folder(stores)
    if not folder.is_relative_to(stores.state.root):
        return  # others may write there, too
    files = _files(folder)
    done = stores.ledger.pending(LINEAGE, done=True)
    written = [events_written(folder, event) for event in done]
    if stores.ledger.pending(LINEAGE) or None in written:
        return  # what is written just now is not known; or it was told that it is not
    known = {path for made in written for path in made or ()}
    unknown = [path for path in files if path not in known]
    attempted = _of_attempts(stores) if unknown else set()
    for path in unknown:
        if path.stem not in attempted:
            yield _stray(path, "lineage event that a run has written", "count")


def _stray(path: Path, what: str, read: str) -> StateError:
    return StateError(
        f"{path.name} is no {what}, and who reads that folder would {read} it",
        where=str(path),
        next="restore the newer ledger if this one is an old copy; else remove the file",
    )


def _of_attempts(stores: Stores) -> set[str]:
    """Ids of the events that any attempt at a run may have left, or the flow run that it was in:
    what is told while they work is no event of the outbox."""
    runs = stores.ledger.runs()
    ended = [
        e.payload[ENDED] for e in stores.ledger.pending(LINEAGE, done=True) if ENDED in e.payload
    ]
    kept = [*(run.details for run in runs), *(attempt["details"] for attempt in ended)]
    flows = {details["flow"]["id"] for details in kept if "flow" in details}
    attempts = {
        event_id(run.id, attempt, kind)
        for run in runs
        for attempt in range(1, run.attempt + 1)
        for kind in EventType
    }
    return attempts | {flow_event_id(flow, kind) for flow in flows for kind in EventType}


def leftovers(stores: Stores) -> Iterator[str]:
    """That there are files which nothing refers to, in words; they contradict nothing."""
    with suppress(DamagedFile):  # told already; what it referred to is unknown
        found = unreferred(stores.state, stores.ledger)
        if found and not stores.ledger.live_claims():
            yield (
                f"{len(found)} files that no snapshot or decision refers to, such as {found[0]}: "
                "an interrupted run left them, and `cleanhold recover` removes them; "
                "unless the ledger is an old copy: then restore the newer one first"
            )
    if landed := _unreceipted(stores):
        yield (
            f"{len(landed)} files that no receipt tells of, such as {landed[0]}: an interrupted "
            "landing left them, or the ledger is an old copy: then restore the newer one; "
            "they do no harm, and the next landing of the same bytes takes them"
        )


def _unreceipted(stores: Stores) -> list[Path]:
    """Landed bytes of no receipt; none while others land, for bytes come before their receipt."""
    state, ledger = stores.state, stores.ledger
    with suppress(OSError), file_lock(state.landing_lock, timeout=0):
        extracts = ledger.extracts()
        known = {extract.path for extract in extracts}
        for source in {extract.source for extract in extracts}:
            told = (one["delivery"] for one in ledger.receipts(source) if "delivery" in one)
            known |= {state.delivery(str(one["sha256"])) for one in told}
        # Whatever was seen at any time: what a place brings next does not remove it.
        for body in (entry.body for entry in ledger.audit_log() if entry.body["act"] == SEEN):
            file = state.aside_file(aside_id(body["source"], body["place"], body["sha256"]))
            known |= {file, file.with_name(f"{file.name}.json")}
            if body["sha256"]:
                known.add(state.delivery(body["sha256"]))
        folders = (state.extracts, state.deliveries, state.aside)
        return [path for folder in folders for path in _files(folder) if path not in known]
    return []


def _files(folder: Path) -> list[Path]:
    """What lies below it, but for what is being written: that is hidden."""
    found = folder.rglob("*")
    return sorted(path for path in found if not path.name.startswith(".") and not path.is_dir())
