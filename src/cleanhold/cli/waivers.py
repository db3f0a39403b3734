"""cleanhold quarantine waivers: what people let through, until when."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.deciding import say_who
from cleanhold.cli.output import JsonOption, WorkspaceOption

if TYPE_CHECKING:
    from cleanhold.pipeline.waivers import Waiver


def waivers(
    dataset: Annotated[
        str | None, typer.Option("--dataset", "-d", help="Only this dataset.")
    ] = None,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """Waivers and releases: who let what through, until when, and how many rows.

    `cleanhold.waived("crm.contacts")` gives the ids of the rows that readers have because of them.
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline.waivers import waivers as listed
    from cleanhold.workspace.workspace import Workspace

    with Workspace.find(workspace).open() as stores:
        found = listed(stores, dataset)
    if json:
        output.emit_json([each.as_dict() for each in found])
        return output.DONE
    for each in found:
        _show(each)
    if not found:
        output.say("nothing was let through")
    return output.DONE


def _show(waiver: Waiver) -> None:
    made = waiver.decision
    end = f"until {waiver.until}" if waiver.until else "for good"
    over = ", which is over" if waiver.is_over else ""
    output.say(f"{made.id}  {made.act} {made.dataset} {end}{over}", style="bold")
    output.say(f"    lets fail: {', '.join(made.terms['checks'])}", hang=4)
    limit = f", of {waiver.at_most:,} at most" if waiver.at_most is not None else ""
    output.say(
        f"    {output.rows(waiver.passed)}{limit}; {waiver.published:,} in the published table"
    )
    say_who(made)
