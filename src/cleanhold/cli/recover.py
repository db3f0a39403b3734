"""cleanhold recover: clean up after whatever was interrupted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption, WorkspaceOption


def recover(
    quarantine: Annotated[
        bool,
        typer.Option("--quarantine", help="Make the quarantine database again from its files."),
    ] = False,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """Clean up after interrupted runs and finish what follows their commits.

    Every run begins with this; it is safe at any time, while others work too. Nothing that was
    published or held is lost. Exits 3 if something could not be done.

    **Examples**

    `cleanhold recover`

    `cleanhold recover --quarantine`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline.recover import recover as clean
    from cleanhold.workspace.workspace import Workspace

    with Workspace.find(workspace).open() as stores:
        done = clean(stores, rebuild_quarantine=quarantine)
    told = done.as_dict()
    problems = told["problems"]
    if json:
        output.emit_json(told)
        return output.FAILED if problems else output.DONE
    words = {
        "fenced": "claims of processes that are gone, ended",
        "staging": "folders of unfinished runs, removed",
        "files": "files that no snapshot refers to, removed",
        "temporary": "half-written files, removed",
        "projected": "events that waited, done",
        "fed": "batches of held rows, fed to the quarantine",
        "sent": "lineage events, sent",
    }
    for name, said in words.items():
        if told[name]:
            output.say(f"{told[name]:>6,} {said}")
    if done.nothing:
        output.say("nothing was left behind")
    for problem in problems:
        output.say(f"✗ {problem}", hang=4, style="red")
    return output.FAILED if problems else output.DONE
