"""What the lineage graph tells of a dataset: its contract, its newest run, what readers have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cleanhold.core.audit import Verdict
from cleanhold.core.contract import Contract
from cleanhold.core.run import Run
from cleanhold.core.snapshot import Channel, Manifest, Snapshot
from cleanhold.pipeline.stores import Stores

_WORST_FIRST = (Verdict.STOP, Verdict.WARN, Verdict.PASS)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the ledger knows of a dataset now.

    Attributes:
        run: the newest, however it ended.
        newest: snapshot, stopped or not; `manifest` is its.
        production, pilot: numbers of the snapshots that the channels give.
    """

    run: Run | None
    newest: Snapshot | None
    manifest: Manifest | None
    production: int | None
    pilot: int | None

    @property
    def columns(self) -> tuple[str, ...]:
        """Of the newest snapshot, but for those that every table has."""
        schema = self.manifest.schema if self.manifest else ()
        return tuple(name for name in schema if name not in ("row_id", "record"))

    @property
    def held(self) -> int:
        """Rows that the run of the newest snapshot held."""
        return self.newest.account.held if self.newest else 0


def standing_of(stores: Stores, dataset: str) -> Standing:
    """What the ledger knows of a dataset, by a few look-ups, however many runs there were.

    Raises:
        DamagedFile: the manifest of its newest snapshot was changed.
    """
    ledger = stores.ledger
    run = next(iter(ledger.runs(dataset, 1)), None)
    if run is None:
        return Standing(None, None, None, None, None)
    newest = next(iter(ledger.snapshots(dataset, 1)), None)
    manifest = stores.manifest(newest) if newest else None
    production, pilot = (
        ledger.snapshot(dataset, None, channel) for channel in (Channel.PRODUCTION, Channel.PILOT)
    )
    return Standing(
        run,
        newest,
        manifest,
        production.number if production else None,
        pilot.number if pilot else None,
    )


def details_of(contract: Contract, standing: Standing, columns_from: str) -> dict[str, Any]:
    """As JSON values.

    Args:
        columns_from: where the lineage of its columns was read, in words.
    """
    promised = contract.freshness
    return {
        "contract": contract.version,
        "key": list(contract.key),
        "load": str(contract.load),
        "checks": len(contract.checks),
        "personal": {column.name: str(column.privacy) for column in contract.personal},
        "promised_seconds": promised.total_seconds() if promised else None,
        "snapshot": _snapshot(standing.newest),
        "production": standing.production,
        "pilot": standing.pilot,
        "run": _run(standing.run),
        "audits": _audits(standing.manifest),
        "columns_from": columns_from,
    }


def _snapshot(newest: Snapshot | None) -> dict[str, Any] | None:
    if newest is None:
        return None
    return {
        "number": newest.number,
        "channel": str(newest.channel),
        "rows": newest.rows,
        "created_at": newest.created_at.isoformat(),
        "contract": newest.contract_version,
    }


def _run(run: Run | None) -> dict[str, Any] | None:
    if run is None:
        return None
    return {
        "id": run.id,
        "state": str(run.state),
        "started_at": run.started_at.isoformat(),
        "account": run.account.as_dict() if run.account else None,
        "reasons": list(run.reasons),
    }


def _audits(manifest: Manifest | None) -> dict[str, Any] | None:
    """The worst verdict of the newest snapshot, and each audit's."""
    if manifest is None:
        return None
    answers = {one["audit"]: str(one["verdict"]) for one in manifest.details.get("audits", ())}
    worst = next((str(v) for v in _WORST_FIRST if str(v) in answers.values()), str(Verdict.PASS))
    return {"worst": worst, "verdicts": answers}
