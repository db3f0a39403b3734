"""Landing what arrives at a place, without a workspace."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.core.arrival import Arrivals, Delivery

#: What makes a place of an `Arrivals`.
MakePlace = Callable[[Arrivals], "Place"]


@dataclass
class Place:
    """A place, and the receipts of what was landed from it."""

    arrivals: Arrivals
    root: Path
    receipts: list[dict[str, Any]] = field(default_factory=list)

    def waiting(self) -> list[Delivery]:
        def newest_first() -> Iterator[dict[str, Any]]:
            return iter(self.receipts[::-1])

        return list(self.arrivals.waiting(self.root, newest_first))

    def land(self) -> bytes | None:
        """The bytes of the one delivery that waits; its receipt is kept. None if none waits."""
        found = self.waiting()
        if not found:
            return None
        (delivery,) = found
        copy, told = io.BytesIO(), list[int]()
        receipt = dict(delivery.fetch(copy, told.append))
        assert sum(told) == len(copy.getvalue()), "progress comes to the size"
        self.receipts.append({"where": delivery.where, **delivery.details, **receipt})
        return copy.getvalue()

    def rows(self) -> pl.DataFrame | None:
        """The rows of the one delivery that waits."""
        data = self.land()
        return None if data is None else pl.read_parquet(data)

    def column(self, name: str) -> list[Any] | None:
        rows = self.rows()
        return None if rows is None else sorted(rows[name].to_list())
