"""ingest: find what has arrived and land it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from cleanhold.core.arrival import Arrivals, Delivery, Formatted
from cleanhold.core.extract import Extract
from cleanhold.core.reading import Progress, Reader
from cleanhold.core.source import Source
from cleanhold.deliveries.folder import Folder
from cleanhold.errors import SourceError
from cleanhold.pipeline.stores import Stores
from cleanhold.readers import reader_for
from cleanhold.store.landing import land


def arrivals_of(source: Source) -> Arrivals:
    """The place where a source's deliveries arrive.

    Raises:
        SourceError: `arrives` is not a place.
    """
    if isinstance(source.arrives, Arrivals):
        return source.arrives
    if isinstance(source.arrives, str):
        return Folder(source.arrives, source.pattern)
    raise SourceError(
        f"`arrives` is {source.arrives!r}, which is no place",
        where=f"source {source.name}",
        next="name a folder of the workspace",
    )


def reader_of(source: Source) -> Reader:
    """The reader of a source: its own, or that of the format in which its deliveries come."""
    if source.reader is not None:
        return source.reader
    assert isinstance(source.arrives, Formatted)  # the source requires it
    return reader_for(source.arrives.format)


def place_problem(source: Source, root: Path) -> SourceError | None:
    """What is wrong with where a source's deliveries arrive, as far as can be seen from here."""
    try:
        place = arrivals_of(source)
        if isinstance(place, Folder):
            place.require(root)
    except SourceError as error:
        return error
    return None


def waiting(stores: Stores, source: Source, root: Path) -> list[tuple[date | None, Delivery]]:
    """What may be taken of a source now, by business date, then as the place has it.

    Raises:
        SourceError: there is no such place, or a name lacks its date.
        DeliveryError: the place cannot be reached.
    """

    def receipts() -> Iterator[dict[str, object]]:
        return stores.ledger.receipts(source.name)

    found = arrivals_of(source).waiting(root, receipts)
    dated = [(source.date_of(delivery.name), delivery) for delivery in found]
    return sorted(dated, key=lambda pair: str(pair[0]))


def ingest(
    stores: Stores, source: Source, root: Path, progress: Progress | None = None
) -> list[Extract]:
    """Land every delivery of a source; the same bytes twice are one extract.

    Raises:
        DeliveryError: a delivery cannot be had whole.
    """
    return [
        land(
            delivery,
            stores.state,
            stores.ledger,
            source=source.name,
            dated=dated,
            progress=progress,
        )
        for dated, delivery in waiting(stores, source, root)
    ]
