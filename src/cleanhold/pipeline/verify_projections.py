"""The half of `verify` that holds one telling against another: pointers, lineage, quarantine."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from cleanhold.errors import CleanholdError, DamagedFile, StateError
from cleanhold.pipeline.stores import Stores
from cleanhold.pipeline.trace import events_written, lineage_folder, spoiled_events
from cleanhold.store import feeding, pointer
from cleanhold.store.endings import LINEAGE
from cleanhold.store.quarantine import Quarantine

#: How often, and after how many seconds, something is looked at again that others may just change.
_TRIES, _PAUSE = 8, 0.2

_AGAIN = "`cleanhold recover --quarantine` makes it again from the files of the held rows"
_FEEDS = "`cleanhold recover` feeds them"


def pointer_problems(stores: Stores, dataset: str) -> list[CleanholdError]:
    """The pointer that outside readers follow says what the ledger says, unless it will shortly."""
    path = stores.state.pointer(dataset)
    for _ in range(_TRIES):
        current = stores.ledger.snapshot(dataset)
        real = {"dataset": dataset, "number": current.number, "manifest": current.manifest} if (
            current
        ) else None  # fmt: skip
        try:
            told = json.loads(path.read_bytes()) if path.is_file() else None
        except ValueError:
            told = "not JSON"
        waits = any(event.dataset == dataset for event in stores.ledger.pending(pointer.KIND))
        if told == real or waits:
            return []
        time.sleep(_PAUSE)
    return [
        StateError(
            f"the pointer of {dataset} names another snapshot than the ledger",
            where=str(path),
            next="`cleanhold recover` writes it again",
        )
    ]


def lineage_problems(stores: Stores, dataset: str | None) -> list[CleanholdError]:
    """Lineage events that are gone, or are not what was written."""
    folder = lineage_folder(stores)
    found: list[CleanholdError] = []
    for event in stores.ledger.pending(LINEAGE, done=True):
        if dataset is not None and event.dataset != dataset:
            continue
        if events_written(folder, event) is None:
            found.append(
                StateError(
                    "the ledger does not know which files a lineage event was written to",
                    where=f"{event.dataset}, event {event.id} of the outbox",
                    next="`cleanhold recover` writes it again",
                )
            )
        for path in spoiled_events(folder, event):
            how = "is not what was written" if path.is_file() else "is missing"
            said = f"a lineage event of {event.dataset} {how}"
            found.append(
                DamagedFile(said, where=str(path), next="`cleanhold recover` writes it again")
            )
    return found


def quarantine_problems(stores: Stores) -> tuple[list[CleanholdError], list[str]]:
    """Rows of the quarantine that are not as the files make them; and what is not in it yet.

    Raises:
        CleanholdError: it cannot be compared.
    """
    quarantine, place = Quarantine(stores.state), stores.state.quarantine
    told = None
    for _ in range(_TRIES):
        told = None
        waiting = {event.run for event in stores.ledger.pending(feeding.KIND)}
        fed = quarantine.fed() if place.exists() else []
        entries = feeding.names(stores.ledger)
        behind = entries[len(fed) :]
        if entries[: len(fed)] != fed:
            told = "the quarantine has runs or decisions that the ledger has not", _AGAIN
        elif behind and behind[0] not in waiting:
            told = f"{len(behind)} runs or decisions are not in the quarantine", _FEEDS
        elif not fed:
            return [], _behind(behind)
        else:
            differing = quarantine.differences(
                islice(feeding.items(stores.state, stores.ledger), len(fed))
            )
            if not differing or quarantine.fed() == fed:
                return [_differs(table, n, place) for table, n in differing.items()], _behind(
                    behind
                )
        time.sleep(_PAUSE)
    if told is None:
        return [], ["the quarantine is being filled and was not compared; verify again later"]
    return [StateError(told[0], where=str(place), next=told[1])], []


def _differs(table: str, count: int, place: Path) -> StateError:
    return StateError(
        f"{count:,} rows of the table {table!r} are not as the held rows' files make them",
        where=str(place),
        next=_AGAIN,
    )


def _behind(entries: Sequence[str]) -> list[str]:
    if not entries:
        return []
    return [
        f"{len(entries)} runs or decisions are not in the quarantine yet; the end of the run that "
        "is in progress feeds them, or `cleanhold recover`"
    ]
