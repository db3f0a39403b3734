"""decided: what people, or the contract, made of a held row: corrections, and waivers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from cleanhold.core.contract import MASK
from cleanhold.core.decision import Act
from cleanhold.core.finding import ROW_ID
from cleanhold.core.provenance import Correction
from cleanhold.core.snapshot import Snapshot
from cleanhold.pipeline.masking import Personal
from cleanhold.pipeline.stores import Stores
from cleanhold.pipeline.waived import waived_in
from cleanhold.store.decisions import read_rows


def corrections(
    stores: Stores, held: Mapping[str, Any], hidden: Personal
) -> tuple[Correction, ...]:
    """The corrections of a row, oldest first, those that were taken back later too.

    Args:
        held: what `Quarantine.row` gives, nothing masked.
    """
    return tuple(_corrections(stores, held, hidden))


def _corrections(stores: Stores, held: Mapping[str, Any], hidden: Personal) -> Iterator[Correction]:
    raw: Mapping[str, Any] = held.get("raw") or {}
    now = dict(raw)
    for change in held.get("history", ()):
        if change["what"] == Act.REOPEN:
            now = dict(raw)
        _, _, number = str(change["cause"]).partition("decision ")
        if change["what"] != Act.CORRECT or not number.isdecimal():
            continue
        decision = stores.ledger.decision(int(number))
        if decision is None:
            continue
        rows = read_rows(stores.state, decision).filter(pl.col(ROW_ID) == held[ROW_ID])
        patch: Mapping[str, Any] = json.loads(rows["patch"][0] or "{}") if rows.height else {}
        # A patch has what was corrected before, too.
        changes = {name: (now.get(name), text) for name, text in patch.items()
                   if now.get(name) != text}  # fmt: skip
        now = {**raw, **patch}
        yield Correction(
            decision.id,
            decision.who,
            decision.why,
            decision.at,
            {name: _masked(pair) if hidden.has(name) else pair for name, pair in changes.items()},
        )


def _masked(texts: tuple[str | None, str | None]) -> tuple[str | None, str | None]:
    before, after = (MASK if text is not None else None for text in texts)
    return before, after


def waiver(stores: Stores, newest: Snapshot | None, row_id: str) -> Mapping[str, Any] | None:
    """Under which waiver the newest snapshot that holds a row does; None if it passed."""
    rows = waived_in(stores.manifest(newest)) if newest else waived_in(None)
    found = rows.filter(pl.col(ROW_ID) == row_id).drop(ROW_ID)
    return found.row(0, named=True) if found.height else None
