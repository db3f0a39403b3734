"""override: two people let a closed gate count as open, until a day."""

from __future__ import annotations

from datetime import date, timedelta

from cleanhold.core.gate import Override
from cleanhold.errors import UsageError
from cleanhold.gates import NAMES
from cleanhold.pipeline.known import contract_of
from cleanhold.pipeline.person import reason_of, same_account, same_person, who_acts
from cleanhold.pipeline.stores import Stores


def ask_override(
    stores: Stores,
    dataset: str,
    gate: str,
    why: str,
    *,
    until: date | None = None,
    who: str | None = None,
) -> Override:
    """Ask that a closed gate count as open; nothing changes until another person confirms it.

    Args:
        until: the last day (UTC); as long as the settings allow if None.

    Raises:
        UsageError: there is no such gate or reason, the day is too far or has passed, or another
            override of the gate is open.
    """
    why = _reason(stores, dataset, gate, why)
    today = stores.ledger.now().date()
    latest = today + timedelta(days=stores.gates.override_days)
    until = until or latest
    if not today <= until <= latest:
        raise UsageError(
            f"an override until {until} is not allowed",
            where=f"{dataset}, gate {gate}",
            next=f"name a day from {today} to {latest}: --until {latest}",
        )
    known = stores.ledger.overrides.of(dataset).get(gate)
    if known is not None and today <= known.until:
        state = "holds" if known.confirmed_by else "waits for a second person"
        raise UsageError(
            f"an override of {gate} {state}, until {known.until}",
            where=dataset,
            next=f"to ask anew, first: cleanhold promote {dataset} --withdraw {gate} --reason '…'",
        )
    return stores.ledger.overrides.ask(dataset, gate, until=until, who=who or who_acts(), why=why)


def confirm_override(
    stores: Stores, dataset: str, gate: str, why: str, *, who: str | None = None
) -> Override:
    """Confirm what another person asked for.

    Raises:
        UsageError: nobody has asked, who asked would confirm, it is over, or there is no reason.
        Overtaken: somebody acted on it at the same moment.
    """
    who = who or who_acts()
    asked = _known(stores, dataset, gate, why)
    if asked.confirmed_by is not None:
        raise UsageError(
            f"{asked.confirmed_by} has confirmed it, until {asked.until}",
            where=f"{dataset}, gate {gate}",
            next=f"cleanhold promote {dataset}",
        )
    if same_person(asked.asked_by, who):
        raise UsageError(
            f"{asked.asked_by} asked for this: somebody else must confirm it",
            where=f"{dataset}, gate {gate}",
            next="ask a colleague; where people share an account they say who they are: --as NAME",
        )
    is_shared = same_account(asked.asked_by, who)
    return stores.ledger.overrides.confirm(
        dataset, asked, who=who, why=why.strip(), same_account=is_shared
    )


def withdraw_override(
    stores: Stores, dataset: str, gate: str, why: str, *, who: str | None = None
) -> Override:
    """End an override, or what was only asked for; one person may do so.

    Raises:
        UsageError: there is none, or no reason.
        Overtaken: somebody acted on it at the same moment.
    """
    found = _known(stores, dataset, gate, why)
    stores.ledger.overrides.withdraw(dataset, found, who=who or who_acts(), why=why.strip())
    return found


def _known(stores: Stores, dataset: str, gate: str, why: str) -> Override:
    """The override of a gate that is not over."""
    _reason(stores, dataset, gate, why)
    found = stores.ledger.overrides.of(dataset).get(gate)
    if found is None or found.until < stores.ledger.now().date():
        raise UsageError(
            f"no override of {gate} is asked for"
            + (f": one ended on {found.until}" if found else ""),
            where=dataset,
            next=f"ask first: cleanhold promote {dataset} --override {gate} --reason '…'",
        )
    return found


def _reason(stores: Stores, dataset: str, gate: str, why: str) -> str:
    """The reason, of an act on a gate that is asked for."""
    contract_of(stores, dataset)
    if gate not in NAMES or gate in stores.gates.off:
        asked = [name for name in NAMES if name not in stores.gates.off]
        raise UsageError(f"there is no gate {gate!r}", next="use one of " + ", ".join(asked))
    such_as = "the drill is on Monday, the campaign starts today"
    return reason_of("an override", why, such_as=such_as)
