"""cleanhold run: ingest what has arrived, then build and publish what depends on it."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.interrupts import stop_if_requested
from cleanhold.cli.output import JsonOption, WorkspaceOption
from cleanhold.cli.waiting import DEFAULT_WAIT, WaitOption, patience

if TYPE_CHECKING:
    from cleanhold.pipeline.publish import Outcome

_STYLES = {
    "published": "green",
    "candidate": "yellow",
    "waiting": "yellow",
    "overtaken": "yellow",
    "failed": "red",
}
_HANG = 11


def run(
    sources: Annotated[
        list[str] | None, typer.Argument(help="Sources to take; all of them if none is named.")
    ] = None,
    wait: WaitOption = DEFAULT_WAIT,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """Ingest what has arrived, then build and publish what depends on it.

    Running it again changes nothing: what was published is not done twice, and a run that was
    interrupted is taken up again. One run works on a dataset at a time; a second one waits for it,
    and goes on from what it published. Exits 1 if something stopped at candidate, 3 if something
    failed.

    **Examples**

    `cleanhold run`

    `cleanhold run crm.contacts --workspace ~/insurer`

    As a Prefect flow: `python flows/nightly.py` (needs `pip install 'cleanhold[flows]'`)
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline import report
    from cleanhold.workspace.workspace import Workspace

    started = time.monotonic()
    patient = patience(wait)
    opened = Workspace.find(workspace)
    outcomes: list[Outcome] = []
    with output.working(quiet=json) as step:
        for outcome in opened.run(sources or (), patience=patient):
            stop_if_requested()
            outcomes.append(outcome)
            if not json:
                step(f"after {outcome.what}", partial(_show, outcome))
    if json:
        output.emit_json([report.as_dict(o) for o in outcomes])
    else:
        output.say()
        for line in report.conclusion(outcomes, time.monotonic() - started):
            output.say(line, hang=6)
    return report.exit_code(outcomes)


def _show(outcome: Outcome) -> None:
    from cleanhold.pipeline import report

    style = _STYLES.get(str(outcome.state), "")
    for number, line in enumerate(report.in_words(outcome)):
        output.say(line, hang=_HANG if not number else 7, style="" if number else style)
