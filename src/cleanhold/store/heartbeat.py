"""A heartbeat: the claim of a living process is renewed, however long its work takes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from cleanhold.errors import LedgerError, RunInProgress
from cleanhold.store.claims import LEASE, Claim
from cleanhold.store.ledger import Ledger

#: Renewals in the time of one lease: some may be late or fail.
BEATS = 6

_log = logging.getLogger(__name__)


@contextmanager
def beating(ledger: Ledger, claim: Claim, lease: float = LEASE) -> Iterator[None]:
    """Renew a claim until the block ends, from a thread of its own.

    A claim that is lost is not renewed any more; its holder learns it when it commits.

    Args:
        lease: seconds that the claim lasts after each renewal.
    """
    ended = threading.Event()
    name = f"heartbeat of {claim.folder}"
    thread = threading.Thread(target=_beat, args=(ledger, claim, lease, ended), name=name)
    thread.daemon = True  # a process that ends does not wait for it
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _beat(ledger: Ledger, claim: Claim, lease: float, ended: threading.Event) -> None:
    while not ended.wait(lease / BEATS):
        try:
            ledger.renew(claim, lease_seconds=lease)
        except RunInProgress:
            return
        except LedgerError as error:
            # It may be back before the lease ends; if not, the commit says so.
            _log.warning("the claim of %s was not renewed: %s", claim.dataset, error.what)
