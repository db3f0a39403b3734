"""From what a source says to the place where its deliveries arrive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NoReturn
from urllib.parse import unquote, urlsplit

from cleanhold.core.arrival import Arrivals, Delivery, Receipts
from cleanhold.core.reading import Progress
from cleanhold.core.source import Source
from cleanhold.deliveries.dlt_resource import DltResource
from cleanhold.deliveries.finished import Finished
from cleanhold.deliveries.folder import Files, Folder
from cleanhold.deliveries.remote import Remote
from cleanhold.deliveries.sql_query import SqlQuery
from cleanhold.deliveries.standard_input import StandardInput
from cleanhold.errors import CleanholdError, DeliveryError, SourceError

STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class Several:
    """Several places, one after the other."""

    places: tuple[Arrivals, ...]

    def waiting(self, root: Path, receipts: Receipts) -> Iterator[Delivery]:
        """See `Arrivals.waiting`. A place that cannot be used does not stop the others."""
        for place in self.places:
            try:
                yield from place.waiting(root, receipts)
            except (DeliveryError, SourceError) as error:
                yield Delivery(place.describe(), place.describe(), partial(_raise, error))

    def describe(self) -> str:
        """See `Arrivals.describe`."""
        return ", ".join(place.describe() for place in self.places)


def _raise(error: CleanholdError, copy: BinaryIO, progress: Progress) -> NoReturn:
    raise error


def place_of(source: Source) -> Arrivals:
    """The place where a source's deliveries arrive.

    Raises:
        SourceError: `arrives` is no place, or when a delivery is finished is not understood.
    """
    where = f"source {source.name}"
    arrives = source.arrives
    if isinstance(arrives, Arrivals):
        return arrives
    finished = Finished.when(source.settled, source.done, where)
    if isinstance(arrives, str):
        if arrives == STANDARD_INPUT:
            return StandardInput()
        return (
            _at_url(arrives, finished)
            if "://" in arrives
            else Folder(arrives, source.pattern, finished)
        )
    files = list(arrives)
    if not files or not all(isinstance(file, str) for file in files):
        raise SourceError(
            "`arrives` is no place",
            where=where,
            next="name a folder, a list of files, a URL, or '-' for standard input",
        )
    return Several(
        tuple(
            _at_url(file, finished) if "://" in file else Files((file,), finished) for file in files
        )
    )


def place_problem(source: Source, root: Path) -> SourceError | None:
    """What is wrong with where a source's deliveries arrive, as far as can be seen from here."""
    try:
        place = place_of(source)
        if isinstance(place, Folder | SqlQuery | DltResource):
            place.require(root)
    except SourceError as error:
        return error
    return None


def _at_url(url: str, finished: Finished) -> Arrivals:
    """Files of this machine are opened as such, whatever they are called."""
    parts = urlsplit(url)
    if parts.scheme not in ("file", "local"):
        return Remote(url, finished)
    path = PurePosixPath(unquote(parts.netloc + parts.path))
    if set("*?[") & set(path.name):
        return Folder(str(path.parent), path.name, finished)
    return (
        Folder(str(path), "*", finished) if Path(path).is_dir() else Files((str(path),), finished)
    )
