"""cleanhold rollback: readers get another published snapshot."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption, ReasonOption, WorkspaceOption


def rollback(
    dataset: Annotated[str, typer.Argument(help="Whose readers.")],
    to: Annotated[int, typer.Option("--to", help="Number of the snapshot they are to have.")],
    reason: ReasonOption,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """Give readers another published snapshot, an earlier one or a later one.

    Nothing is deleted: rolling forward is the same command. The next delivery builds on that
    snapshot; a run does not bring back what was published since.

    **Examples**

    `cleanhold rollback crm.contacts --to 3 --reason "the delivery of 2 November lacks region R07"`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline.rollback import rollback as roll
    from cleanhold.workspace.workspace import Workspace

    with Workspace.find(workspace).open() as stores:
        done = roll(stores, dataset, to, reason)
    if json:
        output.emit_json(done.as_dict())
        return output.DONE
    output.say(
        f"readers of {dataset} have snapshot {done.now.number} ({done.now.rows:,} rows), no longer "
        f"{done.before.number}",
        hang=4,
    )
    for built in done.built_from:
        output.say(
            f"{built} was built from snapshot {done.before.number}; the next run builds it again"
        )
    for warning in done.warnings:
        output.say(f"warn: {warning}", hang=6)
    output.say(f"back: cleanhold rollback {dataset} --to {done.before.number} --reason …")
    return output.DONE
