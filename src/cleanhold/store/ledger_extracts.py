"""What the ledger knows of extracts: receipts, and what was last seen at each place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from cleanhold.core.extract import ROW_ID_PREFIX, Extract
from cleanhold.store import catalogue, receipts
from cleanhold.store.database import Database
from cleanhold.store.receipts import Seen


class LedgerOfExtracts:
    """The part of `Ledger` that is about extracts."""

    _database: Database
    _root: Path

    def record_extract(self, extract: Extract, details: Mapping[str, Any] | None = None) -> Extract:
        """Keep the receipt of a landed extract; the first receipt of a source stays.

        Raises:
            DeliveryError: another extract's SHA-256 begins with the same digits, so that rows of
                both would have the same ids.
        """
        with self._database.write() as connection:
            return receipts.receive(connection, self._root, extract, details or {})

    def record_landing(
        self, delivery: Seen, landed: Sequence[tuple[Extract, Mapping[str, Any]]]
    ) -> list[Extract]:
        """Keep the receipts of what came out of one delivery, and what its place held: all or none.

        Bytes that the source delivered before are a *redelivery* where their place held others
        meanwhile, or where they come under a new name: from then on the extract counts as that
        new.

        Args:
            landed: each extract with the details of its receipt.

        Returns:
            The extracts as the ledger knows them now.

        Raises:
            DeliveryError: see `record_extract`.
        """
        with self._database.write() as connection:
            found = [
                receipts.receive(connection, self._root, extract, details, place=delivery.place)
                for extract, details in landed
            ]
            receipts.remember(connection, delivery)
        return found

    def record_aside(self, delivery: Seen) -> None:
        """Keep why a delivery could not be landed."""
        with self._database.write() as connection:
            last = receipts.seen(connection, delivery.source, delivery.place)
            # What was landed from this place before is needed to tell what is delivered again.
            extracts = last.extracts if last else ()
            receipts.remember(connection, replace(delivery, extracts=extracts))

    def seen(self, source: str, place: str) -> Seen | None:
        """What was last seen at a place of a source."""
        with self._database.read() as connection:
            return receipts.seen(connection, source, place)

    def aside(self, source: str | None = None) -> list[Seen]:
        """Deliveries that could not be landed, by source and place."""
        with self._database.read() as connection:
            return receipts.aside(connection, source)

    def extract(
        self, sha256: str, source: str | None = None, at: datetime | None = None
    ) -> Extract | None:
        """The (oldest) receipt of these bytes, as old as their newest delivery (until a time)."""
        with self._database.read() as connection:
            found = catalogue.list_extracts(connection, self._root, source, at, sha256=sha256)
        return found[0] if found else None

    def extracts(self, source: str | None = None) -> list[Extract]:
        """Receipts, oldest delivery first."""
        with self._database.read() as connection:
            return catalogue.list_extracts(connection, self._root, source=source)

    def extracts_with(self, prefix: str) -> list[Extract]:
        """Receipts of the extract whose row ids begin so; several sources may have one each."""
        with self._database.read() as connection:
            return catalogue.list_extracts(connection, self._root, prefix=prefix)

    def receipts(self, source: str) -> Iterator[dict[str, Any]]:
        """The details of a source's receipts, newest landing first."""
        with self._database.read() as connection:
            found = receipts.details(connection, source)
        return iter(found)

    def extract_order(self, source: str | None = None) -> dict[str, int]:
        """Rank of each extract by delivery (`Extract.order`), by the prefix of its row ids."""
        ranks: dict[str, int] = {}
        for extract in self.extracts(source):
            ranks.setdefault(extract.sha256[:ROW_ID_PREFIX], len(ranks))
        return ranks
