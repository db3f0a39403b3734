"""What happened to a held row, in lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def history_lines(row: Mapping[str, Any]) -> Iterator[str]:
    """One line for each change of a row's status and each remark, oldest first."""
    for change in row.get("history", ()):
        who = f" by {change['who']}" if change["who"] else ""
        why = f": {change['why']}" if change["why"] else ""
        what = change["what"] if who else f"{change['what']} by {change['cause'][:16]}"
        yield f"{change['happened']:%F %H:%M} UTC  {what}{who}{why}"
