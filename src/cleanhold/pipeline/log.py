"""log: the audit log, as people ask it: what, when, who, why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import islice
from typing import Any

from cleanhold.core.moments import moment
from cleanhold.errors import UsageError
from cleanhold.pipeline.log_words import SENTENCES, sentence
from cleanhold.pipeline.reveals import REVEALED, may_have_shown, without_keys
from cleanhold.pipeline.stores import Stores
from cleanhold.store.auditlog import AuditEntry

#: Where an entry says when it was made; the first that it has.
_WHEN = ("at", "landed_at")

#: Where an entry has the number of a snapshot.
_NUMBERS = ("number", "to", "from")


@dataclass(frozen=True, slots=True)
class Act:
    """One entry of the audit log, for people.

    Attributes:
        entry: its number.
        at: when (UTC); None of entries that do not say.
        dataset: it is about; empty if about none, or several.
        who: did it; empty where cleanhold did by itself, for an older entry.
        says: one sentence.
        body: as the log has it.
    """

    entry: int
    at: datetime | None
    act: str
    dataset: str
    who: str
    why: str
    says: str
    hash: str
    body: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """As in the JSON of `cleanhold log`."""
        names = ("entry", "act", "dataset", "who", "why", "says", "hash")
        told = {name: getattr(self, name) for name in names}
        return {**told, "at": self.at.isoformat() if self.at else None, "body": dict(self.body)}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are asked for; None and empty ask for all.

    Attributes:
        dataset: or the source that feeds it.
        who: a part of who did it, in any case of letters.
        since, until: moments (UTC), both included; entries that do not say when are left out.
        run: how a run key begins.
        snapshot: a number.
    """

    dataset: str | None = None
    who: str | None = None
    act: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    run: str | None = None
    snapshot: int | None = None

    def has(
        self, found: Act, sources: frozenset[str], datasets: frozenset[str] = frozenset()
    ) -> bool:
        """Whether an entry is one of those.

        Args:
            sources: that feed the dataset.
            datasets: that there are.
        """
        body = found.body
        return (
            (self.dataset is None or _is_about(body, self.dataset, sources, datasets))
            and (self.who is None or self.who.casefold() in found.who.casefold())
            and (self.act is None or self.act == found.act)
            and self._is_in_time(found.at)
            and (self.run is None or str(body.get("run", "")).startswith(self.run))
            and (self.snapshot is None or _is_of(body, self.snapshot, self.dataset))
        )

    def _is_in_time(self, at: datetime | None) -> bool:
        if self.since is None and self.until is None:
            return True
        if at is None:
            return False
        return (self.since is None or at >= self.since) and (self.until is None or at <= self.until)


def moment_of(text: str | None, *, late: bool) -> datetime | None:
    """A moment that a person writes: `2026-11-01`, or `2026-11-01T06:30`, in UTC.

    Args:
        late: of a day, its last moment; else its first.

    Raises:
        UsageError: it is neither.
    """
    if text is None:
        return None
    try:
        if len(text) <= len("2026-11-01"):
            day = date.fromisoformat(text)
            return moment(day) if late else datetime.combine(day, time.min, UTC)
        return moment(datetime.fromisoformat(text))
    except ValueError:
        raise UsageError(
            f"{text!r} is no day and no moment", next="write 2026-11-01, or 2026-11-01T06:30 (UTC)"
        ) from None


def log(
    stores: Stores, wanted: Wanted, *, limit: int | None, oldest_first: bool = False
) -> list[Act]:
    """Entries of the audit log, newest first.

    Args:
        limit: so many of the newest; None for all.
        oldest_first: those turned round.

    Raises:
        UsageError: there is no such act.
    """
    entries = stores.ledger.audit_backwards()
    if wanted.act is not None:
        _require_act(stores, wanted.act)
    sources = {s.name for s in stores.sources.values() if s.dataset == wanted.dataset}
    datasets = frozenset({*stores.contracts, *stores.ledger.datasets()})
    try:
        acts = map(_act, entries)
        fits = (act for act in acts if wanted.has(act, frozenset(sources), datasets))
        found = list(islice(fits, limit))
    finally:
        entries.close()
    return found[::-1] if oldest_first else found


def _require_act(stores: Stores, act: str) -> None:
    if act in SENTENCES:
        return
    known = {entry.body["act"] for entry in stores.ledger.audit_backwards()} | set(SENTENCES)
    if act not in known:
        raise UsageError(f"there is no act {act!r}", next="use one of " + ", ".join(sorted(known)))


def _act(entry: AuditEntry) -> Act:
    body = without_keys(entry.body) if entry.body["act"] == REVEALED else entry.body
    return Act(
        entry.number,
        _when(body),
        body["act"],
        str(body.get("dataset") or ""),
        str(body.get("who") or ""),
        str(body.get("why") or ""),
        sentence(body),
        entry.hash,
        body,
    )


def _when(body: Mapping[str, Any]) -> datetime | None:
    found = next((body[name] for name in _WHEN if body.get(name)), None)
    try:
        return datetime.fromisoformat(str(found)) if found else None
    except ValueError:  # not as it was written, which `log verify` tells
        return None


def _is_about(
    body: Mapping[str, Any], dataset: str, sources: frozenset[str], datasets: frozenset[str]
) -> bool:
    if body["act"] == REVEALED:
        return may_have_shown(body, dataset, datasets)
    named = {body.get("dataset"), *str(body.get("what", "")).split()}
    named |= {one[0] for one in body.get("snapshots", ())}
    return dataset in named or body.get("source") in sources


def _is_of(body: Mapping[str, Any], number: int, dataset: str | None) -> bool:
    if any(body.get(name) == number for name in _NUMBERS):
        return True
    listed = body.get("snapshots", ())
    return any(one[1] == number and dataset in (None, one[0]) for one in listed)
