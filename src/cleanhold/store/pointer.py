"""The current pointer: which snapshot outside readers should take."""

from __future__ import annotations

from cleanhold.core.run import canonical_json
from cleanhold.store.files import atomic_write
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger

#: Kind of the outbox events this handles.
KIND = "pointer"


def project(state: StateFolder, ledger: Ledger, dataset: str) -> None:
    """Write `current/<dataset>.json`: `{dataset, number, manifest}` of the published snapshot.

    Taken from the ledger, whichever commit asked for it: a late event cannot turn the pointer back.
    """
    snapshot = ledger.snapshot(dataset)
    if snapshot is None:
        return
    value = {
        "dataset": snapshot.dataset,
        "number": snapshot.number,
        "manifest": snapshot.manifest,
    }
    atomic_write(state.pointer(dataset), canonical_json(value))
