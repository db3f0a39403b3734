"""send: events that a destination has not go to it, in their order; no run waits for that long."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from cleanhold.errors import CleanholdError, EventRefused, Unreachable, WorkspaceError
from cleanhold.pipeline.stores import Stores
from cleanhold.pipeline.trace import lineage_folder
from cleanhold.store.files import file_lock, make_folder
from cleanhold.store.sent import SentEvents
from cleanhold.tracing import Destination
from cleanhold.tracing.channels import open_channel

_log = logging.getLogger(__name__)

#: Seconds that a command waits at its end for events to be sent; what is left is sent later.
PATIENCE = 1.5

#: Seconds between two looks for new events while a run works.
_LOOK = 0.5

#: Seconds that `recover` waits for another process that is sending.
_TURN = 30.0


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of sending to one destination.

    Attributes:
        sent: how many events it took.
        refused: how many it will not take.
        why: it takes none now, in words; empty if it does.
    """

    destination: str
    sent: int = 0
    refused: int = 0
    why: str = ""


def sent_events(stores: Stores) -> dict[str, SentEvents]:
    """What each destination has, by its name."""
    folder = lineage_folder(stores)
    return {
        to.name: SentEvents(stores.state.sent / to.name, folder)
        for to in stores.naming.destinations
    }


def send_all(stores: Stores) -> list[Sent]:
    """Send everything that waits, however long it takes and whatever failed before.

    A destination that does not answer is left at its first failure. Refused events are tried again.
    """
    for kept in sent_events(stores).values():
        kept.forget_refusals()
    return [
        _send(stores, to, turn=_TURN, stop=lambda: False, at_once=True)
        for to in stores.naming.destinations
    ]


def send_soon(stores: Stores, patience: float = PATIENCE) -> None:
    """Send what waits, for as long as a command may be kept by it."""
    if not stores.naming.destinations:
        return
    ended = threading.Event()
    thread = _thread(lambda: _send_each(stores, ended.is_set, turn=patience))
    thread.join(patience)
    ended.set()  # it may still be within one request, and marks what comes of that


@contextmanager
def sending(stores: Stores) -> Iterator[None]:
    """Events are sent while the block works, soon after they happen; the end does not wait."""
    if not stores.naming.destinations:
        yield
        return
    ended = threading.Event()

    def work() -> None:
        while not ended.wait(_LOOK):
            _send_each(stores, ended.is_set, turn=0.0)

    _thread(work)
    try:
        yield
    finally:
        ended.set()


def _thread(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, name="sender of lineage", daemon=True)
    thread.start()
    return thread


def _send_each(stores: Stores, stop: Callable[[], bool], *, turn: float) -> None:
    for to in stores.naming.destinations:
        if not stop():
            _send(stores, to, turn=turn, stop=stop)


def _send(
    stores: Stores,
    to: Destination,
    *,
    turn: float,
    stop: Callable[[], bool],
    at_once: bool = False,
) -> Sent:
    """Send to one destination until nothing waits, it fails, or it is to stop.

    Args:
        turn: seconds to wait for another process, or thread, that is sending to it.
        at_once: even if it failed a moment ago.
    """
    kept = SentEvents(stores.state.sent / to.name, lineage_folder(stores))
    try:
        if not (at_once or kept.is_due()) or not kept.count():
            return Sent(to.name)
        make_folder(kept.marks)
        with file_lock(kept.lock, timeout=turn):
            return _sent(kept, to, stop)
    except TimeoutError:
        return Sent(to.name)  # another one sends
    except (CleanholdError, OSError) as error:  # of this machine: no room, a missing key
        what = _in_words(error)
        _log.warning("lineage cannot be sent to %s: %s", to.name, what)
        return Sent(to.name, why=what)


def _sent(kept: SentEvents, to: Destination, stop: Callable[[], bool]) -> Sent:
    sent = refused = 0
    try:
        with closing(open_channel(to)) as channel:
            for path, event in kept.waiting():
                if stop():
                    break
                try:
                    channel.send(event)
                except EventRefused as error:
                    kept.refused(path, error.what)
                    refused += 1
                    _log.warning("%s does not take a lineage event: %s", to.name, error.what)
                else:
                    kept.has(path)
                    sent += 1
    except (Unreachable, WorkspaceError) as error:
        why = _in_words(error)
        if kept.failed(why).failures == 1:
            _log.warning("lineage waits for %s, and is sent later: %s", to.name, why)
        return Sent(to.name, sent, refused, why)
    if sent or refused:
        kept.answered()
    return Sent(to.name, sent, refused)


def _in_words(error: CleanholdError | OSError) -> str:
    """What is wrong and what to do about it, in one line."""
    if not isinstance(error, CleanholdError):
        return str(error)
    return f"{error.what}; {error.next}" if error.next else error.what
