"""cleanhold doctor: what is wrong, and how to mend it."""

from __future__ import annotations

from pathlib import Path

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption, WorkspaceOption

#: How an entry of each health begins, and in what style.
_MARKS = {
    "ok": ("✓", "green"),
    "warn": ("!", "yellow"),
    "configuration": ("✗", "red"),
    "state": ("✗", "red"),
}
_HANG = 23


def doctor(workspace: WorkspaceOption = Path(), json: JsonOption = False) -> int:
    """Look at the environment, the workspace and its state; say what to mend.

    Every landed extract and published file is read again and held against its hash. Exits 2 if
    a declaration is mistaken, 3 if the state is damaged.

    **Example**

    `cleanhold doctor`
    """
    from cleanhold.workspace.doctor import examine
    from cleanhold.workspace.symptom import Health

    symptoms = list(examine(workspace))
    found = {s.health for s in symptoms}
    if json:
        output.emit_json([s.as_dict() for s in symptoms])
    else:
        for symptom in symptoms:
            mark, style = _MARKS[str(symptom.health)]
            output.say(f"{mark} {symptom.topic:<20} {symptom.says}", hang=_HANG, style=style)
            if symptom.mend:
                output.say(f"{'':<{_HANG}}next: {symptom.mend}", hang=6)
    if Health.STATE in found:
        return output.FAILED
    return output.USAGE if Health.CONFIGURATION in found else output.DONE
