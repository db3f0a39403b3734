"""What of a query is new: the highest value that was landed, and what may still come beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from cleanhold.deliveries.databases.session import Column, Order, Session
from cleanhold.errors import SourceError


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a source was landed; kept in the receipt of its newest delivery.

    Attributes:
        asked: fingerprint of the query and of what makes it incremental. Another one begins anew.
        value: the highest value of the column, as text.
        order: how such values are compared.
        edge: from this value on, rows may still change or come late; None if only rows without a
            value may.
        rows, digest: how many rows lie from the edge on, and what they say, in any order.
    """

    asked: str
    value: str
    order: Order
    edge: str | None
    rows: int
    digest: str

    def as_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def fingerprint(*parts: object) -> str:
    """A short hash of what was asked."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def newest_mark(receipts: Iterator[Mapping[str, Any]], asked: str) -> Mark | None:
    """The mark of the newest landing of the same question; None if all is new."""
    for receipt in receipts:
        mark = receipt.get("sql", {}).get("mark")
        if mark and mark["asked"] == asked:
            return Mark(**{**mark, "order": Order(mark["order"])})
    return None


def edge_of(value: str, order: Order, overlap: timedelta | int | None, column: str) -> str:
    """The value that lies `overlap` before another.

    Raises:
        SourceError: the overlap does not fit the column.
    """
    if not overlap:
        return value
    if order is Order.NUMBER and not isinstance(overlap, timedelta):
        return str(Decimal(value) - overlap)
    # A moment as its database writes it: ISO 8601, with or without a zone.
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = None
    if moment is None or not isinstance(overlap, timedelta):
        raise SourceError(
            f"the overlap {overlap!r} does not fit the column {column!r}, whose highest value is "
            f"{value!r}",
            next="give a whole number for a column of numbers, and a timedelta for one of times",
        )
    earlier = moment - overlap
    if len(value) == len("2026-01-31"):
        return earlier.date().isoformat()
    return earlier.isoformat(sep=" " if " " in value else "T")


def beyond(session: Session, column: str, mark: Mark) -> str:
    """SQL: a row whose value is higher than any that was landed."""
    return f"{session.name(column)} > {session.literal(mark.value, mark.order)}"


def from_edge(session: Session, column: Column, mark: Mark) -> str:
    """SQL: a row that may be new or changed. Without a value, nobody knows when it came."""
    name = session.name(column.name)
    parts = [f"{name} is null"]
    if mark.edge is None:
        parts.append(beyond(session, column.name, mark))
    else:
        parts.append(f"{name} >= {session.literal(mark.edge, mark.order)}")
    if column.misfit:
        parts.append(column.misfit)
    return " or ".join(parts)


def digest(session: Session, query: str, columns: Sequence[Column]) -> tuple[int, str]:
    """Number of rows of a query, and a hash that does not depend on their order.

    The sum of the rows' hashes: the same rows always give the same with one version of Polars;
    with another, the edge is delivered once more.
    """
    import polars as pl

    rows, total = 0, 0
    every = [column.name for column in columns]
    for batch in session.stream([session.select(query, columns, every)]):
        frame = pl.DataFrame(pl.from_arrow(batch))
        rows += frame.height
        for seed in (0, 1):
            hashes = frame.hash_rows(seed=seed).cast(pl.Int128)
            total += int(hashes.sum() or 0) << (64 * seed)
    return rows, f"{total % (1 << 160):x}"
