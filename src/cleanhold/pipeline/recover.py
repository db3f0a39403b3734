"""recover: whatever was interrupted is fenced, its files removed, what waits is done."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from cleanhold.errors import CleanholdError
from cleanhold.pipeline.flow_run import end_interrupted
from cleanhold.pipeline.project import project
from cleanhold.pipeline.send import send_all
from cleanhold.pipeline.stores import Stores
from cleanhold.pipeline.trace import (
    events_written,
    lineage_folder,
    spoiled_events,
    trace_event,
)
from cleanhold.store import pointer
from cleanhold.store.endings import LINEAGE
from cleanhold.store.extract_bytes import remove_expired_extracts
from cleanhold.store.feeding import catch_up, items
from cleanhold.store.files import drop_abandoned
from cleanhold.store.quarantine import Quarantine
from cleanhold.store.recovery import Recovered
from cleanhold.store.recovery import recover as clean


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was done.

    Attributes:
        cleaned: what interrupted runs had left.
        projected: events that waited and are done.
        fed: runs and decisions that the quarantine lacked, or all if it was made anew.
        sent: lineage events that waited for a server and are there.
        failures: what did not work, in words; it stays to be done.
    """

    cleaned: Recovered
    projected: int
    fed: int
    failures: tuple[str, ...]
    sent: int = 0

    @property
    def nothing(self) -> bool:
        """Nothing was left behind."""
        cleaned = self.cleaned
        counts = (cleaned.fenced, cleaned.staging, cleaned.files, cleaned.temporary)
        return not any((*counts, self.projected, self.fed, self.sent, self.failures))

    def as_dict(self) -> dict[str, Any]:
        told = asdict(self.cleaned)
        problems = [*told.pop("problems"), *self.failures]
        done = {"projected": self.projected, "fed": self.fed, "sent": self.sent}
        return {**told, **done, "problems": problems}


def recover(stores: Stores, *, rebuild_quarantine: bool = False) -> Recovery:
    """Clean up after interrupted runs and finish what follows their commits; safe at any time.

    Claims of processes that are gone end, so that those can no longer commit; then their files go,
    then whatever file no snapshot refers to; then pointers are written, the quarantine is fed,
    lineage told, and sent. Nothing that was committed is lost or changed.

    Args:
        stores: of the workspace.
        rebuild_quarantine: make the quarantine database again from the held rows' files.
    """
    cleaned = clean(stores.state, stores.ledger, thorough=True)
    dropped = sum(drop_abandoned(day) for day in lineage_folder(stores).glob("*/"))
    cleaned = replace(cleaned, temporary=cleaned.temporary + dropped)
    removed = remove_expired_extracts(stores.state, stores.ledger)
    cleaned = replace(cleaned, files=cleaned.files + removed)
    end_interrupted(stores)
    waiting = len(stores.ledger.pending())
    failures = [str(failure.error) for failure in project(stores, send=False)]
    projected = waiting - len(stores.ledger.pending())
    failures += _retraced(stores)
    quarantine = Quarantine(stores.state)
    if rebuild_quarantine:
        fed = quarantine.rebuild(items(stores.state, stores.ledger))
    else:
        fed = catch_up(stores.state, stores.ledger, quarantine)
    for dataset in stores.ledger.datasets():
        pointer.project(stores.state, stores.ledger, dataset)
    sent = send_all(stores)
    failures += [f"{one.destination} does not get lineage: {one.why}" for one in sent if one.why]
    failures += [
        f"{one.destination} refuses {one.refused} lineage events; `cleanhold doctor` says why"
        for one in sent
        if one.refused
    ]
    told = sum(one.sent for one in sent)
    return Recovery(cleaned, projected, fed, (*cleaned.problems, *failures), told)


def _retraced(stores: Stores) -> list[str]:
    """Write lineage events that are gone or damaged again; gives what did not work, in words."""
    failures = []
    folder = lineage_folder(stores)
    for event in stores.ledger.pending(LINEAGE, done=True):
        spoiled = spoiled_events(folder, event)
        written = events_written(folder, event)
        if written is not None and not spoiled:
            continue
        try:
            for path in spoiled:
                path.unlink(missing_ok=True)
            # What is still right stays known, even if nothing would write it any more.
            kept = {p: sha256 for p, sha256 in (written or {}).items() if p not in spoiled}
            told = {p.relative_to(folder).as_posix(): sha256 for p, sha256 in kept.items()}
            stores.ledger.done(event.id, {**told, **trace_event(stores, event)})
        except (CleanholdError, OSError) as error:
            failures.append(str(error))
    return failures
