"""project: what follows a commit, from the outbox: pointers, quarantine, lineage."""

from __future__ import annotations

from collections.abc import Sequence

from cleanhold.pipeline.anchoring import anchored
from cleanhold.pipeline.send import send_soon
from cleanhold.pipeline.stores import Stores
from cleanhold.pipeline.trace import trace_event
from cleanhold.store import feeding, outbox, pointer
from cleanhold.store.endings import LINEAGE
from cleanhold.store.events import OutboxEvent
from cleanhold.store.outbox import Failure
from cleanhold.store.quarantine import Quarantine

#: What every commit asks for, beside the pointer.
EVENTS = (OutboxEvent(feeding.KIND), OutboxEvent(LINEAGE))


def project(stores: Stores, *, send: bool = True) -> Sequence[Failure]:
    """Handle every pending event; gives those that failed and will be tried again.

    A failure here never undoes a publication.

    Args:
        send: lineage to its destinations as well; at most a moment is spent on that.
    """
    state, ledger = stores.state, stores.ledger

    def on_pointer(event: OutboxEvent) -> None:
        pointer.project(state, ledger, event.dataset)

    def on_quarantine(_: OutboxEvent) -> None:
        feeding.catch_up(state, ledger, Quarantine(state))

    def on_lineage(event: OutboxEvent) -> dict[str, str]:
        return trace_event(stores, event)

    handlers: dict[str, outbox.Handler] = {
        pointer.KIND: on_pointer,
        feeding.KIND: on_quarantine,
        LINEAGE: on_lineage,
    }
    failures = outbox.drain(ledger, handlers, lock=state.outbox_lock)
    anchored(stores)
    if send:
        send_soon(stores)
    return failures
