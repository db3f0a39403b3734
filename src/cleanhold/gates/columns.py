"""What people must know of each column: what it is, and how personal."""

from __future__ import annotations

from cleanhold.core.audit import Evidence
from cleanhold.core.contract import Column
from cleanhold.core.gate import Answer, Pilot
from cleanhold.gates.people import at

#: Columns that a line names; the evidence has all.
_FEW = 3


def columns(pilot: Pilot) -> Answer:
    """Every column is described."""
    found = pilot.contract.columns
    silent = [c for c in found if not c.description.strip()]
    if silent:
        return Answer(
            "columns",
            False,
            f"{len(silent)} of {len(found)} columns have no description: {_named(silent)}",
            ("write field(description='what it means, and its unit') of each",),
            Evidence(("column", "type"), tuple((c.name, str(c.dtype)) for c in silent)),
        )
    return Answer("columns", True, f"all {len(found)} columns are described")


def privacy(pilot: Pilot) -> Answer:
    """Somebody has said of each column how personal it is; for what, and how long it is kept.

    Purpose and retention are asked only where a column is personal. A column of which nobody has
    written `pii` is not classified: that it is not masked does not say that somebody looked.
    """
    contract = pilot.contract
    unsaid = [c for c in contract.columns if not c.classified]
    problems, do = [], []
    if unsaid:
        problems.append(f"{len(unsaid)} columns are not classified: {_named(unsaid)}")
        do.append("write field(pii='none'), or 'indirect', 'direct', 'sensitive', of each")
    if contract.personal and not contract.readiness.purpose:
        problems.append("it is not stated for what its personal data are used")
        do.append(f"write purpose='…' {at(pilot)}")
    if contract.personal and pilot.retention.keeps_all:
        problems.append("its personal data are kept for ever")
        do.append(f'write days = 90 in [tool.cleanhold.retention.datasets."{contract.dataset}"]')
    rows = tuple((c.name, str(c.privacy) if c.classified else "") for c in contract.columns)
    evidence = Evidence(("column", "classified"), rows)
    if problems:
        return Answer("privacy", False, "; ".join(problems), tuple(do), evidence)
    if not contract.personal:
        return Answer("privacy", True, "every column is classified; none is personal")
    what = (
        f"every column is classified, {len(contract.personal)} as personal, for "
        f"{contract.readiness.purpose}; kept are {pilot.retention}"
    )
    return Answer("privacy", True, what, evidence=evidence)


def _named(columns: list[Column]) -> str:
    names = ", ".join(c.name for c in columns[:_FEW])
    return names + (", …" if len(columns) > _FEW else "")
