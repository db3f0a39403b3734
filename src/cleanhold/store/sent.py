"""What a destination of events has: a mark per event, so that the rest can be sent at any time.

A mark is made after the destination has said that it has the event. A process that is killed in
between sends it again, under the same id, by which consumers know it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cleanhold.store.files import atomic_write

#: Ending of the mark of an event that the destination refused; the file says why.
_REFUSED = ".refused"

#: Seconds until a destination that was down is asked again: doubled with each failure, up to this.
_LONGEST = 600.0

#: Nanoseconds after which another change of a folder has another time, on any file system.
_SETTLED = 3_000_000_000

#: Events of one moment, in the order that they happened.
_RANK = {"START": 0, "RUNNING": 1}


@dataclass(frozen=True, slots=True)
class Outage:
    """That a destination does not take events.

    Attributes:
        since: its first failure in a row (UTC).
        again: when it is to be asked again (UTC).
        failures: in a row.
        why: the last one, in words.
    """

    since: datetime
    again: datetime
    failures: int
    why: str


class SentEvents:
    """The marks of one destination, in a folder of its own.

    One that is asked again looks only at the days that changed, or of which something waits.

    Args:
        marks: the folder.
        events: the folder with the events, `<day>/<event id>.json`.
    """

    def __init__(self, marks: Path, events: Path) -> None:
        self.marks = marks
        self._events = events
        self._complete: dict[str, tuple[int, int]] = {}

    @property
    def lock(self) -> Path:
        """Companion lock file: one process sends at a time, so that order is kept."""
        return self.marks / "sending.lock"

    def waiting(self) -> Iterator[tuple[Path, Mapping[str, Any]]]:
        """Events that it has not, by the time they happened. What cannot be read is left out."""
        for day in self._days():
            found = [(path, _read(path)) for path in self._unmarked(day)]
            events = [(path, event) for path, event in found if event is not None]
            yield from sorted(events, key=lambda each: _moment(each[0], each[1]))

    def count(self) -> int:
        """How many wait."""
        return sum(len(self._unmarked(day)) for day in self._days())

    def has(self, path: Path) -> None:
        """Mark an event that it has."""
        self._mark(path, "")

    def refused(self, path: Path, why: str) -> None:
        """Mark an event that it will never take; the others need not wait for it."""
        self._mark(path, _REFUSED).write_text(why, encoding="utf-8")

    def refusals(self) -> dict[str, str]:
        """Ids of the events that it refused → why."""
        return {p.stem: p.read_text(encoding="utf-8") for p in self._refused()}

    def forget_refusals(self) -> None:
        """Let refused events wait again: somebody may have mended what was wrong."""
        for path in self._refused():
            path.unlink(missing_ok=True)

    def outage(self) -> Outage | None:
        """Since when it takes nothing, and why; None if it did the last time."""
        try:
            told = json.loads(self._outage.read_bytes())
            since, again = (datetime.fromisoformat(told[key]) for key in ("since", "again"))
            return Outage(since, again, told["failures"], told["why"])
        except (OSError, ValueError, KeyError):
            return None

    def failed(self, why: str) -> Outage:
        """Remember that it could not be reached."""
        now, before = datetime.now(UTC), self.outage()
        failures = before.failures + 1 if before else 1
        wait = timedelta(seconds=min(2.0 ** min(failures, 30), _LONGEST))
        outage = Outage(before.since if before else now, now + wait, failures, why)
        told = {"failures": failures, "why": why}
        told |= {"since": outage.since.isoformat(), "again": outage.again.isoformat()}
        atomic_write(self._outage, json.dumps(told).encode())
        return outage

    def answered(self) -> None:
        """Forget the outage."""
        self._outage.unlink(missing_ok=True)

    def is_due(self) -> bool:
        """Whether it is time to ask. A clock that went back does not keep it from being asked."""
        outage = self.outage()
        if outage is None:
            return True
        left = (outage.again - datetime.now(UTC)).total_seconds()
        return not 0 < left <= _LONGEST

    @property
    def _outage(self) -> Path:
        return self.marks / "outage.json"

    def _days(self) -> list[Path]:
        if not self._events.is_dir():
            return []
        return sorted(d for d in self._events.iterdir() if d.is_dir() and d.name[0] != ".")

    def _unmarked(self, day: Path) -> list[Path]:
        marks = self.marks / day.name
        changed = (_changed(day), _changed(marks))
        if self._complete.get(day.name) == changed:
            return []
        is_old = time.time_ns() - max(changed) > _SETTLED  # whatever comes from now on shows
        marked = {mark.name.removesuffix(_REFUSED) for mark in _entries(marks)}
        found = [p for p in _entries(day) if p.suffix == ".json" and p.stem not in marked]
        if is_old and not found:
            self._complete[day.name] = changed
        return found

    def _refused(self) -> list[Path]:
        return sorted(self.marks.glob(f"*/*{_REFUSED}"))

    def _mark(self, path: Path, ending: str) -> Path:
        mark = self.marks / path.parent.name / f"{path.stem}{ending}"
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()  # not synced: a mark that is lost in a power cut is an event sent again
        return mark


def _entries(folder: Path) -> list[Path]:
    return [p for p in folder.iterdir() if p.name[0] != "."] if folder.is_dir() else []


def _changed(folder: Path) -> int:
    """When a name came into a folder, or went; in nanoseconds."""
    try:
        return folder.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _read(path: Path) -> Mapping[str, Any] | None:
    with suppress(OSError, ValueError):
        event = json.loads(path.read_bytes())
        return event if isinstance(event, dict) else None
    return None


def _moment(path: Path, event: Mapping[str, Any]) -> tuple[str, int, str]:
    return (str(event.get("eventTime")), _RANK.get(str(event.get("eventType")), 2), path.stem)
