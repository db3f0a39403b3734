"""What a commit asks to be done afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class OutboxEvent:
    """One thing to project from the ledger. Its handler must bear to run twice.

    Attributes:
        kind: which handler it is for, such as `pointer`.
        payload: JSON values, known before the commit (the snapshot's number is not).
        dataset: filled by the ledger, as are the next two.
        run: the run that was committed.
        id: 1, 2, 3 … in the order of the commits.
    """

    kind: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    dataset: str = ""
    run: str = ""
    id: int = 0
