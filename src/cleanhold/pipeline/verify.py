"""verify: do the files, the ledger and the quarantine tell the same story?"""

from __future__ import annotations

from collections.abc import Iterator

from cleanhold.core.extract import Extract, sha256_of
from cleanhold.core.snapshot import Snapshot
from cleanhold.errors import CleanholdError, DamagedFile
from cleanhold.pipeline.stores import Stores
from cleanhold.store.quarantine import Quarantine
from cleanhold.store.snapshots import verify_files


def damaged(stores: Stores) -> Iterator[tuple[Snapshot, DamagedFile]]:
    """Snapshots whose manifest or files no longer match their hashes."""
    for snapshot in stores.ledger.snapshots():
        try:
            verify_files(stores.state, stores.manifest(snapshot))
        except DamagedFile as error:
            yield snapshot, error


def damaged_extracts(stores: Stores) -> Iterator[tuple[Extract, str]]:
    """Landed extracts whose bytes are gone, or no longer match their hash; and which it is."""
    for extract in stores.ledger.extracts():
        if not extract.path.is_file():
            yield extract, "is missing"
        elif (
            extract.path.stat().st_size != extract.size or sha256_of(extract.path) != extract.sha256
        ):
            yield extract, "is not what was landed"


def audit_log_problem(stores: Stores) -> CleanholdError | None:
    """What is wrong with the chain of the audit log, if anything is."""
    try:
        stores.ledger.verify_audit()
    except CleanholdError as error:
        return error
    return None


def unfed_batches(stores: Stores) -> int:
    """Committed runs whose held rows are not in the quarantine database yet."""
    return len(set(stores.ledger.finished_run_keys()) - set(Quarantine(stores.state).fed()))
