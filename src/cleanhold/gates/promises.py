"""What a contract must promise before models depend on it."""

from __future__ import annotations

from cleanhold.core.audit import Evidence
from cleanhold.core.gate import Answer, Pilot
from cleanhold.core.span import in_days
from cleanhold.gates.people import at

_EXAMPLES = {
    "version": "version='1.0.0'",
    "key": "key='customer_id'",
    "freshness": "freshness='26h'",
    "tolerance": "tolerance='1%'",
}


def contract(pilot: Pilot) -> Answer:
    """It has a version, a key, a promise of freshness and a tolerance, and made this snapshot."""
    found = pilot.contract
    told = {
        "version": "" if found.version == "0" else found.version,
        "key": ", ".join(found.key),
        "freshness": in_days(found.freshness) if found.freshness else "",
        "tolerance": "" if found.tolerance is None else f"{found.tolerance:.2%}",
    }
    evidence = Evidence(("term", "promised"), tuple((n, v or "nothing") for n, v in told.items()))
    missing = [name for name, value in told.items() if not value]
    if missing:
        what = f"the contract states no {', no '.join(missing)}"
        do = tuple(f"write {_EXAMPLES[name]} {at(pilot)}" for name in missing)
        return Answer("contract", False, what, do, evidence)
    made_with = pilot.snapshot.contract_version
    if made_with != found.version or pilot.outdated:
        since = f"and the contract is at {found.version}"
        if made_with == found.version:
            since = "and the contract was changed since"
        what = f"snapshot {pilot.snapshot.number} was judged by version {made_with}, {since}"
        return Answer("contract", False, what, ("cleanhold run",), evidence)
    what = f"version {found.version} has a key, a freshness and a tolerance"
    return Answer("contract", True, what, evidence=evidence)
