"""Receipts: what was landed, what was delivered again, and what was last seen at each place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select

from cleanhold.core.extract import ROW_ID_PREFIX, Extract
from cleanhold.errors import DeliveryError
from cleanhold.store import auditlog
from cleanhold.store.rows import put
from cleanhold.store.tables import extracts, places, redeliveries, utc_text

#: The acts of the audit log: a first receipt, the same bytes delivered again after others, and
#: what a place holds now.
LANDED, REDELIVERED, SEEN = "landed", "redelivered", "seen"


@dataclass(frozen=True, slots=True)
class Seen:
    """The delivery last seen at one place of a source.

    Attributes:
        place: where it was, as `Delivery.where` says.
        stamp: as `Delivery.stamp`; empty if it is to be fetched again in any case.
        terms: under which it was taken, or not; see `Terms.as_dict`.
        sha256: of its bytes as they came; None if they could not be had.
        size: of those.
        extracts: SHA-256 of the extracts last landed from this place.
        problem: `what`, `where` and `next` of the error, if it could not be landed.
    """

    source: str
    place: str
    name: str
    stamp: str
    terms: Mapping[str, Any]
    sha256: str | None
    size: int | None
    seen_at: datetime
    extracts: tuple[str, ...] = ()
    problem: Mapping[str, str | None] | None = None

    def error(self) -> DeliveryError | None:
        """The problem as the error it was."""
        if self.problem is None:
            return None
        return DeliveryError(
            str(self.problem["what"]), where=self.problem["where"], next=self.problem["next"]
        )


def receive(
    connection: Connection,
    root: Path,
    extract: Extract,
    details: Mapping[str, Any],
    *,
    place: str | None = None,
) -> Extract:
    """Keep the receipt of an extract; see `Ledger.record_landing`."""
    prefix = extract.sha256[:ROW_ID_PREFIX]
    same = select(extracts).where(extracts.c.prefix == prefix)
    receipts = connection.execute(same).all()
    for other in receipts:
        if other.sha256 != extract.sha256:
            raise DeliveryError(
                "two different extracts have SHA-256 digests with the same beginning",
                where=f"{extract.name} and {other.name}: {prefix}…",
                next="this does not happen by chance: ask the source who made these files",
            )
    values = {
        "sha256": extract.sha256,
        "source": extract.source,
        "name": extract.name,
        "landed_at": extract.landed_at,
        "dated": extract.dated.isoformat() if extract.dated else None,
        "details": dict(details),
    }
    if all(other.source != extract.source for other in receipts):
        path = extract.path
        kept = path.relative_to(root) if path.is_relative_to(root) else path.absolute()
        first = {**values, "prefix": prefix, "path": str(kept), "size": extract.size}
        connection.execute(extracts.insert().values(**first))
        _tell(connection, LANDED, first)
        return extract
    if place is not None and _is_again(connection, extract, place):
        connection.execute(redeliveries.insert().values(**values))
        _tell(connection, REDELIVERED, values)
    return with_redeliveries(connection, [_first(receipts, extract, root)])[0]


def _tell(connection: Connection, act: str, values: Mapping[str, Any]) -> None:
    auditlog.append(connection, act, {**values, "landed_at": utc_text(values["landed_at"])})


def _first(receipts: Sequence[Row[Any]], extract: Extract, root: Path) -> Extract:
    return next(as_extract(row, root) for row in receipts if row.source == extract.source)


def _is_again(connection: Connection, extract: Extract, place: str) -> bool:
    """Whether known bytes are a new delivery, and not the same file that still lies there.

    They are where the place held others meanwhile, or where they come under a new name.
    """
    last = seen(connection, extract.source, place)
    if last is not None and last.extracts:
        return extract.sha256 not in last.extracts
    names = {
        row.name
        for table in (extracts, redeliveries)
        for row in connection.execute(
            select(table.c.name).where(
                table.c.sha256 == extract.sha256, table.c.source == extract.source
            )
        )
    }
    return extract.name not in names


def with_redeliveries(
    connection: Connection, found: Sequence[Extract], at: datetime | None = None
) -> list[Extract]:
    """The extracts, each as old as its newest delivery, or its newest until a time."""
    known = {(extract.sha256, extract.source): extract for extract in found}
    asked = select(redeliveries)
    if len(only := {extract.sha256 for extract in found}) == 1:
        asked = asked.where(redeliveries.c.sha256.in_(only))
    if at is not None:
        asked = asked.where(redeliveries.c.landed_at <= at)
    for row in connection.execute(asked):
        extract = known.get((row.sha256, row.source))
        if extract is None:
            continue
        again = Extract(
            sha256=row.sha256,
            name=row.name,
            path=extract.path,
            size=extract.size,
            source=row.source,
            landed_at=row.landed_at,
            dated=date.fromisoformat(row.dated) if row.dated else None,
        )
        known[row.sha256, row.source] = max(extract, again, key=lambda e: e.order)
    return list(known.values())


def as_extract(row: Row[Any], root: Path) -> Extract:
    """The extract of a first receipt."""
    return Extract(
        sha256=row.sha256,
        name=row.name,
        # Relative in the ledger, so that a workspace can be moved.
        path=root / row.path,
        size=row.size,
        source=row.source,
        landed_at=row.landed_at,
        dated=date.fromisoformat(row.dated) if row.dated else None,
    )


def details(connection: Connection, source: str) -> list[dict[str, Any]]:
    """The details of a source's receipts, newest landing first."""
    found = [
        row
        for table in (extracts, redeliveries)
        for row in connection.execute(
            select(table.c.landed_at, table.c.details).where(table.c.source == source)
        )
    ]
    return [dict(row.details) for row in sorted(found, key=lambda r: r.landed_at, reverse=True)]


def remember(connection: Connection, delivery: Seen) -> None:
    """Keep what was seen at a place instead of what was seen there before."""
    told = {
        "name": delivery.name,
        "terms": dict(delivery.terms),
        "sha256": delivery.sha256,
        "size": delivery.size,
        "extracts": list(delivery.extracts),
        "problem": dict(delivery.problem) if delivery.problem else None,
    }
    place = {"source": delivery.source, "place": delivery.place}
    last = seen(connection, delivery.source, delivery.place)
    if last is None or any(getattr(last, name) != getattr(delivery, name) for name in told):
        auditlog.append(connection, SEEN, {**place, **told, "at": utc_text(delivery.seen_at)})
    put(connection, places, place, {**told, "stamp": delivery.stamp, "seen_at": delivery.seen_at})


def seen(connection: Connection, source: str, place: str) -> Seen | None:
    """What was last seen at a place."""
    found = select(places).where(places.c.source == source, places.c.place == place)
    row = connection.execute(found).one_or_none()
    return _as_seen(row) if row else None


def aside(connection: Connection, source: str | None) -> list[Seen]:
    """Deliveries that could not be landed, by source and place."""
    found = select(places).where(places.c.problem.is_not(None))
    if source is not None:
        found = found.where(places.c.source == source)
    found = found.order_by(places.c.source, places.c.place)
    return [_as_seen(row) for row in connection.execute(found)]


def _as_seen(row: Row[Any]) -> Seen:
    return Seen(
        source=row.source,
        place=row.place,
        name=row.name,
        stamp=row.stamp,
        terms=row.terms,
        sha256=row.sha256,
        size=row.size,
        seen_at=row.seen_at,
        extracts=tuple(row.extracts),
        problem=row.problem,
    )
