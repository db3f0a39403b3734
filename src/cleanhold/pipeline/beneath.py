"""beneath: what the audits that stopped a candidate compared it with, beside the candidate itself.

Where that changes, the candidate is judged again; where it does not, it never is. What was
published after it in the order of deliveries does not count: each would have it judged anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from typing import Any

from cleanhold.core.audit import Past
from cleanhold.core.contract import Contract, LoadMode
from cleanhold.core.run import canonical_json
from cleanhold.core.snapshot import Snapshot

#: Audits of the whole table: what was published before is part of it, unless it is replaced.
_OF_THE_TABLE = {"drift", "expectations", "keys", "not_null"}


def beneath(
    contract: Contract, stops: Collection[str], history: Sequence[Past], baseline: Snapshot | None
) -> str:
    """Hex SHA-256 of what could make the audits that stopped a candidate think otherwise.

    Args:
        stops: their names, among others.
        history: what was published before it.

    Returns:
        Empty where that is nothing: of its own rows alone they said no.
    """
    found: dict[str, Any] = {}
    if "drift" in stops:
        found["baseline"] = baseline.manifest if baseline else None
    grows = contract.load is not LoadMode.REPLACE
    if "volume" in stops or (grows and not _OF_THE_TABLE.isdisjoint(stops)):
        found["before"] = [past.number for past in history]
    return hashlib.sha256(canonical_json(found)).hexdigest() if found else ""
