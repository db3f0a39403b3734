"""report: what became of a run, as JSON values and in words."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cleanhold.core.snapshot import Channel
from cleanhold.pipeline.publish import Outcome, State

#: Exit codes of `cleanhold run` and of flows run by hand.
DONE, HELD_BACK, FAILED = 0, 1, 3

#: An outcome, or the JSON values that `as_dict` made of it: that is what flows hand on.
Told = Outcome | Mapping[str, Any]


def exit_code(outcomes: Sequence[Told]) -> int:
    """3 if something failed, else 1 if something was held back from readers, else 0."""
    states = {_facts(o)["state"] for o in outcomes}
    if State.FAILED in states:
        return FAILED
    return HELD_BACK if states & {State.CANDIDATE, State.WAITING} else DONE


def as_dict(outcome: Outcome) -> dict[str, Any]:
    """An outcome as JSON values."""
    run, error = outcome.run, outcome.error
    return {
        "dataset": outcome.dataset,
        "what": outcome.what,
        "state": str(outcome.state),
        "snapshot": run.snapshot if run else None,
        "channel": str(outcome.channel),
        "run": run.id if run else None,
        "account": run.account.as_dict() if run and run.account else None,
        "waived": outcome.waived,
        "contract_version": run.contract_version if run else None,
        "reasons": list(outcome.reasons),
        "warnings": list(outcome.warnings),
        "owner": outcome.owner,
        "drift": outcome.drift.as_dict() if outcome.drift else None,
        "error": {"what": error.what, "where": error.where, "next": error.next} if error else None,
    }


def _facts(outcome: Told) -> Mapping[str, Any]:
    return as_dict(outcome) if isinstance(outcome, Outcome) else outcome


def in_words(outcome: Told) -> Iterator[str]:
    """One line on what happened; if nothing was published, more on why and what to do.

    So too if the columns are not what they were, whose owner is told once. A line end in a file's
    name is shown as `\\n`: no name can say what a run did not.
    """
    return (line.replace("\r", "\\r").replace("\n", "\\n") for line in _lines(_facts(outcome)))


def _lines(facts: Mapping[str, Any]) -> Iterator[str]:
    yield headline(facts)
    if drift := facts.get("drift"):
        yield f"           schema drift since {drift['since']}"
        for said in drift["says"]:
            yield f"           drift: {said}"
        if facts["state"] != State.CANDIDATE:  # which names the owner below
            yield f"           owner: {facts['owner'] or 'the contract names nobody'}"
    for warning in facts.get("warnings", ()):
        yield f"           warn:  {warning}"
    if facts["state"] == State.PUBLISHED:
        if facts["channel"] == Channel.PILOT:
            yield "           pilot: readers get it when it is promoted"
            yield f"           next:  {_where_programs_are()}cleanhold gates {facts['dataset']}"
        return
    error = facts["error"] or {}
    for reason in facts["reasons"]:
        yield f"           why:   {reason}"
    if error.get("where"):
        yield f"           where: {error['where']}"
    if facts["state"] == State.CANDIDATE:
        yield "           readers keep the last good snapshot"
        yield f"           owner: {facts['owner'] or 'the contract names nobody'}"
        here = _where_programs_are()
        yield f"           next:  {here}cleanhold audit show {facts['dataset']}"
        yield f"                  {here}cleanhold quarantine --dataset {facts['dataset']}"
    if facts["state"] == State.OVERTAKEN:
        yield "           a newer extract is published since; the rows of this one are not"
    if error.get("next"):
        yield f"           next:  {error['next']}"


def headline(outcome: Told) -> str:
    """What happened, in one line."""
    facts = _facts(outcome)
    account = facts["account"]
    line = f"{facts['state']:<10} {facts['dataset']:<24}"
    if facts["snapshot"]:
        line += f" snapshot {facts['snapshot']:<3}"
    if account and facts["state"] != State.UNCHANGED:
        parts = [f"{account[name]:,} {name}" for name in ("clean", "held", "refused")]
        if facts.get("waived"):
            parts[0] += f" ({facts['waived']:,} in all let through by waivers)"
        if account["superseded"]:
            parts.append(f"{account['superseded']:,} superseded")
        line += f" {account['records']:>7,} records = {' + '.join(parts)}"
    return line.rstrip() + (f"  ({facts['what']})" if facts["what"] != facts["dataset"] else "")


def conclusion(outcomes: Sequence[Told], seconds: float) -> Iterator[str]:
    """What to look at next."""
    facts = [_facts(o) for o in outcomes]
    if not facts:
        yield "nothing has arrived, and there is nothing to build"
        return
    if all(f["state"] in (State.UNCHANGED, State.OVERTAKEN) for f in facts):
        yield f"nothing new since the last run ({seconds:.1f} s)"
    else:
        yield f"done in {seconds:.1f} s"
    here = _where_programs_are()
    yield f"next: {here}cleanhold snapshots               what models can read"
    if any(f["account"] and f["account"]["held"] for f in facts):
        yield f"      {here}cleanhold quarantine              what was held back, and why"
    done = (State.PUBLISHED, State.UNCHANGED)
    at_once = (f for f in facts if f["state"] in done and f["channel"] != Channel.PILOT)
    readable = [f["dataset"] for f in at_once]
    if readable:
        call = f"cleanhold.read('{readable[-1]}').collect()"
        yield f'      {here}python -c "import cleanhold; print({call})"'


def _where_programs_are() -> str:
    """What to write before a command: nothing if the environment's own is on the PATH."""
    programs = Path(sys.executable).parent
    if shutil.which("cleanhold") == str(programs / "cleanhold"):
        return ""
    if not (programs / "cleanhold").exists():
        return ""
    shown = os.path.relpath(programs)
    return f"{programs if shown.startswith(os.pardir) else shown}/"
