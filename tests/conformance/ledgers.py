"""Claims, commits and extracts to try ledgers with."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from cleanhold.core.account import Account
from cleanhold.core.extract import Extract
from cleanhold.core.run import Input, InputKind
from cleanhold.core.snapshot import DataFile, Manifest, Role, Snapshot
from cleanhold.store.claims import Claim
from cleanhold.store.events import OutboxEvent
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger

MOMENT = datetime(2026, 1, 1, 6, tzinfo=UTC)
ACCOUNT = Account(records=4, clean=2, held=1, refused=1, superseded=0, warned=1)
EXTRACT_INPUT = Input(InputKind.EXTRACT, "a.csv", "ab" * 32)


class Clock:
    def __init__(self) -> None:
        self.now = MOMENT

    def __call__(self) -> datetime:
        return self.now


def claim(ledger: Ledger, key: str = "r1", dataset: str = "crm.tiny", **more: object) -> Claim:
    claimed = ledger.claim(key, dataset, inputs=(EXTRACT_INPUT,), contract_version="1", **more)
    assert isinstance(claimed, Claim)
    return claimed


def manifest_of(claimed: Claim, account: Account = ACCOUNT) -> Manifest:
    return Manifest(
        dataset=claimed.dataset,
        run=claimed.run,
        contract_version=claimed.contract_version,
        contract_fingerprint="f",
        code="c",
        inputs=claimed.inputs,
        account=account,
        files=(DataFile(Role.DATA, "d" * 64, 7, 100), DataFile(Role.HELD, "e" * 64, 1, 10)),
        schema={"row_id": "String"},
    )


def commit(ledger: Ledger, claimed: Claim, *, published: bool = True) -> Snapshot:
    return ledger.commit(
        claimed,
        manifest_of(claimed),
        f"{claimed.run:0>64}",
        published=published,
        reasons=() if published else ("50 % held",),
        created_at=MOMENT,
        events=(OutboxEvent("pointer", {"x": 1}), OutboxEvent("lineage")),
    )


def extract(
    state: StateFolder, sha256: str, *, source: str = "crm", day: int | None = None, hour: int = 0
) -> Extract:
    return Extract(
        sha256=sha256,
        name=f"{sha256[:4]}.csv",
        path=state.extract(sha256),
        size=5,
        source=source,
        landed_at=MOMENT + timedelta(hours=hour),
        dated=date(2026, 1, day) if day else None,
    )
