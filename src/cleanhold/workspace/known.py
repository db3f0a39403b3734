"""What is said to a setting that nobody knows."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from cleanhold.errors import WorkspaceError


def require_known(name: str, known: Collection[str], where: str) -> None:
    """Refuse a setting that is none of those.

    Raises:
        WorkspaceError: it is unknown; it says which one may have been meant.
    """
    if name in known:
        return
    close = difflib.get_close_matches(name, known, n=1)
    raise WorkspaceError(
        f"unknown setting {name!r}",
        where=where,
        next=f"did you mean {close[0]!r}?" if close else "use " + ", ".join(sorted(known)),
    )
