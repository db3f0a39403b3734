"""exported: that rows left the workspace in a file, for the audit log."""

from __future__ import annotations

import logging
from pathlib import Path

from cleanhold.core.extract import sha256_of
from cleanhold.errors import LedgerError
from cleanhold.pipeline.anchoring import anchored
from cleanhold.pipeline.person import who_acts
from cleanhold.pipeline.stores import Stores
from cleanhold.store.tables import utc_text

#: The act of the audit log.
EXPORTED = "exported"

_log = logging.getLogger(__name__)


def tell_export(
    stores: Stores,
    file: Path,
    *,
    rows: int,
    dataset: str | None,
    check: str | None,
    why: str | None,
) -> None:
    """Record an export that was written. Where the ledger can only be read, a warning says so.

    Args:
        rows: lines in it.
        dataset: whose; of all if None.
        check: that holds them; any if None.
        why: the reason for which personal values are in it; None if they are masked.
    """
    told = {
        "who": who_acts(),
        "dataset": dataset,
        "check": check,
        "rows": rows,
        "file": file.name,
        "sha256": sha256_of(file),
        "revealed": why is not None,
        "why": (why or "").strip(),
        "at": utc_text(stores.ledger.now()),
    }
    try:
        stores.ledger.record_act(EXPORTED, told)
    except LedgerError as error:  # what is revealed was recorded before anything was written
        _log.warning("the export is not in the audit log: %s", error)
    else:
        anchored(stores)
