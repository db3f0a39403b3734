"""Retention: which snapshots are kept, and why each one is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cleanhold.core.run import InputKind
from cleanhold.core.snapshot import Channel, Snapshot

#: Hours for which a snapshot that readers had is kept, so that who has it open can finish.
GRACE_HOURS = 24


@dataclass(frozen=True, slots=True)
class Rule:
    """What is kept of a dataset. A snapshot is kept if any of these says so.

    Attributes:
        snapshots: the newest so many published ones; of the candidates since, as many.
        days: those made so many days ago or later.
        grace_hours: those that readers had so many hours ago or later.

    If neither `snapshots` nor `days` is set, all are kept.
    """

    snapshots: int | None = None
    days: int | None = None
    grace_hours: int = GRACE_HOURS

    @property
    def keeps_all(self) -> bool:
        return self.snapshots is None and self.days is None

    def __str__(self) -> str:
        said = []
        if self.snapshots is not None:
            said.append(f"the newest {self.snapshots} published")
        if self.days is not None:
            said.append(f"those of {self.days} days")
        return " and ".join(said) or "all"


@dataclass(frozen=True, slots=True)
class Retention:
    """What a workspace keeps: `[tool.cleanhold.retention]`.

    Attributes:
        rule: for datasets that have none of their own.
        datasets: rules by dataset.
        extracts_days: days after which the bytes of an extract may go; None keeps all.
        after_run: expire what is due at the end of each run.
    """

    rule: Rule = field(default_factory=Rule)
    datasets: Mapping[str, Rule] = field(default_factory=dict)
    extracts_days: int | None = None
    after_run: bool = False

    def of(self, dataset: str) -> Rule:
        return self.datasets.get(dataset, self.rule)


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a snapshot: it goes if nothing keeps it.

    Attributes:
        kept: why it is kept, in words.
    """

    snapshot: Snapshot
    kept: tuple[str, ...]

    @property
    def goes(self) -> bool:
        return not self.kept


@dataclass(frozen=True, slots=True)
class Readers:
    """What readers have, and had.

    Attributes:
        channels: (dataset, channel) → number.
        left: (dataset, number) → when readers, or those of the pilot, were given another one.
        claimed: hex SHA-256 of the manifests that runs in progress read.
        needed: hex SHA-256 of a manifest → why consumers need it, in words.
    """

    channels: Mapping[tuple[str, Channel], int]
    left: Mapping[tuple[str, int], datetime]
    claimed: Collection[str] = ()
    needed: Mapping[str, str] = field(default_factory=dict)


def left_readers(
    changes: Iterable[tuple[datetime, str, int]],
) -> dict[tuple[str, int], datetime]:
    """(dataset, number) → when readers were given another snapshot, the last time.

    Args:
        changes: (when, dataset, number): readers were given it; in any order.
    """
    left: dict[tuple[str, int], datetime] = {}
    current: dict[str, int] = {}
    for at, dataset, number in sorted(changes):
        before = current.get(dataset)
        if before is not None and before != number:
            left[dataset, before] = at
        current[dataset] = number
    return left


def fates(
    snapshots: Sequence[Snapshot], readers: Readers, retention: Retention, now: datetime
) -> list[Fate]:
    """What becomes of each snapshot that has not expired yet, in the order given.

    Args:
        snapshots: of all datasets, expired ones too: what is built keeps what it was built from.
    """
    there = [s for s in snapshots if s.expired is None]
    kept: dict[str, list[str]] = {}
    for dataset in dict.fromkeys(s.dataset for s in there):
        own = [s for s in there if s.dataset == dataset]
        because = _reasons(own, readers, retention.of(dataset), now)
        kept |= {s.manifest: list(because(s)) for s in own}
    _keep_inputs({s.manifest: s for s in snapshots}, kept)
    return [Fate(s, tuple(kept[s.manifest])) for s in there]


def _reasons(
    own: Sequence[Snapshot], readers: Readers, rule: Rule, now: datetime
) -> Callable[[Snapshot], Iterator[str]]:
    """Why a snapshot of a dataset is kept, but for what was built from it."""
    dataset = own[0].dataset
    published, stopped = (
        sorted(s.number for s in own if s.is_published is is_published)
        for is_published in (True, False)
    )
    current = readers.channels.get((dataset, Channel.PRODUCTION), 0)
    head = readers.channels.get((dataset, Channel.PILOT), current)
    had = [s.number for s in own if s.channel is Channel.PRODUCTION]
    newest: set[int] = set()
    if rule.snapshots:
        newest.update(published[-rule.snapshots :])
        newest.update(n for n in stopped[-rule.snapshots :] if n > min(newest, default=0))
    before = {
        max((n for n in numbers if n < of), default=0)
        for numbers, of in ((had, current), (published, head))
    }

    def because(snapshot: Snapshot) -> Iterator[str]:
        number = snapshot.number
        for channel in reversed(Channel):
            if readers.channels.get((dataset, channel)) == number:
                is_baseline = channel is Channel.BASELINE
                yield "it is the baseline" if is_baseline else f"it is in {channel}"
        if snapshot.pin:
            yield f"{snapshot.pin.who} pinned it: {snapshot.pin.why}"
        if snapshot.manifest in readers.needed:
            yield readers.needed[snapshot.manifest]
        if rule.keeps_all:
            yield "the settings keep all"
            return
        if number in newest:
            yield f"it is among the newest {rule.snapshots}"
        if rule.days is not None and snapshot.created_at >= now - timedelta(days=rule.days):
            yield f"it is not {rule.days} days old"
        if number in before:
            yield "a rollback would go to it"
        if snapshot.channel is Channel.PRODUCTION and number > current:
            yield "readers were rolled back from it"
        elif snapshot.is_published and number > head:
            yield "the pilot was rolled back from it"
        until = readers.left.get((dataset, number), snapshot.created_at)
        if until > now - timedelta(hours=rule.grace_hours):
            yield f"readers may have had it {rule.grace_hours} hours ago"
        if snapshot.manifest in readers.claimed:
            yield "a run in progress reads it"

    return because


def _keep_inputs(snapshots: Mapping[str, Snapshot], kept: dict[str, list[str]]) -> None:
    """Keep what kept tables were built from, and what that was built from.

    Args:
        snapshots: by manifest.
        kept: manifest → why.
    """
    waiting = [snapshots[manifest] for manifest, why in kept.items() if why]
    while waiting:
        table = waiting.pop()
        for manifest in _built_from(table, snapshots):
            if manifest in kept:
                if not kept[manifest]:
                    waiting.append(snapshots[manifest])
                kept[manifest].append(f"{table.dataset} {table.number} was built from it")


def _built_from(table: Snapshot, snapshots: Mapping[str, Snapshot]) -> list[str]:
    """Manifests of what a feature table was built from; none for a table of a source."""
    followed: Snapshot | None = table
    while followed and any(i.kind is InputKind.REPLAY for i in followed.inputs):
        # A replay puts rows into the table that it follows.
        own = (i.sha256 for i in followed.inputs if i.name == table.dataset)
        followed = snapshots.get(next(own, ""))
    if followed is None or any(i.kind is InputKind.EXTRACT for i in followed.inputs):
        return []
    return [i.sha256 for i in followed.inputs if i.name != table.dataset]
