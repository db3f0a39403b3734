"""Deliveries that arrive as files in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from cleanhold.core.arrival import Delivery, Receipts
from cleanhold.deliveries.local import local_file
from cleanhold.errors import SourceError

#: Endings that senders give to files they are still writing.
UNFINISHED = (".part", ".tmp", ".partial", ".filepart", ".crdownload")


@dataclass(frozen=True, slots=True)
class Folder:
    """Files in a folder, not in folders below it. Hidden and unfinished ones are left out.

    Attributes:
        folder: relative to the workspace, or absolute.
        pattern: shell pattern of their names.
    """

    folder: str
    pattern: str = "*"

    def waiting(self, root: Path, receipts: Receipts) -> Iterator[Delivery]:
        """See `Arrivals.waiting`; by name."""
        place = self.require(root)
        for name in sorted(entry.name for entry in place.iterdir() if not entry.is_dir()):
            if (
                fnmatchcase(name, self.pattern)
                and not name.startswith(".")
                and not name.endswith(UNFINISHED)
            ):
                yield local_file(place / name, root)

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
