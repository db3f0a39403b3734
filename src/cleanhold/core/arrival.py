"""Where a source's deliveries come from, and how their bytes are taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol, runtime_checkable

from cleanhold.core.reading import Progress

#: Writes a delivery's bytes and gives what its receipt should say besides (JSON values).
Fetch = Callable[[BinaryIO, Progress], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery that has arrived and may be taken.

    Attributes:
        name: what people call it, such as its file name; never used as a path, glob or URL.
        where: its full place, without secrets, relative to the workspace if it is in there. What
            waits at one time has different places; the same place may hold other bytes later.
        fetch: writes the bytes as they came to a new file (only `write`, `flush` and `tell` are
            used), calling its second argument with the number of bytes written since the last
            call. Raises `DeliveryError` if the delivery cannot be had whole; what was written by
            then is thrown away.
        details: what is known of it before it is fetched, for the receipt (JSON values).
        arrived_at: when it arrived where it is (UTC), if the place knows.
        size: bytes as it came, if the place knows.
        stamp: a text that changes when the bytes at this place change, so that they need not be
            copied again; empty if the place cannot tell.
    """

    name: str
    where: str
    fetch: Fetch
    details: Mapping[str, Any] = field(default_factory=dict)
    arrived_at: datetime | None = None
    size: int | None = None
    stamp: str = ""


#: The details of the receipts of a source, newest landing first: what `Delivery.details` and
#: `Fetch` gave, and what landing adds.
Receipts = Callable[[], Iterator[Mapping[str, Any]]]


@runtime_checkable
class Arrivals(Protocol):
    """A place where deliveries arrive: what `Source(arrives=…)` takes besides names of places."""

    def waiting(self, root: Path, receipts: Receipts) -> Iterator[Delivery]:
        """What may be taken now, oldest first; deliveries that are not finished are left out.

        Args:
            root: the workspace; relative places are below it.
            receipts: what was landed before, for places that only give what is new.

        Raises:
            SourceError: the place does not exist, or is declared wrongly.
            DeliveryError: it cannot be reached now.
        """
        ...

    def describe(self) -> str:
        """The place in words, without secrets."""
        ...


@runtime_checkable
class Formatted(Arrivals, Protocol):
    """A place whose deliveries all have one format, so that its source need not name a reader."""

    @property
    def format(self) -> str:
        """The format, as `cleanhold.readers.reader_for` knows it: `parquet`."""
        ...
