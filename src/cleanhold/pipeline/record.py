"""record: a decision is written down, if its rows are still what was looked at."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from cleanhold.core.decision import SETTLING, Act, Decision
from cleanhold.errors import LedgerError, Overtaken, StateError
from cleanhold.pipeline.anchoring import anchored
from cleanhold.pipeline.stores import Stores
from cleanhold.store.crashpoints import crash_point
from cleanhold.store.decisions import AsOf
from cleanhold.store.feeding import catch_up
from cleanhold.store.quarantine import Quarantine

_log = logging.getLogger(__name__)

#: Each try that fails means that somebody else decided or published something.
_TRIES = 20


def token_of(rows: pl.DataFrame, as_of: AsOf) -> str:
    """Names rows, their content and how they stand, and how far the dataset had come.

    Args:
        rows: what `Quarantine.to_decide` gives.
    """
    facts = rows.select("row_id", "content_hash", "status", "run_id", "patch").sort("row_id")
    digest = hashlib.sha256(facts.write_csv().encode()).hexdigest()[:16]
    return f"{as_of.decision}.{as_of.snapshot}.{digest}"


def same_rows(one: str, other: str) -> bool:
    """Whether two tokens name the same rows, standing as they stood."""
    return one.rpartition(".")[2] == other.rpartition(".")[2]


def require_same(
    stores: Stores, dataset: str, rows: pl.DataFrame, token: str, what: str = "the preview showed"
) -> None:
    """Raise `Overtaken` if rows are not those of a token any more; it says what came between."""
    if same_rows(token, token_of(rows, AsOf(0, 0))):
        return
    raise Overtaken(
        f"these rows are no longer what {what}{_since(stores, dataset, token)}",
        where=f"{dataset}, {rows.height:,} rows",
        next="look at the rows again, and decide on what they are now; nothing was changed",
    )


def record(
    stores: Stores, dataset: str, decide: Callable[[AsOf], tuple[Act, Mapping[str, Any]]]
) -> Decision:
    """Write a decision into the ledger, and feed it to the quarantine.

    Args:
        stores: of the workspace.
        dataset: whose rows.
        decide: looks at the rows as they are, and gives what `Ledger.decide` takes; called again
            if something else was decided or published meanwhile.
    """
    for _ in range(_TRIES):
        as_of = stores.ledger.as_of(dataset)
        act, said = decide(as_of)
        try:
            decision = stores.ledger.decide(act, dataset, as_of=as_of, **said)
        except Overtaken:
            continue
        crash_point("decided")
        anchored(stores)
        _feed(stores, decision)
        return decision
    raise Overtaken(
        f"others decide about {dataset} all the time",
        next="try again in a moment; nothing was changed",
    )


def _feed(stores: Stores, decision: Decision) -> None:
    """It is decided, whether or not the quarantine can be told now."""
    try:
        catch_up(stores.state, stores.ledger, Quarantine(stores.state))
    except LedgerError:
        raise
    except StateError as error:
        _log.warning("decision %s is made; it is shown when it can be: %s", decision.id, error)


def _since(stores: Stores, dataset: str, token: str) -> str:
    """What came after a token was made, in words."""
    decision, snapshot = (int(n) if n.isdigit() else 0 for n in (*token.split("."), "", "")[:2])
    if token.count(".") != 2:
        return ""
    came = [
        f"decision {d.id} ({d.act} {d.rows:,} rows, by {d.who})"
        for d in stores.ledger.decisions(dataset)
        if d.id > decision and d.act in SETTLING
    ]
    came += [
        f"snapshot {s.number}"
        for s in reversed(stores.ledger.snapshots(dataset))
        if s.number > snapshot
    ]
    few = "; ".join(came[-3:])
    return f": {few} came between" if few else ""
