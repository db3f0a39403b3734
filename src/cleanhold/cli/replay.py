"""cleanhold replay: corrected and waived rows are judged again and published."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption, WorkspaceOption
from cleanhold.cli.waiting import DEFAULT_WAIT, WaitOption, patience


def replay(
    dataset: Annotated[
        str | None, typer.Option("--dataset", "-d", help="Only this dataset.")
    ] = None,
    check: Annotated[
        str | None, typer.Option("--check", "-c", help="Only rows that this check held.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="Only rows held since this day: 2026-11-01.")
    ] = None,
    case: Annotated[str | None, typer.Option("--case", help="Only rows of this case.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    wait: WaitOption = DEFAULT_WAIT,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """Judge held rows again under today's contract and publish those that pass.

    Taken are rows that were corrected or waived, and rows that another version of the contract
    held. Doing it again changes nothing. Exits 1 if rows are still held.

    **Examples**

    `cleanhold replay --dry-run`

    `cleanhold replay --dataset crm.contacts --since 2026-11-01`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.cli.decide import day_of
    from cleanhold.pipeline.replay import replay as judge_again
    from cleanhold.workspace.workspace import Workspace

    day = day_of(since) if since else None
    with Workspace.find(workspace).open(patience(wait)) as stores:
        found = list(
            judge_again(stores, dataset=dataset, check=check, since=day, case=case, dry_run=dry_run)
        )
    still = any(each.account.held or each.reasons for each in found)
    if json:
        output.emit_json([each.as_dict() for each in found])
        return output.HELD_BACK if still else output.DONE
    for each in found:
        account, where = each.account, f"snapshot {each.snapshot}" if each.snapshot else "rehearsal"
        output.say(
            f"{each.dataset}: {where}: {account.records:,} rows = {account.clean:,} released + "
            f"{account.held:,} still held + {account.superseded:,} superseded by newer rows",
            hang=4,
        )
        for reason in each.reasons:
            output.say(f"  readers do not get it: {reason}", hang=4)
        for warning in each.warnings:
            output.say(f"  warn: {warning}", hang=4)
    if not found:
        output.say("no rows wait for a replay")
    return output.HELD_BACK if still else output.DONE
