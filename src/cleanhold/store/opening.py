"""The ledger of a state folder, wherever it is."""

from __future__ import annotations

from cleanhold.errors import LedgerError
from cleanhold.store.binding import elsewhere
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger


def has_ledger(state: StateFolder) -> bool:
    """Whether the folder was ever run with; opening makes a ledger where there is none."""
    return state.ledger.is_file() or state.binding.is_file()


def open_ledger(state: StateFolder) -> Ledger:
    """Open the folder's ledger; make it the first time. Close it, or use it as a context manager.

    Raises:
        LedgerError: it cannot be opened, or is of another folder.
        WorkspaceError: its URL cannot be used.
    """
    if not state.url:
        if error := elsewhere(state):
            raise error
        return Ledger(state.ledger)
    if state.ledger.is_file():
        raise LedgerError(
            "this state has a ledger of its own, and the URL of another one is set",
            where=str(state.ledger),
            next="unset CLEANHOLD_LEDGER and `ledger`, or set `state` to a new folder "
            "(docs/ledger.md)",
        )
    ledger = Ledger(state.url, root=state.root)
    try:
        ledger.bind(state)
    except BaseException:
        ledger.close()
        raise
    return ledger
