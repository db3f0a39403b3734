"""A delivery that is piped into the command: `arrives="-"`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from cleanhold.core.arrival import Delivery, Receipts
from cleanhold.core.reading import Progress
from cleanhold.deliveries.local import BLOCK


@dataclass(frozen=True, slots=True)
class StandardInput:
    """What stands in standard input, as one delivery; none if it is a terminal, or empty.

    Attributes:
        name: what the delivery is called.
    """

    name: str = "standard input"

    def waiting(self, root: Path, receipts: Receipts) -> Iterator[Delivery]:
        """See `Arrivals.waiting`."""
        if sys.stdin is None or sys.stdin.isatty():
            return
        first = sys.stdin.buffer.read(1)
        if first:
            yield Delivery(
                name=self.name,
                where="standard input",
                fetch=lambda copy, progress: _fetch(first, copy, progress),
            )

    def describe(self) -> str:
        """See `Arrivals.describe`."""
        return "standard input"


def _fetch(first: bytes, copy: BinaryIO, progress: Progress) -> Mapping[str, Any]:
    block = first
    while block:
        copy.write(block)
        progress(len(block))
        block = sys.stdin.buffer.read(BLOCK)
    return {}
