"""Deliveries that arrive as files in a folder, or as a list of files."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from cleanhold.core.arrival import Delivery, Receipts
from cleanhold.deliveries.finished import Finished, finished_names
from cleanhold.deliveries.local import last_change, local_file
from cleanhold.errors import SourceError


@dataclass(frozen=True, slots=True)
class Folder:
    """Files in a folder, not in folders below it. Hidden and unfinished ones are left out.

    Attributes:
        folder: relative to the workspace, or absolute.
        pattern: shell pattern of their names.
        finished: when they may be taken.
    """

    folder: str
    pattern: str = "*"
    finished: Finished = field(default_factory=Finished)

    def waiting(self, root: Path, receipts: Receipts) -> Iterator[Delivery]:
        """See `Arrivals.waiting`; by name."""
        place = self.require(root)
        # A link to a folder is no folder: links are not followed, and reported.
        names = {e.name for e in place.iterdir() if e.is_symlink() or not e.is_dir()}
        for name in finished_names(names, self.finished):
            path = place / name
            if fnmatchcase(name, self.pattern) and _has_settled(path, self.finished):
                yield local_file(path, root)

    def require(self, root: Path) -> Path:
        """The folder; raises `SourceError` if there is none."""
        place = root / self.folder
        if not place.is_dir():
            raise SourceError(
                f"the folder {self.folder!r} does not exist",
                where=str(place),
                next="make it, or correct `arrives`",
            )
        return place

    def describe(self) -> str:
        """See `Arrivals.describe`."""
        return f"{self.pattern} in {self.folder}"


@dataclass(frozen=True, slots=True)
class Files:
    """Files named one by one. One that is missing is reported, unless its marker is awaited.

    Attributes:
        files: relative to the workspace, or absolute.
        finished: when they may be taken; markers lie beside them.
    """

    files: tuple[str, ...]
    finished: Finished = field(default_factory=Finished)

    def waiting(self, root: Path, receipts: Receipts) -> Iterator[Delivery]:
        """See `Arrivals.waiting`; in the order in which they are named."""
        for file in self.files:
            path = root / file
            marked = not self.finished.done or (
                path.with_name(self.finished.marker(path.name)).is_file()
            )
            if marked and _has_settled(path, self.finished):
                yield local_file(path, root)

    def describe(self) -> str:
        """See `Arrivals.describe`."""
        return ", ".join(self.files)


def _has_settled(path: Path, finished: Finished) -> bool:
    changed = last_change(path)
    return changed is None or finished.is_old_enough(changed, time.time())
