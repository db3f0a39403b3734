"""The outbox: what follows a commit, done in order, again after a crash, and only then marked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cleanhold.store.crashpoints import crash_point
from cleanhold.store.events import OutboxEvent
from cleanhold.store.files import file_lock, make_folder
from cleanhold.store.ledger import Ledger

#: Seconds to wait for another process that is draining.
PATIENCE = 30.0

#: Does what an event asks for; gives the files that it made (path → SHA-256), if that is known.
Handler = Callable[[OutboxEvent], Mapping[str, str] | None]


@dataclass(frozen=True, slots=True)
class Failure:
    """A projection that did not work; its event stays pending and is tried again.

    Attributes:
        event: the event; None when another process was draining all the time.
    """

    event: OutboxEvent | None
    error: Exception


def drain(
    ledger: Ledger, handlers: Mapping[str, Handler], *, lock: Path, patience: float = PATIENCE
) -> list[Failure]:
    """Handle every pending event that has a handler, in commit order.

    Never raises for a handler: what is committed is committed. After a failure the later events
    of that kind wait, so that each kind is projected in order; other kinds go on.

    Args:
        handlers: by kind. A handler may be called twice for the same event.
        lock: companion lock file; one process drains at a time.
        patience: seconds to wait for it.
    """
    make_folder(lock.parent)
    try:
        with file_lock(lock, timeout=patience):
            return _drain(ledger, handlers)
    except TimeoutError as error:
        return [Failure(None, error)]


def _drain(ledger: Ledger, handlers: Mapping[str, Handler]) -> list[Failure]:
    failures: dict[str, Failure] = {}
    while waiting := [
        event for event in ledger.pending() if event.kind in handlers and event.kind not in failures
    ]:
        for event in waiting:
            if event.kind in failures:
                continue
            crash_point("projecting")
            try:
                made = handlers[event.kind](event)
            except Exception as error:  # noqa: BLE001 - handlers are anybody's code
                failures[event.kind] = Failure(event, error)
                continue
            crash_point("projected")
            ledger.done(event.id, made)
    crash_point("drained")
    return list(failures.values())
