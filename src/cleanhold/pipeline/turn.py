"""turn: runs of one dataset take turns; who comes second waits, and begins upon what is there."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from cleanhold.core.span import in_words
from cleanhold.errors import RunInProgress

#: Seconds between two looks at who works, and between two words about it.
LOOK, WORD = 1.0, 60.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for another run of the same dataset.

    Attributes:
        seconds: at most, for each piece of work; 0 waits for nobody.
        tell: called with who works there, now and then, and with the seconds that are left.
    """

    seconds: float = 0.0
    tell: Callable[[RunInProgress, float], None] = lambda _busy, _left: None


#: It waits for nobody.
NO_PATIENCE = Patience()


def in_turn(
    patience: Patience, busy: Callable[[], RunInProgress | None], take: Callable[[], T]
) -> T:
    """What `take` gives; it begins anew whenever another run was at its dataset.

    Args:
        busy: who works on the dataset now.
        take: plans and does the work; a plan made before another run ended is worth nothing.

    Raises:
        RunInProgress: the other run, or the one after it, outlasts the patience.
    """
    deadline = time.monotonic() + patience.seconds
    while True:
        try:
            return take()
        except RunInProgress as error:
            if patience.seconds <= 0:
                raise
            _wait(patience, deadline, busy, error)


def _wait(
    patience: Patience,
    deadline: float,
    busy: Callable[[], RunInProgress | None],
    error: RunInProgress,
) -> None:
    said = -WORD
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            raise RunInProgress(
                f"{error.what}, still after {in_words(patience.seconds)}",
                where=error.where,
                next=error.next,
            ) from None
        if time.monotonic() - said >= WORD:
            patience.tell(error, left)
            said = time.monotonic()
        time.sleep(min(LOOK, left))
        if (other := busy()) is None:
            return
        error = other
