"""cleanhold audit: what the audits found in a snapshot, and what a contract expects of one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption, WorkspaceOption

if TYPE_CHECKING:
    from cleanhold.pipeline.audited import Audited

app = typer.Typer(help="What the audits found in a snapshot before anyone could read it.")

_STYLES = {"pass": "green", "warn": "yellow", "stop": "red"}


@app.command("show")
def show(
    dataset: Annotated[str, typer.Argument(help="The dataset.")],
    number: Annotated[
        int | None, typer.Argument(metavar="[N]", help="Its snapshot N; the newest if not given.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="The evidence of audits that pass, too.")
    ] = False,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """What each audit measured in a snapshot, what was expected, and the evidence.

    The newest snapshot is shown if no number is given, whether it was published or stopped. Exits 1
    if it was stopped.

    **Examples**

    `cleanhold audit show crm.contacts`

    `cleanhold audit show features.customer_churn 3 --json`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline.audited import audited
    from cleanhold.workspace.workspace import Workspace

    with Workspace.find(workspace).open() as stores:
        found = audited(stores, dataset, number)
    if json:
        output.emit_json(found.as_dict())
    else:
        _show(found, every)
    return output.HELD_BACK if found.reasons else output.DONE


@app.command("suite")
def suite(
    dataset: Annotated[str, typer.Argument(help="The dataset.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="A new JSON file for it; else it is printed.")
    ] = None,
    workspace: WorkspaceOption = Path(),
) -> int:
    """What a contract promises, as a suite of Great Expectations in JSON.

    To start from: a suite at `checks/expectations/DATASET.json` is asked of every snapshot before
    anyone can read it.

    **Examples**

    `cleanhold audit suite crm.contacts`

    `cleanhold audit suite crm.contacts --out checks/expectations/crm.contacts.json`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline.suite import suite_of, write_suite
    from cleanhold.workspace.workspace import Workspace

    contract = Workspace.find(workspace).catalogue.contract(dataset)
    if out is None:
        output.emit_json(suite_of(contract))
    else:
        count = write_suite(contract, out)
        output.say(f"{count} expectations of {dataset} written to {out}")
    return output.DONE


def _show(found: Audited, every: bool) -> None:
    snapshot = found.snapshot
    state = "stopped: nobody reads it" if found.reasons else "published"
    output.say(f"{snapshot.dataset} snapshot {snapshot.number}, {snapshot.rows:,} rows, {state}")
    output.say(f"owner: {found.owner or 'the contract names nobody'}")
    for answer in found.answers:
        output.say()
        verdict = answer["verdict"]
        output.say(f"{verdict} {answer['audit']}: {answer['what']}", hang=5, style=_STYLES[verdict])
        told = [f"{name} {answer[name]}" for name in ("measured", "expected") if answer[name]]
        if told and verdict != "pass":
            output.say("     " + ", ".join(told))
        if (evidence := answer.get("evidence")) and (every or verdict != "pass"):
            output.say()
            output.show_table(evidence["columns"], evidence["rows"])
    others = set(found.reasons) - {answer["what"] for answer in found.answers}
    for reason in sorted(others):
        output.say()
        output.say(f"stop {reason}", hang=5, style="red")
