"""past_runs: what the ledger knows of runs, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cleanhold.core.run import InputKind, Run
from cleanhold.pipeline.known import require_dataset
from cleanhold.pipeline.stores import Stores


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run, and what its snapshot's manifest adds.

    Attributes:
        what: the extract it read, or the dataset of a feature table.
        expired: when the rows that it published were removed on purpose; None if they are there.
        drift: what had changed in the extract's columns (`core.drift.Drift` as JSON values).
    """

    run: Run
    what: str
    expired: datetime | None = None
    drift: Mapping[str, Any] | None = None

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it lasts, or if it was cut off."""
        run = self.run
        return (run.finished_at - run.started_at).total_seconds() if run.finished_at else None

    def as_dict(self) -> dict[str, Any]:
        """As in the JSON of `cleanhold runs`."""
        run = self.run
        return {
            "run": run.id,
            "dataset": run.dataset,
            "what": self.what,
            "state": str(run.state),
            "snapshot": run.snapshot,
            "expired_at": self.expired.isoformat() if self.expired else None,
            "contract_version": run.contract_version,
            "attempt": run.attempt,
            "started_at": run.started_at.isoformat(),
            "seconds": self.seconds,
            "account": run.account.as_dict() if run.account else None,
            "inputs": [i.as_dict() for i in run.inputs],
            "reasons": list(run.reasons),
            "drift": self.drift,
        }


def past_runs(
    stores: Stores, dataset: str | None = None, limit: int | None = None
) -> list[PastRun]:
    """The newest runs, of one dataset or of all.

    Raises:
        UnknownDataset: there is no contract and no run of that name.
    """
    runs = stores.ledger.runs(dataset, limit)
    if dataset is not None and not runs:
        require_dataset(stores, dataset)
    return [_past(stores, run) for run in runs]


def _past(stores: Stores, run: Run) -> PastRun:
    snapshot = stores.ledger.snapshot(run.dataset, run.snapshot) if run.snapshot else None
    if snapshot is None:
        return PastRun(run, _what(run))
    expired = snapshot.expired.at if snapshot.expired else None
    return PastRun(run, _what(run), expired, stores.manifest(snapshot).details.get("drift"))


def _what(run: Run) -> str:
    read = (i.name for i in run.inputs if i.kind is not InputKind.SNAPSHOT)
    return next(read, run.dataset)
