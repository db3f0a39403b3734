"""Whether a delivery is finished: what senders do while they are still writing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import PurePosixPath

from cleanhold.core.limits import parse_seconds
from cleanhold.errors import SourceError

#: Endings that senders give to files they are still writing.
UNFINISHED = (".part", ".tmp", ".partial", ".filepart", ".crdownload")


def looks_unfinished(name: str) -> bool:
    """Whether a file's name says that it is hidden or still being written."""
    return name.startswith(".") or name.endswith(UNFINISHED)


@dataclass(frozen=True, slots=True)
class Finished:
    """When a delivery may be taken.

    Attributes:
        settled: seconds for which its file must have stayed as it is.
        done: name of its marker, or of one for the whole folder; empty if there is none.
    """

    settled: float = 0.0
    done: str = ""

    @classmethod
    def when(cls, settled: str, done: str, where: str) -> Finished:
        """The rule as a source declares it.

        Raises:
            SourceError: it is not understood.
        """
        seconds = parse_seconds(settled) if settled else 0.0
        if seconds is None:
            raise SourceError(
                f"`settled` is {settled!r}, which is no duration",
                where=where,
                next="write settled='30s', '5min' or '1h'",
            )
        rest = done.replace("{name}", "").replace("{stem}", "")
        if "/" in rest or "{" in rest or "}" in rest:
            raise SourceError(
                f"`done` is {done!r}, which is no file name",
                where=where,
                next="write done='{name}.done', '{stem}.ok' or '_SUCCESS'",
            )
        return cls(seconds, done)

    def marker(self, name: str) -> str:
        """The name of the file that says that this one is whole."""
        return self.done.replace("{name}", name).replace("{stem}", PurePosixPath(name).stem)

    def markers(self, names: Collection[str]) -> set[str]:
        """Those of some files that are markers of others, and no deliveries."""
        if not self.done:
            return set()
        present = set(names)
        return {m for name in names if (m := self.marker(name)) != name} & present

    def is_old_enough(self, changed: float, now: float) -> bool:
        """Whether a file that changed at a time (seconds) has settled at another."""
        return not self.settled or now - changed >= self.settled


def finished_names(names: Collection[str], finished: Finished) -> list[str]:
    """Of the names in a folder, those of deliveries that their markers, if any, call whole."""
    markers = finished.markers(names)
    return sorted(
        name
        for name in names
        if not looks_unfinished(name)
        and name not in markers
        and (not finished.done or finished.marker(name) in names)
    )
