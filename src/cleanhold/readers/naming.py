"""Column names as delivered → names that can be columns."""

from __future__ import annotations

from collections.abc import Sequence

from cleanhold.core.reading import ROW_SPAN


def column_names(delivered: Sequence[str]) -> tuple[list[str], list[str]]:
    """Unique names that clash with no provenance column, and a note for each one changed.

    Blanks around a name go; an empty name becomes `column_N` (N counts from 1); a name that was
    there before gets `_2`, `_3`, ...
    """
    names: list[str] = []
    notes: list[str] = []
    taken = set(ROW_SPAN)
    promised = {name.strip() for name in delivered}
    for number, raw in enumerate(delivered, start=1):
        wanted = raw.strip() or f"column_{number}"
        name, copy = wanted, 2
        while name in taken or (name != raw.strip() and name in promised):
            name, copy = f"{wanted}_{copy}", copy + 1
        taken.add(name)
        names.append(name)
        if not raw.strip():
            notes.append(f"column {number} has no name and is called {name!r}")
        elif name != wanted:
            why = "is reserved" if wanted in ROW_SPAN else "is there twice"
            notes.append(f"column {number}: the name {wanted!r} {why}; it is called {name!r}")
    return names, notes
