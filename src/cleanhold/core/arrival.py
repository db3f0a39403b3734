"""Where a source's deliveries come from, and how their bytes are taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
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
        where: its full place, for messages; without secrets.
        fetch: writes the bytes as they came to a new file, calling its second argument with the
            number of bytes written since the last call. Raises `DeliveryError` if the delivery
            cannot be had whole; what was written by then is thrown away.
        details: what is known of it before it is fetched, for the receipt (JSON values).
    """

    name: str
    where: str
    fetch: Fetch
    details: Mapping[str, Any] = field(default_factory=dict)


#: The details of the receipts of a source, newest landing first.
Receipts = Callable[[], Iterator[Mapping[str, Any]]]


@runtime_checkable
class Arrivals(Protocol):
    """A place where deliveries arrive: what `Source(arrives=…)` takes besides a folder's name."""

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
