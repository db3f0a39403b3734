"""What it costs is known, and within what was agreed."""

from __future__ import annotations

from cleanhold.core.audit import Evidence
from cleanhold.core.gate import Answer, Pilot

_TABLE = "[tool.cleanhold.prices]"


def cost(pilot: Pilot) -> Answer:
    """A thousand records cost no more than the workspace's budget for the dataset."""
    found, dataset = pilot.cost, pilot.contract.dataset
    if found is None or found.budget is None:
        do = f"write prices and budgets = {{'{dataset}' = …}} in {_TABLE}, pyproject.toml"
        return Answer("cost", False, "nobody has said what it may cost", (do,))
    if found.per_thousand is None:
        return Answer("cost", False, "no run of it was measured", ("cleanhold run",))
    what = f"a thousand records cost {found.told(found.per_thousand)}"
    row = (found.told(found.per_thousand), found.told(found.usual), found.told(found.budget))
    evidence = Evidence(("now", "usual", "budget"), (row,))
    if found.is_over_budget:
        less = (f"cleanhold cost {dataset}", f"spend less, or raise its budget in {_TABLE}")
        return Answer("cost", False, found.warning, less, evidence)
    return Answer("cost", True, f"{what} of {found.told(found.budget)}", evidence=evidence)
