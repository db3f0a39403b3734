"""ingest: find what has arrived and land it."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

from cleanhold.core.extract import Extract
from cleanhold.core.reading import Progress
from cleanhold.core.source import Source
from cleanhold.errors import SourceError
from cleanhold.pipeline.stores import Stores
from cleanhold.store.landing import land

#: Endings that senders give to files they are still writing.
_UNFINISHED = (".part", ".tmp", ".partial", ".filepart", ".crdownload")


def arrivals(root: Path, source: Source) -> list[Path]:
    """Delivered files of a source, by business date and name; unfinished ones left out.

    Raises:
        SourceError: the folder is missing, or a file name lacks its date.
    """
    folder = root / source.arrives
    if not folder.is_dir():
        raise SourceError(
            f"the folder {source.arrives!r} does not exist",
            where=f"source {source.name}",
            next="make it, or correct `arrives`",
        )
    names = sorted(
        entry.name
        for entry in folder.iterdir()
        if fnmatchcase(entry.name, source.pattern)
        and not entry.name.startswith(".")
        and not entry.name.endswith(_UNFINISHED)
        and not entry.is_dir()
    )
    dated = [(source.date_of(name), name) for name in names]
    return [folder / name for _, name in sorted(dated, key=lambda pair: (str(pair[0]), pair[1]))]


def ingest(
    stores: Stores, source: Source, root: Path, progress: Progress | None = None
) -> list[Extract]:
    """Land every delivery of a source; the same bytes twice are one extract.

    Raises:
        DeliveryError: a file is a symbolic link, not a file, or still being written.
    """
    return [
        land(
            path,
            stores.state,
            stores.ledger,
            source=source.name,
            dated=source.date_of(path.name),
            progress=progress,
        )
        for path in arrivals(root, source)
    ]
