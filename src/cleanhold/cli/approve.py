"""cleanhold quarantine proposals, approve, decline: what waits for a second person."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.deciding import (
    AsOption,
    PreviewOption,
    YesOption,
    agreed,
    say_who,
    show_preview,
    told,
)
from cleanhold.cli.output import JsonOption, ReasonOption, WorkspaceOption

NumberArgument = Annotated[int, typer.Argument(help="Of the proposal; see `quarantine proposals`.")]


def proposals(
    dataset: Annotated[
        str | None, typer.Option("--dataset", "-d", help="Only this dataset.")
    ] = None,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """What waits for a second person to approve it.

    A contract with `approval_above=1000` lets one person decide on 1,000 rows a day. What goes
    beyond is proposed: its rows stay held until somebody else approves it.
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline.approve import proposals as waiting
    from cleanhold.workspace.workspace import Workspace

    with Workspace.find(workspace).open() as stores:
        found = waiting(stores, dataset)
    if json:
        output.emit_json([each.as_dict() for each in found])
        return output.DONE
    for each in found:
        made = each.decision
        output.say(
            f"{made.id}  {each.does} {output.rows(made.rows)} of {made.dataset}", style="bold"
        )
        say_who(made)
        if not each.is_current:
            output.say("    its rows have changed since: decline it, and propose it anew", hang=4)
    if not found:
        output.say("nothing waits for a second person")
        return output.DONE
    output.say()
    output.say("next: cleanhold quarantine approve NUMBER --preview")
    return output.DONE


def approve(
    number: NumberArgument,
    reason: ReasonOption = "",
    preview: PreviewOption = False,
    yes: YesOption = False,
    name: AsOption = None,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """Make the decision that another person proposed. What it would do is shown first.

    It is refused if its rows have changed since: then it must be proposed anew.

    **Example**

    `cleanhold quarantine approve 7 --reason "looked at ten of them, and at the mail"`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline import approve as deciding
    from cleanhold.pipeline.decide import require_reason
    from cleanhold.pipeline.person import who_acts
    from cleanhold.workspace.workspace import Workspace

    who = who_acts(name)
    if not preview:
        require_reason(reason)
    with Workspace.find(workspace).open() as stores:
        if not preview:
            deciding.require_another(stores, number, who)
        seen = deciding.look_at_proposal(stores, number)
        if not json and (preview or not yes):
            show_preview(seen)
        if preview:
            if json:
                output.emit_json(seen.as_dict())
            return output.DONE
        if not yes and not agreed(f"approve to {seen.intent.act} {output.rows(seen.rows)}?"):
            return output.DONE
        decision = deciding.approve(stores, number, reason, who=who)
    return told(decision, json, replay=seen.released is not None)


def decline(
    number: NumberArgument,
    reason: ReasonOption = "",
    name: AsOption = None,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """End a proposal without making its decision; who proposed it may do so too."""
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline import approve as deciding
    from cleanhold.pipeline.person import who_acts
    from cleanhold.workspace.workspace import Workspace

    with Workspace.find(workspace).open() as stores:
        decision = deciding.decline(stores, number, reason, who=who_acts(name))
    if json:
        output.emit_json(decision.as_dict())
    else:
        output.say(f"proposal {number} is declined; its rows stay held")
    return output.DONE
