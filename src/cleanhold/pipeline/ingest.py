"""ingest: find what has arrived and land it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from cleanhold.core.arrival import Delivery, Formatted
from cleanhold.core.extract import Extract
from cleanhold.core.limits import Terms
from cleanhold.core.reading import Progress, Reader
from cleanhold.core.source import Source
from cleanhold.deliveries.local import local_file
from cleanhold.deliveries.places import place_of
from cleanhold.errors import CleanholdError
from cleanhold.pipeline.stores import Stores
from cleanhold.readers import reader_for
from cleanhold.store.landing import aside_id, land


@dataclass(frozen=True, slots=True)
class NotLanded:
    """A delivery that could not be landed.

    Attributes:
        name: of the delivery; of the source, if its place as a whole cannot be used.
        error: why; an `OSError` is the system's refusal, such as a full disk.
    """

    name: str
    error: CleanholdError | OSError


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of the deliveries of a source: each is in one of both."""

    extracts: tuple[Extract, ...]
    failures: tuple[NotLanded, ...] = ()


def reader_of(source: Source) -> Reader:
    """The reader of a source: its own, or that of the format in which its deliveries come."""
    if source.reader is not None:
        return source.reader
    assert isinstance(source.arrives, Formatted)  # the source requires it
    return reader_for(source.arrives.format)


def ingest(
    stores: Stores, source: Source, root: Path, progress: Progress | None = None
) -> Ingested:
    """Land every delivery of a source; the same bytes twice are one extract.

    A delivery that cannot be landed does not stop the others. What was put aside earlier is tried
    again where the source's terms or the limits have changed since.
    """
    terms = Terms(stores.limits, source.compression, source.members)
    landed: dict[str, Extract] = {}
    failures: list[NotLanded] = []
    offered: set[str] = set()
    for delivery in _offered(stores, source, root, terms, offered, failures):
        try:
            for extract in land(
                delivery,
                stores.state,
                stores.ledger,
                source=source.name,
                dated=lambda names: source.date_of(*names),
                terms=terms,
                progress=progress,
            ):
                landed[extract.sha256] = extract
        except (CleanholdError, OSError) as error:
            failures.append(NotLanded(delivery.name, error))
    for extract in _left_over(stores, source):
        landed.setdefault(extract.sha256, extract)
    return Ingested(tuple(landed.values()), tuple(failures))


def _offered(
    stores: Stores,
    source: Source,
    root: Path,
    terms: Terms,
    offered: set[str],
    failures: list[NotLanded],
) -> Iterator[Delivery]:
    """What may be taken now, by business date, then as the place has it."""
    found: list[Delivery] = []
    try:
        place = place_of(source)
        for delivery in place.waiting(root, lambda: stores.ledger.receipts(source.name)):
            found.append(delivery)  # those before an error are taken
    except (CleanholdError, OSError) as error:
        failures.append(NotLanded(source.name, error))
    dated = sorted(found, key=lambda delivery: _date_in(source, delivery.name))
    for delivery in dated:
        offered.add(delivery.where)
        yield delivery
    yield from _kept_aside(stores, source, terms, offered)


def _left_over(stores: Stores, source: Source) -> Iterator[Extract]:
    """What was landed and never published, of a place that gives nothing twice."""
    if isinstance(source.arrives, Formatted):
        published = stores.ledger.published_extracts(source.dataset)
        for extract in stores.ledger.extracts(source.name):
            if extract.sha256 not in published:
                yield extract


def _date_in(source: Source, name: str) -> str:
    """The business date as sortable text; what lacks one is refused when it is landed."""
    found = re.search(source.dated, name) if source.dated else None
    return found.group(1).replace("-", "") if found and found.group(1) else ""


def _kept_aside(
    stores: Stores, source: Source, terms: Terms, offered: set[str]
) -> Iterator[Delivery]:
    """What was put aside, is no longer offered, and may be landed under the terms of today."""
    for seen in stores.ledger.aside(source.name):
        file = stores.state.aside_file(aside_id(seen.source, seen.place, seen.sha256))
        changed = seen.terms != terms.as_dict()
        if seen.place not in offered and seen.sha256 and changed and file.is_file():
            yield replace(local_file(file), name=seen.name, where=seen.place, stamp="")
