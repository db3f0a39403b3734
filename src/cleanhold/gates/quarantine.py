"""What was held back is looked after, and what was let through is so no longer than said."""

from __future__ import annotations

from datetime import timedelta

from cleanhold.core.audit import Evidence
from cleanhold.core.gate import Answer, Pilot


def quarantine(pilot: Pilot) -> Answer:
    """Nothing waits for longer than the settings allow, and no waiver is over whose rows stay."""
    dataset, days = pilot.contract.dataset, pilot.rules.review_days
    due = pilot.now - timedelta(days=days)
    late = [one for one in pilot.waiting if one.oldest < due]
    over = [w for w in pilot.let_through if w.until is not None and w.until < pilot.now.date()]
    problems, do = [], []
    if late:
        problems.append(f"rows wait for a decision for more than {days} days")
        do.append(f"cleanhold quarantine --dataset {dataset}")
    if over:
        rows = sum(w.rows for w in over)
        problems.append(f"it has {rows:,} rows whose waiver is over")
        do += [f"cleanhold quarantine waivers --dataset {dataset}", "cleanhold run"]
    told = [(one.check, one.rows, f"waits since {one.oldest:%F}") for one in pilot.waiting]
    told += [
        (f"decision {w.decision}", w.rows, f"let through until {w.until or 'further notice'}")
        for w in pilot.let_through
    ]
    evidence = Evidence(("what", "rows", "how"), tuple(told)) if told else None
    if problems:
        return Answer("quarantine", False, "; ".join(problems), tuple(do), evidence)
    what = f"nothing waits for longer than {days} days, and no waiver is over"
    return Answer("quarantine", True, what, evidence=evidence)
