"""The part of `verify` that looks at the audit log: its chain, and what was noted of it elsewhere.

A chain of hashes shows an entry that was edited, is gone or stands elsewhere. That the whole chain
was written anew, or that its end is gone, is shown by what was noted outside it: the note beside
the ledger, the seals of manifests, the file of the settings, a hash that a person kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cleanhold.errors import CleanholdError, DamagedFile, StateError
from cleanhold.pipeline.anchoring import noted_outside
from cleanhold.pipeline.stores import Stores
from cleanhold.store import anchor as anchors
from cleanhold.store import seals
from cleanhold.store.auditlog import COMMITS, GENESIS

#: What reading damaged values comes to.
_DAMAGE = (CleanholdError, ValueError, TypeError, LookupError, AttributeError)

_BACKUP = "keep the ledger as it is and compare it with a backup"


@dataclass(frozen=True, slots=True)
class Kept:
    """What was noted of the log at some time.

    Attributes:
        entries: how many it had; None where only the hash was kept.
        hash: of the newest of them.
        where: it was noted.
    """

    entries: int | None
    hash: str
    where: str


@dataclass
class LogVerified:
    """What was looked at, and what was found.

    Attributes:
        entries: of the log.
        head: hash of the newest; empty if the chain is not whole.
        anchors: how many notes of the log's end were held against it.
        signed: snapshots with a right signature, where the workspace names keys.
    """

    entries: int = 0
    head: str = ""
    anchors: int = 0
    signed: int = 0
    problems: list[CleanholdError] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """As in the JSON of `cleanhold log verify`."""
        problems = [{"what": p.what, "where": p.where, "next": p.next} for p in self.problems]
        counts = {"entries": self.entries, "anchors": self.anchors, "signed": self.signed}
        return {**counts, "head": self.head, "problems": problems}


def verify_log(
    stores: Stores, anchor: str | None = None, *, signatures: bool = True
) -> LogVerified:
    """Verify the audit log against itself, the ledger's tables, and all that was noted of it.

    Args:
        anchor: hash of an entry, kept elsewhere.
        signatures: look at these, too.
    """
    found = LogVerified()
    told: list[CleanholdError] = []
    try:
        found.head = stores.ledger.verify_audit()
    except _DAMAGE as error:
        told.append(_unreadable(stores, error))
    try:
        _look(stores, found, anchor)
        if signatures and stores.state.signers:
            _look_at_signatures(stores, found)
    except _DAMAGE as error:
        if not told:  # else this comes of what is told
            told.append(_unreadable(stores, error))
    found.problems += told
    return found


def _unreadable(stores: Stores, error: Exception) -> CleanholdError:
    """What damaged values of the ledger make of the code that reads them, as an error of ours."""
    if isinstance(error, CleanholdError):
        return error
    said = f"the ledger cannot be read: {type(error).__name__} {error}"
    return StateError(said, where=str(stores.state.ledger), next=_BACKUP)


def _look(stores: Stores, found: LogVerified, anchor: str | None) -> None:
    """Hold the log against all that was noted of it."""
    kept = [Kept(None, anchor, "the anchor that was given")] if anchor else []
    for one in _noted(stores):
        if isinstance(one, Kept):
            kept.append(one)
        else:
            found.problems.append(one)
    hashes = stores.ledger.audit_hashes()
    found.entries, found.anchors = len(hashes), len(kept)
    found.problems += _contradicted(stores, hashes, kept)


def _look_at_signatures(stores: Stores, found: LogVerified) -> None:
    for snapshot in stores.ledger.snapshots():
        which = f"{snapshot.dataset} snapshot {snapshot.number}"
        try:
            seals.require_signed(stores.state, snapshot.manifest, which)
            found.signed += 1
        except DamagedFile as error:
            found.problems.append(error)


def _noted(stores: Stores) -> Iterator[Kept | CleanholdError]:
    """All that was noted, and what is wrong with the notes."""
    place = str(stores.state.anchor)
    try:
        noted = anchors.read(stores.state)
    except CleanholdError as error:
        yield error
    else:
        if noted:
            yield Kept(noted.entries, noted.hash, place)
        elif stores.ledger.pending(limit=1, done=True):
            yield DamagedFile(
                "the note of how far the audit log had come is missing",
                where=place,
                next="compare the ledger with a backup; `cleanhold recover` writes the note again",
            )
    yield from _sealed(stores)
    if file := stores.anchoring.file:
        try:
            for one in noted_outside(Path(file)):
                yield Kept(one.entries, one.hash, file)
        except CleanholdError as error:
            yield error


def _sealed(stores: Stores) -> Iterator[Kept | CleanholdError]:
    """What the seals of manifests say, and those that are missing or cannot be read."""
    acts = stores.ledger.audit_acts(COMMITS)
    sealed = {body["manifest"] for body in acts if "sealed" in body}
    for snapshot in reversed(stores.ledger.snapshots()):
        path = stores.state.seal(snapshot.manifest)
        which = f"{snapshot.dataset} snapshot {snapshot.number}"
        try:
            found = seals.read(stores.state, snapshot.manifest)
        except CleanholdError as error:
            yield error
            continue
        if found:
            yield Kept(found.entries, found.hash, f"{path}, the seal of {which}")
        elif snapshot.manifest in sealed:  # older ones never had any
            yield DamagedFile(
                f"the seal of {which} is missing",
                where=str(path),
                next="restore this file from a backup",
            )


def _contradicted(
    stores: Stores, hashes: Sequence[str], kept: Sequence[Kept]
) -> Iterator[CleanholdError]:
    """What the log should have in it and has not, told once."""
    broken = [one for one in kept if not _is_in(hashes, one)]
    if not broken:
        return
    numbered = [(one.entries, one) for one in broken if one.entries is not None]
    whole = [one.entries for one in kept if one.entries is not None and one not in broken]
    if numbered:
        number, first = min(numbered, key=lambda one: one[0])
        if number > len(hashes):
            number, first = max(numbered, key=lambda one: one[0])
            said = (
                f"the end of the audit log is gone: it has {len(hashes):,} entries, and "
                f"{number:,} were noted"
            )
        else:
            said = f"the audit log was written anew: its entry {number:,} is not the one noted"
            before = max((n for n in whole if n < number), default=0)
            if before:
                said += f"; up to entry {before:,} it is as it was"
    else:
        first = broken[0]
        said = "the audit log was written anew, or its end is gone: no entry has the hash noted"
    others = f", and {len(broken) - 1:,} others" if len(broken) > 1 else ""
    yield StateError(
        said, where=f"{stores.state.ledger}, noted in {first.where}{others}", next=_BACKUP
    )


def _is_in(hashes: Sequence[str], one: Kept) -> bool:
    if one.hash == GENESIS:
        return not one.entries
    if one.entries is None:
        return one.hash in hashes
    return 0 < one.entries <= len(hashes) and hashes[one.entries - 1] == one.hash
