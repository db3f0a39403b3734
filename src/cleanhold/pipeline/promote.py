"""promote: readers get a snapshot of the pilot, if the gates are open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cleanhold.core.promotion import Promotion
from cleanhold.core.snapshot import Channel, Snapshot
from cleanhold.errors import GatesClosed, Overtaken, UsageError
from cleanhold.pipeline.gates import Scorecard, scorecard
from cleanhold.pipeline.person import who_acts
from cleanhold.pipeline.project import project
from cleanhold.pipeline.stores import Stores
from cleanhold.pipeline.trace_acts import PROMOTED
from cleanhold.store import pointer
from cleanhold.store.crashpoints import crash_point
from cleanhold.store.endings import LINEAGE
from cleanhold.store.events import OutboxEvent
from cleanhold.store.kept import require_kept
from cleanhold.store.snapshots import verify_files

#: How often the gates are asked again because something was recorded meanwhile.
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Promoted:
    """What became of a promotion.

    Attributes:
        promotion: that gave readers the snapshot; None where runs publish to production at once.
        is_new: it was made now; else readers had the snapshot already.
    """

    snapshot: Snapshot
    promotion: Promotion | None
    is_new: bool

    def as_dict(self) -> dict[str, Any]:
        told = self.promotion.as_dict() if self.promotion else {}
        return {
            **told,
            "dataset": self.snapshot.dataset,
            "to": self.snapshot.number,
            "rows": self.snapshot.rows,
            "changed": self.is_new,
        }


def promote(
    stores: Stores,
    dataset: str,
    number: int | None = None,
    *,
    why: str = "",
    who: str | None = None,
) -> Promoted:
    """Give readers a snapshot of the pilot, with a certificate of what the gates said.

    The gates are asked, and the snapshot's files verified. If anything of the dataset is recorded
    before that is committed, the gates are asked again. Promoting what readers have changes
    nothing.

    Args:
        number: of the snapshot; the one that the next run builds on if None.
        why: in words; may be empty, for the certificate says upon what.
        who: promotes it; whoever runs this if None.

    Raises:
        GatesClosed: a gate is closed.
        UnknownDataset, NeverPublished: there is no such dataset or snapshot.
        UsageError: readers have a newer one, or were rolled back from it.
        SnapshotExpired: its rows are gone.
        DamagedFile: its files are not what was published.
        Overtaken: others record something of the dataset all the time.
    """
    named, promotions = number is not None, stores.ledger.promotions
    if number is None and (head := stores.ledger.head(dataset)) is not None:
        number = head.number  # a run may publish another one meanwhile
    for tried in range(_TRIES):
        as_of = promotions.as_of()
        card = scorecard(stores, dataset, number)
        number = card.snapshot.number
        if card.readers_have == number:
            return Promoted(card.snapshot, promotions.last(dataset, number), False)
        _require_wanted(card, named)
        _require_open(card)
        require_kept(card.snapshot)
        verify_files(stores.state, stores.manifest(card.snapshot))
        try:
            now = promotions.promote(
                dataset,
                number,
                as_of=as_of,
                certificate=card.certificate,
                who=who or who_acts(),
                why=why.strip(),
                events=[
                    OutboxEvent(pointer.KIND),
                    OutboxEvent(LINEAGE, {PROMOTED: number}),
                ],
            )
        except Overtaken:
            if tried + 1 == _TRIES:
                raise
            continue
        crash_point("promotion-done")
        project(stores)
        return Promoted(now, promotions.last(dataset, number), True)
    raise AssertionError


def _require_wanted(card: Scorecard, named: bool) -> None:
    """A snapshot that readers were rolled back from is given to them again only by its number."""
    snapshot, has = card.snapshot, card.readers_have
    was_there = snapshot.channel is Channel.PRODUCTION and has is not None
    if was_there and has is not None and snapshot.number > has and not named:
        raise UsageError(
            f"readers of {snapshot.dataset} were rolled back from snapshot {snapshot.number}",
            next=f"if they shall have it again: "
            f"cleanhold promote {snapshot.dataset} --snapshot {snapshot.number}",
        )


def _require_open(card: Scorecard) -> None:
    if not card.is_held or not card.closed:
        return
    dataset = card.snapshot.dataset
    said = "; ".join(f"{answer.gate}: {answer.what}" for answer in card.closed)
    many = "a gate is" if len(card.closed) == 1 else f"{len(card.closed)} gates are"
    raise GatesClosed(
        f"{many} closed: {said}",
        where=f"{dataset} snapshot {card.snapshot.number}",
        next=f"`cleanhold gates {dataset}` says what opens each",
    )
