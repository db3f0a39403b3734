"""A story: all that is known of one row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cleanhold.core.extract import Extract
from cleanhold.core.provenance import Correction, Delivered, Fed, MadeFrom, Version
from cleanhold.core.readership import Rollback
from cleanhold.core.run import Run


@dataclass(frozen=True, slots=True)
class Story:
    """What is known of one row.

    Attributes:
        row_id: empty for a row that is not there: of a built table, by its key.
        ended: `published`, `in the pilot`, `taken back`, `held` or another status of the
            quarantine, `refused`, `superseded`, or why there is no end.
        key: its business key; None if it has none, or nobody knows.
        extract: the delivery it came in; None for a row of a built table.
        extract_expired: since when its bytes are gone on purpose; None if they are there.
        delivered: as the delivery has it; None if that cannot be read any more.
        published_in: numbers of the snapshots that hold it, and that readers have or had.
        pilot_in: of those that only the pilot has.
        expired_in: of those that published it and have expired since.
        taken_back_in: of those that a rollback took from readers; `rolled_back` is the newest.
        candidate: number of the newest that was stopped.
        current: number of the snapshot that readers get.
        values: as published, or as it would have been.
        quarantine: its entry there, with findings.
        findings: why it is held; of a row that passed, its warnings.
        runs: what was run over its extract, oldest first.
        waived: why it is published although it fails: `checks`, `until` (the last day; None: no
            end) and `decision`; None if it passed.
        versions: the deliveries of its key, newest first.
        made_from: of a row of a built table.
        fed: what was made of it; None if nothing can have been.
    """

    row_id: str
    dataset: str
    record: int
    ended: str
    key: str | None = None
    extract: Extract | None = None
    extract_expired: datetime | None = None
    delivered: Delivered | None = None
    published_in: tuple[int, ...] = ()
    pilot_in: tuple[int, ...] = ()
    expired_in: tuple[int, ...] = ()
    taken_back_in: tuple[int, ...] = ()
    rolled_back: Rollback | None = None
    candidate: int | None = None
    current: int | None = None
    values: Mapping[str, Any] | None = None
    quarantine: Mapping[str, Any] | None = None
    findings: tuple[Mapping[str, Any], ...] = ()
    corrections: tuple[Correction, ...] = ()
    runs: tuple[Run, ...] = ()
    waived: Mapping[str, Any] | None = None
    versions: tuple[Version, ...] = ()
    made_from: MadeFrom | None = None
    fed: Fed | None = None

    def as_dict(self) -> dict[str, Any]:
        """As in the JSON of `cleanhold explain`."""
        delivered = self.delivered
        offset, length = (delivered and delivered.span) or (None, None)
        waits: Mapping[str, Any] = self.quarantine or {}
        return {
            "row_id": self.row_id or None,
            "dataset": self.dataset,
            "record": self.record,
            "key": self.key,
            "ended": self.ended,
            "extract": self._extract(),
            "offset": offset,
            "length": length,
            "text": delivered.text if delivered else None,
            "delivered": delivered.values if delivered else None,
            "published_in": list(self.published_in),
            "pilot_in": list(self.pilot_in),
            "expired_in": list(self.expired_in),
            "taken_back_in": list(self.taken_back_in),
            "rolled_back": self.rolled_back.as_dict() if self.rolled_back else None,
            "candidate": self.candidate,
            "current": self.current,
            "values": self.values,
            "waived": {**self.waived, "until": self.waived["until"] and str(self.waived["until"])}
            if self.waived
            else None,
            "findings": list(self.findings),
            "case": waits.get("case_id"),
            "history": list(waits.get("history", ())),
            "corrections": [one.as_dict() for one in self.corrections],
            "runs": [
                {"run": r.id, "state": str(r.state), "contract_version": r.contract_version}
                for r in self.runs
            ],
            "versions": [one.as_dict() for one in self.versions],
            "made_from": self.made_from.as_dict() if self.made_from else None,
            "fed": self.fed.as_dict() if self.fed else None,
        }

    def _extract(self) -> dict[str, Any] | None:
        if self.extract is None:
            return None
        return {
            "sha256": self.extract.sha256,
            "name": self.extract.name,
            "source": self.extract.source,
            "dated": self.extract.dated,
            "landed_at": self.extract.landed_at.isoformat(),
            "expired_at": self.extract_expired.isoformat() if self.extract_expired else None,
        }
