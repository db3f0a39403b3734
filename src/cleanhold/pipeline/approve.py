"""approve: what one person proposed, another one approves or declines."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from cleanhold.core.decision import Act, Decision
from cleanhold.core.finding import ROW_ID
from cleanhold.errors import UsageError
from cleanhold.pipeline.decide import (
    Intent,
    Preview,
    Selection,
    as_allowed,
    chosen_rows,
    require_reason,
    shown,
)
from cleanhold.pipeline.person import same_account, same_person, who_acts
from cleanhold.pipeline.record import record, require_same, same_rows, token_of
from cleanhold.pipeline.stores import Stores
from cleanhold.store.decisions import AsOf, read_rows


@dataclass(frozen=True, slots=True)
class Proposal:
    """A decision that waits for a second person.

    Attributes:
        decision: as it was proposed.
        does: the act that is proposed.
        is_current: its rows still stand as they stood; else nobody can approve it any more.
    """

    decision: Decision
    does: Act
    is_current: bool

    def as_dict(self) -> dict[str, Any]:
        return {**self.decision.as_dict(), "does": str(self.does), "is_current": self.is_current}


def proposals(stores: Stores, dataset: str | None = None) -> list[Proposal]:
    """What waits for a second person, oldest first."""
    made = stores.ledger.decisions(dataset)
    ended = {d.terms.get("proposal") for d in made}
    found = []
    for decision in made:
        if decision.act is Act.PROPOSE and decision.id not in ended:
            token = token_of(_rows_now(stores, decision), AsOf(0, 0))
            current = same_rows(token, decision.terms["token"])
            found.append(Proposal(decision, _does(decision), current))
    return found


def look_at_proposal(stores: Stores, number: int) -> Preview:
    """Say what a proposal would do now; nothing is changed.

    Raises:
        UsageError: there is no such proposal, or it has ended.
        Overtaken: its rows have changed since it was made.
    """
    proposal = _open(stores, number)
    as_of = stores.ledger.as_of(proposal.dataset)
    intent, chosen, decided = _as_proposed(stores, proposal)
    selection = Selection(proposal.dataset, rows=tuple(chosen[ROW_ID]))
    return shown(stores, selection, intent, decided, token_of(chosen, as_of))


def approve(stores: Stores, number: int, why: str, *, who: str | None = None) -> Decision:
    """Make the decision that another person proposed.

    Args:
        stores: of the workspace.
        number: of the proposal.
        why: in words; kept in the audit log.
        who: approves; whoever runs this if None.

    Raises:
        UsageError: there is no reason or no such proposal, it has ended, or who proposed it
            would approve it.
        Overtaken: its rows have changed since it was made: it must be proposed anew.
        RunInProgress: a replay of the dataset is being published.
    """
    who = who or who_acts()

    def decision(proposal: Decision) -> tuple[Act, dict[str, Any]]:
        _require_another(proposal, who)
        _as_proposed(stores, proposal)
        terms = {name: v for name, v in proposal.terms.items() if name not in ("does", "token")}
        terms["proposed_by"] = proposal.who
        if same_account(proposal.who, who):
            terms["same_account"] = True
        return _does(proposal), terms

    return _end(stores, number, why, who, decision)


def decline(stores: Stores, number: int, why: str, *, who: str | None = None) -> Decision:
    """End a proposal without making its decision; who proposed it may do so too.

    Raises:
        UsageError: there is no reason or no such proposal, or it has ended.
    """
    return _end(stores, number, why, who or who_acts(), lambda _: (Act.DECLINE, {}))


def require_another(stores: Stores, number: int, who: str) -> None:
    """Raise `UsageError` if who would approve a proposal made it."""
    _require_another(_open(stores, number), who)


def _require_another(proposal: Decision, who: str) -> None:
    if same_person(proposal.who, who):
        raise UsageError(
            f"{proposal.who} proposed this: somebody else must approve it",
            where=f"proposal {proposal.id}",
            next="ask a colleague; where people share an account they say who they are: --as NAME",
        )


def _end(
    stores: Stores,
    number: int,
    why: str,
    who: str,
    decide: Callable[[Decision], tuple[Act, dict[str, Any]]],
) -> Decision:
    require_reason(why)

    def ended(_: AsOf) -> tuple[Act, dict[str, Any]]:
        proposal = _open(stores, number)
        act, terms = decide(proposal)
        return act, {
            "rows": proposal.rows,
            "keep": lambda: proposal.file,
            "who": who,
            "why": why.strip(),
            "terms": {**terms, "proposal": number},
        }

    return record(stores, _open(stores, number).dataset, ended)


def _open(stores: Stores, number: int) -> Decision:
    made = stores.ledger.decisions()
    proposal = next((d for d in made if d.id == number and d.act is Act.PROPOSE), None)
    if proposal is None:
        raise UsageError(
            f"there is no proposal {number}", next="`cleanhold quarantine proposals` lists them"
        )
    end = next((d for d in made if d.terms.get("proposal") == number), None)
    if end is not None:
        how = "declined" if end.act is Act.DECLINE else "approved"
        raise UsageError(
            f"proposal {number} was {how} by {end.who} on {end.at:%F %H:%M} UTC",
            next="`cleanhold quarantine proposals` lists what waits",
        )
    if proposal.dataset not in stores.contracts:
        raise UsageError(
            f"there is no contract for {proposal.dataset!r} any more",
            next=f"decline it: cleanhold quarantine decline {number}",
        )
    return proposal


def _as_proposed(stores: Stores, proposal: Decision) -> tuple[Intent, pl.DataFrame, pl.DataFrame]:
    """What is proposed, and its rows as they are and as they would be left."""
    chosen = _rows_now(stores, proposal)
    require_same(stores, proposal.dataset, chosen, proposal.terms["token"], what="was proposed")
    patches = read_rows(stores.state, proposal).drop_nulls("patch")
    until = proposal.terms.get("until")
    intent = Intent(
        _does(proposal),
        patches={row: json.loads(p) for row, p in patches.select(ROW_ID, "patch").iter_rows()},
        checks=tuple(proposal.terms.get("checks", ())),
        until=date.fromisoformat(until) if until else None,
        at_most=proposal.terms.get("at_most"),
    )
    return intent, chosen, as_allowed(stores, proposal.dataset, chosen, intent)


def _rows_now(stores: Stores, proposal: Decision) -> pl.DataFrame:
    rows = read_rows(stores.state, proposal)[ROW_ID].to_list()
    return chosen_rows(stores, Selection(proposal.dataset, rows=tuple(rows)), _does(proposal))


def _does(proposal: Decision) -> Act:
    return Act(proposal.terms["does"])
