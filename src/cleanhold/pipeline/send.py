"""send: events that a destination has not go to it, in their order; no run waits for that long."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cleanhold.errors import CleanholdError, EventRefused, Unreachable, WorkspaceError
from cleanhold.pipeline.stores import Stores
from cleanhold.pipeline.trace import lineage_folder
from cleanhold.store.files import file_lock, make_folder
from cleanhold.store.sent import SentEvents
from cleanhold.tracing import Destination
from cleanhold.tracing.channels import load_client, open_channel

_log = logging.getLogger(__name__)

#: Seconds that a command waits at its end for events to be sent; what is left is sent later.
PATIENCE = 1.5

#: Seconds between two looks for new events while a run works.
_LOOK = 1.0

#: Marks of the destinations that this process has asked and that have not answered → since when.
_asked: dict[Path, float] = {}

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
    return {to.name: _kept(stores, to) for to in stores.naming.destinations}


def send_all(stores: Stores) -> list[Sent]:
    """Send everything that waits, however long it takes and whatever failed before.

    A destination that does not answer is left at its first failure. Refused events are tried again.
    """
    for kept in sent_events(stores).values():
        kept.forget_refusals()
    return [
        _send(_kept(stores, to), to, turn=_TURN, stop=lambda: False, at_once=True)
        for to in stores.naming.destinations
    ]


def send_soon(stores: Stores, patience: float = PATIENCE) -> None:
    """Send what waits, for as long as a command may be kept by it.

    A destination that does not answer in that time is one that takes no events now.
    """
    ended = threading.Event()
    until = time.monotonic() + patience
    threads = [
        _thread(partial(_send, _kept(stores, to), to, turn=patience, stop=ended.is_set))
        for to in stores.naming.destinations
    ]
    for thread in threads:
        thread.join(max(until - time.monotonic(), 0.0))
    ended.set()  # they may still be within one request, and mark what comes of that
    for to in stores.naming.destinations:
        _give_up(_kept(stores, to), to, patience)


def _give_up(kept: SentEvents, to: Destination, patience: float) -> None:
    """Remember that a destination hangs: whoever asked it may end before it can say so."""
    asked = _asked.get(kept.marks)
    if asked is None or time.monotonic() - asked < patience / 3:
        return  # it answers, or is about to
    with suppress(OSError):
        _failed(kept, to, f"no answer within {time.monotonic() - asked:.1f} s")


@contextmanager
def sending(stores: Stores) -> Iterator[None]:
    """Events are sent while the block works, soon after they happen; the end does not wait."""
    ended = threading.Event()

    def work(to: Destination) -> None:
        kept = _kept(stores, to)
        while not ended.wait(_LOOK):
            _send(kept, to, turn=0.0, stop=ended.is_set)

    if stores.naming.destinations:
        load_client()  # before the threads are there: the block does so too
    for to in stores.naming.destinations:
        _thread(partial(work, to))
    try:
        yield
    finally:
        ended.set()


def _thread(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, name="sender of lineage", daemon=True)
    thread.start()
    return thread


def _kept(stores: Stores, to: Destination) -> SentEvents:
    return SentEvents(stores.state.sent / to.name, lineage_folder(stores))


def _send(
    kept: SentEvents,
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
                _asked[kept.marks] = time.monotonic()
                try:
                    channel.send(event)
                except EventRefused as error:
                    kept.refused(path, error.what)
                    refused += 1
                    _log.warning("%s does not take a lineage event: %s", to.name, error.what)
                else:
                    kept.has(path)
                    sent += 1
                finally:
                    _asked.pop(kept.marks, None)
                kept.answered()
    except (Unreachable, WorkspaceError) as error:
        why = _in_words(error)
        _failed(kept, to, why)
        return Sent(to.name, sent, refused, why)
    return Sent(to.name, sent, refused)


def _failed(kept: SentEvents, to: Destination, why: str) -> None:
    if kept.failed(why).failures == 1:
        _log.warning("lineage waits for %s, and is sent later: %s", to.name, why)


def _in_words(error: CleanholdError | OSError) -> str:
    """What is wrong and what to do about it, in one line."""
    if not isinstance(error, CleanholdError):
        return str(error)
    return f"{error.what}; {error.next}" if error.next else error.what
