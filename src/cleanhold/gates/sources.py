"""Where a snapshot comes from."""

from __future__ import annotations

from cleanhold.core.audit import Evidence
from cleanhold.core.gate import Answer, Pilot

#: Lines of evidence, those that lead nowhere first; and how many of those the sentence names.
_SHOWN, _NAMED = 20, 3


def lineage(pilot: Pilot) -> Answer:
    """Every input of the snapshot, and of what it was built from, leads to bytes that landed."""
    origins = pilot.origins
    broken = [one for one in origins if one.missing]
    shown = sorted(origins, key=lambda one: not one.missing)[:_SHOWN]
    rows = tuple((one.read_by, one.what, one.missing or "known") for one in shown)
    evidence = Evidence(("snapshot", "was made from", "which is"), rows)
    if broken or not origins:
        said = [f"{o.what}, which {o.read_by} was made from, {o.missing}" for o in broken[:_NAMED]]
        what = "; ".join(said) or "it was made from nothing that is known"
        return Answer("lineage", False, what, ("cleanhold verify",), evidence)
    inputs = "its input leads" if len(origins) == 1 else f"all {len(origins)} inputs lead"
    what = f"{inputs} to extracts that landed here"
    return Answer("lineage", True, what, evidence=evidence)
