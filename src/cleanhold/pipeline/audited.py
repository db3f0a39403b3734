"""audited: what the audits found in a snapshot, as its manifest tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cleanhold.core.pact import PactAnswer
from cleanhold.core.promotion import Promotion
from cleanhold.core.snapshot import Channel, Snapshot
from cleanhold.errors import NeverPublished
from cleanhold.pipeline.known import require_dataset
from cleanhold.pipeline.stores import Stores


@dataclass(frozen=True, slots=True)
class Audited:
    """A snapshot and the answers of its audits.

    Attributes:
        owner: of the dataset, when it was made.
        answers: `core.audit.AuditResult` as JSON values, in the order they ran.
        reasons: all that stopped it, audits and others, in words; none if it was published.
        overruled: what a person overruled, and why (`core.audit.Overruling`); empty if nobody did.
        pacts: whether it is what its consumers need, as they were asked when it was published.
        promotion: that gave it to readers, the newest; None if nobody promoted it.
    """

    snapshot: Snapshot
    owner: str
    answers: tuple[Mapping[str, Any], ...]
    reasons: tuple[str, ...]
    overruled: Mapping[str, Any]
    pacts: tuple[PactAnswer, ...] = ()
    promotion: Promotion | None = None

    def as_dict(self) -> dict[str, Any]:
        """As in the JSON of `cleanhold audit show`."""
        return {
            "dataset": self.snapshot.dataset,
            "snapshot": self.snapshot.number,
            "channel": str(self.snapshot.channel),
            "owner": self.owner,
            "audits": [dict(answer) for answer in self.answers],
            "reasons": list(self.reasons),
            "overruled": dict(self.overruled) or None,
            "pacts": [answer.as_dict() for answer in self.pacts],
            "promotion": self.promotion.as_dict() if self.promotion else None,
        }


def audited(stores: Stores, dataset: str, number: int | None = None) -> Audited:
    """What was found in a snapshot: the newest, stopped or not, if no number is given.

    Raises:
        UnknownDataset: there is no contract and no snapshot of that name.
        NeverPublished: there is no such snapshot.
    """
    snapshot = stores.ledger.snapshot(dataset, number, Channel.CANDIDATE)
    if snapshot is None:
        require_dataset(stores, dataset)
        raise NeverPublished(
            f"{dataset} has no snapshot" + (f" {number}" if number is not None else " yet"),
            next=f"`cleanhold snapshots {dataset}` lists what there is",
        )
    details = stores.manifest(snapshot).details
    run = stores.ledger.run(snapshot.run)
    return Audited(
        snapshot,
        details.get("owner", ""),
        tuple(details.get("audits", ())),
        run.reasons if run else (),
        details.get("overruled", {}),
        tuple(PactAnswer.from_dict(answer) for answer in details.get("pacts", ())),
        stores.ledger.promotions.last(dataset, snapshot.number),
    )
