"""Overrides of gates in the ledger: one person asks, another confirms, and a day ends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection

from cleanhold.core.gate import Override
from cleanhold.errors import Overtaken
from cleanhold.store import auditlog
from cleanhold.store.book import Book

#: Acts of the audit log.
ASKED, CONFIRMED, WITHDRAWN = "override_asked", "override_confirmed", "override_withdrawn"


class OverrideBook(Book):
    """What the ledger keeps about overrides; `Ledger.overrides` is one."""

    def of(self, dataset: str) -> dict[str, Override]:
        """The newest override of each gate, those that are over or only asked for too."""
        with self._database.read() as connection:
            return _of(connection, dataset)

    def ask(self, dataset: str, gate: str, *, until: date, who: str, why: str) -> Override:
        """Ask that a gate count as open until a day; takes the place of what was asked before."""
        said = {"gate": gate, "until": until.isoformat(), "who": who, "why": why}
        with self._database.write() as connection:
            self._tell(connection, ASKED, dataset=dataset, **said)
            return _of(connection, dataset)[gate]

    def confirm(
        self, dataset: str, asked: Override, *, who: str, why: str, same_account: bool
    ) -> Override:
        """Confirm what another person asked for.

        Raises:
            Overtaken: it was asked otherwise, confirmed or withdrawn meanwhile.
        """
        said = {"gate": asked.gate, "asked": asked.number, "who": who, "why": why}
        with self._database.write() as connection:
            _require_same(connection, dataset, asked)
            self._tell(connection, CONFIRMED, dataset=dataset, **said, same_account=same_account)
            return _of(connection, dataset)[asked.gate]

    def withdraw(self, dataset: str, override: Override, *, who: str, why: str) -> None:
        """End an override, or what was only asked for.

        Raises:
            Overtaken: it was asked otherwise, confirmed or withdrawn meanwhile.
        """
        said = {"gate": override.gate, "asked": override.number, "who": who, "why": why}
        with self._database.write() as connection:
            _require_same(connection, dataset, override)
            self._tell(connection, WITHDRAWN, dataset=dataset, **said)


def _of(connection: Connection, dataset: str) -> dict[str, Override]:
    found: dict[str, Override] = {}
    for body in auditlog.acts(connection, (ASKED, CONFIRMED, WITHDRAWN)):
        if body["dataset"] != dataset:
            continue
        gate, at = body["gate"], datetime.fromisoformat(body["at"])
        if body["act"] == ASKED:
            until = date.fromisoformat(body["until"])
            found[gate] = Override(body["entry"], gate, until, body["who"], body["why"], at)
        elif body["act"] == CONFIRMED:
            found[gate] = replace(
                found[gate],
                confirmed_by=body["who"],
                confirmed_why=body["why"],
                confirmed_at=at,
                same_account=body["same_account"],
            )
        else:
            del found[gate]
    return found


def _require_same(connection: Connection, dataset: str, known: Override) -> None:
    if _of(connection, dataset).get(known.gate) != known:
        raise Overtaken(
            f"somebody else acted on the override of {known.gate} at the same moment",
            where=dataset,
            next=f"look again: cleanhold gates {dataset}",
        )
